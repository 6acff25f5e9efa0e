"""A log of 100,000 receipts: its proofs hold, and not only we say so."""

import asyncio
import json
import os
import random
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from pymerkle import InmemoryTree
from pymerkle.core import _inclusion_path_layout
from pymerkle.proof import InclusionProof

from chassis.signing import read_pair
from lientuyen.routing.v1 import transparency_service_pb2 as pb
from lientuyen.routing.v1.receipt_pb2 import Receipt
from lientuyen.routing.v1.receipt_proof_pb2 import ReceiptProof
from lientuyen_client.receipt_verification import verify_proof
from tests.contract.routing_env import Routing
from tests.harness import World, eventually
from tests.samples.receipt_proofs import signed_receipt
from transparency.tree_heads import TreeHead, framed, signed_leaf

RECEIPTS, PROOFS = 100_000, 200
GO_PROGRAM = Path(__file__).parents[1] / "unit/rfc6962"

# Seconds that a busy machine may need to sign and to sequence them, and to fetch and build the program.
PATIENCE_S, BUILD_S = 300, 300


def leaf_of(receipt: Receipt) -> bytes:
    return signed_leaf(receipt.body, receipt.signature, receipt.certificate)


async def fill(routing: Routing) -> list[Receipt]:
    """Sign the receipts and put them where routing puts its own."""
    folder, now = routing.world.folder / "signing", datetime.now(UTC)
    pair = read_pair(folder / "signing.crt", folder / "signing.key")
    receipts = [signed_receipt(pair, number, now) for number in range(RECEIPTS)]
    connection = await asyncpg.connect(routing.running.settings.database_url)
    rows = [
        (UUID(int=number), "acceptance", one.body, one.signature, one.certificate, "ed25519")
        for number, one in enumerate(receipts)
    ]
    async with connection.transaction():
        await connection.copy_records_to_table("receipts", records=rows)
        leaves = [(leaf_of(one),) for one in receipts]
        await connection.copy_records_to_table("log_queue", columns=["leaf_hash"], records=leaves)
    await connection.close()
    return receipts


async def heads_of(routing: Routing) -> list[tuple[ReceiptProof, TreeHead]]:
    """Return the heads, the largest first, when it covers all."""

    async def is_whole() -> bool:
        rows = await routing.rows("SELECT max(tree_size) FROM log_heads")
        return rows[0][0] == RECEIPTS

    await eventually(is_whole, PATIENCE_S)
    answer = await routing.transparency().ListTreeHeads(pb.ListTreeHeadsRequest(page_size=500))
    return [(head, TreeHead.from_bytes(head.body)) for head in answer.tree_heads]  # type: ignore[misc]


async def proofs_of(routing: Routing, receipts: Sequence[Receipt]) -> list[ReceiptProof]:
    """Return whole proofs of some receipts, each between two heads, verified by our own tool."""
    heads, chance = await heads_of(routing), random.Random(20261127)
    authority = routing.world.pki.folder("service/routing").read().ca
    proofs = []
    for number in range(PROOFS):
        (earlier, first), (later, second) = sorted(chance.choices(heads, k=2), key=lambda pair: pair[1].size)
        index = (0, second.size - 1)[number] if number < 2 else chance.randrange(second.size)
        inclusion, consistency = await asyncio.gather(
            routing.transparency().GetInclusionProof(
                pb.GetInclusionProofRequest(leaf_hash=leaf_of(receipts[index]), tree_size=second.size)
            ),
            routing.transparency().GetConsistencyProof(
                pb.GetConsistencyProofRequest(first_size=first.size, second_size=second.size)
            ),
        )
        proof = ReceiptProof(
            receipt=receipts[index],
            leaf_index=inclusion.leaf_index,
            tree_head=later,
            inclusion_proof=inclusion.hashes,
            earlier_head=earlier,
            consistency_proof=consistency.hashes,
        )
        assert verify_proof(proof, authority).leaf_index == index
        proofs.append(proof)
    return proofs


def hold_against_pymerkle(proofs: Sequence[ReceiptProof], receipts: Sequence[Receipt]) -> None:
    tree = InmemoryTree()
    tree.append_entries([framed(one.body, one.signature, one.certificate) for one in receipts])
    for proof in proofs:
        head, earlier = (TreeHead.from_bytes(one.body) for one in (proof.tree_head, proof.earlier_head))
        assert (tree.get_root(head.size), tree.get_root(earlier.size)) == (head.root, earlier.root)
        place, leaf = proof.leaf_index + 1, leaf_of(proof.receipt)
        rule, _ = _inclusion_path_layout(place, head.size)
        path = [leaf, *proof.inclusion_proof]
        InclusionProof("sha256", True, head.size, place, rule, path).verify(
            leaf, head.root, index=place, size=head.size
        )


def lines_of(proofs: Sequence[ReceiptProof]) -> Iterator[str]:
    for proof in proofs:
        head, earlier = (TreeHead.from_bytes(one.body) for one in (proof.tree_head, proof.earlier_head))
        common = {"Size": head.size, "Root": text(head.root)}
        yield json.dumps(
            common
            | {
                "Kind": "inclusion",
                "Index": proof.leaf_index,
                "Leaf": text(leaf_of(proof.receipt)),
                "Proof": [text(one) for one in proof.inclusion_proof],
            }
        )
        yield json.dumps(
            common
            | {
                "Kind": "consistency",
                "First": earlier.size,
                "FirstRoot": text(earlier.root),
                "Proof": [text(one) for one in proof.consistency_proof],
            }
        )


def text(value: bytes) -> str:
    return b64encode(value).decode()


def go_verifier(folder: Path) -> Path:
    """Return the program of transparency-dev/merkle; skips where it cannot be fetched or built."""
    if not shutil.which("go"):
        pytest.skip("not installed: go")
    program = folder / "rfc6962"
    outcome = subprocess.run(
        ["go", "build", "-o", str(program), "."],
        cwd=GO_PROGRAM,
        env=os.environ | {"GOFLAGS": "-mod=readonly"},
        capture_output=True,
        text=True,
        timeout=BUILD_S,
        check=False,
    )
    if outcome.returncode:
        pytest.skip(f"its packages cannot be fetched here: {outcome.stderr[-200:]}")
    return program


@pytest.mark.timeout(2 * PATIENCE_S + BUILD_S)
async def test_proofs_of_a_large_log_hold_for_other_implementations_too(world: World, tmp_path: Path):
    routing = (await Routing(world).start()).without_access_log()
    receipts = await fill(routing)
    proofs = await proofs_of(routing, receipts)

    await asyncio.to_thread(hold_against_pymerkle, proofs, receipts)
    program = await asyncio.to_thread(go_verifier, tmp_path)
    given = "\n".join(lines_of(proofs))
    assert await asyncio.to_thread(judged, program, given) == (0, f"{PROOFS} {PROOFS}\n", "")

    # It does refuse: the same with another root.
    altered = given.replace(text(TreeHead.from_bytes(proofs[-1].tree_head.body).root), text(b"x" * 32))
    assert (await asyncio.to_thread(judged, program, altered))[0] == 1


def judged(program: Path, lines: str) -> tuple[int, str, str]:
    outcome = subprocess.run([program], input=lines, capture_output=True, text=True, check=False)
    return outcome.returncode, outcome.stdout, outcome.stderr

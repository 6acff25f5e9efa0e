"""Heads of other logs are kept, and a log that was rewritten is found, with the evidence at hand."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from grpc import StatusCode

from chassis.signing import KeyPair, read_pair
from chassis.tree_heads import head_to_pb, sign_head
from laptop.authority import issue, make_ca
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import transparency_service_pb2 as pb
from lientuyen.routing.v1.receipt_proof_pb2 import WitnessedHead
from lientuyen.type.v1.tree_head_pb2 import TreeHead
from tests.contract.pharmacy_env import Pharmacy
from tests.contract.routing_env import Routing
from tests.harness import World, eventually, refused
from tests.metrics import Observed
from transparency.merkle import Node, Tree, consistency_spans, hashes_of, leaf_hash, verify_inclusion
from transparency.tree_heads import TreeHead as Head
from transparency.tree_heads import signed_leaf

ACCESS_LOG, RECEIPTS = "lientuyen.test/identity/access-log", "lientuyen.test/routing/receipts"
OPERATOR = "operator/an"


@pytest.fixture
async def routing(world: World) -> Routing:
    return await Routing(world).start()


class OtherLog:
    """A log whose heads somebody brings, signed by the service *signer* of *world*'s authority."""

    def __init__(self, world: World, origin: str, signer: str, leaves: Sequence[bytes]) -> None:
        folder = world.pki.folder(signer).path
        self._pair = read_pair(folder / "tls.crt", folder / "tls.key")
        self._origin = origin
        self._hashes: dict[Node, bytes] = {}
        self._trees = [Tree()]
        tree = Tree()
        for leaf in leaves:
            self._hashes |= dict(tree.append(leaf_hash(leaf)))
            self._trees.append(Tree(tree.size, list(tree.peaks)))

    def head(self, size: int, time: datetime | None = None, pair: KeyPair | None = None) -> TreeHead:
        root = self._trees[size].root()
        time = time or datetime.now(UTC)
        return head_to_pb(sign_head(pair or self._pair, self._origin, size, root, time))

    def proof(self, first: int, second: int) -> list[bytes]:
        return hashes_of(consistency_spans(first, second), self._hashes)


async def submit(
    routing: Routing, head: TreeHead, proof: Sequence[bytes] = (), caller: str = OPERATOR
) -> WitnessedHead:
    request = pb.SubmitTreeHeadRequest(request_id=str(uuid4()), tree_head=head, consistency_proof=list(proof))
    return (await routing.transparency(caller).SubmitTreeHead(request)).witnessed_head


async def kept(routing: Routing, origin: str = RECEIPTS) -> list[WitnessedHead]:
    """Return what is kept of a log, page by page."""
    heads, token = [], ""
    while True:
        request = pb.ListWitnessedHeadsRequest(origin=origin, page_size=1, page_token=token)
        page = await routing.transparency().ListWitnessedHeads(request)
        heads += page.witnessed_heads
        token = page.next_page_token
        if not token:
            return heads


@pytest.fixture
def log(world: World) -> OtherLog:
    return OtherLog(world, RECEIPTS, "service/routing", [b"%d" % number for number in range(30)])


async def test_heads_that_go_on_are_kept_and_enter_our_own_log(routing: Routing, log: OtherLog):
    first, second = log.head(7), log.head(19)
    await submit(routing, first)
    witnessed = await submit(routing, second, log.proof(7, 19))

    assert witnessed.verdict == WitnessedHead.VERDICT_CONSISTENT
    assert [one.tree_head for one in await kept(routing)] == [second, first]
    await eventually(lambda: routing.rows("SELECT WHERE NOT EXISTS (SELECT FROM log_queue)"))
    ours = Head.from_bytes((await routing.transparency().GetTreeHead(pb.GetTreeHeadRequest())).tree_head.body)
    leaf = signed_leaf(second.body, second.signature, second.certificate)
    proof = await routing.transparency().GetInclusionProof(
        pb.GetInclusionProofRequest(leaf_hash=leaf, tree_size=ours.size)
    )
    verify_inclusion(leaf, proof.leaf_index, ours.size, ours.root, proof.hashes)


async def test_a_head_that_is_brought_twice_is_kept_once(routing: Routing, log: OtherLog):
    head = log.head(7)

    assert await submit(routing, head) == await submit(routing, head)
    assert len(await kept(routing)) == 1


async def test_a_log_that_was_rewritten_is_found_and_both_heads_are_evidence(
    world: World, routing: Routing, log: OtherLog
):
    other = OtherLog(world, RECEIPTS, "service/routing", [b"x" * number for number in range(30)])
    true, false = log.head(7), other.head(19)
    await submit(routing, true)

    observed = Observed()
    observed.start("routing")
    refusal = await refused(submit(routing, false, other.proof(7, 19)))
    (point,) = observed.points("lientuyen.witness.inconsistent")
    observed.stop()
    assert (refusal.code, refusal.reason) == (StatusCode.FAILED_PRECONDITION, reasons.LOG_REWRITTEN.name)
    assert refusal.metadata["origin"] == RECEIPTS
    assert point.value == 1
    assert [(one.tree_head, one.verdict) for one in await kept(routing)] == [
        (false, WitnessedHead.VERDICT_INCONSISTENT),
        (true, WitnessedHead.VERDICT_CONSISTENT),
    ]
    # What is true goes on from what was true.
    assert (await submit(routing, log.head(20), log.proof(7, 20))).verdict == WitnessedHead.VERDICT_CONSISTENT


@pytest.mark.parametrize(
    "change",
    [
        lambda log, other: (other.head(7), ()),  # another tree of the same size
        lambda log, other: (log.head(5), ()),  # a part of the log was taken back
        lambda log, other: (log.head(9, datetime.now(UTC) - timedelta(minutes=4)), log.proof(7, 9)),
        lambda log, other: (log.head(9, datetime.now(UTC) + timedelta(hours=1)), log.proof(7, 9)),
        lambda log, other: (log.head(9), ()),  # without proof
        lambda log, other: (log.head(9), log.proof(7, 10)),
    ],
)
async def test_what_does_not_go_on_is_an_alarm(world: World, routing: Routing, log: OtherLog, change: Any):
    other = OtherLog(world, RECEIPTS, "service/routing", [b"x" * number for number in range(30)])
    await submit(routing, log.head(7))

    refusal = await refused(submit(routing, *change(log, other)))
    assert refusal.reason == reasons.LOG_REWRITTEN.name


async def test_a_head_that_its_own_service_did_not_sign_is_not_kept(
    world: World, routing: Routing, log: OtherLog, tmp_path: Any
):
    issue(make_ca(tmp_path / "ca"), tmp_path, "service/routing")
    stranger = read_pair(tmp_path / "tls.crt", tmp_path / "tls.key")
    folder = world.pki.folder("facility/01999").path
    hospital = read_pair(folder / "tls.crt", folder / "tls.key")
    altered = log.head(7)
    altered.body = altered.body.replace(b"\n7\n", b"\n8\n")
    elsewhere = OtherLog(world, "other.test/routing/receipts", "service/routing", [b"1"])
    no_text = log.head(7)
    no_text.body = b"7"

    for head in (log.head(7, pair=stranger), log.head(7, pair=hospital), altered, elsewhere.head(1), no_text):
        refusal = await refused(submit(routing, head))
        assert refusal.reason == reasons.TREE_HEAD_UNVERIFIED.name
    assert (
        await routing.rows("SELECT FROM witnessed_heads WHERE origin <> 'lientuyen.test/routing/access-log'")
        == []
    )


async def test_a_service_brings_heads_of_its_own_access_log_alone(
    world: World, routing: Routing, log: OtherLog
):
    own = OtherLog(world, ACCESS_LOG, "service/identity", [b"1", b"2"])

    assert (await submit(routing, own.head(2), caller="service/identity")).verdict
    for head, caller in (
        (own.head(2), "service/records"),
        (log.head(7), "service/identity"),
    ):
        refusal = await refused(submit(routing, head, caller=caller))
        assert refusal.reason == reasons.TREE_HEAD_UNVERIFIED.name
    refusal = await refused(submit(routing, own.head(2), caller="facility/01999"))
    assert refusal.code is StatusCode.PERMISSION_DENIED


async def test_an_access_log_may_not_shrink_nor_have_two_roots(world: World, routing: Routing):
    own = OtherLog(world, ACCESS_LOG, "service/identity", [b"1", b"2", b"3"])
    other = OtherLog(world, ACCESS_LOG, "service/identity", [b"x", b"y", b"z"])
    for size in (1, 3, 3):
        await submit(routing, own.head(size), caller="service/identity")

    for head in (own.head(2), other.head(3)):
        refusal = await refused(submit(routing, head, caller="service/identity"))
        assert refusal.reason == reasons.LOG_REWRITTEN.name


async def test_every_service_hands_the_heads_of_its_access_log_to_routing(world: World):
    routing = await Routing(world).start()
    pharmacy = await Pharmacy(world).start(routing_address=routing.running.address)
    for service in (pharmacy, routing):
        await service.running.server.access_log.run_round()

    heads = await kept(routing, "lientuyen.test/pharmacy/access-log")
    own = await pharmacy.rows("SELECT body, send_time FROM audit_heads")
    assert [one.tree_head.body for one in heads] == [row["body"] for row in own]
    assert all(row["send_time"] for row in own)
    assert await kept(routing, "lientuyen.test/routing/access-log")


async def test_heads_wait_while_routing_is_away(world: World):
    pharmacy = await Pharmacy(world).start(routing_address=world.nowhere())
    await pharmacy.running.server.access_log.run_round()

    assert await pharmacy.rows("SELECT FROM audit_heads WHERE send_time IS NULL")

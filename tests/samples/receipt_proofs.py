"""A log of receipts as routing makes one, in memory, and proofs out of it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from chassis.signing import KeyPair, read_pair
from chassis.tree_heads import sign_head
from laptop.authority import issue_signing, make_ca
from lientuyen.routing.v1.receipt_pb2 import Receipt, ReceiptBody
from lientuyen.routing.v1.receipt_proof_pb2 import ReceiptProof
from lientuyen.type.v1.tree_head_pb2 import TreeHead as SignedHead
from transparency import merkle
from transparency.merkle import Node, Span, Tree
from transparency.tree_heads import signed_leaf

ALGORITHMS = {
    "ed25519": Receipt.ALGORITHM_ED25519,
    "ecdsa_p256_sha256": Receipt.ALGORITHM_ECDSA_P256_SHA256,
}
ORIGIN = "lientuyen.test/routing/receipts"


class SampleLog:
    """A log of *count* acceptances, signed by a service of the authority in *folder*."""

    def __init__(self, folder: Path, count: int, *, origin: str = ORIGIN, signer: str = "service/routing"):
        self.authority_file = folder / "ca/ca.crt"
        issue_signing(make_ca(folder / "ca"), folder, signer)
        self.pair = read_pair(folder / "signing.crt", folder / "signing.key")
        self.origin = origin
        self.time = datetime.now(UTC)
        self.receipts = [signed_receipt(self.pair, number, self.time) for number in range(count)]
        self.leaves = [signed_leaf(one.body, one.signature, one.certificate) for one in self.receipts]
        self._hashes: dict[Node, bytes] = {}
        self._roots = [merkle.EMPTY_ROOT]
        tree = Tree()
        for leaf in self.leaves:
            self._hashes |= dict(tree.append(leaf))
            self._roots.append(tree.root())

    @property
    def authority(self) -> bytes:
        return self.authority_file.read_bytes()

    def hashes(self, spans: list[Span]) -> list[bytes]:
        return merkle.hashes_of(spans, self._hashes)

    def head(self, size: int, time: datetime | None = None) -> SignedHead:
        time = time or self.time + timedelta(seconds=size)
        signed = sign_head(self.pair, self.origin, size, self._roots[size], time)
        return SignedHead(
            body=signed.body,
            signature=signed.signature,
            certificate=signed.certificate,
            algorithm=ALGORITHMS[signed.algorithm],
        )

    def proof(self, index: int, earlier: int, size: int) -> ReceiptProof:
        return ReceiptProof(
            receipt=self.receipts[index],
            leaf_index=index,
            tree_head=self.head(size),
            inclusion_proof=self.hashes(merkle.inclusion_spans(index, size)),
            earlier_head=self.head(earlier),
            consistency_proof=self.hashes(merkle.consistency_spans(earlier, size)),
        )


def signed_receipt(pair: KeyPair, number: int, time: datetime, **fields: object) -> Receipt:
    message = f"//routing.lientuyen/messages/{UUID(int=number)}"
    body = ReceiptBody(
        kind=ReceiptBody.KIND_ACCEPTANCE,
        message=message,
        sender="//identity.lientuyen/facilities/01999",
        recipient="//identity.lientuyen/facilities/79999",
        sha256=b"\x07" * 32,
        size_bytes=number + 1,
        key_id=pair.key_id,
    )
    body.accept_time.FromDatetime(time)
    body.MergeFrom(ReceiptBody(**fields))  # type: ignore[arg-type]
    content = body.SerializeToString(deterministic=True)
    return Receipt(
        name=f"{message}/receipts/acceptance",
        body=content,
        signature=pair.sign(content),
        certificate=pair.certificate,
        algorithm=ALGORITHMS[pair.algorithm],
    )

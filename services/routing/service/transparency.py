"""The log of receipts, for everybody who holds us to it."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from chassis import call_context
from chassis.db import Database, Transaction
from chassis.errors import FailedPrecondition, InvalidArgument, NotFound
from chassis.idempotency import Idempotency
from chassis.pagination import NEWEST, Page, Paginator, from_micros
from chassis.signing import Unverified
from chassis.tree_heads import SignedHead, head_from_pb, head_to_pb
from common.values import timestamp_to_pb
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import transparency_service_pb2 as pb
from lientuyen.routing.v1.receipt_proof_pb2 import WitnessedHead
from lientuyen.routing.v1.transparency_service_pb2_grpc import TransparencyServiceServicer
from transparency.merkle import consistency_spans, inclusion_spans
from transparency.tree_heads import ACCESS_LOG, TreeHead, origin_of

from ..convert.signing_keys import key_to_pb
from ..store import receipt_log as store
from ..store import witnessed_heads
from ..store.witnessed_heads import Verdict, Witnessed
from .head_witness import HeadWitness, alarm

# Beyond every size, and every digest.
MAX_SIZE: Final = 2**63 - 1
MAX_DIGEST: Final = b"\xff" * 33


class TransparencyService(TransparencyServiceServicer):
    def __init__(
        self,
        db: Database,
        idempotency: Idempotency,
        paginator: Paginator,
        witness: HeadWitness,
        trust_domain: str,
    ) -> None:
        self._db = db
        self._idempotency = idempotency
        self._paginator = paginator
        self._witness = witness
        self._trust_domain = trust_domain

    async def GetTreeHead(self, request: pb.GetTreeHeadRequest, context: object) -> pb.GetTreeHeadResponse:
        async with self._db.connection() as tx:
            if request.min_size:
                signed = await store.first_head(tx, request.min_size)
            else:
                signed = await store.newest_head(tx)
        if signed is None:
            raise NotFound(reasons.TREE_HEAD_NOT_FOUND, size=str(request.min_size))
        return pb.GetTreeHeadResponse(tree_head=head_to_pb(signed))

    async def ListTreeHeads(
        self, request: pb.ListTreeHeadsRequest, context: object
    ) -> pb.ListTreeHeadsResponse:
        page = self._paginator.open(request)
        before = int(page.position[0]) if page.position else MAX_SIZE
        async with self._db.connection() as tx:
            rows = await store.list_heads(tx, before, page.limit)
        rows, token = page.close(rows, key=lambda signed: (signed.head.size,))
        return pb.ListTreeHeadsResponse(tree_heads=map(head_to_pb, rows), next_page_token=token)

    async def GetInclusionProof(
        self, request: pb.GetInclusionProofRequest, context: object
    ) -> pb.GetInclusionProofResponse:
        async with self._db.connection() as tx:
            await _require_size(tx, request.tree_size)
            index = await store.find_leaf(tx, request.leaf_hash)
            if index is None or index >= request.tree_size:
                raise NotFound(reasons.NOT_IN_LOG)
            hashes = await store.get_hashes(tx, inclusion_spans(index, request.tree_size))
        return pb.GetInclusionProofResponse(leaf_index=index, hashes=hashes)

    async def GetConsistencyProof(
        self, request: pb.GetConsistencyProofRequest, context: object
    ) -> pb.GetConsistencyProofResponse:
        async with self._db.connection() as tx:
            await _require_size(tx, request.second_size)
            spans = consistency_spans(request.first_size, request.second_size)
            hashes = await store.get_hashes(tx, spans)
        return pb.GetConsistencyProofResponse(hashes=hashes)

    async def ListSigningKeys(
        self, request: pb.ListSigningKeysRequest, context: object
    ) -> pb.ListSigningKeysResponse:
        page = self._paginator.open(request)
        before, digest = NEWEST.time, MAX_DIGEST
        if page.position:
            before, digest = from_micros(page.position[0]), bytes.fromhex(str(page.position[1]))
        async with self._db.connection() as tx:
            rows = await store.list_keys(tx, before, digest, page.limit)
        rows, token = page.close(
            rows, key=lambda row: (row["first_use_time"], row["certificate_sha256"].hex())
        )
        return pb.ListSigningKeysResponse(signing_keys=map(key_to_pb, rows), next_page_token=token)

    async def SubmitTreeHead(
        self, request: pb.SubmitTreeHeadRequest, context: object
    ) -> pb.SubmitTreeHeadResponse:
        signed = self._verified(request)

        async def keep(tx: Transaction) -> pb.SubmitTreeHeadResponse:
            witnessed = await self._witness.keep(tx, signed, request.consistency_proof)
            return pb.SubmitTreeHeadResponse(witnessed_head=witnessed_to_pb(witnessed))

        response = await self._idempotency.run_once(request, pb.SubmitTreeHeadResponse, keep)
        # What is evidence is committed before anybody is told.
        if response.witnessed_head.verdict == WitnessedHead.VERDICT_INCONSISTENT:
            alarm(signed)
            raise FailedPrecondition(reasons.LOG_REWRITTEN, origin=signed.head.origin)
        return response

    async def keep_own(self, signed: SignedHead) -> None:
        """Keep a head of our own access log, as `SubmitTreeHead` does those of others."""
        async with self._db.transaction() as tx:
            witnessed = await self._witness.keep(tx, signed, ())
        if witnessed.verdict is Verdict.INCONSISTENT:
            alarm(signed)
            raise FailedPrecondition(reasons.LOG_REWRITTEN, origin=signed.head.origin)

    def _verified(self, request: pb.SubmitTreeHeadRequest) -> SignedHead:
        """Return the head of *request*: signed by its own service, and brought by whoever may bring it."""
        try:
            signed = head_from_pb(request.tree_head)
            self._witness.verify(signed)
        except (ValueError, Unverified):
            raise InvalidArgument(reasons.TREE_HEAD_UNVERIFIED) from None
        if not self._may_submit(signed.head):
            raise InvalidArgument(reasons.TREE_HEAD_UNVERIFIED)
        return signed

    def _may_submit(self, head: TreeHead) -> bool:
        """Whether the caller may bring *head*: a service those of its own access log, an operator any."""
        caller = call_context.caller()
        own = origin_of(self._trust_domain, head.service, ACCESS_LOG)
        is_its_own = str(caller) == f"service/{head.service}" and head.origin == own
        return caller.kind == "operator" or is_its_own

    async def ListWitnessedHeads(
        self, request: pb.ListWitnessedHeadsRequest, context: object
    ) -> pb.ListWitnessedHeadsResponse:
        page = self._paginator.open(request)
        size, time, digest = _position(page)
        async with self._db.connection() as tx:
            rows = await witnessed_heads.list_witnessed(tx, request.origin, size, time, digest, page.limit)
        rows, token = page.close(rows, key=_key)
        return pb.ListWitnessedHeadsResponse(
            witnessed_heads=map(witnessed_to_pb, rows), next_page_token=token
        )


def _key(witnessed: Witnessed) -> tuple[int, datetime, str]:
    signed = witnessed.signed
    return signed.head.size, signed.head.time, sha256(signed.body).hexdigest()


def _position(page: Page) -> tuple[int, datetime, bytes]:
    if not page.position:
        return MAX_SIZE, NEWEST.time, MAX_DIGEST
    size, time, digest = page.position
    return int(size), from_micros(time).astimezone(UTC), bytes.fromhex(str(digest))


async def _require_size(tx: Transaction, size: int) -> None:
    """Refuse a size beyond the newest head: of such a tree nothing was signed."""
    newest = await store.newest_head(tx)
    if newest is None or newest.head.size < size:
        raise NotFound(reasons.TREE_HEAD_NOT_FOUND, size=str(size))


def witnessed_to_pb(witnessed: Witnessed) -> WitnessedHead:
    return WitnessedHead(
        tree_head=head_to_pb(witnessed.signed),
        receive_time=timestamp_to_pb(witnessed.receive_time),
        verdict=f"VERDICT_{Verdict(witnessed.verdict).name}",
    )

"""DrugService."""

import hashlib
from collections.abc import AsyncIterator

from chassis.db import Database, Transaction
from chassis.errors import InvalidArgument, NotFound
from chassis.idempotency import Idempotency
from chassis.pagination import Paginator
from lientuyen.pharmacy.v1 import drug_service_pb2 as pb
from lientuyen.pharmacy.v1 import error_reasons as reasons
from lientuyen.pharmacy.v1.drug_service_pb2_grpc import DrugServiceServicer

from ..convert.drugs import drug, drug_to_pb
from ..model.drugs import Drug
from ..store import drugs


class DrugService(DrugServiceServicer):
    """Keeps the catalogue of drugs.  It holds nothing about people."""

    def __init__(self, db: Database, idempotency: Idempotency, paginator: Paginator) -> None:
        self._db = db
        self._idempotency = idempotency
        self._paginator = paginator

    async def GetDrug(self, request: pb.GetDrugRequest, context: object) -> pb.GetDrugResponse:
        async with self._db.connection() as tx:
            found = await drugs.get(tx, request.name.rpartition("/")[2])
        if found is None:
            raise NotFound(reasons.DRUG_NOT_FOUND, name=request.name)
        return pb.GetDrugResponse(drug=drug_to_pb(found))

    async def SearchDrugs(self, request: pb.SearchDrugsRequest, context: object) -> pb.SearchDrugsResponse:
        token = self._paginator.position(request.page_token, request)
        after = (int(token[0]), str(token[1])) if token is not None else None
        size = self._paginator.size(request.page_size)
        async with self._db.connection() as tx:
            found = await drugs.search(tx, request.query, after, size + 1)
        page, following = self._paginator.cut(found, size, lambda one: [one[0], one[1].id], request)
        return pb.SearchDrugsResponse(drugs=[drug_to_pb(one) for _, one in page], next_page_token=following)

    async def ImportDrugs(
        self, request_iterator: AsyncIterator[pb.ImportDrugsRequest], context: object
    ) -> pb.ImportDrugsResponse:
        request_id, fingerprint, found = await gather(request_iterator)
        return await self._idempotency.run_once_for(
            request_id, fingerprint, pb.ImportDrugsResponse, lambda tx: self._import(tx, found)
        )

    async def _import(self, tx: Transaction, found: dict[str, Drug]) -> pb.ImportDrugsResponse:
        created = 0
        # In the order of their numbers, so that two imports at once wait for one another and never deadlock.
        for _, one in sorted(found.items()):
            created += await drugs.put(tx, one)
        return pb.ImportDrugsResponse(created=created, updated=len(found) - created)


async def gather(stream: AsyncIterator[pb.ImportDrugsRequest]) -> tuple[str, bytes, dict[str, Drug]]:
    """Return the request id, the SHA-256 of the stream, and its drugs; of a number sent twice the last."""
    request_id, sha, found = "", hashlib.sha256(), dict[str, Drug]()
    async for part in stream:
        request_id = request_id or part.request_id
        if not request_id:
            raise InvalidArgument(reasons.IMPORT_ID_MISSING)
        for message in part.drugs:
            sha.update(message.SerializeToString(deterministic=True))
            one = drug(message)
            found[one.id] = one
    if not request_id:
        raise InvalidArgument(reasons.IMPORT_ID_MISSING)
    return request_id, sha.digest(), found

"""DrugService."""

import hashlib
from collections.abc import AsyncIterator

from chassis.db import Database, Transaction
from chassis.errors import InvalidArgument, NotFound
from chassis.idempotency import Idempotency
from chassis.pagination import Paginator
from common.names import last_part
from lientuyen.pharmacy.v1 import drug_service_pb2 as pb
from lientuyen.pharmacy.v1 import error_reasons as reasons
from lientuyen.pharmacy.v1.drug_service_pb2_grpc import DrugServiceServicer

from ..convert.drugs import drug_from_pb, drug_to_pb
from ..model.drugs import Drug
from ..store import drugs


class DrugService(DrugServiceServicer):
    """Keeps the catalogue of drugs (danh mục thuốc).  It holds nothing about people."""

    def __init__(self, db: Database, idempotency: Idempotency, paginator: Paginator) -> None:
        self._db = db
        self._idempotency = idempotency
        self._paginator = paginator

    async def GetDrug(self, request: pb.GetDrugRequest, context: object) -> pb.GetDrugResponse:
        async with self._db.connection() as tx:
            drug = await drugs.get(tx, last_part(request.name))
        if drug is None:
            raise NotFound(reasons.DRUG_NOT_FOUND, name=request.name)
        return pb.GetDrugResponse(drug=drug_to_pb(drug))

    async def SearchDrugs(self, request: pb.SearchDrugsRequest, context: object) -> pb.SearchDrugsResponse:
        page = self._paginator.open(request)
        after = (int(page.position[0]), str(page.position[1])) if page.position else drugs.NEAREST
        async with self._db.connection() as tx:
            rows = await drugs.search(tx, request.query, after=after, limit=page.limit)
        rows, token = page.close(rows, key=lambda row: (row[0], row[1].id))
        return pb.SearchDrugsResponse(drugs=[drug_to_pb(drug) for _, drug in rows], next_page_token=token)

    async def ImportDrugs(
        self, request_iterator: AsyncIterator[pb.ImportDrugsRequest], context: object
    ) -> pb.ImportDrugsResponse:
        request_id, fingerprint, catalogue = await read_stream(request_iterator)

        async def import_catalogue(tx: Transaction) -> pb.ImportDrugsResponse:
            created = 0
            # In the order of their numbers, so that two imports at once wait for one another and never
            # deadlock.
            for _, drug in sorted(catalogue.items()):
                created += await drugs.upsert(tx, drug)
            return pb.ImportDrugsResponse(created=created, updated=len(catalogue) - created)

        return await self._idempotency.run_once_for(
            request_id, fingerprint, pb.ImportDrugsResponse, import_catalogue
        )


async def read_stream(stream: AsyncIterator[pb.ImportDrugsRequest]) -> tuple[str, bytes, dict[str, Drug]]:
    """Return the request id, the SHA-256 of the stream, and its drugs; of a number sent twice the last."""
    request_id, sha, catalogue = "", hashlib.sha256(), dict[str, Drug]()
    async for request in stream:
        request_id = request_id or request.request_id
        if not request_id:
            raise InvalidArgument(reasons.IMPORT_ID_MISSING)
        for message in request.drugs:
            sha.update(message.SerializeToString(deterministic=True))
            drug = drug_from_pb(message)
            catalogue[drug.id] = drug
    if not request_id:
        raise InvalidArgument(reasons.IMPORT_ID_MISSING)
    return request_id, sha.digest(), catalogue

"""FacilityService."""

from collections.abc import AsyncIterator
from functools import partial

from chassis.db import Database, Transaction
from chassis.errors import NotFound
from chassis.idempotency import Idempotency
from chassis.pagination import Paginator
from lientuyen.identity.v1 import error_reasons as reasons
from lientuyen.identity.v1 import facility_service_pb2 as pb
from lientuyen.identity.v1.facility_service_pb2_grpc import FacilityServiceServicer

from ..convert.facilities import facility_row, facility_to_pb
from ..convert.names import last
from ..imports.service.batch_progress import Batch, Totals
from ..imports.service.row_validation import valid_rows
from ..model.facilities import FacilityRow, row_faults
from ..store import facilities
from .directory import Directory


class FacilityService(FacilityServiceServicer):
    """Knows the facilities.  Holds nothing about patients."""

    def __init__(
        self, db: Database, idempotency: Idempotency, paginator: Paginator, directory: Directory
    ) -> None:
        self._db = db
        self._idempotency = idempotency
        self._paginator = paginator
        self._directory = directory

    async def GetFacility(self, request: pb.GetFacilityRequest, context: object) -> pb.GetFacilityResponse:
        code = last(request.name)
        async with self._db.connection() as tx:
            facility = await facilities.get_facility(tx, code)
            if facility is None:
                raise NotFound(reasons.FACILITY_NOT_FOUND, name=request.name)
            certificates = await facilities.list_certificates(tx, code)
        return pb.GetFacilityResponse(facility=facility_to_pb(facility, certificates))

    async def ListFacilities(
        self, request: pb.ListFacilitiesRequest, context: object
    ) -> pb.ListFacilitiesResponse:
        position = self._paginator.position(request.page_token, request)
        size = self._paginator.size(request.page_size)
        async with self._db.connection() as tx:
            rows = await facilities.list_facilities(
                tx,
                after=str(position[0]) if position else "",
                prefix=request.code_prefix,
                kind=request.kind,
                node=request.node,
                closed=request.show_closed,
                limit=size + 1,
            )
        page, next_token = self._paginator.cut(rows, size, lambda one: [one.code], request)
        found = [facility_to_pb(one, []) for one in page]
        return pb.ListFacilitiesResponse(facilities=found, next_page_token=next_token)

    async def ImportFacilities(
        self, request_iterator: AsyncIterator[pb.ImportFacilitiesRequest], context: object
    ) -> AsyncIterator[pb.ImportFacilitiesResponse]:
        totals = Totals()
        async for request in request_iterator:
            answer = await self._idempotency.run_once(
                request, pb.ImportFacilitiesResponse, partial(import_batch, request)
            )
            self._directory.forget()
            totals.count(answer.progress)
            yield answer


async def import_batch(request: pb.ImportFacilitiesRequest, tx: Transaction) -> pb.ImportFacilitiesResponse:
    """Check the facilities of one batch and write them."""
    batch = Batch(request.request_id, request.first_row, len(request.rows))
    rows = (facility_row(row) for row in request.rows)
    good = await valid_rows(batch, rows, row_faults, row_key)
    await facilities.put_facilities(tx, list(good.values()))
    return pb.ImportFacilitiesResponse(progress=batch.progress())


def row_key(row: FacilityRow) -> tuple[str, object]:
    """Return what tells a facility of a batch from the others."""
    return "code", row.code

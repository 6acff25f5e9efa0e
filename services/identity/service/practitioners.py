"""PractitionerService."""

from collections.abc import AsyncIterator
from functools import partial

from chassis import clock
from chassis.db import Database, Transaction
from chassis.errors import NotFound
from chassis.idempotency import Idempotency
from chassis.pagination import Paginator
from lientuyen.identity.v1 import error_reasons as reasons
from lientuyen.identity.v1 import practitioner_service_pb2 as pb
from lientuyen.identity.v1.practitioner_service_pb2_grpc import PractitionerServiceServicer

from ..convert.names import last, last_uuid
from ..convert.practitioners import licence_to_pb, practitioner_name, practitioner_row, practitioner_to_pb
from ..imports.service.batch_progress import Batch, Totals
from ..imports.service.row_validation import valid_rows
from ..model.practitioners import (
    PractitionerRow,
    Standing,
    licence_of,
    practitioner_id,
    row_faults,
    standing,
)
from ..store import practitioners
from .refusals import day_of


class PractitionerService(PractitionerServiceServicer):
    """Knows who is licensed to practise, and where."""

    def __init__(self, db: Database, idempotency: Idempotency, paginator: Paginator) -> None:
        self._db = db
        self._idempotency = idempotency
        self._paginator = paginator

    async def GetPractitioner(
        self, request: pb.GetPractitionerRequest, context: object
    ) -> pb.GetPractitionerResponse:
        by_name = request.HasField("name")
        id_ = last_uuid(request.name) if by_name else practitioner_id(licence_of(request.licence_number)[0])
        async with self._db.connection() as tx:
            found = await practitioners.get_practitioner(tx, id_)
            if found is None:
                raise NotFound(reasons.PRACTITIONER_NOT_FOUND, name=practitioner_name(id_))
            lent = await practitioners.list_lendings(tx, [id_])
        return pb.GetPractitionerResponse(practitioner=practitioner_to_pb(found, lent.get(id_, [])))

    async def CheckLicence(self, request: pb.CheckLicenceRequest, context: object) -> pb.CheckLicenceResponse:
        number, lent_to = licence_of(request.licence_number)
        facility, day = last(request.facility), day_of("day", request.day) or clock.today()
        id_ = practitioner_id(number)
        async with self._db.connection() as tx:
            found = await practitioners.get_practitioner(tx, id_)
            lent = await practitioners.list_lendings(tx, [id_]) if found else {}
        if found is None:
            return licence_to_pb(None, Standing.UNKNOWN)
        says = standing(found, lent.get(id_, []), facility, day)
        if says.may_practise and lent_to not in ("", facility):
            says = Standing.ELSEWHERE
        return licence_to_pb(found, says)

    async def ListPractitioners(
        self, request: pb.ListPractitionersRequest, context: object
    ) -> pb.ListPractitionersResponse:
        position = self._paginator.position(request.page_token, request)
        size = self._paginator.size(request.page_size)
        async with self._db.connection() as tx:
            rows = await practitioners.list_practitioners(
                tx,
                facility=last(request.facility),
                day=day_of("day", request.day),
                after=str(position[0]) if position else "",
                limit=size + 1,
            )
            page, next_token = self._paginator.cut(rows, size, lambda one: [one.licence_number], request)
            lent = await practitioners.list_lendings(tx, [one.id for one in page])
        found = [practitioner_to_pb(one, lent.get(one.id, [])) for one in page]
        return pb.ListPractitionersResponse(practitioners=found, next_page_token=next_token)

    async def ImportPractitioners(
        self, request_iterator: AsyncIterator[pb.ImportPractitionersRequest], context: object
    ) -> AsyncIterator[pb.ImportPractitionersResponse]:
        totals = Totals()
        async for request in request_iterator:
            answer = await self._idempotency.run_once(
                request, pb.ImportPractitionersResponse, partial(import_batch, request)
            )
            totals.count(answer.progress)
            yield answer


async def import_batch(
    request: pb.ImportPractitionersRequest, tx: Transaction
) -> pb.ImportPractitionersResponse:
    """Check the practitioners of one batch and write them."""
    batch = Batch(request.request_id, request.first_row, len(request.rows))
    rows = (practitioner_row(row) for row in request.rows)
    good = await valid_rows(batch, rows, row_faults, row_key)
    await practitioners.put_practitioners(tx, list(good.values()))
    return pb.ImportPractitionersResponse(progress=batch.progress())


def row_key(row: PractitionerRow) -> tuple[str, object]:
    """Return what tells a practitioner of a batch from the others."""
    return "licence_number", row.licence_number

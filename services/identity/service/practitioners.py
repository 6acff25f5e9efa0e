"""PractitionerService."""

from collections.abc import AsyncIterator
from functools import partial

from chassis import clock
from chassis.db import Database, Transaction
from chassis.errors import NotFound
from chassis.idempotency import Idempotency
from chassis.pagination import Paginator
from common.names import id_of, last_part
from lientuyen.identity.v1 import error_reasons as reasons
from lientuyen.identity.v1 import practitioner_service_pb2 as pb
from lientuyen.identity.v1.practitioner_service_pb2_grpc import PractitionerServiceServicer

from ..convert.practitioners import (
    licence_to_pb,
    practitioner_name,
    practitioner_row_from_pb,
    practitioner_to_pb,
)
from ..imports.service.batch_progress import Batch, Totals
from ..imports.service.row_validation import read_rows, valid_rows
from ..model.practitioners import (
    PractitionerRow,
    Standing,
    licence_of,
    practitioner_id,
    row_faults,
    standing,
)
from ..policies.request_checks import day_from_pb
from ..store import practitioners


class PractitionerService(PractitionerServiceServicer):
    def __init__(self, db: Database, idempotency: Idempotency, paginator: Paginator) -> None:
        self._db = db
        self._idempotency = idempotency
        self._paginator = paginator

    async def GetPractitioner(
        self, request: pb.GetPractitionerRequest, context: object
    ) -> pb.GetPractitionerResponse:
        by_name = request.HasField("name")
        id_ = id_of(request.name) if by_name else practitioner_id(licence_of(request.licence_number)[0])
        async with self._db.connection() as tx:
            practitioner = await practitioners.get_practitioner(tx, id_)
            if practitioner is None:
                raise NotFound(reasons.PRACTITIONER_NOT_FOUND, name=practitioner_name(id_))
            lendings = await practitioners.list_lendings(tx, [id_])
        message = practitioner_to_pb(practitioner, lendings.get(id_, []))
        return pb.GetPractitionerResponse(practitioner=message)

    async def CheckLicence(self, request: pb.CheckLicenceRequest, context: object) -> pb.CheckLicenceResponse:
        number, lent_to = licence_of(request.licence_number)
        facility, day = last_part(request.facility), day_from_pb("day", request.day) or clock.today()
        id_ = practitioner_id(number)
        async with self._db.connection() as tx:
            practitioner = await practitioners.get_practitioner(tx, id_)
            lendings = await practitioners.list_lendings(tx, [id_]) if practitioner else {}
        if practitioner is None:
            return licence_to_pb(None, Standing.UNKNOWN)
        verdict = standing(practitioner, lendings.get(id_, []), facility, day)
        if verdict.may_practise and lent_to not in ("", facility):
            verdict = Standing.ELSEWHERE
        return licence_to_pb(practitioner, verdict)

    async def ListPractitioners(
        self, request: pb.ListPractitionersRequest, context: object
    ) -> pb.ListPractitionersResponse:
        page = self._paginator.open(request)
        async with self._db.connection() as tx:
            rows = await practitioners.list_practitioners(
                tx,
                facility=last_part(request.facility),
                day=day_from_pb("day", request.day),
                after=str(page.position[0]) if page.position else "",
                limit=page.limit,
            )
            rows, next_page_token = page.close(rows, key=lambda practitioner: [practitioner.licence_number])
            lendings = await practitioners.list_lendings(tx, [practitioner.id for practitioner in rows])
        messages = [practitioner_to_pb(row, lendings.get(row.id, [])) for row in rows]
        return pb.ListPractitionersResponse(practitioners=messages, next_page_token=next_page_token)

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
    batch = Batch(request.request_id, request.first_row, len(request.rows))
    rows = read_rows(request.rows, practitioner_row_from_pb)
    good = await valid_rows(batch, rows, row_faults, row_key)
    await practitioners.put_practitioners(tx, list(good.values()))
    return pb.ImportPractitionersResponse(progress=batch.progress())


def row_key(row: PractitionerRow) -> tuple[str, object]:
    return "licence_number", row.licence_number

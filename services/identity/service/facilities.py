"""FacilityService."""

from collections.abc import AsyncIterator, Iterable
from functools import partial

from chassis import call_context, clock
from chassis.db import Database, Transaction
from chassis.db_clock import db_now
from chassis.errors import NotFound
from chassis.idempotency import Idempotency
from chassis.pagination import Paginator
from common.names import last_part
from lientuyen.identity.v1 import error_reasons as reasons
from lientuyen.identity.v1 import facility_service_pb2 as pb
from lientuyen.identity.v1.facility_service_pb2_grpc import FacilityServiceServicer

from ..convert.facilities import facility_row_from_pb, facility_to_pb
from ..imports.service.batch_progress import Batch, Totals
from ..imports.service.row_validation import read_rows, valid_rows
from ..model.facilities import SIGNING, FacilityRow, row_faults
from ..model.signing_certificates import RevokeReason, new_certificate
from ..policies.facility_cache import FacilityCache
from ..store import facilities, signing_certificates
from ..store.laboratory_recognitions import list_recognitions, replace_recognitions
from ..store.nodes import apply_homes


class FacilityService(FacilityServiceServicer):
    def __init__(
        self, db: Database, idempotency: Idempotency, paginator: Paginator, cache: FacilityCache
    ) -> None:
        self._db = db
        self._idempotency = idempotency
        self._paginator = paginator
        self._cache = cache

    async def GetFacility(self, request: pb.GetFacilityRequest, context: object) -> pb.GetFacilityResponse:
        code = last_part(request.name)
        async with self._db.connection() as tx:
            facility = await facilities.get_facility(tx, code)
            if facility is None:
                raise NotFound(reasons.FACILITY_NOT_FOUND, name=request.name)
            certificates = await facilities.list_certificates(tx, code)
            recognitions = await list_recognitions(tx, code)
        return pb.GetFacilityResponse(facility=facility_to_pb(facility, certificates, recognitions))

    async def ListFacilities(
        self, request: pb.ListFacilitiesRequest, context: object
    ) -> pb.ListFacilitiesResponse:
        page = self._paginator.open(request)
        async with self._db.connection() as tx:
            rows = await facilities.list_facilities(
                tx,
                after=str(page.position[0]) if page.position else "",
                prefix=request.code_prefix,
                kind=request.kind,
                node=request.node,
                closed=request.show_closed,
                limit=page.limit,
            )
        rows, next_page_token = page.close(rows, key=lambda facility: [facility.code])
        messages = [facility_to_pb(facility) for facility in rows]
        return pb.ListFacilitiesResponse(facilities=messages, next_page_token=next_page_token)

    async def ImportFacilities(
        self, request_iterator: AsyncIterator[pb.ImportFacilitiesRequest], context: object
    ) -> AsyncIterator[pb.ImportFacilitiesResponse]:
        totals = Totals()
        async for request in request_iterator:
            answer = await self._idempotency.run_once(
                request, pb.ImportFacilitiesResponse, partial(import_batch, request)
            )
            self._cache.clear()
            totals.count(answer.progress)
            yield answer


async def import_batch(request: pb.ImportFacilitiesRequest, tx: Transaction) -> pb.ImportFacilitiesResponse:
    batch = Batch(request.request_id, request.first_row, len(request.rows))
    rows, now = read_rows(request.rows, facility_row_from_pb), clock.now()
    good = await valid_rows(batch, rows, lambda row: row_faults(row, now), row_key)
    await facilities.put_facilities(tx, list(good.values()))
    await apply_homes(tx, [row.code for row in good.values()])
    await register_certificates(tx, good.values())
    await replace_recognitions(
        tx,
        {row.code: row.laboratory_recognitions for row in good.values() if row.laboratory_recognitions},
    )
    return pb.ImportFacilitiesResponse(progress=batch.progress())


async def register_certificates(tx: Transaction, rows: Iterable[FacilityRow]) -> None:
    """Register the certificates by which the facilities of *rows* sign, and revoke what is revoked there."""
    signing = [(row.code, each) for row in rows for each in row.certificates if each.use == SIGNING]
    registrar, now = str(call_context.caller()), await db_now(tx)
    for code, listed in signing:
        certificate = new_certificate(listed.der, code, None, registrar, now)
        standing = await signing_certificates.insert_certificate(tx, certificate) or certificate
        revoke_time, reason = listed.revoke_time, RevokeReason.UNSPECIFIED
        if revoke_time is not None and standing.is_stricter(revoke_time, reason):
            await signing_certificates.revoke(tx, standing, revoke_time, reason)


def row_key(row: FacilityRow) -> tuple[str, object]:
    return "code", row.code

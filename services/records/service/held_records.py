"""
HeldRecordService: what is held of a person, for whoever asked routing for their records.

routing has asked identity whether its reader may; it names what identity withholds, and that is left out
by the statements themselves.  Where the person checked in is told as in the health book: only to who may see
everything (docs/adr/0071).
"""

from datetime import datetime, timedelta

from chassis import audit, clock
from chassis.call_context import Caller
from chassis.db import Database
from chassis.pagination import Paginator
from common.identity import Identity
from common.names import facility_name, last_part
from common.restricted import class_of, mask_of
from common.values import date_from_pb, end_of, latest_time, shifted
from lientuyen.records.v1 import held_record_service_pb2 as pb
from lientuyen.records.v1.held_record_service_pb2_grpc import HeldRecordServiceServicer

from ..convert.held_records import held_record_to_pb
from ..model.read_scope import ReadScope
from ..store import held_records as store
from .book_pages import knows_missing
from .dossiers import EARLIEST

A_DAY = timedelta(days=1)


class HeldRecordService(HeldRecordServiceServicer):
    def __init__(self, db: Database, paginator: Paginator, identity: Identity) -> None:
        self._db = db
        self._paginator = paginator
        self._identity = identity

    async def ListHeldRecords(
        self, request: pb.ListHeldRecordsRequest, context: object
    ) -> pb.ListHeldRecordsResponse:
        page = self._paginator.open(request)
        since, until = _days(request)
        names = await self._identity.names_of(request.person)
        hidden = mask_of(map(class_of, request.withheld_classes))
        scope = ReadScope(names.ids, last_part(request.reader), hidden=hidden)
        async with self._db.transaction() as tx:
            reader = Caller.of_facility(request.reader)
            await audit.record(tx, subject=request.person, access=request.access, acting_for=reader)
            rows = await store.list_held_records(tx, scope, since, until, page.before, page.limit)
            facilities = await store.list_facilities(
                tx, scope, since, until, with_check_ins=knows_missing(scope)
            )
        rows, token = page.close(rows, key=lambda row: (row.arrival_time, row.dossier))
        return pb.ListHeldRecordsResponse(
            held_records=map(held_record_to_pb, rows),
            next_page_token=token,
            facilities=map(facility_name, facilities),
            unreachable=names.unreachable,
        )


def _days(request: pb.ListHeldRecordsRequest) -> tuple[datetime, datetime]:
    """Return the instants from which, and before which, who was asked about arrived."""
    since = date_from_pb(request.since) if request.HasField("since") else None
    until = date_from_pb(request.until) if request.HasField("until") else None
    latest = latest_time(clock.now())
    return (
        end_of(shifted(since, -A_DAY)) if since else EARLIEST,
        min(end_of(until), latest) if until else latest,
    )

"""
`AuditService`: who looked at one person's data in this service, or for an operator at what is a facility's,
newest first.

Every service serves it over its own log; the access rules let in operators and
the authority through which the person asks (VNeID).  An operator's look at the
log is itself an access to the person's data and leaves a row; a person's look
at their own does not, or reading the log would fill it.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Final

import grpc

from lientuyen.chassis.v1 import audit_service_pb2 as pb
from lientuyen.chassis.v1 import audit_service_pb2_grpc
from lientuyen.chassis.v1 import error_reasons as reasons
from lientuyen.type.v1.access_pb2 import AccessContext

from . import access_log_store, audit, audit_partitions, call_context
from .access_log_store import HourHead
from .access_log_tree import hashes_of, read_hashes
from .db import Database, Record
from .errors import PermissionDenied
from .pagination import EPOCH, Paginator, from_micros
from .tree_heads import head_to_pb


class AuditService(audit_service_pb2_grpc.AuditServiceServicer):
    def __init__(self, service: str, db: Database, paginator: Paginator) -> None:
        self._service = service
        self._db = db
        self._paginator = paginator

    async def ListAccesses(
        self, request: pb.ListAccessesRequest, context: "grpc.aio.ServicerContext[object, object]"
    ) -> pb.ListAccessesResponse:
        if request.facility and call_context.caller().kind != "operator":
            raise PermissionDenied(reasons.FACILITY_MISMATCH, field="facility", declared=request.facility)
        subjects = dict.fromkeys((request.subject or request.facility, *request.merged))
        page = self._paginator.open(request)
        async with self._db.transaction() as tx:
            rows = await audit.accesses(tx, *subjects, limit=page.limit, before=page.before)
            for subject in subjects if call_context.caller().kind == "operator" else ():
                await audit.record(tx, subject=subject, access=OPERATIONS)
        rows, next_page_token = page.close(rows, key=lambda row: (row["access_time"], row["id"]))
        accesses = [access_to_pb(self._service, row) for row in rows]
        return pb.ListAccessesResponse(accesses=accesses, next_page_token=next_page_token)

    async def ListAccessLogHeads(
        self,
        request: pb.ListAccessLogHeadsRequest,
        context: "grpc.aio.ServicerContext[object, object]",
    ) -> pb.ListAccessLogHeadsResponse:
        begin, end = audit_partitions.months(month_of(request.month), 1)
        page = self._paginator.open(request)
        after = from_micros(page.position[0]) if page.position else EPOCH
        async with self._db.connection() as tx:
            rows = await access_log_store.heads_of_month(tx, begin, end, after, page.limit)
            away = await access_log_store.months_away(tx)
            outside = await access_log_store.rows_outside(tx, begin, end, MAX_OUTSIDE)
        rows, token = page.close(rows, key=lambda head: (head.hour_end,))
        return pb.ListAccessLogHeadsResponse(
            heads=map(hour_head_to_pb, rows),
            next_page_token=token,
            months_away=away,
            ids_outside=[row.bytes for row in outside],
        )

    async def DownloadAccessLogHashes(
        self,
        request: pb.DownloadAccessLogHashesRequest,
        context: "grpc.aio.ServicerContext[object, object]",
    ) -> AsyncIterator[pb.DownloadAccessLogHashesResponse]:
        size = request.first_size
        while size < request.second_size:
            async with self._db.connection() as tx:
                pages = await read_hashes(tx, size, request.second_size)
            if not pages:
                return
            for leaves, rows in pages:
                yield pb.DownloadAccessLogHashesResponse(
                    first_leaf=leaves.first_leaf, as_logged=leaves.entries, as_found=hashes_of(rows)
                )
            size = pages[-1][0].first_leaf + 1


# Rows that came in by another way than ours, of which one answer tells.
MAX_OUTSIDE: Final = 100


def month_of(month: str) -> datetime:
    """Return the first instant of the month written `2026-11`, which the contract has checked."""
    return datetime(int(month[:4]), int(month[5:]), 1, tzinfo=UTC)


def hour_head_to_pb(head: HourHead) -> pb.AccessLogHead:
    answer = pb.AccessLogHead(tree_head=head_to_pb(head.signed), peaks=head.peaks)
    answer.hour_end_time.FromDatetime(head.hour_end)
    return answer


# The ground on which an operator reads the log: a duty of whoever runs the exchange.
OPERATIONS = AccessContext(
    purpose=AccessContext.PURPOSE_OPERATIONS, legal_basis=AccessContext.LEGAL_BASIS_LEGAL_DUTY
)


def access_to_pb(service: str, row: Record) -> pb.Access:
    access = pb.Access(
        name=f"//{service}.lientuyen/accesses/{row['id']}",
        caller=row["caller"],
        practitioner=row["practitioner"],
        method=row["method"],
        subject=row["subject"],
        purpose=row["purpose"],
        legal_basis=row["legal_basis"],
        reason=row["reason"],
        allowed=row["allowed"],
        flagged=row["flagged"],
        trace_id=row["trace_id"],
        restored=row["restored"],
    )
    access.access_time.FromDatetime(row["access_time"])
    return access

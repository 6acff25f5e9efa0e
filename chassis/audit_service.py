"""
`AuditService`: who looked at one person's data in this service, newest first.

Every service serves it over its own log; the access rules let in operators and
the authority through which the person asks (VNeID).  An operator's look at the
log is itself an access to the person's data and leaves a row; a person's look
at their own does not, or reading the log would fill it.
"""

from datetime import datetime
from uuid import UUID

import grpc

from lientuyen.chassis.v1 import audit_service_pb2 as pb
from lientuyen.chassis.v1 import audit_service_pb2_grpc
from lientuyen.type.v1.access_pb2 import AccessContext

from . import audit, call_context
from .db import Database, Record
from .pagination import Paginator, from_micros, to_micros


class AuditService(audit_service_pb2_grpc.AuditServiceServicer):
    def __init__(self, db: Database, paginator: Paginator) -> None:
        self._db = db
        self._paginator = paginator

    async def ListAccesses(
        self, request: pb.ListAccessesRequest, context: "grpc.aio.ServicerContext[object, object]"
    ) -> pb.ListAccessesResponse:
        """Return a page of the accesses to `subject`, and to the names that were merged into it."""
        subjects = dict.fromkeys((request.subject, *request.merged))
        size = self._paginator.size(request.page_size)
        before = self._before(request)
        async with self._db.transaction() as tx:
            rows = await audit.accesses(tx, *subjects, limit=size + 1, before=before)
            for subject in subjects if call_context.caller().kind == "operator" else ():
                await audit.record(tx, subject=subject, access=OPERATIONS)
        page, token = self._paginator.cut(rows, size, position_of, request)
        return pb.ListAccessesResponse(accesses=[access_to_pb(row) for row in page], next_page_token=token)

    def _before(self, request: pb.ListAccessesRequest) -> tuple[datetime, UUID]:
        position = self._paginator.position(request.page_token, request)
        if position is None:
            return audit.END_OF_TIME, audit.LAST_ID
        return from_micros(position[0]), UUID(str(position[1]))


# The ground on which an operator reads the log: a duty of whoever runs the exchange.
OPERATIONS = AccessContext(
    purpose=AccessContext.PURPOSE_OPERATIONS, legal_basis=AccessContext.LEGAL_BASIS_LEGAL_DUTY
)


def position_of(row: Record) -> tuple[int, str]:
    return to_micros(row["access_time"]), str(row["id"])


def access_to_pb(row: Record) -> pb.Access:
    access = pb.Access(
        name=f"accesses/{row['id']}",
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
    )
    access.access_time.FromDatetime(row["access_time"])
    return access

"""
`AuditService`: who looked at one person's data in this service, or for an operator at what is a facility's,
newest first.

Every service serves it over its own log; the access rules let in operators and
the authority through which the person asks (VNeID).  An operator's look at the
log is itself an access to the person's data and leaves a row; a person's look
at their own does not, or reading the log would fill it.
"""

import grpc

from lientuyen.chassis.v1 import audit_service_pb2 as pb
from lientuyen.chassis.v1 import audit_service_pb2_grpc
from lientuyen.chassis.v1 import error_reasons as reasons
from lientuyen.type.v1.access_pb2 import AccessContext

from . import audit, call_context
from .db import Database, Record
from .errors import PermissionDenied
from .pagination import Paginator


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

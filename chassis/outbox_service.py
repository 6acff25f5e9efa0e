"""
`OutboxService`: the events that a service gave up, and what an operator decides of them.

An event's content may name a person and is never shown; what is shown are words of ours, names and
times.  Every look and every decision leaves a row in the access log, under the event's name.
"""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

import grpc

from lientuyen.chassis.v1 import error_reasons as reasons
from lientuyen.chassis.v1 import outbox_service_pb2 as pb
from lientuyen.chassis.v1 import outbox_service_pb2_grpc

from . import audit
from . import outbox_sql as rows
from .audit_service import OPERATIONS
from .db import Database, Record, Transaction
from .errors import FailedPrecondition, NotFound
from .idempotency import Idempotency, idempotent
from .pagination import Paginator
from .sql import Sql

STATES: Final[Mapping[str, pb.Event.State]] = {
    "waiting": pb.Event.STATE_WAITING,
    "done": pb.Event.STATE_DONE,
    "dead": pb.Event.STATE_DEAD,
    "stopped": pb.Event.STATE_STOPPED,
}


class OutboxService(outbox_service_pb2_grpc.OutboxServiceServicer):
    """Serves the dead events of *service* (`records`)."""

    def __init__(self, db: Database, idempotency: Idempotency, paginator: Paginator, service: str) -> None:
        self._db = db
        self._idempotency = idempotency
        self._paginator = paginator
        self._events = f"//{service}.lientuyen/events/"

    async def ListDeadEvents(
        self, request: pb.ListDeadEventsRequest, context: "grpc.aio.ServicerContext[object, object]"
    ) -> pb.ListDeadEventsResponse:
        page = self._paginator.open(request)
        before, before_id = page.before
        async with self._db.transaction() as tx:
            dead = await tx.fetch(rows.LIST_DEAD, before=before, before_id=before_id, limit=page.limit)
            await audit.record(tx, subject=f"{self._events}-", access=OPERATIONS)
        dead, next_page_token = page.close(dead, key=lambda row: (row["finish_time"], row["id"]))
        return pb.ListDeadEventsResponse(events=map(self._event_to_pb, dead), next_page_token=next_page_token)

    @idempotent(pb.ReplayEventResponse)
    async def ReplayEvent(self, request: pb.ReplayEventRequest, tx: Transaction) -> pb.ReplayEventResponse:
        return pb.ReplayEventResponse(event=await self._decide(tx, rows.REPLAY, request.name))

    @idempotent(pb.StopEventResponse)
    async def StopEvent(self, request: pb.StopEventRequest, tx: Transaction) -> pb.StopEventResponse:
        return pb.StopEventResponse(event=await self._decide(tx, rows.STOP, request.name))

    async def _decide(self, tx: Transaction, decision: Sql, name: str) -> pb.Event:
        """Take *decision* on the event *name*, and write that down."""
        prefix, _, event_id = name.rpartition("events/")
        if prefix not in ("", self._events.removesuffix("events/")):
            raise NotFound(reasons.EVENT_NOT_FOUND, name=name)
        row = await tx.fetchrow(decision, id=UUID(event_id))
        if row is None:
            raise await self._refusal(tx, UUID(event_id))
        await audit.record(tx, subject=self._events + event_id, access=OPERATIONS)
        return self._event_to_pb(row)

    async def _refusal(self, tx: Transaction, event_id: UUID) -> NotFound | FailedPrecondition:
        name, state = f"{self._events}{event_id}", await tx.fetchval(rows.GET_STATE, id=event_id)
        if state is None:
            return NotFound(reasons.EVENT_NOT_FOUND, name=name)
        return FailedPrecondition(reasons.EVENT_STATE, name=name, state=state)

    def _event_to_pb(self, row: Record) -> pb.Event:
        return pb.Event(
            name=f"{self._events}{row['id']}",
            state=STATES[row["state"]],
            topic=row["topic"],
            key=row["key"],
            attempts=row["attempts"],
            last_error=row["last_error"],
            create_time=row["create_time"],
            finish_time=row["finish_time"],
            trace_id=trace_id_of(row["traceparent"]),
        )


def trace_id_of(traceparent: str) -> str:
    """Return the trace id in a W3C *traceparent*, `00-<trace id>-<span id>-<flags>`, or nothing."""
    return traceparent.split("-")[1] if traceparent else ""

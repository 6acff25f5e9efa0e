"""
`OutcomeService`: what became of a write whose reply was lost.

A write that is under way has claimed its `request_id` in a transaction that nobody can see.  To
find out, we try to claim it too, in a transaction that is rolled back: whoever must wait has met
a write in progress.

An operator whom a hospital asks names the hospital.  That leaves a row in the access log, under the name
of the hospital, and what the hospital was answered, which may be about a patient, is not told.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import asyncpg
import grpc
from sqlalchemy import text

from lientuyen.chassis.v1 import error_reasons as reasons
from lientuyen.chassis.v1 import outcome_service_pb2 as pb
from lientuyen.chassis.v1 import outcome_service_pb2_grpc
from lientuyen.type.v1.access_pb2 import AccessContext

from . import audit, call_context
from .audit_service import OPERATIONS
from .call_context import FACILITIES
from .db import Database, Record
from .encryption import Encryptor, KeyMissing
from .errors import PermissionDenied
from .idempotency import CLAIM, FIND, reply_context
from .sql import sql

# How long we wait for somebody else's claim.  A claim that is only another question like ours
# is rolled back in a millisecond or two.
WAIT_FOR_CLAIM: Final = sql(text("SET LOCAL lock_timeout = '50ms'"))

State = pb.GetOutcomeResponse


@dataclass(frozen=True, slots=True)
class _RequestKey:
    """A request id, and whose it is."""

    caller: str
    request_id: UUID


class _NothingThere(Exception):
    """Rolls back the claim that we did not mean."""


class OutcomeService(outcome_service_pb2_grpc.OutcomeServiceServicer):
    """Serves the outcomes of one service's writes: to each caller its own, to operators anybody's."""

    def __init__(self, db: Database, encryptor: Encryptor) -> None:
        self._db = db
        self._encryptor = encryptor

    async def GetOutcome(
        self, request: pb.GetOutcomeRequest, context: "grpc.aio.ServicerContext[object, object]"
    ) -> pb.GetOutcomeResponse:
        asking = str(call_context.caller())
        key = _RequestKey(request.caller or asking, UUID(request.request_id))
        if key.caller != asking:
            await self._admit_operator(key)
        response = await self._outcome(key)
        if key.caller != asking:
            response.ClearField("response")
        return response

    async def _admit_operator(self, key: _RequestKey) -> None:
        """Write down that an operator asks about the write of *key*; refuse anybody else."""
        if call_context.caller().kind != "operator":
            raise PermissionDenied(reasons.FACILITY_MISMATCH, field="caller", declared=key.caller)
        access = AccessContext(reason=f"request_id {key.request_id}")
        access.MergeFrom(OPERATIONS)
        kind, _, id_ = key.caller.partition("/")
        async with self._db.transaction() as tx:
            subject = FACILITIES + id_ if kind in ("facility", "pharmacy") else key.caller
            await audit.record(tx, subject=subject, access=access)

    async def _outcome(self, key: _RequestKey) -> pb.GetOutcomeResponse:
        row = await self._find(key)
        if row is None:
            state = await self._probe(key)
            if state != State.STATE_DONE:
                return pb.GetOutcomeResponse(state=state)
            row = await self._find(key)
        return self._done(key, row) if row else pb.GetOutcomeResponse(state=State.STATE_UNKNOWN)

    async def _find(self, key: _RequestKey) -> Record | None:
        async with self._db.connection() as tx:
            return await tx.fetchrow(FIND, of_caller=key.caller, of_request_id=key.request_id)

    async def _probe(self, key: _RequestKey) -> "pb.GetOutcomeResponse.State":
        try:
            async with self._db.transaction() as tx:
                await tx.execute(WAIT_FOR_CLAIM)
                claimed = await tx.fetchval(
                    CLAIM, caller=key.caller, request_id=key.request_id, method="", fingerprint=b""
                )
                if claimed is not None:
                    raise _NothingThere
        except _NothingThere:
            return State.STATE_UNKNOWN
        except asyncpg.LockNotAvailableError:
            return State.STATE_IN_PROGRESS
        return State.STATE_DONE

    def _done(self, key: _RequestKey, row: Record) -> pb.GetOutcomeResponse:
        done = pb.GetOutcomeResponse(state=State.STATE_DONE, method=row["method"])
        with suppress(KeyMissing):  # deleted: that it was done is still told
            done.response = self._encryptor.decrypt(
                row["reply"], associated_data=reply_context(key.caller, key.request_id)
            )
        done.finish_time.FromDatetime(row["finish_time"])
        return done

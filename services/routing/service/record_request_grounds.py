"""
Whether the ground of a record request holds: identity's word, asked for anew each time (docs/adr/0084).

It is asked when records are asked for, before an answer is taken, before anything is delivered, and when
the requester looks.  When the ground is gone, the request is stopped there and then.  No database
connection is held while identity is asked.
"""

from uuid import UUID

from chassis.call_context import Caller
from chassis.db import Database
from chassis.errors import FailedPrecondition, PermissionDenied
from common.identity import Decision, Identity
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.type.v1.access_pb2 import AccessContext

from ..model.record_requests import CLOSED, TRANSITIONS, RecordRequest
from ..store import record_requests as store
from .notifier import Notifier
from .record_request_endings import RecordRequestEndings


class RecordRequestGrounds:
    def __init__(
        self, db: Database, identity: Identity, notifier: Notifier, endings: RecordRequestEndings
    ) -> None:
        self._db = db
        self._identity = identity
        self._notifier = notifier
        self._endings = endings

    async def require_to_ask(self, request: RecordRequest) -> Decision:
        """Return identity's decision on a new request; PermissionDenied(RECORD_REQUEST_NOT_ALLOWED)."""
        decision = await self.decide(request)
        if not decision.allowed:
            raise PermissionDenied(
                reasons.RECORD_REQUEST_NOT_ALLOWED, decision=decision.reason, subject=request.person
            )
        return decision

    async def require(self, request: RecordRequest) -> None:
        """Return when the ground holds; stop the request and raise RECORD_REQUEST_STOPPED if it is gone.

        Unavailable when identity does not answer: then nothing is stopped, and nothing goes on.
        """
        decision = await self.decide(request)
        if not decision.allowed:
            await self.stop(request.id)
            raise FailedPrecondition(
                reasons.RECORD_REQUEST_STOPPED, name=request.name, decision=decision.reason
            )

    async def decide(self, request: RecordRequest) -> Decision:
        access = AccessContext.FromString(request.access)
        requester = Caller.of_facility(request.requester)
        return await self._identity.authorize(request.person, access, requester)

    async def stop(self, request_id: UUID) -> RecordRequest | None:
        """Return the request, whose ground is gone: stopped, or at another end that it had come to."""
        async with self._db.transaction() as tx:
            row = await store.lock_record_request(tx, request_id)
            if row is None:
                return None
            request, woken = row[0], list[str]()
            if (request.state, "stop") in TRANSITIONS:
                request, woken = await self._endings.stop(tx, *row)
        self._notifier.publish(*woken)
        return request

    async def may_deliver(self, request_id: UUID) -> bool:
        """Tell whether a message about the request may be delivered now; stop the request if not.

        Unavailable when identity does not answer.
        """
        async with self._db.connection() as tx:
            request = await store.get_record_request(tx, request_id)
        if request is None:  # the name of none: nobody's records were asked for by it
            return True
        if request.state in CLOSED:
            return False
        decision = await self.decide(request)
        if not decision.allowed:
            await self.stop(request_id)
        return decision.allowed

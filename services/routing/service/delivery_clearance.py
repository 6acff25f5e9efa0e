"""
What goes out of a mailbox only on a ground that holds: record requests, and what answers them.

    waiting, unclear = clearance.sort_out(waiting)    # in the transaction that leases
    ...                                               # commit, deliver
    await clearance.check(unclear)                    # ask identity, with no connection held

A message that is not clear is not leased, and of its sender nothing behind it: order is kept.  identity is
asked about it at once, and the next poll gives it out, or it was taken back.  While identity is silent its
sender is passed over, and the others of the mailbox go on.
"""

import time
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from chassis.db import Database
from chassis.errors import FailedPrecondition, ServiceError
from chassis.logs import log
from common.names import id_of
from lientuyen.routing.v1 import error_reasons as reasons

from ..model.messages import Message
from ..model.record_requests import is_about_request
from .mailbox_writer import withdraw_message
from .record_request_grounds import RecordRequestGrounds

# For how long identity's word counts: until the poll that follows.
CLEAR_FOR_S: Final = 10.0

# For how long a sender is passed over whose message identity was not heard about.
PASSED_OVER_FOR_S: Final = 5.0


class DeliveryClearance:
    def __init__(self, db: Database, grounds: RecordRequestGrounds) -> None:
        self._db = db
        self._grounds = grounds
        # The messages that may go out, and the senders, by mailbox, that are passed over: until when, on the
        # clock of `time.monotonic`.
        self._clear: dict[UUID, float] = {}
        self._passed_over: dict[tuple[str, str], float] = {}

    def senders_passed_over(self, recipient: str) -> list[str]:
        now = time.monotonic()
        self._passed_over = {pair: until for pair, until in self._passed_over.items() if until > now}
        return [sender for mailbox, sender in self._passed_over if mailbox == recipient]

    def sort_out(self, waiting: Sequence[Message]) -> tuple[list[Message], list[Message]]:
        """Return what of *waiting* may go out, and the first of each sender that is to be checked before.

        A notice about a request waits with what is to be checked of it, so that it does not come before it.
        """
        clear, unclear = list[Message](), list[Message]()
        senders, requests = set[str](), set[str]()
        for message in waiting:
            if message.sender in senders:
                continue
            if is_about_request(message) and not self._is_clear(message.id):
                unclear.append(message)
                requests.add(message.about)
            elif message.about not in requests:
                clear.append(message)
                continue
            senders.add(message.sender)
        return clear, unclear

    async def check(self, unclear: Sequence[Message]) -> None:
        for message in unclear:
            await self._check(message)

    async def require(self, message: Message) -> None:
        """Refuse to hand out the body of a message of a request whose ground is gone."""
        if is_about_request(message) and not await self._grounds.may_deliver(id_of(message.about)):
            raise FailedPrecondition(reasons.RECORD_REQUEST_STOPPED, name=message.about, decision="STOPPED")

    def _is_clear(self, message_id: UUID) -> bool:
        return self._clear.pop(message_id, 0.0) > time.monotonic()

    async def _check(self, message: Message) -> None:
        try:
            may_deliver = await self._grounds.may_deliver(id_of(message.about))
        except ServiceError as error:
            log.warning("a record request's ground cannot be told", reason=error.reason.name)
            until = time.monotonic() + PASSED_OVER_FOR_S
            self._passed_over[message.recipient, message.sender] = until
            return
        if not may_deliver:  # of a request that had ended before, nobody has taken it back
            async with self._db.transaction() as tx:
                await withdraw_message(tx, message.id)
        else:
            now = time.monotonic()
            self._clear = {each: until for each, until in self._clear.items() if until > now}
            self._clear[message.id] = now + CLEAR_FOR_S

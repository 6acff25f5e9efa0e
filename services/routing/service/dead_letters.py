"""
Dead letters (thông điệp không giao được), many at once: put back, or given up, a page a call.

They come in the order in which they were accepted, and those that are put back keep it among themselves.
One that dies again while the pages go on comes before the page that is next, and so is on none of them.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeAlias
from uuid import UUID

from chassis import call_context
from chassis.db import Transaction
from chassis.pagination import Cursor, Page, Paginator, from_micros
from lientuyen.routing.v1 import mailbox_service_pb2 as pb

from ..convert.messages import DEAD_REASONS_FROM_PB
from ..model.messages import Message, replay, stop
from ..store import dead_letters as store
from ..store.messages import next_sequences, update_messages
from .access_log import log_accesses

# Before everything: where the first page begins.
OLDEST: Final = Cursor(from_micros(0), UUID(int=0))

Letters: TypeAlias = list[Message]
Request: TypeAlias = pb.ReplayDeadLettersRequest | pb.StopDeadLettersRequest


class DeadLetters:
    def __init__(self, paginator: Paginator) -> None:
        self._paginator = paginator

    async def replay(self, tx: Transaction, request: pb.ReplayDeadLettersRequest) -> tuple[Letters, str]:
        """Put a page of dead messages back; return them and the token of the next page."""
        dead, token = await self._lock_page(tx, request)
        places = iter(await next_sequences(tx, len(dead)))
        return await _change(tx, dead, lambda message, now: replay(message, next(places), now)), token

    async def stop(self, tx: Transaction, request: pb.StopDeadLettersRequest) -> tuple[Letters, str]:
        """Give a page of dead messages up; return them and the token of the next page."""
        dead, token = await self._lock_page(tx, request)
        return await _change(tx, dead, stop), token

    async def show(self, tx: Transaction, request: pb.ListDeadLettersRequest) -> tuple[Letters, str]:
        """Return a page of dead messages, the newest first, and the token of the next page."""
        field = request.WhichOneof("party") or "sender"
        call_context.require_facility(field, getattr(request, field))
        page, reason = self._paginator.open(request), DEAD_REASONS_FROM_PB[request.reason]
        rows = await store.list_dead(tx, request.sender, request.recipient, reason, page.before, page.limit)
        rows, token = page.close(rows, key=lambda row: (row.dead_time or row.accept_time, row.id))
        await log_accesses(tx, (row.person for row in rows))
        return rows, token

    async def _lock_page(
        self, tx: Transaction, request: Request
    ) -> tuple[list[tuple[Message, datetime]], str]:
        call_context.require_facility("sender", request.sender)
        page = self._paginator.open(request)
        rows = await store.lock_dead(
            tx,
            request.sender,
            request.recipient,
            DEAD_REASONS_FROM_PB[request.reason],
            _after(page),
            page.limit,
        )
        return page.close(rows, key=lambda row: (row[0].accept_time, row[0].id))


async def _change(
    tx: Transaction,
    dead: list[tuple[Message, datetime]],
    transition: Callable[[Message, datetime], Message],
) -> list[Message]:
    changed = [transition(message, now) for message, now in dead]
    await update_messages(tx, changed)
    await log_accesses(tx, (message.person for message in changed))
    return changed


def _after(page: Page) -> Cursor:
    """Return the row that the page goes on after, in the order of acceptance."""
    if not page.position:
        return OLDEST
    return Cursor(from_micros(page.position[0]), UUID(str(page.position[1])))

"""
How a record request ends before everybody has answered: at its deadline, cancelled, or without its ground.

What waits for it in mailboxes is then taken back.  Each function is given the transaction, in which the
request is locked, and returns whom to wake.
"""

from datetime import datetime

from chassis.db import Transaction
from lientuyen.routing.v1.message_pb2 import Notice

from ..model import record_requests as model
from ..model.record_requests import HolderState, RecordRequest
from ..store import record_requests as store
from .mailbox_writer import MailboxWriter, withdraw_message


class RecordRequestEndings:
    def __init__(self, writer: MailboxWriter) -> None:
        self._writer = writer

    async def expire_overdue(self, tx: Transaction, limit: int) -> tuple[int, list[str]]:
        """End requests whose deadline is past; return how many, and their requesters, who are told."""
        rows = await store.lock_overdue(tx, limit)
        for request, now in rows:
            await store.update_record_request(tx, model.expire(request, now))
            for holder in request.holders:
                if holder.state is HolderState.ASKED and holder.ask is not None:
                    await withdraw_message(tx, holder.ask)
            event = Notice.EVENT_RECORD_REQUEST_ENDED
            await self._writer.write_notice(tx, request.requester, event, request.name, now)
        return len(rows), [request.requester for request, _ in rows]

    async def cancel(
        self, tx: Transaction, request: RecordRequest, note: str, now: datetime
    ) -> tuple[RecordRequest, list[str]]:
        """Return the request, cancelled, and the holders that are told."""
        cancelled = model.cancel(request, note, now)
        await store.update_record_request(tx, cancelled)
        return cancelled, await self._take_back(tx, request, now)

    async def stop(
        self, tx: Transaction, request: RecordRequest, now: datetime
    ) -> tuple[RecordRequest, list[str]]:
        """Return the request, stopped, and whoever is told."""
        stopped = model.stop(request, now)
        await store.update_record_request(tx, stopped)
        holders = await self._take_back(tx, request, now)
        event = Notice.EVENT_RECORD_REQUEST_STOPPED
        await self._writer.write_notice(tx, request.requester, event, request.name, now)
        return stopped, [*holders, request.requester]

    async def _take_back(self, tx: Transaction, request: RecordRequest, now: datetime) -> list[str]:
        """Take back what is not delivered; tell, and return, who got it and has not answered."""
        taken_back = {message for message in request.messages if await withdraw_message(tx, message)}
        told = [
            holder.facility
            for holder in request.holders
            if holder.state is HolderState.ASKED and holder.ask not in taken_back
        ]
        for holder in told:
            event = Notice.EVENT_RECORD_REQUEST_WITHDRAWN
            await self._writer.write_notice(tx, holder, event, request.name, now)
        return told

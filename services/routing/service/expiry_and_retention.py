"""
What time brings about: leases run out, nobody collects a message, slips and requests expire, bodies were kept
long enough.

Any number of replicas may do this: each takes rows that no other holds.  A round
works in small transactions, each whole by itself; one that fails is done again
in the next round.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Final, TypeAlias

from chassis.db import Database, Transaction
from chassis.errors import ServiceError
from chassis.purging import count_removed
from lientuyen.routing.v1.message_pb2 import Notice

from ..model.messages import ABANDON_AFTER, NOTICE_AFTER, Kind, abandon
from ..model.referrals import expire
from ..store import mailbox_queue, message_bodies
from ..store.messages import update_messages
from ..store.referrals import lock_overdue, update_referral
from .mailbox_figures import MailboxFigures
from .mailbox_quotas import MailboxQuotas
from .mailbox_writer import MailboxWriter
from .message_delivery import MessageDelivery
from .notifier import Notifier
from .record_request_endings import RecordRequestEndings
from .slip_deadlines import SlipDeadlines

# Rows in one transaction.
BATCH_ROWS: Final = 200

# No upload lasts an hour (its deadline is 2 minutes).
BROKEN_UPLOAD_AFTER: Final = timedelta(hours=1)

# One batch of work: how many rows it found, and who got a notice.
Step: TypeAlias = Callable[[Transaction], Awaitable[tuple[int, list[str]]]]


class PeriodicTasks:
    def __init__(
        self,
        db: Database,
        writer: MailboxWriter,
        notifier: Notifier,
        delivery: MessageDelivery,
        quotas: MailboxQuotas,
        record_requests: RecordRequestEndings,
        figures: MailboxFigures,
        deadlines: SlipDeadlines,
        *,
        interval_s: float,
        body_retention: timedelta,
    ) -> None:
        self._db = db
        self._writer = writer
        self._notifier = notifier
        self._delivery = delivery
        self._quotas = quotas
        self._record_requests = record_requests
        self._figures = figures
        self._deadlines = deadlines
        self._interval_s = interval_s
        self._body_retention = body_retention

    async def run(self) -> None:
        while True:
            with suppress(ServiceError):  # the database is away; the next round finds the same rows
                await self.run_round()
            await asyncio.sleep(self._interval_s)

    async def run_round(self) -> None:
        await self._expire_leases()
        steps: tuple[Step, ...] = (
            self._abandon_uncollected,
            self._notice_uncollected,
            self._expire_referrals,
            self._expire_record_requests,
            self._deadlines.expire_consultations,
            self._deadlines.remind_of_appointments,
            self._delete_broken_uploads,
            self._remove_old_bodies,
        )
        for step in steps:
            await self._repeat(step)
        async with self._db.connection() as tx:
            await self._figures.measure(tx)
            await self._quotas.measure(tx)

    async def _repeat(self, step: Step) -> None:
        """Do *step*, a batch a transaction, until it finds less than a batch; wake who got a notice."""
        count = BATCH_ROWS
        while count == BATCH_ROWS:
            async with self._db.transaction() as tx:
                count, notified = await step(tx)
            self._notifier.publish(*notified)

    async def _expire_leases(self) -> None:
        async with self._db.connection() as tx:
            recipients = await mailbox_queue.list_with_expired_leases(tx, BATCH_ROWS)
        for recipient in recipients:
            await self._delivery.expire_leases(recipient)

    async def _notice_uncollected(self, tx: Transaction) -> tuple[int, list[str]]:
        """Tell senders of messages that waited for 5 days; of a notice nobody is told."""
        rows = await mailbox_queue.lock_unnoticed(tx, NOTICE_AFTER, BATCH_ROWS)
        await update_messages(tx, [replace(message, notice_time=now) for message, now in rows])
        notified: list[str] = []
        for message, now in rows:
            if message.kind is not Kind.NOTICE:
                event = Notice.EVENT_MESSAGE_UNCOLLECTED
                await self._writer.write_notice(tx, message.sender, event, message.name, now)
                notified.append(message.sender)
        return len(rows), notified

    async def _abandon_uncollected(self, tx: Transaction) -> tuple[int, list[str]]:
        rows = await mailbox_queue.lock_uncollected(tx, ABANDON_AFTER, BATCH_ROWS)
        await update_messages(tx, [abandon(message, now) for message, now in rows])
        for message, now in rows:
            event = Notice.EVENT_MESSAGE_DEAD
            await self._writer.write_notice(tx, message.sender, event, message.name, now)
        return len(rows), [message.sender for message, _ in rows]

    async def _expire_referrals(self, tx: Transaction) -> tuple[int, list[str]]:
        rows = await lock_overdue(tx, BATCH_ROWS)
        for referral, now in rows:
            await update_referral(tx, expire(referral, now))
            event = Notice.EVENT_REFERRAL_EXPIRED
            await self._writer.write_notice(tx, referral.sender, event, referral.name, now)
        return len(rows), [referral.sender for referral, _ in rows]

    async def _expire_record_requests(self, tx: Transaction) -> tuple[int, list[str]]:
        return await self._record_requests.expire_overdue(tx, BATCH_ROWS)

    async def _delete_broken_uploads(self, tx: Transaction) -> tuple[int, list[str]]:
        deleted = await message_bodies.delete_broken_uploads(tx, BROKEN_UPLOAD_AFTER, BATCH_ROWS)
        count_removed("pieces", deleted)
        return deleted, []

    async def _remove_old_bodies(self, tx: Transaction) -> tuple[int, list[str]]:
        removed = await message_bodies.remove_old_bodies(tx, self._body_retention, BATCH_ROWS)
        count_removed("messages", removed)
        return removed, []

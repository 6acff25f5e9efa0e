"""
What time brings about: leases that run out, messages nobody collects, slips that expire.

Any number of replicas may sweep: each takes rows that no other holds.  A round
works in small transactions, each whole by itself; one that fails is done again
in the next round.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Final

from chassis import clock
from chassis.db import Database, Transaction
from chassis.errors import ServiceError
from lientuyen.routing.v1.message_pb2 import Notice

from ..model.messages import NOTICE_AFTER, UNCOLLECTED_AFTER, Kind, give_up
from ..model.referrals import expire
from ..store import mailbox_queue, message_bodies
from ..store.messages import save_messages
from ..store.referrals import over, save_referral
from .mailbox_writer import Post
from .message_delivery import Receiving
from .notifier import Wakeups

# Rows in one transaction.
BATCH: Final = 200

# No upload lasts an hour (its deadline is 2 minutes).
BROKEN_OFF_AFTER: Final = timedelta(hours=1)


class Sweeper:
    """The background work of routing."""

    def __init__(
        self,
        db: Database,
        post: Post,
        wakeups: Wakeups,
        receiving: Receiving,
        *,
        every: float,
        retention: timedelta,
    ) -> None:
        self._db = db
        self._post = post
        self._wakeups = wakeups
        self._receiving = receiving
        self._every = every
        self._retention = retention
        # How many messages wait, as last counted.
        self.depth = 0

    async def run(self) -> None:
        """Sweep every so often, until cancelled; a background task."""
        while True:
            with suppress(ServiceError):  # the database is away; the next round finds the same rows
                await self.round()
            await asyncio.sleep(self._every)

    async def round(self) -> None:
        """Do all that is due now."""
        await self._lapse()
        for step in (self._give_up, self._tell_late, self._expire):
            await self._repeat(step)
        for step in (self._drop_broken_off, self._remove_bodies):
            await self._repeat(step)
        async with self._db.connection() as tx:
            self.depth = await mailbox_queue.depth(tx)

    async def _repeat(self, step: Callable[[Transaction], Awaitable[tuple[int, list[str]]]]) -> None:
        """Do *step*, a batch a transaction, until it finds less than a batch; wake whom it told."""
        count = BATCH
        while count == BATCH:
            async with self._db.transaction() as tx:
                count, told = await step(tx)
            if told:
                self._wakeups.announce(*told)

    async def _lapse(self) -> None:
        async with self._db.connection() as tx:
            recipients = await mailbox_queue.lapsing_mailboxes(tx, BATCH)
        for recipient in recipients:
            await self._receiving.lapse_mailbox(recipient)

    async def _tell_late(self, tx: Transaction) -> tuple[int, list[str]]:
        """Tell senders of messages that waited for 5 days; of a notice nobody is told."""
        found = await mailbox_queue.late(tx, NOTICE_AFTER, BATCH)
        await save_messages(tx, [replace(message, notice_time=now) for message, now in found])
        letters = [(message, now) for message, now in found if message.kind is not Kind.NOTICE]
        for message, now in letters:
            await self._post.notify(tx, message.sender, Notice.EVENT_MESSAGE_UNCOLLECTED, message.name, now)
        return len(found), [message.sender for message, _ in letters]

    async def _give_up(self, tx: Transaction) -> tuple[int, list[str]]:
        found = await mailbox_queue.uncollected(tx, UNCOLLECTED_AFTER, BATCH)
        await save_messages(tx, [give_up(message, now) for message, now in found])
        for message, now in found:
            await self._post.notify(tx, message.sender, Notice.EVENT_MESSAGE_DEAD, message.name, now)
        return len(found), [message.sender for message, _ in found]

    async def _expire(self, tx: Transaction) -> tuple[int, list[str]]:
        found = await over(tx, clock.today(), BATCH)
        for referral, now in found:
            await save_referral(tx, expire(referral, now))
            await self._post.notify(tx, referral.sender, Notice.EVENT_REFERRAL_EXPIRED, referral.name, now)
        return len(found), [referral.sender for referral, _ in found]

    async def _drop_broken_off(self, tx: Transaction) -> tuple[int, list[str]]:
        return await message_bodies.drop_broken_off(tx, BROKEN_OFF_AFTER, BATCH), []

    async def _remove_bodies(self, tx: Transaction) -> tuple[int, list[str]]:
        return await message_bodies.remove_bodies(tx, self._retention, BATCH), []

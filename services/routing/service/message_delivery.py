"""
Giving messages out: a stream a receiver, leases that run out, order kept.

A stream holds no connection while it waits.  One look at a mailbox is one short
transaction, and looks at one mailbox follow one another; so a message is never
in two hands, and of one sender's messages none goes out while another stream
holds an earlier one.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from chassis import telemetry
from chassis.db import Database, Transaction
from lientuyen.routing.v1 import mailbox_service_pb2 as pb
from lientuyen.routing.v1.message_pb2 import Delivery, Notice

from ..convert.messages import delivery_to_pb
from ..model.messages import (
    DEFAULT_LEASE,
    DEFAULT_OUTSTANDING,
    Lease,
    Message,
    State,
    lapse,
    lapsed,
    lease,
)
from ..store import mailbox_queue, message_bodies, receipts
from ..store.messages import save_messages
from .authorization import log_access
from .mailbox_writer import Post
from .notifier import Wakeups

# Messages in one look: with bodies of up to 256 KiB, 4 MiB of memory a stream.
BATCH: Final = 16

# A receiver with so much to do that it holds a whole batch is given more by the handful:
# what it acknowledges within so many seconds makes room for one look instead of many.
GATHER: Final = 0.02

# The least time between two looks that nobody asked for, in seconds.
LEAST_PAUSE: Final = 0.02


@dataclass(frozen=True, slots=True)
class Receiver:
    """One stream: whose mailbox, how many messages it may hold, for how long."""

    stream: UUID
    recipient: str
    outstanding: int
    lease: timedelta


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a mailbox gave, how many messages the receiver now holds, and when to look again.

    *next_lapse* is in how many seconds the next lease of anybody runs out.
    """

    deliveries: list[Delivery]
    told: list[str]
    next_lapse: float
    held: int


class Receiving:
    """ReceiveMessages, and the leases that it gives."""

    def __init__(
        self, db: Database, post: Post, wakeups: Wakeups, *, max_attempts: int, poll_seconds: float
    ) -> None:
        self._db = db
        self._post = post
        self._wakeups = wakeups
        self._max_attempts = max_attempts
        self._poll = poll_seconds

    async def receive(self, request: pb.ReceiveMessagesRequest) -> AsyncIterator[pb.ReceiveMessagesResponse]:
        """Yield deliveries as messages come, without end."""
        receiver = Receiver(
            uuid4(),
            request.recipient,
            request.max_outstanding or DEFAULT_OUTSTANDING,
            request.lease.ToTimedelta() if request.HasField("lease") else DEFAULT_LEASE,
        )
        woken = self._wakeups.arm(receiver.recipient)
        try:
            while True:
                woken.clear()
                look = await self._look(receiver)
                for delivery in look.deliveries:
                    with telemetry.consumer_span("deliver message", delivery.message.traceparent):
                        response = pb.ReceiveMessagesResponse(delivery=delivery)
                    yield response
                if not look.deliveries or look.held >= receiver.outstanding:
                    await _woken(woken, min(self._poll, look.next_lapse))
                    if look.held >= BATCH:
                        await asyncio.sleep(GATHER)
        finally:
            self._wakeups.disarm(receiver.recipient, woken)

    async def lapse_mailbox(self, recipient: str) -> None:
        """Take back what ran out in *recipient*'s mailbox, and wake who may want it."""
        async with self._db.transaction() as tx:
            now = await mailbox_queue.lock_mailbox(tx, recipient)
            _, told = await self._taken_back(tx, await mailbox_queue.held(tx, recipient), now)
        self._wakeups.announce(recipient, *told)

    async def _look(self, receiver: Receiver) -> Look:
        async with self._db.transaction() as tx:
            look = await self._looked(tx, receiver)
        if look.told:
            self._wakeups.announce(*look.told)
        return look

    async def _looked(self, tx: Transaction, receiver: Receiver) -> Look:
        """Take back what ran out, then lease what this receiver may have."""
        now = await mailbox_queue.lock_mailbox(tx, receiver.recipient)
        held, told = await self._taken_back(tx, await mailbox_queue.held(tx, receiver.recipient), now)
        mine = sum(_stream(one) == receiver.stream for one in held)
        room = min(receiver.outstanding - mine, BATCH)
        found: list[Message] = []
        if room > 0:
            busy = {one.sender for one in held if _stream(one) != receiver.stream}
            found = await mailbox_queue.waiting(tx, receiver.recipient, sorted(busy), room)
        expire = now + receiver.lease
        leased = [lease(one, Lease(uuid4(), receiver.stream, expire), now) for one in found]
        deliveries = await self._given(tx, leased) if leased else []
        ends = [one.lease.expire_time for one in held if one.lease is not None]
        next_lapse = min(((end - now).total_seconds() for end in ends), default=float("inf"))
        return Look(deliveries, told, max(next_lapse, 0.0) + LEAST_PAUSE, mine + len(leased))

    async def _taken_back(
        self, tx: Transaction, held: list[Message], now: datetime
    ) -> tuple[list[Message], list[str]]:
        """Take back what ran out of *held*; return what is still held, and the senders that were told."""
        going = lapsed(held, now)
        changed = [
            lapse(one, counted=counted, max_attempts=self._max_attempts, now=now) for one, counted in going
        ]
        await save_messages(tx, changed)
        dead = [one for one in changed if one.state is State.DEAD]
        for message in dead:
            await self._post.notify(tx, message.sender, Notice.EVENT_MESSAGE_DEAD, message.name, now)
        gone = {one.id for one in changed}
        return [one for one in held if one.id not in gone], [one.sender for one in dead]

    async def _given(self, tx: Transaction, leased: list[Message]) -> list[Delivery]:
        """Write the leases down, and each person's access log; return the deliveries."""
        ids = [message.id for message in leased]
        await save_messages(tx, leased)
        for person in sorted({message.person for message in leased} - {""}):
            await log_access(tx, person, None)
        sealed = await message_bodies.short_bodies(tx, ids)
        signed = await receipts.acceptances(tx, ids)
        return [
            delivery_to_pb(message, self._short(message.id, sealed[message.id]), signed[message.id])
            for message in leased
        ]

    def _short(self, message_id: UUID, sealed: bytes | None) -> bytes | None:
        return None if sealed is None else self._post.opened(message_id, 0, sealed)


def _stream(message: Message) -> UUID | None:
    return message.lease.stream if message.lease is not None else None


async def _woken(event: asyncio.Event, seconds: float) -> None:
    """Wait for *event*, at most *seconds*."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass

"""
ReceiveMessages: giving messages out, a stream a receiver; leases that run out, order kept.

A stream holds no connection while it waits.  One poll of a mailbox is one short
transaction, and polls of one mailbox follow one another; so a message is never
in two hands, and of one sender's messages none goes out while another stream
holds an earlier one.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, takewhile
from typing import Final
from uuid import UUID, uuid4

from chassis.db import Database, Transaction
from chassis.encryption import Encryptor
from chassis.messaging_spans import trace_message
from chassis.piece_encryption import PIECE_BYTES, decrypt_piece
from lientuyen.routing.v1 import mailbox_service_pb2 as pb
from lientuyen.routing.v1.message_pb2 import Delivery, Notice

from ..convert.messages import delivery_to_pb
from ..model.messages import (
    DEFAULT_LEASE,
    DEFAULT_MAX_OUTSTANDING,
    Lease,
    Message,
    State,
    expire_lease,
    expired_leases,
    lease,
)
from ..store import mailbox_queue, message_bodies, receipts
from ..store.messages import update_messages
from .access_log import log_accesses
from .delivery_clearance import DeliveryClearance
from .mailbox_writer import MailboxWriter
from .notifier import Notifier

# In one poll, and bytes of their bodies: what a receiver holds of our memory, however slowly it reads.
MAX_MESSAGES_PER_POLL: Final = 16
MAX_BYTES_PER_POLL: Final = 512 * 1024

# A receiver with so much to do that it holds all it gets in a poll is given more by the handful:
# what it acknowledges within so many seconds makes room for one poll instead of many.
BUSY_RECEIVER_PAUSE_S: Final = 0.02

# The least time between two polls that nobody asked for.
MIN_POLL_INTERVAL_S: Final = 0.02


@dataclass(frozen=True, slots=True)
class Receiver:
    """One stream: whose mailbox, how many messages it may hold, for how long."""

    stream: UUID
    recipient: str
    max_outstanding: int
    lease: timedelta


@dataclass(frozen=True, slots=True)
class Poll:
    """What a poll gave, how many messages the receiver now holds, and when to poll again.

    *notified* are senders to whom notices were written; *next_expiry_s* is in how many seconds
    the next lease of anybody runs out; *unclear* is what may go out only after a check.
    """

    deliveries: list[Delivery]
    notified: list[str]
    next_expiry_s: float
    outstanding: int
    unclear: list[Message]


class MessageDelivery:
    def __init__(
        self,
        db: Database,
        encryptor: Encryptor,
        writer: MailboxWriter,
        notifier: Notifier,
        clearance: DeliveryClearance,
        *,
        max_attempts: int,
        poll_interval_s: float,
    ) -> None:
        self._db = db
        self._encryptor = encryptor
        self._writer = writer
        self._notifier = notifier
        self._clearance = clearance
        self._max_attempts = max_attempts
        self._poll_interval_s = poll_interval_s

    async def receive(self, request: pb.ReceiveMessagesRequest) -> AsyncIterator[pb.ReceiveMessagesResponse]:
        receiver = Receiver(
            uuid4(),
            request.recipient,
            request.max_outstanding or DEFAULT_MAX_OUTSTANDING,
            request.lease.ToTimedelta() if request.HasField("lease") else DEFAULT_LEASE,
        )
        with self._notifier.subscribe(receiver.recipient) as arrival:
            while True:
                arrival.clear()
                poll = await self._poll(receiver)
                for delivery in poll.deliveries:
                    trace_message("receive", delivery.message)
                    yield pb.ReceiveMessagesResponse(delivery=delivery)
                if poll.unclear:
                    await self._clearance.check(poll.unclear)
                elif not poll.deliveries or poll.outstanding >= receiver.max_outstanding:
                    await _wait(arrival, min(self._poll_interval_s, poll.next_expiry_s))
                    if poll.outstanding >= MAX_MESSAGES_PER_POLL:
                        await asyncio.sleep(BUSY_RECEIVER_PAUSE_S)

    async def expire_leases(self, recipient: str) -> None:
        async with self._db.transaction() as tx:
            now = await mailbox_queue.lock_mailbox(tx, recipient)
            leased = await mailbox_queue.lock_leased(tx, recipient)
            _, notified = await self._take_back_expired(tx, leased, now)
        self._notifier.publish(recipient, *notified)

    async def _poll(self, receiver: Receiver) -> Poll:
        async with self._db.transaction() as tx:
            poll = await self._lease_next(tx, receiver)
        self._notifier.publish(*poll.notified)
        return poll

    async def _lease_next(self, tx: Transaction, receiver: Receiver) -> Poll:
        now = await mailbox_queue.lock_mailbox(tx, receiver.recipient)
        leased = await mailbox_queue.lock_leased(tx, receiver.recipient)
        leased, notified = await self._take_back_expired(tx, leased, now)
        outstanding = sum(message.stream == receiver.stream for message in leased)
        limit = min(receiver.max_outstanding - outstanding, MAX_MESSAGES_PER_POLL)
        waiting, unclear = list[Message](), list[Message]()
        if limit > 0:
            busy_senders = {message.sender for message in leased if message.stream != receiver.stream}
            busy_senders.update(self._clearance.senders_passed_over(receiver.recipient))
            locked = await mailbox_queue.lock_waiting(tx, receiver.recipient, sorted(busy_senders), limit)
            waiting, unclear = self._clearance.sort_out(first_fitting(locked, MAX_BYTES_PER_POLL))
        expire_time = now + receiver.lease
        taken = [lease(message, Lease(uuid4(), receiver.stream, expire_time), now) for message in waiting]
        deliveries = await self._deliver(tx, taken) if taken else []
        return Poll(deliveries, notified, _next_expiry_s(leased, now), outstanding + len(taken), unclear)

    async def _take_back_expired(
        self, tx: Transaction, leased: Sequence[Message], now: datetime
    ) -> tuple[list[Message], list[str]]:
        """Take back what ran out of *leased*; return what is still leased, and the senders that were told."""
        changed = [
            expire_lease(message, counted=counted, max_attempts=self._max_attempts, now=now)
            for message, counted in expired_leases(leased, now)
        ]
        await update_messages(tx, changed)
        dead = [message for message in changed if message.state is State.DEAD]
        for message in dead:
            await self._writer.write_notice(tx, message.sender, Notice.EVENT_MESSAGE_DEAD, message.name, now)
        changed_ids = {message.id for message in changed}
        still_leased = [message for message in leased if message.id not in changed_ids]
        return still_leased, [message.sender for message in dead]

    async def _deliver(self, tx: Transaction, leased: Sequence[Message]) -> list[Delivery]:
        message_ids = [message.id for message in leased]
        await update_messages(tx, leased)
        await log_accesses(tx, (message.person for message in leased))
        bodies = await message_bodies.get_short_bodies(tx, message_ids)
        acceptances = await receipts.get_acceptances(tx, message_ids)
        return [
            delivery_to_pb(message, self._decrypt(message.id, bodies[message.id]), acceptances[message.id])
            for message in leased
        ]

    def _decrypt(self, message_id: UUID, ciphertext: bytes | None) -> bytes | None:
        return decrypt_piece(self._encryptor, message_id, 0, ciphertext) if ciphertext is not None else None


def first_fitting(messages: Sequence[Message], max_bytes: int) -> list[Message]:
    """Return the first of *messages* whose bodies, as far as they travel along, have *max_bytes* together.

    Always the very first; those behind wait for the next poll, in order.
    """
    sizes = accumulate(message.size if message.size <= PIECE_BYTES else 0 for message in messages)
    fitting = sum(1 for _ in takewhile(lambda size: size <= max_bytes, sizes))
    return list(messages[: max(1, fitting)])


def _next_expiry_s(leased: Sequence[Message], now: datetime) -> float:
    expire_times = [message.lease.expire_time for message in leased if message.lease is not None]
    seconds = min(((time - now).total_seconds() for time in expire_times), default=float("inf"))
    return max(seconds, 0.0) + MIN_POLL_INTERVAL_S


async def _wait(event: asyncio.Event, timeout_s: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            await event.wait()

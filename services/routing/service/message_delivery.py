"""
ReceiveMessages: giving messages out, a stream a receiver; leases that run out, order kept.

A stream holds no connection while it waits.  One poll of a mailbox is one short
transaction, and polls of one mailbox follow one another; so a message is never
in two hands, and of one sender's messages none goes out while another stream
holds an earlier one.  Senders take turns (`model/pair_turns`).
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
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
from ..model.pair_turns import Holding, share_out
from ..store import mailbox_queue, message_bodies, receipts
from ..store.messages import update_messages
from .access_log import log_accesses
from .delivery_clearance import DeliveryClearance
from .mailbox_figures import count_expired_leases
from .mailbox_writer import MailboxWriter
from .notifier import Notifier

# In one poll, and bytes of their bodies: what a receiver holds of our memory, however slowly it reads.
MAX_MESSAGES_PER_POLL: Final = 16
MAX_BYTES_PER_POLL: Final = 512 * 1024

# Mailboxes of which we know whose turn it is.  More begin again with the first pair.
MAX_REMEMBERED_TURNS: Final = 10_000

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
    the next lease of anybody runs out; *unclear* is what may go out only after a check.  *left_some* says
    that some may wait still: only then more room brings more.
    """

    deliveries: list[Delivery]
    notified: list[str]
    next_expiry_s: float
    outstanding: int
    unclear: list[Message]
    left_some: bool


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
        # The sender that a mailbox gave a message of last: after it the next pair has its turn.
        self._last_served: dict[str, str] = {}

    async def receive(self, request: pb.ReceiveMessagesRequest) -> AsyncIterator[pb.ReceiveMessagesResponse]:
        receiver = Receiver(
            uuid4(),
            request.recipient,
            request.max_outstanding or DEFAULT_MAX_OUTSTANDING,
            lease_period(request),
        )
        with self._notifier.subscribe(receiver.recipient) as arrival:
            while True:
                arrival.clear()
                arrival.wants_room = True  # what becomes free while we look counts
                poll = await self.poll(receiver)
                arrival.wants_room = poll.left_some
                for delivery in poll.deliveries:
                    trace_message("receive", delivery.message)
                    yield pb.ReceiveMessagesResponse(delivery=delivery)
                is_full = poll.outstanding >= receiver.max_outstanding
                if poll.unclear:
                    await self._clearance.check(poll.unclear)
                elif is_full or not (poll.deliveries and poll.left_some):
                    await _wait(arrival, min(self._poll_interval_s, poll.next_expiry_s))
                    if poll.outstanding >= MAX_MESSAGES_PER_POLL:
                        await asyncio.sleep(BUSY_RECEIVER_PAUSE_S)

    async def expire_leases(self, recipient: str) -> None:
        async with self._db.transaction() as tx:
            now = await mailbox_queue.lock_mailbox(tx, recipient)
            notified = await self._take_back_expired(tx, recipient, now)
        self._notifier.publish(recipient, *notified)

    async def poll(self, receiver: Receiver) -> Poll:
        async with self._db.transaction() as tx:
            poll = await self._lease_next(tx, receiver)
        self._notifier.publish(*poll.notified)
        return poll

    async def _lease_next(self, tx: Transaction, receiver: Receiver) -> Poll:
        now = await mailbox_queue.lock_mailbox(tx, receiver.recipient)
        holdings = await mailbox_queue.list_holdings(tx, receiver.recipient)
        notified: list[str] = []
        if any(holding.expire_time <= now for holding in holdings):
            notified = await self._take_back_expired(tx, receiver.recipient, now)
            holdings = await mailbox_queue.list_holdings(tx, receiver.recipient)
        outstanding = sum(held.messages for held in holdings if held.stream == receiver.stream)
        room = receiver.max_outstanding - outstanding
        locked, left_some = await self._lock_next(tx, receiver, holdings, room)
        waiting, unclear = self._clearance.sort_out(locked)
        held = Lease(UUID(int=0), receiver.stream, now + receiver.lease, now)
        taken = [lease(message, replace(held, token=uuid4()), now) for message in waiting]
        deliveries = await self._deliver(tx, taken) if taken else []
        first = [after for before, after in zip(waiting, taken, strict=True) if before.lease_time is None]
        await self._writer.issue_deliveries(tx, first)
        next_expiry_s = _next_expiry_s(holdings, now)
        return Poll(deliveries, notified, next_expiry_s, outstanding + len(taken), unclear, left_some)

    async def _lock_next(
        self, tx: Transaction, receiver: Receiver, holdings: Sequence[Holding], room: int
    ) -> tuple[list[Message], bool]:
        """Lock what *receiver*, which has *room* for so many, gets next: of each pair in its turn.

        Return it, and whether anything may wait behind it.
        """
        limit = min(room, MAX_MESSAGES_PER_POLL)
        if limit <= 0:
            return [], True
        # Pairs that others hold, or that are passed over, have no turn: so many more are looked at.
        passed_over = self._clearance.senders_passed_over(receiver.recipient)
        considered = limit + len({holding.sender for holding in holdings}) + len(passed_over)
        after = self._last_served.get(receiver.recipient, "")
        listed = await mailbox_queue.list_heads(tx, receiver.recipient, after, considered)
        heads = [head for head in listed if head.sender not in passed_over]
        shares = share_out(heads, holdings, receiver.stream, receiver.max_outstanding, limit)
        locked = await mailbox_queue.lock_waiting(tx, receiver.recipient, shares) if shares else []
        fitting = first_fitting(locked, MAX_BYTES_PER_POLL)
        if fitting:
            self._remember_turn(receiver.recipient, fitting[-1].sender)
        is_all = len(listed) < considered and len(shares) == len(listed) and len(fitting) == len(locked)
        return fitting, not (is_all and all_taken(shares, locked))

    def _remember_turn(self, recipient: str, sender: str) -> None:
        if len(self._last_served) >= MAX_REMEMBERED_TURNS:
            self._last_served.clear()
        self._last_served[recipient] = sender

    async def _take_back_expired(self, tx: Transaction, recipient: str, now: datetime) -> list[str]:
        """Take back whose lease ran out in a mailbox; return the senders that were told of a dead message."""
        leased = await mailbox_queue.lock_leased(tx, recipient)
        expired = expired_leases(leased, now)
        changed = [
            expire_lease(message, counted=counted, max_attempts=self._max_attempts, now=now)
            for message, counted in expired
        ]
        await update_messages(tx, changed)
        count_expired_leases(zip(changed, (counted for _, counted in expired), strict=True))
        dead = [message for message in changed if message.state is State.DEAD]
        for message in dead:
            await self._writer.write_notice(tx, message.sender, Notice.EVENT_MESSAGE_DEAD, message.name, now)
        return [message.sender for message in dead]

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


def lease_period(request: pb.ReceiveMessagesRequest | pb.ExtendLeaseRequest) -> timedelta:
    return request.lease.ToTimedelta() if request.HasField("lease") else DEFAULT_LEASE


def all_taken(shares: Sequence[tuple[str, int]], messages: Sequence[Message]) -> bool:
    """Tell whether *messages* are all that the senders of *shares* had: of each fewer than its share."""
    taken = Counter(message.sender for message in messages)
    return all(taken[sender] < share for sender, share in shares)


def first_fitting(messages: Sequence[Message], max_bytes: int) -> list[Message]:
    """Return the first of *messages* whose bodies, as far as they travel along, have *max_bytes* together.

    Always the very first; those behind wait for the next poll, in order.
    """
    sizes = accumulate(message.size if message.size <= PIECE_BYTES else 0 for message in messages)
    fitting = sum(1 for _ in takewhile(lambda size: size <= max_bytes, sizes))
    return list(messages[: max(1, fitting)])


def _next_expiry_s(holdings: Sequence[Holding], now: datetime) -> float:
    seconds = min(((held.expire_time - now).total_seconds() for held in holdings), default=float("inf"))
    return max(seconds, 0.0) + MIN_POLL_INTERVAL_S


async def _wait(event: asyncio.Event, timeout_s: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            await event.wait()

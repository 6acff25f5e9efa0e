"""
Handing messages to one far node, in line: what waits for its facilities, leased like a receiver does.

A message stays leased, in its place, until the far side has told what became of it.  Of one sender to one
recipient none is handed over before an earlier one: when one is not taken, all that were begun behind it come
to their end, go back into the mailbox together, and begin again with the first.  One replica at a time holds
the link, fenced by its epoch; what one that lost it had begun goes twice, which the far side knows by its id.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Final
from uuid import uuid4

from chassis.background import BackgroundTasks
from chassis.db import Database, Transaction
from chassis.encryption import Encryptor
from chassis.errors import Conflict, ServiceError
from chassis.logs import log
from chassis.messaging_spans import trace_message
from chassis.piece_encryption import decrypt_piece
from lientuyen.chassis.v1 import error_reasons as chassis_reasons

from ..model.messages import DeadReason, Lease, Message, State
from ..peers.transports import Handover, Transport, TransportRefused
from ..service.delivery_clearance import DeliveryClearance
from ..service.notifier import Notifier
from ..store import mailbox_queue, message_bodies
from ..store.messages import update_messages
from . import store
from .model import RELAY_LEASE, WINDOW, Pauses, give_back, lease_for_node, stream_of
from .outcomes import Outcomes

# How long a replica holds a link without a sign of life, and how often it gives one.
HOLD: Final = timedelta(seconds=15)
HOLD_INTERVAL_S: Final = 5.0

# Mailboxes looked into at a time.
MAX_DUE: Final = 500

Pair = tuple[str, str]


class Relay:
    """The task of one far node."""

    def __init__(
        self,
        node: str,
        transport: Transport,
        db: Database,
        encryptor: Encryptor,
        notifier: Notifier,
        outcomes: Outcomes,
        clearance: DeliveryClearance,
        *,
        receipt_kind: str,
        poll_interval_s: float,
    ) -> None:
        """*receipt_kind* is the kind under which what the far side gives as its proof is stored.

        The transport runs while the link is ours: a stream of each replica would end the other's.
        """
        self.node = node
        self._receipt_kind = receipt_kind
        self.transport = transport
        self._db = db
        self._encryptor = encryptor
        self._notifier = notifier
        self._outcomes = outcomes
        self._clearance = clearance
        self._poll_interval_s = poll_interval_s
        self._replica = uuid4()
        self._stream = stream_of(node)
        self._news = asyncio.Event()
        # Mailboxes in which something may wait, and when to look into all of them again.
        self._due: set[str] = set()
        self._look_at = 0.0
        # When the hold is to be renewed, and in which epoch it is ours.
        self._hold_at = 0.0
        self._epoch = 0
        self._keep_open = BackgroundTasks(transport.run)
        self._is_open = False
        self._told_standing: bool | None = None
        self._under_way: Counter[Pair] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        # Pairs of which a message was not taken, and until when the others are left alone.
        self._failed: set[Pair] = set()
        self._paused: dict[Pair, float] = {}
        self._pauses = Pauses()

    def arrived(self, recipient: str) -> None:
        """Say that something may wait in the mailbox of *recipient*, who lives there."""
        self._due.add(recipient)
        self._news.set()

    async def run(self) -> None:
        """Hand over what there is, for ever."""
        try:
            while True:
                with suppress(ServiceError):  # the database is away, or another replica has the link
                    await self._round()
                await self._wait()
        finally:
            await self._open(wanted=False)
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _round(self) -> None:
        self._news.clear()
        is_ours = await self._hold()
        await self._open(wanted=is_ours)
        if not is_ours:
            return
        await self._tell_standing()
        await self._give_back_failed()
        while self._room() and (recipient := await self._next_due()):
            await self._take(recipient)

    async def _hold(self) -> bool:
        """Hold the link, and tell whether we do.  A new epoch begins with the first that was not taken."""
        now = time.monotonic()
        if now < self._hold_at:
            return True
        async with self._db.connection() as tx:
            epoch = await store.hold_link(tx, self.node, self._replica, HOLD)
        if epoch is not None and epoch != self._epoch:
            async with self._holding(epoch) as tx:
                untaken = await store.lock_untaken(tx, self._stream)
                await update_messages(tx, [give_back(message) for message in untaken])
            self._epoch, self._look_at, self._told_standing = epoch, 0.0, None
        self._hold_at = now + HOLD_INTERVAL_S if epoch is not None else 0.0
        return epoch is not None

    async def _open(self, *, wanted: bool) -> None:
        """Keep the stream open while the link is ours, and no longer."""
        if wanted == self._is_open:
            return
        self._is_open = wanted
        if wanted:
            self._keep_open.start()
        else:
            await self._keep_open.stop()

    async def _tell_standing(self) -> None:
        """Write down for `lientuyen nodes` whether the stream stands."""
        standing = self.transport.is_up
        if standing != self._told_standing:
            async with self._db.connection() as tx:
                await store.set_standing(tx, self.node, self._replica, standing=standing)
            self._told_standing = standing

    @asynccontextmanager
    async def _holding(self, epoch: int) -> AsyncIterator[Transaction]:
        """Give a transaction in which the link is ours; Conflict when another has had it since.

        What is leased for the node is then what we leased, and nothing before it that somebody else did.
        """
        async with self._db.transaction() as tx:
            if not await store.is_held(tx, self.node, self._replica, epoch):
                self._hold_at = 0.0
                raise Conflict(chassis_reasons.WRITE_CONFLICT)
            yield tx

    async def _give_back_failed(self) -> None:
        """Give back what is leased of each pair that failed and has come to its end."""
        for pair in [pair for pair in self._failed if not self._under_way[pair]]:
            sender, recipient = pair
            async with self._holding(self._epoch) as tx:
                await mailbox_queue.lock_mailbox(tx, recipient)
                untaken = await store.lock_untaken(tx, self._stream, recipient, sender)
                await update_messages(tx, [give_back(message) for message in untaken])
            self._failed.discard(pair)
            self._paused[pair] = time.monotonic() + self._pauses.next(pair)

    def _room(self) -> int:
        return WINDOW - self._under_way.total()

    async def _next_due(self) -> str:
        """Return a mailbox in which something may wait; empty when there is none."""
        now = time.monotonic()
        over = [pair for pair, end in self._paused.items() if end <= now]
        for pair in over:
            del self._paused[pair]
            self._due.add(pair[1])
        if now >= self._look_at:
            async with self._db.connection() as tx:
                self._due.update(await store.list_due(tx, self.node, MAX_DUE))
            self._look_at = now + self._poll_interval_s
        return self._due.pop() if self._due else ""

    async def _take(self, recipient: str) -> None:
        """Lease what waits for *recipient*, as far as there is room, and begin to hand it over."""
        limit = self._room()
        async with self._holding(self._epoch) as tx:
            taken, unclear = await self._lease(tx, recipient, limit)
        if len(taken) == limit or unclear:
            self._due.add(recipient)
        for message in taken:
            self._begin(message)
        await self._clearance.check(unclear)

    async def _lease(
        self, tx: Transaction, recipient: str, limit: int
    ) -> tuple[list[Message], list[Message]]:
        """Return what is leased now, and what is to be checked before it may be."""
        now = await mailbox_queue.lock_mailbox(tx, recipient)
        busy = set(await store.list_busy_senders(tx, recipient, self._stream))
        busy |= {pair[0] for pair in (*self._failed, *self._paused) if pair[1] == recipient}
        busy |= set(self._clearance.senders_passed_over(recipient))
        if not self.transport.keeps_order:
            busy |= {pair[0] for pair, count in self._under_way.items() if count and pair[1] == recipient}
        waiting = await store.lock_line(tx, recipient, sorted(busy), limit)
        if not self.transport.keeps_order:
            waiting = list({message.sender: message for message in reversed(waiting)}.values())
        waiting, unclear = self._clearance.sort_out(waiting)
        held = now + RELAY_LEASE
        taken = [lease_for_node(message, Lease(uuid4(), self._stream, held), now) for message in waiting]
        await update_messages(tx, taken)
        await store.delete_handovers(tx, [message.id for message in taken])
        return taken, unclear

    def _begin(self, message: Message) -> None:
        if pair_of(message) in self._failed:
            return  # it failed while we took this: it is given back with the others
        self._under_way[pair_of(message)] += 1
        task = asyncio.create_task(self._hand_over(message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hand_over(self, message: Message) -> None:
        pair = pair_of(message)
        try:
            await self._deliver(message)
            self._pauses.forget(pair)
        except ServiceError as error:
            self._failed.add(pair)
            log.info("a message has to wait for its node", node=self.node, reason=error.reason.name)
        except Exception as error:
            self._failed.add(pair)
            log.error("a message could not be handed over", node=self.node, exc_info=error)
        finally:
            self._under_way[pair] -= 1
            if not self._under_way[pair]:
                del self._under_way[pair]
            self._news.set()

    async def _deliver(self, message: Message) -> None:
        try:
            handover = await self.transport.deliver(message, self._body(message))
        except TransportRefused as refused:
            await self._bury(message, refused)
        else:
            await self._note(message, handover)

    async def _note(self, message: Message, handover: Handover) -> None:
        """Write down that the far side has *message*."""
        trace_message("relay", message)
        async with self._db.transaction() as tx:
            await store.put_handover(tx, message.id, self.node, handover.reference)
            if handover.receipt:
                await store.put_receipt(tx, message.id, self.node, self._receipt_kind, handover.receipt)
            if handover.is_final:
                await self._outcomes.settle(tx, message.id, State.ACKNOWLEDGED)
        if handover.is_final:
            self._notifier.publish(message.sender)

    async def _bury(self, message: Message, refused: TransportRefused) -> None:
        note = f"{self.node}: {refused.note or refused.reason.vi}"[:500]
        async with self._db.transaction() as tx:
            await self._outcomes.settle(tx, message.id, State.DEAD, DeadReason.REJECTED, note)
        self._notifier.publish(message.sender)

    async def _body(self, message: Message) -> AsyncIterator[bytes]:
        async with self._db.connection() as tx:
            short, _ = await message_bodies.get_short_body(tx, message.id)
        if short is not None:
            yield decrypt_piece(self._encryptor, message.id, 0, short)
            return
        ordinal = 0
        while True:
            async with self._db.connection() as tx:
                sealed = await message_bodies.get_piece(tx, message.id, ordinal)
            if sealed is None:
                return
            yield decrypt_piece(self._encryptor, message.id, ordinal, sealed)
            ordinal += 1

    async def _wait(self) -> None:
        """Wait for news; not beyond the end of a pause, nor of the time to look again."""
        now = time.monotonic()
        ends = [now + min(self._poll_interval_s, HOLD_INTERVAL_S), *self._paused.values()]
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.01, min(ends) - now)):
                await self._news.wait()


def pair_of(message: Message) -> Pair:
    return message.sender, message.recipient

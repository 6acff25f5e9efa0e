"""
The outbox: events written with the change that caused them, delivered after it.

    await outbox.publish(tx, "referral.created", message.SerializeToString(), key=facility)

An event is a row of the same transaction: it exists if and only if the change
does.  A `Relay` delivers it, at least once; the receiver makes that once in effect:
the handler calls a peer's writing method with `request_id=str(event.id)`, and the
peer gives its first answer again.

Order.  Events with the same non-empty key are delivered one after the other, in
the order of their rows.  Writers that care lock what they change before they
publish (they do anyway), so that the rows are in the order of the commits.

A peer that was silent for a while has events waiting for up to ten minutes.  Every few seconds the oldest
of them tries it; when that one is answered the others are due too (`rows.SCOUT`, `rows.HURRY`).

An event that can never succeed becomes `dead`, and the next of its key goes on:
one bad referral must not hold up a hospital for a night.  So a handler to which
order matters looks at the state of the thing, not at the sequence.  An operator
lists the dead, and replays or stops each (`outbox_service`).

Nothing stays for ever (`outbox_sweep`).
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias
from uuid import UUID, uuid4

from lientuyen.chassis.v1 import error_reasons as reasons

from . import outbox_sql as rows
from .call_context import Call, Caller, calling
from .db import Database, Record, Transaction
from .deadline import reply_margin
from .encryption import DecryptionError
from .errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    ResourceExhausted,
    ServiceError,
    Unavailable,
)
from .logs import log
from .messaging_spans import consumer_span, producer_span
from .spans import fail, traceparent
from .sql import Sql
from .telemetry import gauge

# The order in which the ends of events are written down.
ORDER: Final = (rows.FINISH, rows.GIVE_UP, rows.GIVE_BACK, rows.LEAVE, rows.RETRY, rows.HOLD_BACK, rows.HURRY)

# Handlers at once in one relay.  They wait for peers most of the time.
MAX_CONCURRENCY: Final = 16

# Seconds an event is held.  A handler has half of it: the rest is for writing down the end.
# So long, at most, does what a killed relay held wait for another.
LEASE_S: Final = 20.0

# Seconds after which a relay looks although nothing woke it: retries fall due, and a
# NOTIFY may be lost with its connection.
POLL_INTERVAL_S: Final = 1.0

# Seconds for running handlers when the relay is cancelled.
DRAIN_S: Final = 2.0

# Seconds between two looks at the depth and the age of the outbox.
MEASURE_INTERVAL_S: Final = 10.0

# Seconds over which the events of a peer that answers again come due: no wave of all that a night left.
HURRY_SPREAD: Final = timedelta(seconds=5)

# How `reason_of` begins when a peer was silent; its name follows.
SILENCE: Final = f"Unavailable {reasons.PEER_UNAVAILABLE.name} "

# Doublings of a delay after which it has long been the longest there is.
MAX_DOUBLINGS: Final = 32

# A peer that is down is nobody's mistake, and may be down for a night: no number of attempts
# is too many until this has passed.
MAX_PEER_OUTAGE: Final = timedelta(days=1)

# A mailbox that is full is full for as long as its hospital is offline; what waits there is given up
# after 30 days, and then there is room.
MAX_QUOTA_WAIT: Final = timedelta(days=31)

# What the same event will be told again tomorrow.
PERMANENT_ERRORS: Final = (AlreadyExists, InvalidArgument, FailedPrecondition, PermissionDenied, NotFound)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, to be told to somebody.

    *attempts* counts this delivery, from 1.  *last_error* is the kind and the
    reason of the failure before it, as `Unavailable ERROR_REASON_PEER_UNAVAILABLE`.
    *age* is how long ago it was published when this delivery began, by the database's clock.
    """

    id: UUID
    topic: str
    key: str
    payload: bytes
    attempts: int
    create_time: datetime
    seq: int = 0
    traceparent: str = ""
    last_error: str = ""
    age: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a failed event is delivered again, and how many seconds later.

    Twelve attempts take about half an hour: 1 s, 2 s, 4 s, … at most ten minutes apart.
    """

    max_attempts: int = 12
    first_delay: float = 1.0
    longest_delay: float = 600.0

    def delay(self, attempts: int) -> float:
        """Return the seconds to wait after that many attempts: doubled each time, a fifth more or less.

        The chance keeps the events of a peer that was down from coming back in one wave.
        """
        return min(
            self.first_delay * 2.0 ** min(attempts - 1, MAX_DOUBLINGS), self.longest_delay
        ) * random.uniform(0.8, 1.2)

    def is_spent(self, event: Event, error: Exception) -> bool:
        """Whether the event is to be given up after *error*, its latest."""
        if isinstance(error, PERMANENT_ERRORS):
            return True
        if isinstance(error, Unavailable | DecryptionError) and event.age <= MAX_PEER_OUTAGE:
            return False
        if isinstance(error, ResourceExhausted) and event.age <= MAX_QUOTA_WAIT:
            return False
        return event.attempts >= self.max_attempts


RETRY_POLICY: Final = RetryPolicy()

Handler: TypeAlias = Callable[[Event], Awaitable[None]]

# A statement and its parameters.
Step: TypeAlias = tuple[Sql, dict[str, object]]


async def publish(
    tx: Transaction, topic: str, payload: bytes, *, key: str = "", event_id: UUID | None = None
) -> UUID:
    """Write an event into the caller's transaction and return its id.

    *payload* is a message in its binary form; what may name a person in it is
    sealed by the caller.  Publishing an *event_id* again changes nothing.
    """
    event_id = event_id or uuid4()
    event: dict[str, object] = {"id": event_id, "topic": topic, "key": key, "payload": payload}
    with producer_span(topic, str(event_id)):
        await tx.execute(rows.PUBLISH, **event, traceparent=traceparent())
    return event_id


def to_event(row: Record) -> Event:
    return Event(*row)


class Relay:
    """Delivers the events of one database to *handlers*, by topic, until cancelled.

    Any number of relays may run on one database: an event is held by one of
    them, for a lease of some seconds.  No transaction is open while a handler
    runs.  A relay that dies leaves its events to the others when their leases
    end; one that is cancelled gives its handlers a moment to finish and hands
    back the rest at once.

    A handler acts as the service itself: its call's caller is
    `service/<service>`, its deadline half of the lease.  It returns when the
    event has its effect and raises when not.  Events of topics without a
    handler stay: a newer replica may know them.
    """

    def __init__(
        self,
        db: Database,
        handlers: Mapping[str, Handler],
        *,
        service: str = "",
        at_once: int = MAX_CONCURRENCY,
        lease: float = LEASE_S,
        poll: float = POLL_INTERVAL_S,
        drain: float = DRAIN_S,
        retry_policy: RetryPolicy = RETRY_POLICY,
    ) -> None:
        self._db = db
        self._handlers = dict(handlers)
        self._caller = Caller("service", service or db.namespace)
        self._at_once = at_once
        self._lease = lease
        self._poll = poll
        self._drain = drain
        self._retry_policy = retry_policy
        self._wake = asyncio.Event()
        self._running: dict[asyncio.Task[list[Step]], Event] = {}
        self._settling: list[Step] = []
        self._freed: list[str] = []  # keys whose next event may be due
        self._look_at = 0.0
        self._waiting, self._oldest, self._dead = 0, 0.0, 0

    async def run(self) -> None:
        """Deliver, until cancelled.  A database that does not answer is asked again."""
        helpers = [
            asyncio.create_task(self._db.listen(rows.CHANNEL, self._told)),
            asyncio.create_task(self._measure()),
        ]
        try:
            while True:
                self._wake.clear()
                require_running(helpers)
                await self._turn()
                # Not `wait_for`: in Python 3.11 it loses a cancellation that comes with the wake-up.
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._poll):
                        await self._wake.wait()
        finally:
            for helper in helpers:
                helper.cancel()
            await self._hand_back()
            await asyncio.gather(*helpers, return_exceptions=True)

    def _told(self, _payload: str) -> None:
        self._look_at = 0.0
        self._wake.set()

    async def _turn(self) -> None:
        """Write down what was settled since the last turn, and take on what there is room for.

        One transaction for both: under load the ends of many events share a commit.
        """
        settling, self._settling = self._settling, []
        try:
            async with self._db.transaction() as tx:
                await settle(tx, settling)
                claimed = await self._claim(tx)
        except BaseException as error:
            # To be written next time.  What was claimed, if it was, comes back with its lease.
            self._settling, self._look_at = settling + self._settling, 0.0
            if isinstance(error, ServiceError):
                return
            raise
        for event in claimed:
            task = asyncio.create_task(self._deliver(event))
            self._running[task] = event
            task.add_done_callback(self._ended)

    async def _claim(self, tx: Transaction) -> list[Event]:
        """Take the next of the keys that became free; and look at everything when there may be more."""
        room = self._at_once - len(self._running)
        how = {"topics": list(self._handlers), "lease": timedelta(seconds=self._lease)}
        keys, self._freed = self._freed[:room], self._freed[room:]
        claimed = await tx.fetch(rows.CLAIM_NEXT, keys=keys, **how) if keys else []
        room -= len(claimed)
        if room > 0 and time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + self._poll  # sooner if told so meanwhile
            others = await tx.fetch(rows.CLAIM, limit=room, **how)
            claimed += others
            if len(others) == room:
                self._look_at = 0.0
        return sorted(map(to_event, claimed), key=lambda event: event.seq)

    async def _deliver(self, event: Event) -> list[Step]:
        """Run the event's handler; return what to write down.  What is logged is of the event's trace."""
        patience = self._lease / 2
        method, event_id = f"outbox/{event.topic}", str(event.id)
        end = time.monotonic() + patience - reply_margin(patience)
        acting = Call(method, method, self._caller, end, event_id)
        with consumer_span(event.topic, event_id, event.traceparent) as span, calling(acting):
            try:
                async with asyncio.timeout(patience):
                    await self._handlers[event.topic](event)
            except Exception as error:
                fail(span, error)
                return self._next_steps(event, error)
        return [(rows.FINISH, {"id": event.id, "attempts": event.attempts}), *self._hurry(event)]

    def _hurry(self, event: Event, error: str = "") -> list[Step]:
        """Return the step that makes due what waits for a peer that was silent to *event*, and is not now."""
        silence = event.last_error
        if not silence.startswith(SILENCE) or error == silence:
            return []
        how = {"lease": timedelta(seconds=self._lease), "spread": HURRY_SPREAD}
        return [(rows.HURRY, {"silence": silence, **how})]

    def _ended(self, task: "asyncio.Task[list[Step]]") -> None:
        event = self._running.pop(task)
        steps = [give_back(event)] if task.cancelled() else task.result()
        if event.key and steps[0][0] in (rows.FINISH, rows.GIVE_UP):
            self._freed.append(event.key)
        self._settling += steps
        self._wake.set()

    def _next_steps(self, event: Event, error: Exception) -> list[Step]:
        """Return what to write down about an event whose handler ended with *error*."""
        held: dict[str, object] = {"id": event.id, "attempts": event.attempts}
        reason = reason_of(error)
        if self._retry_policy.is_spent(event, error):
            log.error("event given up", event_id=event.id, topic=event.topic, error=reason, exc_info=error)
            return [(rows.GIVE_UP, {**held, "error": reason}), *self._hurry(event, reason)]
        log.warning("event not delivered", event_id=event.id, topic=event.topic, error=reason)
        wait = timedelta(seconds=self._retry_policy.delay(event.attempts))
        statement = rows.LEAVE if is_left_to_others(event, error) else rows.RETRY
        steps: list[Step] = [(statement, {**held, "error": reason, "delay": wait})]
        if event.key:
            steps.append((rows.HOLD_BACK, {"with_key": event.key, "after": event.seq, "delay": wait}))
        return steps

    async def _hand_back(self) -> None:
        """Let handlers finish for a moment, cancel the others, and write all of that down."""
        if self._running:
            await asyncio.wait(self._running, timeout=self._drain)
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running)
        if self._settling:
            with suppress(ServiceError):
                async with self._db.transaction() as tx:
                    await settle(tx, self._settling)

    async def _measure(self) -> None:
        """Keep the figures of the outbox up to date, and report them; try peers that were silent."""
        gauge("lientuyen.outbox.waiting", lambda: [(self._waiting, {})], description="Events not delivered.")
        gauge(
            "lientuyen.outbox.oldest",
            lambda: [(self._oldest, {})],
            unit="s",
            description="Age of the oldest.",
        )
        gauge("lientuyen.outbox.dead", lambda: [(self._dead, {})], description="Events given up.")
        while True:
            with suppress(ServiceError):
                async with self._db.transaction() as tx:
                    lease = timedelta(seconds=self._lease)
                    await tx.execute(rows.SCOUT, silence=f"{SILENCE}%", lease=lease)
                    [row] = await tx.fetch(rows.MEASURE)
                self._waiting, self._oldest, self._dead = row[0], float(row[1]), row[2]
            await asyncio.sleep(MEASURE_INTERVAL_S)


def require_running(helpers: Iterable["asyncio.Task[None]"]) -> None:
    """Raise what ended one of *helpers*: whoever runs the relay starts all of it again."""
    for helper in helpers:
        if helper.done():
            helper.result()


def is_left_to_others(event: Event, error: Exception) -> bool:
    """Tell whether *event* keeps its attempts: we cannot open it, and for a day another replica may."""
    return isinstance(error, DecryptionError) and event.age <= MAX_PEER_OUTAGE


def give_back(event: Event) -> Step:
    """Return the step that undoes a claim."""
    return rows.GIVE_BACK, {"id": event.id, "attempts": event.attempts}


async def settle(tx: Transaction, steps: list[Step]) -> None:
    """Take *steps*, those of one kind in one batch."""
    for kind in ORDER:
        await tx.executemany(kind, [params for statement, params in steps if statement is kind])


def reason_of(error: Exception) -> str:
    """Return what may be kept of *error*: its kind, its reason if it is of the contract, who was silent."""
    words = [type(error).__name__]
    if isinstance(error, ServiceError):
        words += [error.reason.name, error.metadata.get("peer", "")]
    return " ".join(filter(None, words))

"""
Telling the streams that wait for a mailbox that a message may have come.

A notification is a hint; the truth is in the table, and every stream looks
there by itself every few seconds.  So notifications need not be part of the
transaction, and are not: NOTIFY would make all commits of the nation queue
behind one lock.  Streams of this process are woken at once; other replicas hear
of all mailboxes of the last hundredth of a second in one NOTIFY.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final
from uuid import uuid4

from chassis.db import Database
from chassis.errors import ResourceExhausted, ServiceError
from lientuyen.routing.v1 import error_reasons as reasons

from ..store import mailbox_queue

# How long notifications are collected before the other replicas are told.
BROADCAST_INTERVAL_S: Final = 0.01

# On one replica.  Each stream looks into the store every few seconds; a hospital
# needs one for each machine that collects its mail.
MAX_STREAMS_PER_MAILBOX: Final = 64


class Arrival(asyncio.Event):
    """Set when something may have come for a stream; *wants_room* when more room for it may bring more."""

    wants_room = True


class Notifier:
    """The streams of this process, by the mailbox they wait for; and the way to those of other replicas."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._replica = uuid4().hex
        self._subscribers: defaultdict[str, set[Arrival]] = defaultdict(set)
        self._watchers: set[asyncio.Event] = set()
        self._followers: list[Callable[[str], None]] = []
        self._unsent: set[str] = set()
        self._has_unsent = asyncio.Event()

    @contextmanager
    def subscribe(self, recipient: str) -> Iterator[Arrival]:
        """Give an event that is set when something may have come for *recipient*.

        Clear it, then look, then wait: what comes in between is not missed.
        ResourceExhausted(TOO_MANY_STREAMS) when the mailbox has as many streams here as it may.
        """
        if len(self._subscribers.get(recipient, ())) >= MAX_STREAMS_PER_MAILBOX:
            raise ResourceExhausted(reasons.TOO_MANY_STREAMS, limit=str(MAX_STREAMS_PER_MAILBOX))
        event = Arrival()
        self._subscribers[recipient].add(event)
        try:
            yield event
        finally:
            self._subscribers[recipient].discard(event)
            if not self._subscribers[recipient]:
                del self._subscribers[recipient]

    @contextmanager
    def watch(self) -> Iterator[asyncio.Event]:
        """Give an event that is set when something may have happened in any mailbox; as `subscribe` does."""
        event = asyncio.Event()
        self._watchers.add(event)
        try:
            yield event
        finally:
            self._watchers.discard(event)

    def follow(self, arrived: Callable[[str], None]) -> None:
        """Call *arrived* with each mailbox in which something may have happened."""
        self._followers.append(arrived)

    def publish(self, *recipients: str) -> None:
        """Say that something may have come for *recipients*; after the commit."""
        for recipient in recipients:
            self._wake(recipient)
        self._unsent.update(recipients)
        if recipients:
            self._has_unsent.set()

    def publish_capacity(self, recipient: str) -> None:
        """Say that a receiver may take more again; to other replicas only if none subscribes here."""
        if recipient in self._subscribers:
            for event in self._subscribers[recipient]:
                if event.wants_room:
                    event.set()
        else:
            self.publish(recipient)

    async def broadcast(self) -> None:
        while True:
            await self._has_unsent.wait()
            await asyncio.sleep(BROADCAST_INTERVAL_S)
            self._has_unsent.clear()
            recipients, self._unsent = self._unsent, set()
            try:
                async with self._db.transaction() as tx:
                    await mailbox_queue.notify(tx, [f"{self._replica} {name}" for name in recipients])
            except ServiceError:
                pass  # a hint that is lost costs a few seconds: the streams look by themselves

    async def listen(self) -> None:
        await self._db.listen(mailbox_queue.NOTIFY_CHANNEL, self._received)

    def _received(self, payload: str) -> None:
        replica, _, recipient = payload.partition(" ")
        if not payload:  # the connection is new: anything may have come meanwhile
            for subscribed in list(self._subscribers):
                self._wake(subscribed)
        elif replica != self._replica:
            self._wake(recipient)

    def _wake(self, recipient: str) -> None:
        for watcher in self._watchers:
            watcher.set()
        for arrived in self._followers:
            arrived(recipient)
        for event in self._subscribers.get(recipient, ()):
            event.set()

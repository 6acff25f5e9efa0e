"""
Who waits for which mailbox, and how they hear that something came.

An announcement is a hint; the truth is in the table, and every stream looks
there by itself every few seconds.  So announcements need not be part of the
transaction, and are not: NOTIFY would make all commits of the nation queue
behind one lock.  Streams of this process are woken at once; other replicas hear
of all mailboxes of the last hundredth of a second in one NOTIFY.
"""

import asyncio
from collections import defaultdict
from typing import Final
from uuid import uuid4

from chassis.db import Database
from chassis.errors import ResourceExhausted, ServiceError
from lientuyen.routing.v1 import error_reasons as reasons

from ..store import mailbox_queue

# How long announcements are collected, in seconds.
GATHER: Final = 0.01

# Streams of one mailbox on one replica.  Each looks into the store every few seconds; a hospital
# needs one for each machine that collects its mail.
MOST_STREAMS: Final = 64


class Wakeups:
    """The streams of this process, by the mailbox they wait for."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._me = uuid4().hex
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._pending: set[str] = set()
        self._said = asyncio.Event()

    def arm(self, recipient: str) -> asyncio.Event:
        """Return an event that is set when something may have come for *recipient*.

        Arm it, then look, then wait: what comes in between is not missed.
        ResourceExhausted(TOO_MANY_STREAMS) when the mailbox has as many streams here as it may.
        """
        if len(self._waiting.get(recipient, ())) >= MOST_STREAMS:
            raise ResourceExhausted(reasons.TOO_MANY_STREAMS, limit=str(MOST_STREAMS))
        event = asyncio.Event()
        self._waiting[recipient].add(event)
        return event

    def disarm(self, recipient: str, event: asyncio.Event) -> None:
        """Forget *event*."""
        self._waiting[recipient].discard(event)
        if not self._waiting[recipient]:
            del self._waiting[recipient]

    def announce(self, *recipients: str) -> None:
        """Say that something may have come for *recipients*; after the commit."""
        for recipient in recipients:
            self._wake(recipient)
        self._pending.update(recipients)
        self._said.set()

    def freed(self, recipient: str) -> None:
        """Say that a receiver of *recipient* has room again; to other replicas only if none listens here."""
        if recipient in self._waiting:
            self._wake(recipient)
        else:
            self.announce(recipient)

    async def tell(self) -> None:
        """Tell the other replicas, until cancelled; a background task."""
        while True:
            await self._said.wait()
            await asyncio.sleep(GATHER)
            self._said.clear()
            told, self._pending = self._pending, set()
            try:
                async with self._db.transaction() as tx:
                    await mailbox_queue.announce(tx, [f"{self._me} {recipient}" for recipient in told])
            except ServiceError:
                pass  # a hint that is lost costs a few seconds: the streams look by themselves

    async def hear(self) -> None:
        """Hear what other replicas tell, until cancelled; a background task."""
        await self._db.listen(mailbox_queue.CHANNEL, self._heard)

    def _heard(self, payload: str) -> None:
        who, _, recipient = payload.partition(" ")
        if not payload:  # the connection is new: anything may have come meanwhile
            for waiting in list(self._waiting):
                self._wake(waiting)
        elif who != self._me:
            self._wake(recipient)

    def _wake(self, recipient: str) -> None:
        for event in self._waiting.get(recipient, ()):
            event.set()

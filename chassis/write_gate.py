"""
Whether the database takes writes: its disk may be full, or it may have been made read-only.

PostgreSQL refuses a write that it has no room for and goes on; a log of its own (WAL) that it has no room
for makes it stop.  So the first refusal closes the gate: from then on nothing is written that a read can
do without, until `store_reserve` has seen that there is room.  What a read must leave, its row in the
access log, goes through, into the room that was kept for it (docs/adr/0062).
"""

import asyncio
from typing import Final

from lientuyen.chassis.v1 import error_reasons as reasons

from .errors import Unavailable
from .logs import log
from .telemetry import gauge

DISK_FULL: Final = "disk_full"
READ_ONLY: Final = "read_only"


class StoreUnwritable(Unavailable):
    """The database can be read and not written; *cause* is `DISK_FULL` or `READ_ONLY`."""

    def __init__(self, cause: str) -> None:
        super().__init__(reasons.STORE_UNWRITABLE, cause=cause)
        self.cause = cause


class WriteGate:
    """The gate of one database, as this process sees it."""

    def __init__(self) -> None:
        self.cause = ""
        # Set whenever a write was refused: whoever looks after the gate looks now.
        self.refused = asyncio.Event()

    @property
    def is_open(self) -> bool:
        return not self.cause

    def watch(self) -> None:
        gauge(
            "lientuyen.store.writable",
            lambda: [(int(self.is_open), {})],
            description="0 while the database takes no writes.",
        )

    def note(self, refusal: StoreUnwritable) -> None:
        """Take note that the database refused a write.

        A server that is read-only may be one that another has taken over from: the next connection may find
        that one, so only a look closes the gate for it.
        """
        if refusal.cause == DISK_FULL:
            self.close(DISK_FULL)
        self.refused.set()

    def close(self, cause: str) -> None:
        if self.cause != cause:
            log.warning("the store takes no writes", because=cause)
        self.cause = cause

    def open(self) -> None:
        if self.cause:
            log.info("the store takes writes again")
        self.cause = ""

    def check(self) -> None:
        """Raise StoreUnwritable when nothing may be written."""
        if self.cause:
            raise StoreUnwritable(self.cause)

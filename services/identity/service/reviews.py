"""How many emergency accesses (truy cập khẩn cấp) wait for their review, for who watches the exchange."""

import asyncio
from datetime import datetime
from typing import Final

from chassis import clock, telemetry
from chassis.db import Database

from ..store import emergencies

# Seconds between two looks.
LOOK_EVERY: Final = 60.0


class Reviews:
    """Reports what waits, as noted last.  Every replica reports the same: take the greatest, not the sum."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._open = 0
        self._oldest: datetime | None = None

    def watch(self) -> None:
        """Report the gauges: how many are open, and the age of the oldest."""
        telemetry.gauge("lientuyen.emergency.open", lambda: [(self._open, {})], unit="{access}")
        telemetry.gauge("lientuyen.emergency.oldest", lambda: [(self.oldest_age(), {})], unit="s")

    async def keep_looking(self) -> None:
        """Look every minute, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        """Note what waits now."""
        async with self._db.connection() as tx:
            self._open, self._oldest = await emergencies.waiting(tx)

    def oldest_age(self) -> float:
        """Return the age of the oldest open access in seconds; 0 when none is open."""
        return (clock.now() - self._oldest).total_seconds() if self._oldest else 0.0

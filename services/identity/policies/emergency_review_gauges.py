"""How many emergency accesses (truy cập khẩn cấp) wait for their review, for who watches the system."""

import asyncio
from datetime import datetime
from typing import Final

from chassis import clock, telemetry
from chassis.db import Database

from ..store import emergencies

POLL_INTERVAL_S: Final = 60.0


class EmergencyReviewGauges:
    """Reports what waits, as read last.  Every replica reports the same: take the greatest, not the sum."""

    def __init__(self, db: Database, *, poll_interval_s: float = POLL_INTERVAL_S) -> None:
        self._db = db
        self._poll_interval_s = poll_interval_s
        self._open = 0
        self._oldest: datetime | None = None

    def watch(self) -> None:
        telemetry.gauge("lientuyen.emergency.open", lambda: [(self._open, {})], unit="{access}")
        telemetry.gauge("lientuyen.emergency.oldest", lambda: [(self.oldest_age(), {})], unit="s")

    async def keep_reading(self) -> None:
        while True:
            await self.read()
            await asyncio.sleep(self._poll_interval_s)

    async def read(self) -> None:
        async with self._db.connection() as tx:
            self._open, self._oldest = await emergencies.count_open(tx)

    def oldest_age(self) -> float:
        return (clock.now() - self._oldest).total_seconds() if self._oldest else 0.0

"""How late the event loop is: what every call of this process waits for on top of its own work."""

import asyncio
import time
from typing import Final

from . import telemetry

# Seconds between two looks: often enough to meet a block of 100 ms half of the time, and no work.
INTERVAL_S: Final = 0.2


async def measure_delay(interval_s: float = INTERVAL_S) -> None:
    """Record, until cancelled, how much later than asked for the loop comes back to us."""
    while True:
        due = time.monotonic() + interval_s
        await asyncio.sleep(interval_s)
        telemetry.current().loop_delay.record(max(0.0, time.monotonic() - due))

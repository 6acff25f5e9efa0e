"""
What the outbox forgets: done events after 7 days (they answer "was it sent?"), dead and stopped after 60.
"""

import asyncio
import random
from contextlib import suppress
from datetime import timedelta
from typing import Final

from . import outbox_sql as rows
from .db import Database
from .errors import ServiceError

DONE_RETENTION: Final = timedelta(days=7)
DEAD_RETENTION: Final = timedelta(days=60)

# Rows a sweep deletes in one transaction: some tens of milliseconds of locks.
SWEEP_BATCH_ROWS: Final = 5_000

SWEEP_INTERVAL_S: Final = 3600.0


async def sweep(db: Database) -> int:
    """Delete what was kept long enough, some thousands at a time; return how many rows."""
    swept = 0
    for statement, retention in (
        (rows.SWEEP_DONE, DONE_RETENTION),
        (rows.SWEEP_DEAD, DEAD_RETENTION),
    ):
        more = SWEEP_BATCH_ROWS
        while more == SWEEP_BATCH_ROWS:
            async with db.transaction() as tx:
                more = await tx.execute(statement, retention=retention, limit=SWEEP_BATCH_ROWS)
            swept += more
    return swept


async def keep_swept(db: Database) -> None:
    """Sweep now and then, until cancelled; replicas at different times."""
    while True:
        await asyncio.sleep(SWEEP_INTERVAL_S * random.uniform(0.5, 1.5))
        with suppress(ServiceError):
            await sweep(db)

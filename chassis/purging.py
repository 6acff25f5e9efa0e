"""
What was kept long enough is deleted, some thousands of rows at a time, and counted (docs/retention.md).

A service gives its own to `keep_purging`, a background task of the server:

    server.background(partial(keep_purging, db, Purge("claims", SWEEP, timedelta(days=90))))

The statement takes `:retention` and `:limit`, and says `now()`: the database knows what time it is
(docs/adr/0049), so any number of replicas may do this.
"""

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import asyncpg

from .db import Database
from .errors import ServiceError
from .sql import Sql
from .telemetry import count

# Rows in one transaction: some tens of milliseconds of locks.
BATCH_ROWS: Final = 5_000

# Seconds between two rounds, on the average: replicas at different times.
INTERVAL_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Purge:
    """What *statement* deletes from *table*: rows older than *retention*, a batch."""

    table: str
    statement: Sql
    retention: timedelta


async def purge(db: Database, what: Purge, *, batch_rows: int = BATCH_ROWS) -> int:
    """Delete what is due, a transaction a batch, until there is less than a batch; return how many rows."""
    removed, batch = 0, batch_rows
    while batch == batch_rows:
        async with db.transaction() as tx:
            batch = await tx.execute(what.statement, retention=what.retention, limit=batch_rows)
        count_removed(what.table, batch)
        removed += batch
    return removed


async def keep_purging(db: Database, *purges: Purge) -> None:
    """Purge now and then, until cancelled; what the database refuses is tried again in the next round."""
    while True:
        await asyncio.sleep(INTERVAL_S * random.uniform(0.5, 1.5))
        for what in purges:
            with suppress(ServiceError, asyncpg.PostgresError):
                await purge(db, what)


def count_removed(table: str, rows: int) -> None:
    """Count *rows* of *table* that were deleted, or whose content was, because their time was over."""
    if rows:
        count(
            "lientuyen.retention.removed",
            rows,
            description="Rows that were deleted, or whose content was, because their time was over.",
            table=table,
        )

"""
The months of the access log: each has a partition, made before it begins.

A month is taken away as a whole, by `chassis/archives`.  Partitions are made three months ahead.  Should
that ever fail for so long, rows go to the default partition: a read is never refused for
want of one.
"""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

import asyncpg
from sqlalchemy import bindparam, func, select, text

from . import db_clock
from .db import Database
from .errors import ServiceError
from .sql import sql

# How many months have a partition before they begin.
PARTITIONS_AHEAD: Final = 3

# Seconds between two looks at the partitions: a day, for a margin of three months.
CHECK_INTERVAL_S: Final = 86_400.0

# Of two replicas that want the same partition one waits: any number that no other lock has.
PARTITION_LOCK: Final = 5_417_001

ONE_AT_A_TIME = sql(select(func.pg_advisory_xact_lock(bindparam("lock"))))
IS_THERE = sql(select(func.to_regclass(bindparam("name")).is_not(None)))


async def keep_partitions(db: Database) -> None:
    """Make partitions before they are needed, until cancelled.

    A database that does not answer, or a table that is busy for four seconds,
    is asked again a day later: there are three months of margin.  Which months come
    next the database says, for it says into which one a row goes.
    """
    while True:
        with suppress(ServiceError, asyncpg.LockNotAvailableError):
            await make_partitions(db)
        await asyncio.sleep(CHECK_INTERVAL_S)


async def make_partitions(db: Database) -> None:
    """Make the partitions of the database's present month and of those after it."""
    async with db.connection() as tx:
        now = await db_clock.db_now(tx)
    for month in months(now, PARTITIONS_AHEAD):
        with suppress(asyncpg.CheckViolationError):  # it has rows in the default one
            await make_partition(db, month)


async def make_partition(db: Database, month: datetime) -> None:
    """Make the partition of the month that begins at *month*, unless it is there."""
    async with db.transaction() as tx:
        await tx.fetchval(ONE_AT_A_TIME, lock=PARTITION_LOCK)
        if not await tx.fetchval(IS_THERE, name=partition_name(month)):
            for statement in partition_ddl(month):
                await tx.execute(sql(text(statement)))


def months(now: datetime, ahead: int) -> list[datetime]:
    """Return the first instants, in UTC, of the month of *now* and of the *ahead* months after it."""
    first = now.year * 12 + now.month - 1
    return [datetime(at // 12, at % 12 + 1, 1, tzinfo=UTC) for at in range(first, first + ahead + 1)]


def partition_name(month: datetime) -> str:
    """Return the name of a month's partition: `audit_2026_11`."""
    return f"audit_{month:%Y_%m}"


def partition_ddl(month: datetime) -> list[str]:
    """Return the statements that make a month's partition.

    The table is made beside `audit` and then attached: that lets reads of
    persons go on meanwhile, where CREATE TABLE … PARTITION OF would stop them.
    The triggers for rows come with attaching; the one for TRUNCATE does not.
    """
    name, end = partition_name(month), months(month, 1)[1]
    return [
        "SET LOCAL lock_timeout = '4s'",
        f"CREATE TABLE {name} (LIKE audit INCLUDING ALL)",
        f"ALTER TABLE audit ATTACH PARTITION {name}"
        f" FOR VALUES FROM ('{month:%Y-%m-%d} 00:00+00') TO ('{end:%Y-%m-%d} 00:00+00')",
        f"CREATE TRIGGER {name}_whole BEFORE TRUNCATE ON {name}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()",
    ]

"""
Room in the database that is given up when its disk is full, so that reads can still be logged.

The reserve is a table of filler.  When a write is refused for want of room, nothing is written any more but
the access log (`write_gate`), and the reserve is dropped: that is the log's room.  Every half a minute it is
made again, all of it and a little more in one transaction; when that finds room, writes go on.  When not,
it is undone, and had taken for a moment what the log needs: so not more often.

    whole      writes go on
    dropped    somebody met a full disk: every replica sees it, one that does not write too
    empty      PostgreSQL crashed: it is made again while writes go on

It is not logged (UNLOGGED), so filling it writes no WAL; and PostgreSQL empties it before it recovers from
a crash, as when there was no room for its WAL, and so has room to recover in.
"""

import asyncio
from contextlib import suppress
from typing import Final

import asyncpg
from sqlalchemy import text

from .db import Database, Transaction
from .errors import ServiceError
from .sql import Sql, sql
from .write_gate import DISK_FULL, READ_ONLY, StoreUnwritable

# Seconds between two looks: while all is well, while the server is read-only, as a standby that takes over
# is for a moment, and while the disk is full.
LOOK_INTERVAL_S: Final = 10.0
READ_ONLY_INTERVAL_S: Final = 1.0
RETRY_INTERVAL_S: Final = 30.0

# What there must be room for beside the reserve: a file of WAL.
PROBE_MIB: Final = 16

# Rows that PostgreSQL does not compress, four of them a page of 8 KiB.
ROWS_PER_MIB: Final = 512

# Of two replicas, one at a time: any number that no other lock has.
RESERVE_LOCK: Final = 5_417_105

LOOK = sql(
    text(
        """
        SELECT current_setting('transaction_read_only') = 'on' AS is_read_only,
            to_regclass('store_reserve') IS NULL AS is_missing,
            coalesce(pg_relation_size(to_regclass('store_reserve')), 0) / 1048576 AS mib
        """
    )
)
LOCK = sql(
    text(f"SELECT set_config('lock_timeout', '2s', true), pg_advisory_xact_lock({RESERVE_LOCK})"),
    operation="SELECT",
)
DROP = sql(text("DROP TABLE IF EXISTS store_reserve"))
DROP_PROBE = sql(text("DROP TABLE store_probe"))

# CREATE TABLE AS takes no parameters; a setting of the transaction it does.
SET_ROWS = sql(text("SELECT set_config('lientuyen.rows', :rows, true)"))
_FILLER: Final = (
    "SELECT repeat('x', 1900) AS filler FROM generate_series(1, current_setting('lientuyen.rows', true)::int)"
)
MAKE = sql(text(f"CREATE UNLOGGED TABLE store_reserve AS {_FILLER}"), about="store_reserve")
MAKE_PROBE = sql(text(f"CREATE UNLOGGED TABLE store_probe AS {_FILLER}"), about="store_probe")


class StoreReserve:
    """The reserve of one database; *mib* is 0 where there is to be none."""

    def __init__(self, db: Database, mib: int) -> None:
        self._db = db
        self._gate = db.gate
        self._mib = mib
        self._was_whole = False

    async def run(self) -> None:
        """Keep the reserve, and the gate true, until cancelled."""
        while True:
            self._gate.refused.clear()
            with suppress(ServiceError, asyncpg.LockNotAvailableError):
                await self.look()
            if self._gate.cause == READ_ONLY:
                await asyncio.sleep(READ_ONLY_INTERVAL_S)
            elif self._gate.cause != DISK_FULL:
                await self._hear_of_refusal()
            if self._gate.cause == DISK_FULL:
                with suppress(ServiceError, asyncpg.LockNotAvailableError):
                    await self._drop()
                self._was_whole = False
                await asyncio.sleep(RETRY_INTERVAL_S)

    async def look(self) -> None:
        """Look whether the database can be written and the reserve is there, and make it if not.

        Opens the gate or closes it; what finds no room closes it too (`Database` notes what it is refused).
        """
        async with self._db.connection() as tx:
            row = await tx.fetchrow(LOOK)
            assert row is not None
            if row["is_read_only"]:
                self._gate.close(READ_ONLY)
                # Not on this connection again: the server that writes may be another one now.
                raise StoreUnwritable(READ_ONLY) from asyncpg.ReadOnlySQLTransactionError()
        if row["is_missing"] and self._was_whole:
            self._gate.close(DISK_FULL)
            return
        if self._gate.cause == DISK_FULL or row["mib"] < self._mib:
            await self._remake()
        self._was_whole = self._mib > 0
        if not self._gate.refused.is_set():  # nobody was, meanwhile
            self._gate.open()

    async def _remake(self) -> None:
        async with self._db.transaction() as tx:
            await tx.fetch(LOCK)
            await tx.execute(DROP)
            if self._mib:
                await _fill(tx, MAKE, self._mib)
            await _fill(tx, MAKE_PROBE, PROBE_MIB)
            await tx.execute(DROP_PROBE)

    async def _drop(self) -> None:
        async with self._db.transaction() as tx:
            await tx.fetch(LOCK)
            await tx.execute(DROP)

    async def _hear_of_refusal(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_INTERVAL_S):
                await self._gate.refused.wait()


async def _fill(tx: Transaction, make: Sql, mib: int) -> None:
    """Make a table of *mib* MiB."""
    await tx.fetch(SET_ROWS, rows=str(mib * ROWS_PER_MIB))
    await tx.execute(make)

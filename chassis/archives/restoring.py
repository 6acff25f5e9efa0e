"""
An archive comes back into the database, for reading: `ListAccesses` and the mailbox show it again, marked.

A partitioned month comes as a partition of its own, in one transaction, and its rows are compared with the
archive before it is attached.  Rows come in small transactions; a run that was killed is run again.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import asyncpg

from . import catalogue, sources
from .archive_file import ArchiveReader
from .catalogue import DROPPED, RESTORED
from .dropping import LOCK_TIMEOUT
from .kinds import RESTORE_TIME, Kind, add_months
from .manifest import Archive
from .refusal import ArchiveRefused
from .session import Session

# Triggers that a partition does not get by being attached (audit_partitions.partition_ddl).
TRUNCATE_TRIGGER: Final = """
    CREATE TRIGGER {name}_whole BEFORE TRUNCATE ON {name}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()
"""


async def restore(session: Session, kind: Kind, month: datetime, archive: Archive) -> None:
    """Bring back what *archive*, which was verified, holds; once, however often it is asked for."""
    entries = await catalogue.entries(session.connection, kind, month)
    state = next((entry.state for entry in entries if entry.number == archive.header.number), DROPPED)
    if state == RESTORED:
        return
    if state != DROPPED:
        raise ArchiveRefused(
            f"Dữ liệu tháng {month:%m/%Y} vẫn còn trong cơ sở dữ liệu.",
            f"The rows of {month:%Y-%m} are still in the database.",
        )
    await (_restore_partition if kind.partitioned else _restore_rows)(session, kind, month, archive)


async def _restore_partition(session: Session, kind: Kind, month: datetime, archive: Archive) -> None:
    connection, name, parent = session.connection, sources.restored_partition(kind, month), kind.table.name
    if await sources.measure(connection, kind, month, archive.header.columns) != (0, 0):
        raise ArchiveRefused(
            f"Bảng đã có dữ liệu của tháng {month:%m/%Y}.", f"The table has rows of {month:%Y-%m} already."
        )
    try:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            await connection.execute(f"CREATE TABLE {name} (LIKE {parent} INCLUDING ALL)")
            for column in kind.defaults_of_new_rows:
                await connection.execute(f"ALTER TABLE {name} ALTER COLUMN {column} DROP DEFAULT")
            for lines in _chunks(session, archive):
                await _insert(session, name, archive.header.columns[parent], rows_of(lines, parent))
            await connection.execute(
                f"ALTER TABLE {parent} ATTACH PARTITION {name}"
                f" FOR VALUES FROM ('{month:%Y-%m-%d} 00:00+00')"
                f" TO ('{add_months(month, 1):%Y-%m-%d} 00:00+00')"
            )
            await connection.execute(TRUNCATE_TRIGGER.format(name=name))
            if (archive.main_rows, archive.digest) != await sources.measure(
                connection, kind, month, archive.header.columns
            ):
                raise ArchiveRefused(
                    f"Tháng {month:%m/%Y} khôi phục không giống tệp lưu trữ; không có gì thay đổi.",
                    f"What came back of {month:%Y-%m} is not what the archive holds; nothing was changed.",
                )
            await _note(session, kind, month, archive)
    except asyncpg.LockNotAvailableError:
        raise ArchiveRefused(
            "Bảng đang bận; không có gì thay đổi, hãy chạy lại.",
            "The table is busy; nothing was changed, run this again.",
        ) from None


async def _restore_rows(session: Session, kind: Kind, month: datetime, archive: Archive) -> None:
    for lines in _chunks(session, archive):
        async with session.connection.transaction():
            for table, columns in archive.header.columns.items():
                mark = RESTORE_TIME if table == kind.table.name else ""
                await _insert(session, table, columns, rows_of(lines, table), mark)
    await _note(session, kind, month, archive)


async def _note(session: Session, kind: Kind, month: datetime, archive: Archive) -> None:
    """Write down that *archive* is back; a database that knows nothing of it learns it."""
    entries = await catalogue.entries(session.connection, kind, month)
    if not any(entry.number == archive.header.number for entry in entries):
        await catalogue.write(session.connection, kind, month, archive, RESTORED)
    await catalogue.move(session.connection, kind, month, archive.header.number, RESTORED)


async def _insert(
    session: Session, table: str, columns: Sequence[str], rows: Sequence[bytes], mark: str = ""
) -> None:
    """Insert *rows*, JSON; those that are there already stay.  *mark* is a column to hold the time."""
    if not rows:
        return
    names = sources.names(columns)
    into, values = (f"{names}, {mark}", f"{names}, now()") if mark else (names, names)
    await session.connection.execute(
        f"INSERT INTO {table} ({into}) SELECT {values} FROM json_populate_recordset(NULL::{table}, $1::json)"
        " ON CONFLICT DO NOTHING",
        (b"[" + b",".join(rows) + b"]").decode(),
    )


def _chunks(session: Session, archive: Archive) -> Iterator[list[bytes]]:
    for _, lines in ArchiveReader(archive.sealed_path, session.files.encryptor):
        yield lines


def rows_of(lines: Sequence[bytes], table: str) -> list[bytes]:
    """Return the rows, JSON, of *table* among *lines*."""
    start = table.encode() + b"\t"
    return [line.removeprefix(start) for line in lines if line.startswith(start)]

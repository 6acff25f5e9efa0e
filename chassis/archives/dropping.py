"""
What an archive holds leaves the database: only when the archive was verified, just now, and is old enough.

A partitioned month goes in one transaction, after its rows were compared with the archive.  Rows go in small
transactions, each row only if it is still what the archive says; a run that was killed is gone on with.
"""

import json
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from . import catalogue, sources
from .archive_file import ArchiveReader, Header
from .catalogue import DROPPED, DROPPING, EXPORTED, Entry
from .kinds import RESTORE_TIME, Kind, add_months
from .manifest import Archive
from .refusal import ArchiveRefused
from .session import Session

# A table that is busy for so long is left: whoever reads persons meanwhile waits behind us.
LOCK_TIMEOUT: Final = "4s"


async def drop(session: Session, kind: Kind, month: datetime) -> int:
    """Take from the database what archives of *month* hold, and return how many rows of the main table."""
    entries = await catalogue.entries(session.connection, kind, month)
    if not entries:
        raise ArchiveRefused(
            f"Tháng {month:%m/%Y} chưa được xuất.", f"The month {month:%Y-%m} was not exported."
        )
    dropped = 0
    for entry in entries:
        if entry.state != DROPPED:
            dropped += await _drop_archive(session, kind, month, entry)
    return dropped


async def _drop_archive(session: Session, kind: Kind, month: datetime, entry: Entry) -> int:
    is_due = await session.now() >= kind.leaves_from(month)
    if not is_due and entry.state == EXPORTED:
        raise _too_young(kind, month)
    archive = session.verified(kind, month, entry)
    if kind.partitioned:
        await _drop_partitions(session, kind, month, archive)
        return archive.main_rows
    # What is back may go when it was read; beside it there may be rows that never left.
    leaving = f"({kind.may_leave}) OR {RESTORE_TIME} IS NOT NULL" if is_due else f"{RESTORE_TIME} IS NOT NULL"
    return await _drop_rows(session, kind, month, archive, leaving)


def _too_young(kind: Kind, month: datetime) -> ArchiveRefused:
    from_time = kind.leaves_from(month)
    return ArchiveRefused(
        f"Tháng {month:%m/%Y} phải được giữ đến {from_time:%d/%m/%Y} (docs/retention.md).",
        f"The month {month:%Y-%m} has to stay until {from_time:%Y-%m-%d} (docs/retention.md).",
    )


async def _drop_partitions(session: Session, kind: Kind, month: datetime, archive: Archive) -> None:
    connection = session.connection
    if (archive.main_rows, archive.digest) != await sources.measure(
        connection, kind, month, archive.header.columns
    ):
        raise ArchiveRefused(
            f"Dữ liệu tháng {month:%m/%Y} không khớp với tệp lưu trữ; không xóa gì.",
            f"The rows of {month:%Y-%m} are not those of the archive; nothing was dropped.",
        )
    try:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            for name in await sources.partitions(connection, kind, month):
                if name.endswith("_default"):
                    await _empty_default(session, kind, name, month)
                else:
                    await connection.execute(f"ALTER TABLE {kind.table.name} DETACH PARTITION {name}")
                    await connection.execute(f"DROP TABLE {name}")
            await catalogue.move(connection, kind, month, archive.header.number, DROPPED)
    except asyncpg.LockNotAvailableError:
        raise ArchiveRefused(
            "Bảng đang bận; không có gì thay đổi, hãy chạy lại.",
            "The table is busy; nothing was changed, run this again.",
        ) from None


async def _empty_default(session: Session, kind: Kind, name: str, month: datetime) -> None:
    """Delete what lies in the default partition, as happens when a month's own could not be made in time.

    Its trigger stands aside for this transaction alone, which nobody else can use.
    """
    bounds = (month, add_months(month, 1))
    rows = f"FROM {name} WHERE {kind.time_column} >= $1 AND {kind.time_column} < $2"
    if not await session.connection.fetchval(f"SELECT EXISTS (SELECT {rows})", *bounds):
        return
    await session.connection.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
    await session.connection.execute(f"DELETE {rows}", *bounds)
    await session.connection.execute(f"ALTER TABLE {name} ENABLE TRIGGER USER")


async def _drop_rows(session: Session, kind: Kind, month: datetime, archive: Archive, leaving: str) -> int:
    await catalogue.move(session.connection, kind, month, archive.header.number, DROPPING)
    reader = ArchiveReader(archive.sealed_path, session.files.encryptor)
    start, dropped = kind.table.name.encode() + b"\t", 0
    for _, lines in reader:
        rows = {_id_of(line): line for line in lines if line.startswith(start)}
        async with session.connection.transaction():
            dropped += await _drop_batch(session, kind, reader.header, rows, leaving)
    await catalogue.move(session.connection, kind, month, archive.header.number, DROPPED)
    return dropped


async def _drop_batch(
    session: Session, kind: Kind, header: Header, rows: dict[UUID, bytes], leaving: str
) -> int:
    """Delete those of *rows*, archived lines by id, that are still so and *leaving*; return how many."""
    connection, table = session.connection, kind.table.name
    current = await connection.fetch(
        f"SELECT id, row_to_json(x)::text FROM (SELECT {sources.names(header.columns[table])} FROM {table}"
        f" WHERE id = ANY ($1) AND ({leaving}) FOR UPDATE) AS x",
        list(rows),
    )
    ids = [row[0] for row in current if rows[row[0]] == sources.line(table, row[1])]
    for dependent in kind.dependents:
        await connection.execute(
            f"DELETE FROM {dependent.table.name} WHERE {dependent.column} = ANY ($1)", ids
        )
    await connection.execute(f"DELETE FROM {table} WHERE id = ANY ($1)", ids)
    return len(ids)


def _id_of(line: bytes) -> UUID:
    """Return the id of an archived row."""
    return UUID(json.loads(line.partition(b"\t")[2])["id"])

"""
A month is written into an archive: streamed, page by page, and gone on with when a run was killed.

The manifest makes the archive; until it is there the file has `.part` at its end and nothing may be dropped.
"""

from contextlib import closing
from datetime import datetime
from typing import Final

from ..signing import KeyPair
from . import catalogue, sources
from .archive_file import ArchiveWriter, Header, sync_folder
from .catalogue import DROPPING, EXPORTED
from .kinds import SETTLING, Kind, add_months
from .manifest import SEALED, Archive, write_manifest
from .refusal import ArchiveRefused
from .session import Session

PART: Final = ".part"


async def export(session: Session, kind: Kind, month: datetime, pair: KeyPair) -> Archive:
    """Return the archive of *month*, verified; one that is there already is not written again.

    Refuses a month that is not over, one that has left already, and one with nothing that may leave.
    """
    await _check_over(session, month)
    number = await _next_number(session, kind, month)
    path = session.manifest_path(kind, month, number)
    if not path.exists():
        await _write(session, kind, month, number, pair)
    archive = session.files.verified(path)
    await catalogue.write(session.connection, kind, month, archive, EXPORTED)
    return archive


async def _check_over(session: Session, month: datetime) -> None:
    if await session.now() < add_months(month, 1) + SETTLING:
        raise ArchiveRefused(f"Tháng {month:%m/%Y} chưa kết thúc.", f"The month {month:%Y-%m} is not over.")


async def _next_number(session: Session, kind: Kind, month: datetime) -> int:
    """Return the number of the archive to write: one that was not dropped is the same one."""
    entries = await catalogue.entries(session.connection, kind, month)
    if any(entry.state == DROPPING for entry in entries):
        raise ArchiveRefused(
            f"Lệnh xóa tháng {month:%m/%Y} chưa xong; hãy chạy lại lệnh xóa trước.",
            f"The drop of {month:%Y-%m} was broken off; run it to its end first.",
        )
    open_numbers = [entry.number for entry in entries if entry.state == EXPORTED]
    if open_numbers:
        return open_numbers[0]
    if entries and kind.partitioned:
        raise ArchiveRefused(
            f"Tháng {month:%m/%Y} đã được đưa ra khỏi cơ sở dữ liệu.",
            f"The month {month:%Y-%m} has left the database already.",
        )
    return max((entry.number for entry in entries), default=0) + 1


async def _write(session: Session, kind: Kind, month: datetime, number: int, pair: KeyPair) -> None:
    manifest_path = session.manifest_path(kind, month, number)
    sealed, part = manifest_path.with_suffix(SEALED), manifest_path.with_suffix(PART)
    encryptor = session.files.encryptor
    header = Header.new(encryptor, session.files.service, kind.name, f"{month:%Y-%m}", number, kind.columns())
    if sealed.exists():  # killed before the manifest: it is whole, and goes on from its end
        sealed.replace(part)
    with closing(ArchiveWriter(part, header, encryptor)) as writer:
        async for position, lines in sources.pages(session.connection, kind, month, writer.totals.position):
            writer.append(position, lines)
        await _check_complete(session, kind, month, writer)
        part.replace(sealed)
        sync_folder(session.folder)
        write_manifest(manifest_path, writer.header, writer.totals, await session.now(), pair)


async def _check_complete(session: Session, kind: Kind, month: datetime, writer: ArchiveWriter) -> None:
    count = writer.totals.rows.get(kind.table.name, 0)
    if kind.partitioned:
        if (count, writer.totals.digest) != await sources.measure(
            session.connection, kind, month, kind.columns()
        ):
            writer.discard()
            raise ArchiveRefused(
                f"Bảng của tháng {month:%m/%Y} đã được ghi lại trong khi xuất; hãy chạy lại.",
                f"The table of {month:%Y-%m} was rewritten while it was exported; run this again.",
            )
        count = count or len(await sources.partitions(session.connection, kind, month)) - 1
    if not count:
        writer.discard()
        raise ArchiveRefused(
            f"Tháng {month:%m/%Y} không có gì được phép đưa ra.",
            f"There is nothing in {month:%Y-%m} that may leave.",
        )

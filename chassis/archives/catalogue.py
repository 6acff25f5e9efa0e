"""The table `archives`: which months of which kind have left, and which are back; one row an archive."""

from base64 import b64decode
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from .kinds import Kind
from .manifest import Archive

EXPORTED: Final = "exported"
# Some of its rows may be gone: the drop is to be run to its end.
DROPPING: Final = "dropping"
DROPPED: Final = "dropped"
RESTORED: Final = "restored"

LIST: Final = """
    SELECT month, number, state, row_count, sha256, export_time, drop_time, restore_time
    FROM archives WHERE kind = $1 ORDER BY month, number
"""
OF_MONTH: Final = """
    SELECT month, number, state, row_count, sha256, export_time, drop_time, restore_time
    FROM archives WHERE kind = $1 AND month = $2 ORDER BY number
"""
WRITE: Final = """
    INSERT INTO archives (kind, month, number, state, row_count, sha256, data_key, export_time)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (kind, month, number) DO UPDATE SET state = excluded.state, row_count = excluded.row_count,
        sha256 = excluded.sha256, data_key = excluded.data_key, export_time = excluded.export_time
"""
MOVE: Final = """
    UPDATE archives SET state = $4,
        drop_time = CASE WHEN $4 = 'dropped' THEN now() ELSE drop_time END,
        restore_time = CASE WHEN $4 = 'restored' THEN now() END
    WHERE kind = $1 AND month = $2 AND number = $3
"""


class Entry(NamedTuple):
    """One archive, as the database knows it."""

    month: date
    number: int
    state: str
    row_count: int
    sha256: bytes
    export_time: datetime
    drop_time: datetime | None
    restore_time: datetime | None


async def entries(connection: Any, kind: Kind, month: datetime | None = None) -> list[Entry]:
    """Return the archives of *kind*, of one month or of all."""
    if month is None:
        return [Entry(*row) for row in await connection.fetch(LIST, kind.name)]
    return [Entry(*row) for row in await connection.fetch(OF_MONTH, kind.name, month.date())]


async def write(connection: Any, kind: Kind, month: datetime, archive: Archive, state: str) -> None:
    """Write down that *archive* is there, in *state*."""
    await connection.execute(
        WRITE,
        kind.name,
        month.date(),
        archive.header.number,
        state,
        archive.main_rows,
        archive.sha256,
        b64decode(archive.header.data_key),
        archive.export_time,
    )


async def move(connection: Any, kind: Kind, month: datetime, number: int, state: str) -> None:
    await connection.execute(MOVE, kind.name, month.date(), number, state)

"""
The rows of a month, page by page, each page after a position that an export can go on from.

A partitioned table is read by windows of its blocks: a month that is over is only read, and needs no index.
Another is read along its index on time and id.  Statements name tables and columns of `Kind`, never words of
a caller.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

from .kinds import Dependent, Kind, add_months

Page: TypeAlias = tuple[list[Any], list[bytes]]

# The columns of each table, as a header has them.
Columns: TypeAlias = Mapping[str, Sequence[str]]

# Blocks of 8 KiB of a partition in one page: some two thousand rows of the access log.
BLOCKS: Final = 64

# Rows of a table that is read by its index in one page.
ROWS: Final = 500

PARTITIONS: Final = """
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = $1::text::regclass AND c.relname = ANY ($2::text[]) ORDER BY c.relname
"""
COUNT_BLOCKS: Final = "SELECT pg_relation_size($1::text::regclass) / current_setting('block_size')::bigint"


def pages(connection: Any, kind: Kind, month: datetime, after: Any) -> AsyncIterator[Page]:
    """Yield the pages of *month* behind *after*, None for all: the position behind it, and a line a row."""
    read = _partition_pages if kind.partitioned else _keyed_pages
    return read(connection, kind, month, after)


async def partitions(connection: Any, kind: Kind, month: datetime) -> list[str]:
    """Return where rows of *month* are: its partition, one that is back, and the default one, if there."""
    table = kind.table.name
    names = [f"{table}_{month:%Y_%m}", restored_partition(kind, month), f"{table}_default"]
    return [row[0] for row in await connection.fetch(PARTITIONS, table, names)]


def restored_partition(kind: Kind, month: datetime) -> str:
    """Return the name of the partition of a month that is back; `audit.LIST` marks rows by its end."""
    return f"{kind.table.name}_{month:%Y_%m}_restored"


async def measure(connection: Any, kind: Kind, month: datetime, columns: Columns) -> tuple[int, int]:
    """Return how many rows of *month* there are in the main table, and their digest over *columns*."""
    row = await connection.fetchrow(
        f"""
        SELECT count(*), coalesce(sum(('x' || encode(substring(
            sha256(convert_to(row_to_json(x)::text, 'UTF8')) FROM 1 FOR 7), 'hex'))::bit(56)::bigint), 0)
        FROM ({_rows(kind, kind.table.name, columns)}) AS x
        """,
        month,
        add_months(month, 1),
    )
    return int(row[0]), int(row[1])


async def dependent_lines(connection: Any, kind: Kind, ids: Sequence[UUID]) -> list[bytes]:
    """Return a line for each row that goes with those of *ids*."""
    lines = []
    for dependent in kind.dependents:
        table = dependent.table.name
        for row in await connection.fetch(_select_dependents(kind, dependent), ids):
            lines.append(line(table, row[0]))
    return lines


def line(table: str, row: str) -> bytes:
    return f"{table}\t{row}".encode()


def names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def _rows(kind: Kind, table: str, columns: Columns) -> str:
    """Return the rows of a month ($1 to $2) in *table*, the main one or a partition of it."""
    return (
        f"SELECT {names(columns[kind.table.name])} FROM {table}"
        f" WHERE {kind.time_column} >= $1 AND {kind.time_column} < $2 AND {kind.may_leave}"
    )


async def _partition_pages(connection: Any, kind: Kind, month: datetime, after: Any) -> AsyncIterator[Page]:
    tables = await partitions(connection, kind, month)
    table, block = after or (tables[0] if tables else "", 0)
    end = add_months(month, 1)
    for name in tables:
        if name < table:
            continue
        first = block if name == table else 0
        count = int(await connection.fetchval(COUNT_BLOCKS, name))
        for begin in range(first, count, BLOCKS):
            # Positions in the table, and not parameters: of these PostgreSQL makes a scan of the window.
            window = f"ctid >= '({begin},0)'::tid AND ctid < '({begin + BLOCKS},0)'::tid"
            statement = (
                f"SELECT row_to_json(x)::text FROM ({_rows(kind, name, kind.columns())} AND {window}) AS x"
            )
            rows = await connection.fetch(statement, month, end)
            if rows:
                yield [name, begin + BLOCKS], [line(kind.table.name, row[0]) for row in rows]


async def _keyed_pages(connection: Any, kind: Kind, month: datetime, after: Any) -> AsyncIterator[Page]:
    time, last = (datetime.fromisoformat(after[0]), UUID(after[1])) if after else (month, UUID(int=0))
    rows_of_month = _rows(kind, kind.table.name, kind.columns())
    statement = (
        f"SELECT {kind.time_column}, id, row_to_json(x)::text FROM ({rows_of_month}"
        f" AND ({kind.time_column}, id) > ($3, $4) ORDER BY {kind.time_column}, id LIMIT {ROWS}) AS x"
    )
    while rows := await connection.fetch(statement, month, add_months(month, 1), time, last):
        time, last = rows[-1][0], rows[-1][1]
        lines = [line(kind.table.name, row[2]) for row in rows]
        dependents = await dependent_lines(connection, kind, [row[1] for row in rows])
        yield [time.isoformat(), str(last)], [*lines, *dependents]


def _select_dependents(kind: Kind, dependent: Dependent) -> str:
    table = dependent.table.name
    return (
        f"SELECT row_to_json(x)::text FROM (SELECT {names(kind.columns()[table])} FROM {table}"
        f" WHERE {dependent.column} = ANY ($1)) AS x"
    )

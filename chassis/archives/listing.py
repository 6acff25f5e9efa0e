"""Which months there are, in the database and as archives, for an operator's eye."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from . import catalogue
from .kinds import Kind

# Reads the whole of a table that has no partitions: minutes on a large one.
COUNT_ROWS = """
    SELECT date_trunc('month', {time}, 'UTC')::date AS month, count(*), count(*) FILTER (WHERE {may_leave}),
           sum(pg_column_size(t.*))
    FROM {table} AS t GROUP BY 1
"""
# Estimates of a partition's rows are as old as its last ANALYZE; small ones are counted.
PARTITIONS = """
    SELECT c.relname, c.reltuples::bigint, pg_total_relation_size(c.oid)
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = $1::text::regclass
"""
COUNTED_BYTES = 64 * 1024 * 1024


@dataclass(slots=True)
class Month:
    """A month in the database: *rows*, of which *may_leave* may go; *size_bytes* on disk, or of the rows."""

    rows: int = 0
    may_leave: int = 0
    size_bytes: int = 0


async def lines(connection: Any, kind: Kind, now: datetime) -> list[str]:
    """Return a line for each month of *kind*: rows, bytes, and what became of it."""
    read = _partitioned if kind.partitioned else _counted
    months, entries = await read(connection, kind), await catalogue.entries(connection, kind)
    listed = []
    for month in sorted({*months, *(entry.month for entry in entries)}):
        held = months.get(month, Month())
        archives = ", ".join(
            f"{entry.number} {entry.state} ({entry.row_count} rows)"
            for entry in entries
            if entry.month == month
        )
        begin = datetime(month.year, month.month, 1, tzinfo=now.tzinfo)
        age = (
            "may leave"
            if kind.leaves_from(begin) <= now
            else f"stays until {kind.leaves_from(begin):%Y-%m-%d}"
        )
        listed.append(
            f"{kind.name}  {month:%Y-%m}  {held.rows} rows, {held.may_leave} finished,"
            f" {held.size_bytes} bytes  {age}  archives: {archives or 'none'}"
        )
    return listed


async def _partitioned(connection: Any, kind: Kind) -> Mapping[date, Month]:
    months = {}
    for name, estimate, size in await connection.fetch(PARTITIONS, kind.table.name):
        month = _month_of(name, kind)
        if month is not None:
            rows = estimate
            if size <= COUNTED_BYTES or estimate < 0:
                rows = await connection.fetchval(f"SELECT count(*) FROM {name}")
            months[month] = Month(rows, rows, size)
    return months


def _month_of(partition: str, kind: Kind) -> date | None:
    """Return the month of a partition by its name; None for the default one."""
    year, _, month = partition.removeprefix(f"{kind.table.name}_").removesuffix("_restored").partition("_")
    return date(int(year), int(month), 1) if year.isdigit() and month.isdigit() else None


async def _counted(connection: Any, kind: Kind) -> Mapping[date, Month]:
    statement = COUNT_ROWS.format(time=kind.time_column, table=kind.table.name, may_leave=kind.may_leave)
    return {row[0]: Month(row[1], row[2], row[3]) for row in await connection.fetch(statement)}

"""
How many bytes each operation adds to each database: tables, indexes, and what is stored beside them (TOAST).

    python -m bench growth

Counted is what is in use of the files after a vacuum: their size without the free room that the next rows
will take (pg_freespacemap), for PostgreSQL makes files longer ahead of what is written, and the room of rows
that were updated is used again.  Indexes grow by pages of 8 KiB, so a figure of some bytes may be one page.
What is deleted later (docs/retention.md) is counted here, for here nothing is.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from itertools import count
from typing import Final, NamedTuple

from rich.table import Table

from laptop.service_settings import SERVICES

from . import catalogue  # noqa: F401  (declares the loads)
from .calling import Caller, Job, Wires
from .loads import LOADS, Load
from .reports import Place, ReportResult, report
from .site import FLOORS, Site, stack

# Persons that identity knows, for what looks people up.
PERSONS: Final = 5_000

# Calls that come first and calls that are counted; of a batch, fewer.
WARM_UP_CALLS, COUNTED_CALLS = 200, 1_000
WARM_UP_BATCHES, COUNTED_BATCHES = 1, 4

CALLERS: Final = 8

# What an operation is called where the load is about something else.
OPERATIONS: Final[Mapping[str, str]] = {
    "find_person": "a look-up (FindPerson)",
    "check_eligibility": "a question about a card (CheckEligibility)",
    "import_persons": "a person of a register",
    "import_coverages": "a card of a register",
    "submit_dossier": "a dossier of 7 rows, with slips",
    "submit_signed_dossiers": "a signed dossier of 100 rows, with slips",
    "send_receive_acknowledge": "a message of 1 KB, sent and acknowledged",
    "dispense": "a prescription of one line, claimed and dispensed",
}

# By the table that a partition is of; what is beside a table is itself a table with an index.
SIZES: Final = """
    WITH used AS (
        SELECT oid, pg_relation_size(oid) - (SELECT coalesce(sum(avail), 0) FROM pg_freespace(oid)) AS bytes
        FROM pg_class WHERE relkind IN ('r', 'i', 't') AND relnamespace IN (
            'public'::regnamespace, 'pg_toast'::regnamespace)
    ), tables AS (
        SELECT c.oid, c.reltoastrelid, coalesce(p.relname, c.relname) AS name FROM pg_class c
        LEFT JOIN pg_inherits i ON i.inhrelid = c.oid LEFT JOIN pg_class p ON p.oid = i.inhparent
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
    )
    SELECT name,
        (sum((SELECT bytes FROM used WHERE used.oid = t.oid)))::bigint,
        coalesce(sum((SELECT sum(bytes) FROM used JOIN pg_index x ON x.indexrelid = used.oid
            WHERE x.indrelid = t.oid)), 0)::bigint,
        coalesce(sum((SELECT sum(bytes) FROM used WHERE used.oid = t.reltoastrelid
            OR used.oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = t.reltoastrelid))), 0)::bigint
    FROM tables AS t GROUP BY name
"""


class Size(NamedTuple):
    """Bytes of a table itself, of its indexes, and beside it."""

    table: int
    indexes: int
    toast: int

    @property
    def whole(self) -> int:
        return self.table + self.indexes + self.toast


# By database and table.
Sizes = dict[tuple[str, str], Size]


@dataclass(frozen=True, slots=True)
class Growth:
    """What *operations* of one kind added to one table of one database, in bytes."""

    operation: str
    database: str
    name: str
    operations: int
    added: Size

    @property
    def figures(self) -> dict[str, object]:
        """Return the bytes an operation."""
        parts = {part: round(size / self.operations, 1) for part, size in self.added._asdict().items()}
        whole = round(self.added.whole / self.operations, 1)
        return {
            "operation": self.operation,
            "database": self.database,
            "name": self.name,
            **parts,
            "whole": whole,
        }


@report
async def growth(place: Place) -> ReportResult:
    """Bytes that each kind of operation adds to each database; 5,000 persons, 1,000 operations."""
    grown: list[Growth] = []
    async with stack(place.home, PERSONS, place.console) as site:
        for need in dict.fromkeys(need for name in OPERATIONS for need in LOADS[name].needs):
            await need(site)
        for name in OPERATIONS:
            place.console.print(f"{name} …", highlight=False)
            grown += await _grow(site, LOADS[name])
    by_database = totals(grown)
    figures = {
        "by_table": [item.figures for item in grown],
        "by_database": [item.figures for item in by_database],
    }
    return ReportResult([_table(by_database), _table(grown)], figures)


async def _grow(site: Site, load: Load) -> list[Growth]:
    """Return what calls of *load* add, a line a table that grew."""
    warm_up, counted = (WARM_UP_BATCHES, COUNTED_BATCHES) if load.rows else (WARM_UP_CALLS, COUNTED_CALLS)
    job = Job(str(site.tls), site.state["addresses"], site.database(FLOORS), PERSONS, process=0, processes=1)
    async with aclosing(_Closing(Wires(job))) as closing:
        await _call(site, load, closing.wires, warm_up)
        before = await sizes(site)
        await _call(site, load, closing.wires, counted)
        after = await sizes(site)
    return differences(OPERATIONS[load.name], before, after, counted * max(load.rows, 1))


@dataclass(frozen=True, slots=True)
class _Closing:
    """The wires of one load, closed as `aclosing` does."""

    wires: Wires

    async def aclose(self) -> None:
        await self.wires.close()


async def _call(site: Site, load: Load, wires: Wires, calls: int) -> None:
    """Make so many calls, several at once; raise what the first wrong one was told."""
    left = iter(range(calls))

    async def keep_calling(caller: Caller) -> None:
        for _ in left:
            await load.call(caller)

    numbers = wires.make_once("seeds", count)
    callers = [Caller(wires, index, random.Random(next(numbers))) for index in range(min(CALLERS, calls))]
    await asyncio.gather(*(keep_calling(caller) for caller in callers))
    if load.settle is not None:
        await load.settle(site)


async def sizes(site: Site) -> Sizes:
    """Return what is in use of each table of the four databases."""
    measured: Sizes = {}
    for database in SERVICES:
        async with site.connection(database) as connection:
            await connection.execute("CREATE EXTENSION IF NOT EXISTS pg_freespacemap")
            await connection.execute("VACUUM")
            for name, *parts in await connection.fetch(SIZES):
                measured[database, name] = Size(*map(int, parts))
    return measured


def differences(operation: str, before: Sizes, after: Sizes, operations: int) -> list[Growth]:
    """Return what was added to each table that grew, the largest of a database first."""
    grown = []
    for (database, name), size in after.items():
        earlier = before.get((database, name), Size(0, 0, 0))
        added = Size(*(now - then for now, then in zip(size, earlier, strict=True)))
        if added.whole > 0:
            grown.append(Growth(operation, database, name, operations, added))
    order = list(SERVICES)
    return sorted(grown, key=lambda item: (order.index(item.database), -item.added.whole))


def totals(grown: Iterable[Growth]) -> list[Growth]:
    """Return one line an operation and database, in the order in which they come."""
    groups: dict[tuple[str, str], list[Growth]] = defaultdict(list)
    for item in grown:
        groups[item.operation, item.database].append(item)
    return [
        Growth(operation, database, "all tables", items[0].operations, _sum(item.added for item in items))
        for (operation, database), items in groups.items()
    ]


def _sum(parts: Iterable[Size]) -> Size:
    return Size(*map(sum, zip(*parts, strict=True)))


def _table(grown: Sequence[Growth]) -> Table:
    drawn = Table(title="bytes an operation")
    for column in ("operation", "database", "name", "table", "indexes", "toast", "whole"):
        drawn.add_column(column, justify="left" if column in ("operation", "database", "name") else "right")
    for item in grown:
        words = item.figures
        drawn.add_row(*(f"{word:,.0f}" if isinstance(word, float) else str(word) for word in words.values()))
    return drawn

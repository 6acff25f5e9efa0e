"""
Filling identity with the people of the bench, inside PostgreSQL, up to tens of millions.

All that is added is one transaction: the keys and indexes of the three tables
go, the rows are made where they stay, and the same keys and indexes are built
over all of them, which is several times faster than keeping them up to date.
What the keys and indexes are is read from the catalogue.  Whoever looks sees
the population before or after, never between.

Only the loader's own session does not wait for the disk; a CHECKPOINT ends it,
so that what is measured next begins with everything on the disk.
"""

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import asyncpg
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from services.identity.model.coverages import Issuer
from services.identity.model.identifiers import Kind, State
from services.identity.model.persons import Origin, PersonState

from .invented import HOSPITAL_CODE, LISTS, MAX_PERSONS, PEOPLE, SQL, personal_id, today
from .site import BenchFailed, Site
from .structure import read_structure

TABLES = ("persons", "identifiers", "coverages")

# Persons of one statement: a few seconds, so that the bar moves.
CHUNK_ROWS = 250_000

# Keys and indexes are built anew when so large a part of the persons is new.
REBUILD_SHARE = 0.2

# Bytes of disk a person needs when all is loaded, and what the rest of a run needs: WAL, the files
# that building indexes takes, the other services.
PERSON_BYTES = 1_500
REST_BYTES = 12 * 2**30

# The longest that filling may take: ten times what it does on two cores.
FIXED_SECONDS = 120
SECONDS_PER_PERSON = 0.0005

# Reads the tables named, or their indexes, and gives the bytes.
PREWARM = """
    SELECT CAST(coalesce(sum(pg_prewarm(CASE $1 WHEN 'table' THEN t.oid ELSE i.indexrelid END)), 0)
                * current_setting('block_size')::integer AS bigint)
    FROM pg_class AS t LEFT JOIN pg_index AS i ON i.indrelid = t.oid AND $1 = 'index'
    WHERE t.oid = ANY (CAST($2 AS regclass[]))
"""

# For the loader's session alone.
SESSION = (
    "SET LOCAL synchronous_commit = off",
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL lock_timeout = '60s'",
    "SET LOCAL maintenance_work_mem = '1GB'",
)

PERSONS = {
    "id": SQL["id"],
    "state": str(int(PersonState.ACTIVE)),
    "origin": str(int(Origin.REGISTER)),
    "full_name": SQL["full_name"],
    "birth_year": SQL["birth_year"],
    "birth_month": SQL["birth_month"],
    "birth_day": SQL["birth_day"],
    "birth_time": "''",
    "sex": SQL["sex"],
    "nationality": "'000'",
    "ethnicity": "'01'",
    "address_line": SQL["address_line"],
    "commune_code": "''",
    "district_code": "''",
    "province_code": SQL["province_code"],
    "phone": "''",
    "facility": "''",
}
NUMBERS = {
    Kind.PERSONAL_ID: SQL["personal_id"],
    Kind.SOCIAL_INSURANCE_NUMBER: SQL["insurance_number"],
    Kind.CARD_NUMBER: SQL["card_number"],
}


@dataclass
class Filled:
    """What filling took: seconds by step, and bytes of each table and of its indexes."""

    persons: int
    added: int
    seconds: float = 0.0
    steps: dict[str, float] = field(default_factory=dict)
    tables: dict[str, dict[str, int]] = field(default_factory=dict)
    bytes_read: int = 0

    def sentence(self) -> str:
        """Return it in a line."""
        steps = ", ".join(f"{name} {took:,.0f} s" for name, took in self.steps.items())
        heap = sum(size["table"] for size in self.tables.values()) / 2**30
        indexes = sum(size["indexes"] for size in self.tables.values()) / 2**30
        effort = f"{self.added:,} made in {self.seconds:,.0f} s" if self.added else "all were there"
        return (
            f"{self.persons:,} persons: {effort} ({steps}); "
            f"tables {heap:.2f} GiB, indexes {indexes:.2f} GiB, all of it read in before measuring"
        )


def longest(persons: int) -> float:
    """Return how many seconds filling up to *persons* may take."""
    return FIXED_SECONDS + persons * SECONDS_PER_PERSON


def room_needed(persons: int) -> int:
    """Return how many bytes of disk a run with *persons* needs."""
    return persons * PERSON_BYTES + REST_BYTES


def check_room(folder: Path, persons: int) -> str:
    """Return what is needed and what is free in *folder*; `BenchFailed` when it is not enough."""
    held = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    needed, free = max(0, room_needed(persons) - held), shutil.disk_usage(folder).free
    room = [f"{size / 2**30:.0f} GiB" for size in (needed, free)]
    sentence = f"{persons:,} persons need about {room[0]} more of disk, {room[1]} are free"
    if free < needed:
        raise BenchFailed(
            f"{sentence} in {folder}: make room, name another place with --home, or fewer with --persons"
        )
    return sentence


async def fill(site: Site, persons: int) -> Filled:
    """Fill identity up to *persons*; those that are there stay.  Takes about half a minute a million."""
    async with site.connection("identity") as connection:
        known = await count_known(connection)
        filled = Filled(persons, max(0, persons - known))
        if filled.added:
            begin = time.perf_counter()
            await Loader(connection, filled, site.console).load(known, persons)
            filled.seconds = time.perf_counter() - begin
        filled.tables = {table: await _sizes(connection, table) for table in TABLES}
        begin = time.perf_counter()
        filled.bytes_read = await read_in(connection)
        filled.steps["reading it in"] = time.perf_counter() - begin
    return filled


async def read_in(connection: "asyncpg.Connection[asyncpg.Record]") -> int:
    """Read the tables, then their indexes, into PostgreSQL's buffers; return the bytes read.

    What has no room there, the beginning of the tables, stays in the system's cache.  A database that
    has served for a day is warm like that; one just made is warm in part, by chance.
    """
    await connection.execute("CREATE EXTENSION IF NOT EXISTS pg_prewarm")
    try:
        return sum([await connection.fetchval(PREWARM, kind, TABLES) for kind in ("table", "index")])
    finally:
        await connection.execute("DROP EXTENSION pg_prewarm")


async def count_known(connection: "asyncpg.Connection[asyncpg.Record]") -> int:
    """Return how many persons of the bench are there: they are stored in order, and all or none."""
    query = "SELECT 1 FROM identifiers WHERE kind = $1 AND value = $2"
    low, high = 0, MAX_PERSONS
    while low < high:
        middle = (low + high) // 2
        is_there = await connection.fetchval(query, int(Kind.PERSONAL_ID), personal_id(middle))
        low, high = (middle + 1, high) if is_there else (low, middle)
    return low


async def _sizes(connection: "asyncpg.Connection[asyncpg.Record]", table: str) -> dict[str, int]:
    query = "SELECT pg_table_size(oid), pg_indexes_size(oid) FROM pg_class WHERE oid = to_regclass($1)"
    row = await connection.fetchrow(query, table)
    assert row is not None
    return {"table": row[0], "indexes": row[1]}


def insert(table: str, columns: dict[str, str], more: str = "") -> str:
    """Return the statement that makes rows of *table*, each column by its formula."""
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(columns.values())} FROM {PEOPLE}{more}"
    )


def statements(day: date) -> dict[str, str]:
    """Return the statement of each table for a chunk of persons, with cards in force on *day*."""
    numbers = ", ".join(f"({int(kind)}, {formula})" for kind, formula in NUMBERS.items())
    cards = {
        "person_id": SQL["id"],
        "card_number": SQL["card_number"],
        "valid_from": f"DATE '{day.year - 1}-01-01'",
        "valid_to": f"DATE '{day.year + 1}-12-31'",
        "group_code": "'DN'",
        "benefit_level": "4",
        "initial_facility": f"'{HOSPITAL_CODE}'",
        "area_code": "''",
        "issuer": str(int(Issuer.SOCIAL_INSURANCE)),
        "standing": "''",
        "source": "'bench'",
        "verify_time": "now()",
    }
    identifiers = {"person_id": SQL["id"], "kind": "kind", "value": "value", "state": str(int(State.CURRENT))}
    lateral = f", LATERAL (VALUES {numbers}) AS numbers (kind, value)"
    return {
        "persons": insert("persons", PERSONS),
        "identifiers": insert("identifiers", identifiers, lateral),
        "coverages": insert("coverages", cards),
    }


def chunks(known: int, persons: int) -> Iterator[tuple[int, int]]:
    """Give the first and the last of each chunk of *known* to *persons* - 1."""
    for first in range(known, persons, CHUNK_ROWS):
        yield first, min(first + CHUNK_ROWS, persons) - 1


class Loader:
    """One filling on one connection; what each step takes goes into *filled*."""

    def __init__(
        self, connection: "asyncpg.Connection[asyncpg.Record]", filled: Filled, console: Console
    ) -> None:
        self._connection = connection
        self._filled = filled
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )

    async def load(self, known: int, persons: int) -> None:
        """Add the persons *known* to *persons* - 1."""
        with self._progress:
            async with self._connection.transaction():
                for command in SESSION:
                    await self._connection.execute(command)
                if persons - known < persons * REBUILD_SHARE:
                    await self._rows(known, persons)
                else:
                    structure = await read_structure(self._connection, TABLES)
                    for command in structure.drop:
                        await self._connection.execute(command)
                    await self._rows(known, persons)
                    await self._build(structure.make)
            await self._settle()

    async def _rows(self, known: int, persons: int) -> None:
        by_table = statements(today())
        task = self._progress.add_task("rows", total=(persons - known) * len(by_table))
        for table, statement in by_table.items():
            self._progress.update(task, description=f"rows of {table}")
            begin = time.perf_counter()
            for first, last in chunks(known, persons):
                await self._connection.execute(statement, first, last, *LISTS)
                self._progress.advance(task, last - first + 1)
            self._filled.steps[table] = time.perf_counter() - begin

    async def _build(self, commands: dict[str, str]) -> None:
        task = self._progress.add_task("keys and indexes", total=len(commands))
        begin = time.perf_counter()
        for name, command in commands.items():
            self._progress.update(task, description=f"building {name}")
            await self._connection.execute(command)
            self._progress.advance(task)
        self._filled.steps["keys and indexes"] = time.perf_counter() - begin

    async def _settle(self) -> None:
        """Leave the tables as a database at rest has them: visible to all, counted, on the disk."""
        begin = time.perf_counter()
        self._progress.add_task("VACUUM and CHECKPOINT", total=None)
        for table in TABLES:
            await self._connection.execute(f"VACUUM (ANALYZE) {table}")
        await self._connection.execute("CHECKPOINT")
        self._filled.steps["VACUUM and CHECKPOINT"] = time.perf_counter() - begin

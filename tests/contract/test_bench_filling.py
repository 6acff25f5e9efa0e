"""The population of the bench, made in PostgreSQL: the same people as Python knows by number."""

import asyncio
import io
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import asyncpg
import pytest
from rich.console import Console

from bench.filling import TABLES, Filled, Loader, count_known
from bench.invented import LISTS, MAX_PERSONS, PEOPLE, SQL, card_number, invented
from bench.structure import read_structure
from services.identity.model.identifiers import Kind
from tests.databases import Databases

# Persons at both ends of what the numbers have room for, and some between.
SOME = [0, 1, 99, 100, 12_345, 9_999_999, MAX_PERSONS - 1, 2 * MAX_PERSONS - 1]


@pytest.fixture
async def connection(databases: Databases) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A new database of identity."""
    url = await asyncio.to_thread(databases.clone, "identity")
    opened = await asyncpg.connect(url)
    yield opened
    await opened.close()


async def load(connection: "asyncpg.Connection[asyncpg.Record]", known: int, persons: int) -> Filled:
    filled = Filled(persons, persons - known)
    await Loader(connection, filled, Console(file=io.StringIO())).load(known, persons)
    return filled


async def structure_of(connection: "asyncpg.Connection[asyncpg.Record]") -> dict[str, str]:
    return (await read_structure(connection, TABLES)).make


@pytest.mark.parametrize("number", SOME)
async def test_postgres_makes_the_person_that_python_knows(
    connection: "asyncpg.Connection[asyncpg.Record]", number: int
):
    columns = ", ".join(f"{formula} AS {name}" for name, formula in SQL.items())

    row = await connection.fetchrow(f"SELECT {columns} FROM {PEOPLE}", number, number, *LISTS)

    assert row is not None
    known = invented(number)
    assert row["id"] == known.id
    assert date(row["birth_year"], row["birth_month"], row["birth_day"]) == known.birth
    for name in (
        *("personal_id", "insurance_number", "card_number", "full_name", "sex"),
        *("address_line", "province_code"),
    ):
        assert row[name] == getattr(known, name), name


async def test_a_population_grows_by_those_who_are_new(connection: "asyncpg.Connection[asyncpg.Record]"):
    await load(connection, 0, 300)
    assert await count_known(connection) == 300

    # Few are new: the keys and indexes stay; then many: they are made again.
    await load(connection, 300, 310)
    await load(connection, 310, 1000)

    assert await count_known(connection) == 1000
    counted = [await connection.fetchval(f"SELECT count(*) FROM {table}") for table in TABLES]
    assert counted == [1000, 3000, 1000]


async def test_filling_leaves_every_key_and_index_as_it_was(
    connection: "asyncpg.Connection[asyncpg.Record]",
):
    before = await structure_of(connection)

    await load(connection, 0, 100)

    assert await structure_of(connection) == before
    assert {"persons_pkey", "identifiers_value", "consents_person"} <= before.keys()


async def test_a_filling_that_fails_leaves_all_as_it_was(connection: "asyncpg.Connection[asyncpg.Record]"):
    before = await structure_of(connection)
    await connection.execute(
        "INSERT INTO identifiers (person_id, kind, value, state) VALUES ($1, $2, $3, 1)",
        *(invented(7).id, int(Kind.CARD_NUMBER), card_number(7)),
    )

    with pytest.raises(asyncpg.UniqueViolationError):
        await load(connection, 0, 100)

    assert await structure_of(connection) == before
    assert await connection.fetchval("SELECT count(*) FROM persons") == 0


async def test_every_person_made_has_a_card_in_force(connection: "asyncpg.Connection[asyncpg.Record]"):
    await load(connection, 0, 50)

    rows = await connection.fetch("SELECT person_id, card_number, valid_from, valid_to FROM coverages")

    today = datetime.now(UTC).date()
    assert {row["person_id"]: row["card_number"] for row in rows} == {
        invented(number).id: card_number(number) for number in range(50)
    }
    assert all(row["valid_from"] < today < row["valid_to"] for row in rows)

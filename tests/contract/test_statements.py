"""Every SQL statement of the code fits the tables: PostgreSQL prepares each on a migrated database."""

import asyncio
import dataclasses
import pkgutil
from collections.abc import Iterator
from importlib import import_module

import asyncpg
import pytest

import chassis
import services
from chassis.sql import Sql
from tests.databases import Databases

SERVICES = ("identity", "pharmacy", "records", "routing")


def statements(package: str) -> dict[str, Sql]:
    """Return the statements that modules under *package* keep, by `module.NAME`; each where it is made."""
    found: dict[int, tuple[str, Sql]] = {}
    for module in modules(package):
        for name, value in vars(import_module(module)).items():
            for key, statement in _statements_of(name, value):
                found.setdefault(id(statement), (f"{module}.{key}", statement))
    return dict(found.values())


def _statements_of(name: str, value: object) -> Iterator[tuple[str, Sql]]:
    """Yield the statements in the module's attribute *name*: itself, or those that it holds."""
    if isinstance(value, Sql):
        yield name, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _statements_of(f"{name}[{key!r}]", part)
    elif isinstance(value, list | tuple):
        for number, part in enumerate(value):
            yield from _statements_of(f"{name}[{number}]", part)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from _statements_of(f"{name}.{field.name}", getattr(value, field.name))


def modules(package: str) -> list[str]:
    """Return the names of all modules under *package* that can be imported without running it."""
    path = import_module(package).__path__
    names = [module.name for module in pkgutil.walk_packages(path, f"{package}.")]
    return [
        name
        for name in names
        if not name.endswith((".__main__", ".env")) and ".migrations.versions" not in name
    ]


CHASSIS = statements(chassis.__name__)
OF_SERVICE = {service: statements(f"{services.__name__}.{service}") for service in SERVICES}


def test_the_statements_were_found():
    assert len(CHASSIS) >= 20
    assert {service: len(found) >= 10 for service, found in OF_SERVICE.items()} == dict.fromkeys(
        SERVICES, True
    )
    assert sum(map(len, OF_SERVICE.values())) >= 150


@pytest.mark.parametrize("service", SERVICES)
async def test_every_statement_can_be_prepared(service: str, databases: Databases):
    statements = {**CHASSIS, **OF_SERVICE[service]}
    faults = {}
    connection = await asyncpg.connect(await asyncio.to_thread(databases.clone, service))
    async with connection.transaction():
        # The tables of a transaction, for the statements that use them.
        for statement in statements.values():
            if statement.operation == "CREATE":
                await connection.execute(statement.text)
        for name, statement in statements.items():
            try:
                async with connection.transaction():
                    await connection.prepare(statement.text)
            except asyncpg.PostgresError as error:
                faults[name] = f"{type(error).__name__}: {error}"
    await connection.close()

    assert faults == {}


@pytest.mark.parametrize("service", SERVICES)
async def test_what_deletes_or_ends_takes_its_time_from_the_database(service: str, databases: Databases):
    """No time of a replica's clock is a parameter of a DELETE, or of what takes rows by their age."""
    ending = {
        name: statement
        for name, statement in {**CHASSIS, **OF_SERVICE[service]}.items()
        if (statement.operation == "DELETE" or "SKIP LOCKED" in statement.text)
        and "staged_" not in statement.text  # a table of the transaction
    }
    connection = await asyncpg.connect(await asyncio.to_thread(databases.clone, service))
    faults = []
    for name, statement in ending.items():
        prepared = await connection.prepare(statement.text)
        if {kind.name for kind in prepared.get_parameters()} & {"timestamptz", "timestamp", "date"}:
            faults.append(name)
    await connection.close()

    assert len(ending) >= 5
    assert faults == []

"""Every SQL statement of the code fits the tables: PostgreSQL prepares each on a migrated database."""

import asyncio
import pkgutil
from importlib import import_module

import asyncpg
import pytest

import chassis
import services
from chassis.sql import Sql
from tests.harness import Databases

SERVICES = ("identity", "pharmacy", "records", "routing")


def statements(package: str) -> dict[str, Sql]:
    """Return the statements that modules under *package* keep, by `module.NAME`; each where it is made."""
    found: dict[int, tuple[str, Sql]] = {}
    for module in modules(package):
        for name, value in vars(import_module(module)).items():
            for key, statement in _statements_of(name, value):
                found.setdefault(id(statement), (f"{module}.{key}", statement))
    return dict(found.values())


def _statements_of(name: str, value: object) -> list[tuple[str, Sql]]:
    """Return the statements in the module's attribute *name*: one, or those of a table of them."""
    if isinstance(value, Sql):
        return [(name, value)]
    parts: list[tuple[object, object]] = []
    if isinstance(value, dict):
        parts = list(value.items())
    elif isinstance(value, (list, tuple, frozenset, set)):
        parts = list(enumerate(value))
    return [(f"{name}[{key!r}]", part) for key, part in parts if isinstance(part, Sql)]


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
    connection = await asyncpg.connect(await asyncio.to_thread(databases.clone, service))
    faults = {}
    try:
        for name, statement in {**CHASSIS, **OF_SERVICE[service]}.items():
            try:
                await connection.prepare(statement.text)
            except asyncpg.PostgresError as error:
                faults[name] = f"{type(error).__name__}: {error}"
    finally:
        await connection.close()

    assert faults == {}

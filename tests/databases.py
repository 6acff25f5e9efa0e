"""Databases of one test on the session's cluster: made when asked for, gone when the test is over."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

import asyncpg

from chassis.migrate import create_newest_chassis_tables, upgrade
from laptop.postgres_cluster import Cluster


class Templates:
    """What databases are cloned from: migrated once a session."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.numbers = count(1)
        self._names: set[str] = set()

    def of_service(self, service: str) -> str:
        """Return the template of *service*'s databases."""
        name = f"template_{service}"
        if name not in self._names:
            self.cluster.create(name)
            upgrade(f"services.{service}", self.cluster.url(name))
            self._names.add(name)
        return name

    def of_chassis(self) -> str:
        """Return the template with the chassis' own tables."""
        name = "template_chassis"
        if name not in self._names:
            self.cluster.create(name)
            asyncio.run(_create_chassis_tables(self.cluster.url(name)))
            self._names.add(name)
        return name


class Databases:
    """The databases of one test."""

    def __init__(self, templates: Templates) -> None:
        self.cluster = templates.cluster
        self._templates = templates
        self._names: list[str] = []

    def clone(self, service: str) -> str:
        """Return the URL of a new database of *service*, empty but migrated."""
        return self._create(service, self._templates.of_service(service))

    def empty(self) -> str:
        """Return the URL of a new database with nothing in it."""
        return self._create("empty", None)

    def bare(self) -> str:
        """Return the URL of a new database with the chassis' own tables: for tests of the chassis."""
        return self._create("chassis", self._templates.of_chassis())

    def drop(self) -> None:
        """Drop what was made, whoever is still connected: a session makes a thousand, ten megabytes each."""
        while self._names:
            self.cluster.drop(self._names.pop())

    @asynccontextmanager
    async def closed(self, database: str) -> AsyncIterator[None]:
        """Let nobody connect to *database* inside the block, and end who is: a database that went away."""
        admin = await asyncpg.connect(self.cluster.url("postgres"))
        try:
            await admin.execute(f'ALTER DATABASE "{database}" ALLOW_CONNECTIONS false')
            await admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", database
            )
            yield
        finally:
            await admin.execute(f'ALTER DATABASE "{database}" ALLOW_CONNECTIONS true')
            await admin.close()

    def _create(self, kind: str, template: str | None) -> str:
        name = f"{kind}_{next(self._templates.numbers)}"
        self.cluster.create(name, template=template)
        self._names.append(name)
        return self.cluster.url(name)


class _Statements(list[str]):
    """What a migration executes, noted: stands for Alembic's operations where there is no Alembic."""

    def execute(self, statement: str) -> None:
        self.append(statement)


async def _create_chassis_tables(url: str) -> None:
    """Make the chassis' tables as every service's migrations do."""
    create_newest_chassis_tables(noted := _Statements())
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            for statement in noted:
                await connection.execute(statement)
    finally:
        await connection.close()

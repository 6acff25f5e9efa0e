"""Fixtures for tests of the runtime: a database with its tables, a small service, a hospital's stub."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from chassis.db import Database
from tests.contract.chassis_echo import Echo, Stub, serve_echo
from tests.harness import Databases, Running, World


@pytest.fixture
async def url(databases: Databases) -> str:
    """A new database with the chassis' own tables."""
    return await asyncio.to_thread(databases.bare)


@pytest.fixture
async def db(url: str) -> AsyncIterator[Database]:
    """That database, open."""
    opened = await Database.open(url, max_size=8)
    yield opened
    await opened.close()


@pytest.fixture
def echo() -> Echo:
    """The service, for a test to say what it does."""
    return Echo()


@pytest.fixture
async def running(world: World, echo: Echo) -> Running:
    """The service, running."""
    return await serve_echo(world, echo)


@pytest.fixture
def stub(world: World, running: Running) -> Stub:
    """The service, as a hospital calls it."""
    return Stub(world.channel(running, "facility/01999"))

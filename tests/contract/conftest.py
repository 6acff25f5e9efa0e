"""Fixtures for tests of the runtime: a database with its tables, a small service, a hospital's stub."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from chassis.db import Database
from tests.contract.chassis_echo import Echo, Stub, serve_echo
from tests.databases import Databases
from tests.harness import Running, World
from tests.metrics import Observed


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


@pytest.fixture
def observed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Observed]:
    """Every span and metric of this process, while the test runs; all traces are kept."""
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_on")
    observed = Observed()
    observed.start("test")
    yield observed
    observed.stop()


@pytest.fixture
def log_lines(capfd: pytest.CaptureFixture[str]) -> Callable[[str], list[dict[str, object]]]:
    """Return the log lines of an event so far, as they were written."""
    written: list[str] = []

    def lines(event: str) -> list[dict[str, object]]:
        written.extend(line for line in capfd.readouterr().err.splitlines() if line.startswith("{"))
        return [line for line in map(json.loads, written) if line["event"] == event]

    return lines

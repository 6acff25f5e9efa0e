"""The figures of a connection pool, under the names of the conventions (in development)."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import asyncpg
import asyncpg.pool

from . import telemetry

POOL_NAME: Final = "db.client.connection.pool.name"
STATE: Final = "db.client.connection.state"
TIMEOUTS: Final = "Waits for a connection that were given up."


class PoolFigures:
    """What is measured of *pool*, under *name*: that of its database."""

    def __init__(self, pool: "asyncpg.Pool[Any]", name: str) -> None:
        self._pool = pool
        self._pending = 0
        self._attributes = {POOL_NAME: name}

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Hold one wait for a connection; one that ends in a timeout is counted as such."""
        self._pending += 1
        began = time.perf_counter()
        try:
            yield
        except TimeoutError:
            timeouts = telemetry.current().counter("db.client.connection.timeouts", "{timeout}", TIMEOUTS)
            timeouts.add(1, self._attributes)
            raise
        else:
            telemetry.current().pool_wait.record(time.perf_counter() - began, self._attributes)
        finally:
            self._pending -= 1

    def report(self) -> None:
        """Report how many connections there are, how many there may be, and how many calls wait for one."""
        connection, attributes = "{connection}", self._attributes
        telemetry.level("db.client.connection.count", self._counts, unit=connection)
        telemetry.level(
            "db.client.connection.max", lambda: [(self._pool.get_max_size(), attributes)], unit=connection
        )
        telemetry.level(
            "db.client.connection.pending_requests", lambda: [(self._pending, attributes)], unit="{request}"
        )

    def _counts(self) -> telemetry.Reading:
        idle = self._pool.get_idle_size()
        for state, count in (("used", self._pool.get_size() - idle), ("idle", idle)):
            yield count, {**self._attributes, STATE: state}

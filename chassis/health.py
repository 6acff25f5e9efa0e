"""
Health (grpc.health.v1) that tells the truth: serving means that a call can be answered and carried out.

The database answers, no background task fails over and over (`background`), no certificate has ended,
and schema and sealing keys are those of the database (`fitness`).

The database is asked each second.  One refusal is enough to be NOT_SERVING;
one that only took too long must happen three times, so that a short rush on the
pool does not take a replica away from the others, who would get its load too.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from grpc_health.v1 import health
from grpc_health.v1.health_pb2 import HealthCheckResponse

from .errors import Unavailable
from .logs import log

SERVING = HealthCheckResponse.SERVING
NOT_SERVING = HealthCheckResponse.NOT_SERVING

# Answered SERVING as long as the process answers: losing the database must not restart it.
LIVENESS = "liveness"

# SERVING while the database takes writes (`write_gate`).  A name of its own: a replica that can only read
# still serves, and Kubernetes must not take it away.
WRITES = "writes"

# Seconds between two questions to the database.
PING_INTERVAL_S = 1.0

# How many answers in a row may be late before late is down.
MAX_LATE_PINGS = 3


class Pinged(Protocol):
    """What health asks: Unavailable when there is no answer, caused by TimeoutError when it is late."""

    async def ping(self) -> None: ...


class Health:
    """The health of one server; "" is the server as a whole."""

    def __init__(
        self,
        db: Pinged,
        obstacles: Callable[[], Sequence[str]] = list,
        is_writable: Callable[[], bool] = lambda: True,
    ) -> None:
        """*obstacles* says what else keeps this replica from its work."""
        self.servicer = health.aio.HealthServicer()
        self._db = db
        self._obstacles = obstacles
        self._is_writable = is_writable
        self._writes = -1
        self._services: list[str] = [""]
        self._late = 0
        self._obstacle: str | None = None

    async def start(self, services: Iterable[str]) -> None:
        self._services += services
        await self.servicer.set(LIVENESS, SERVING)
        await self._beat()

    async def run(self) -> None:
        while True:
            await asyncio.sleep(PING_INTERVAL_S)
            await self._beat()

    async def stop(self) -> None:
        """Be NOT_SERVING from now on, whatever the database says; watchers are told at once."""
        await self.servicer.enter_graceful_shutdown()

    async def _beat(self) -> None:
        obstacle = await self._find_obstacle()
        await self._tell_writes(NOT_SERVING if obstacle or not self._is_writable() else SERVING)
        if obstacle == self._obstacle:
            return
        if obstacle:
            log.warning("not serving", because=obstacle)
        else:
            log.info("serving")
        self._obstacle = obstacle
        for service in self._services:
            await self.servicer.set(service, NOT_SERVING if obstacle else SERVING)

    async def _tell_writes(self, status: "HealthCheckResponse.ServingStatus.ValueType") -> None:
        if status != self._writes:
            self._writes = status
            await self.servicer.set(WRITES, status)

    async def _find_obstacle(self) -> str:
        """Return why no call should come here; empty when there is no reason."""
        if not await self._answers():
            return "the database does not answer"
        return "; ".join(self._obstacles())

    async def _answers(self) -> bool:
        try:
            await self._db.ping()
        except Unavailable as error:
            late = isinstance(error.__cause__, TimeoutError)
            self._late += 1
            return late and self._obstacle == "" and self._late < MAX_LATE_PINGS
        self._late = 0
        return True

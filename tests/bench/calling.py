"""
The client's side of a slice: many calls at once from one process, each timed.

Bare stubs, no retries, no spans: what a hospital's client adds is not measured
here, and the floors are called by the same code.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import grpc

from lientuyen_client.exchange import credentials

from .figures import FAILURES_KEPT, Slice
from .loads import Load

S = TypeVar("S")

# Seconds any call of a load may take.
TIMEOUT = 15.0

OPTIONS = (
    # Channels of one process share connections by default; callers with other certificates must not.
    ("grpc.use_local_subchannel_pool", 1),
)


@dataclass(frozen=True, slots=True)
class Job:
    """What the parent tells a client process, once."""

    tls: str
    addresses: dict[str, str]
    floor_database: str
    persons: int
    process: int
    processes: int

    def as_json(self) -> dict[str, Any]:
        """Return it as it goes down the pipe."""
        return asdict(self)


@dataclass
class Wires:
    """What the callers of one process share: channels, and whatever else a load keeps open."""

    job: Job
    _channels: dict[tuple[str, str], grpc.aio.Channel] = field(default_factory=dict)
    _stubs: dict[tuple[object, str, str], Any] = field(default_factory=dict)
    _kept: dict[object, Any] = field(default_factory=dict)
    _closing: list[Callable[[], Awaitable[object]]] = field(default_factory=list)

    def channel(self, place: str, identity: str) -> grpc.aio.Channel:
        """Return the channel of *identity* to *place*; an empty identity speaks without TLS."""
        if (place, identity) not in self._channels:
            address = self.job.addresses[place]
            self._channels[place, identity] = self._connect(address, identity)
        return self._channels[place, identity]

    def _connect(self, address: str, identity: str) -> grpc.aio.Channel:
        if not identity:
            return grpc.aio.insecure_channel(address, options=OPTIONS)
        folder = Path(self.job.tls) / identity.replace("/", "-", 1)
        return grpc.aio.secure_channel(address, credentials(folder), options=OPTIONS)

    def stub(self, kind: Callable[[grpc.aio.Channel], Any], place: str, identity: str) -> Any:
        """Return the stub, made once."""
        key = (kind, place, identity)
        if key not in self._stubs:
            self._stubs[key] = kind(self.channel(place, identity))
        return self._stubs[key]

    def kept(self, key: object, make: Callable[[], S]) -> S:
        """Return what *make* makes, made once a process."""
        if key not in self._kept:
            self._kept[key] = make()
        found: S = self._kept[key]
        return found

    def closing(self, close: Callable[[], Awaitable[object]]) -> None:
        """Call *close* when the process ends."""
        self._closing.append(close)

    async def close(self) -> None:
        """Close everything, last opened first."""
        for close in reversed(self._closing):
            await close()
        for channel in self._channels.values():
            await channel.close()


@dataclass
class Caller:
    """One of the callers that run at once.  *index* is its own among those of all processes."""

    wires: Wires
    index: int
    random: random.Random
    _connection: "asyncpg.Connection[asyncpg.Record] | None" = None

    @property
    def job(self) -> Job:
        """What the parent told."""
        return self.wires.job

    def stub(self, kind: Callable[[grpc.aio.Channel], Any], place: str, identity: str) -> Any:
        """Return the stub of a service, called as *identity*."""
        return self.wires.stub(kind, place, identity)

    async def floor_database(self) -> "asyncpg.Connection[asyncpg.Record]":
        """Return this caller's own connection to the database of the floors."""
        if self._connection is None:
            self._connection = await asyncpg.connect(self.job.floor_database)
            self.wires.closing(self._connection.close)
        return self._connection


@dataclass
class Clock:
    """When calls begin: as soon as the caller is free, or *rate* a second whoever is free."""

    begin: float
    end: float
    rate: float
    _next: Any = field(default_factory=count)

    async def wait(self) -> float | None:
        """Return when the next call counts from, once it is time; None after the end."""
        now = time.perf_counter()
        if not self.rate:
            return now if now < self.end else None
        due = self.begin + int(next(self._next)) / self.rate
        if due >= self.end:
            return None
        if due > now:
            await asyncio.sleep(due - now)
        # A call that begins late waited for the others: the wait is the service's, and counts.
        return due


async def run_slice(load: Load, callers: list[Caller], seconds: float) -> Slice:
    """Call for *seconds*, then wait for the last answers; the time to the last of these counts."""
    latencies: list[float] = []
    failures: list[str] = []
    begin = time.perf_counter()
    clock = Clock(begin, begin + seconds, load.rate / callers[0].job.processes)
    await asyncio.gather(*(_keep_calling(load, one, clock, latencies, failures) for one in callers))
    elapsed = time.perf_counter() - begin
    return Slice(elapsed, latencies, len(failures), failures[:FAILURES_KEPT])


async def _keep_calling(
    load: Load, caller: Caller, clock: Clock, latencies: list[float], failures: list[str]
) -> None:
    while (since := await clock.wait()) is not None:
        try:
            counted = await load.call(caller)
        except Exception as error:
            failures.append(sentence(error))
            continue
        latencies.append(time.perf_counter() - since if counted is None else counted)


def sentence(error: Exception) -> str:
    """Return what went wrong, in a line."""
    if isinstance(error, grpc.aio.AioRpcError):
        return f"{error.code().name}: {error.details()}"
    return f"{type(error).__name__}: {error}"

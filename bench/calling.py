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
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import grpc

from lientuyen_client.client import credentials

from .figures import MAX_FAILURES_SHOWN, Slice
from .loads import Load

S = TypeVar("S")

# Seconds any call of a load may take.
TIMEOUT_S = 15.0

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
    _values: dict[object, Any] = field(default_factory=dict)
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

    def make_once(self, key: object, make: Callable[[], S]) -> S:
        """Return what *make* makes, made once a process."""
        if key not in self._values:
            self._values[key] = make()
        value: S = self._values[key]
        return value

    def forget(self, key: object) -> None:
        """Let *key* be made anew: what was made broke."""
        self._values.pop(key, None)

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
class Tally:
    """What the calls of one slice gave so far."""

    latencies: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    async def call(self, load: Load, caller: Caller, since: float) -> None:
        """Make one call; it counts from *since*."""
        try:
            counted = await load.call(caller)
        except Exception as error:
            self.failures.append(sentence(error))
            return
        self.latencies.append(time.perf_counter() - since if counted is None else counted)


async def run_slice(load: Load, callers: list[Caller], seconds: float) -> Slice:
    """Call for *seconds*, then wait for the last answers; the time to the last of these counts."""
    tally = Tally()
    begin = time.perf_counter()
    if load.rate:
        await _by_the_clock(load, callers, seconds, tally)
    else:
        await asyncio.gather(*(_keep_calling(load, caller, begin + seconds, tally) for caller in callers))
    elapsed = time.perf_counter() - begin
    return Slice(elapsed, tally.latencies, len(tally.failures), tally.failures[:MAX_FAILURES_SHOWN])


async def _keep_calling(load: Load, caller: Caller, end: float, tally: Tally) -> None:
    """Begin the next call when the last is answered."""
    while (now := time.perf_counter()) < end:
        await tally.call(load, caller, now)


async def _by_the_clock(load: Load, callers: list[Caller], seconds: float, tally: Tally) -> None:
    """Begin calls when they are due, however many are under way; each counts from when it was due.

    One that this process was too busy to begin in time has waited, and that counts.
    """
    rate = load.rate / callers[0].job.processes
    begin = time.perf_counter()
    async with asyncio.TaskGroup() as under_way:
        for number in range(int(seconds * rate)):
            due = begin + number / rate
            if (early := due - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            under_way.create_task(tally.call(load, callers[number % len(callers)], due))


def sentence(error: Exception) -> str:
    """Return what went wrong, in a line."""
    if isinstance(error, grpc.aio.AioRpcError):
        return f"{error.code().name}: {error.details()}"
    return f"{type(error).__name__}: {error}"

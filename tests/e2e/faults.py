"""What is done to a stack that runs: killed, held down, paused; and clerks, who write meanwhile."""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from google.protobuf.message import Message

from laptop import supervisor
from lientuyen.chassis.v1.outcome_service_pb2 import GetOutcomeRequest, GetOutcomeResponse
from lientuyen_client import Client, DeadlineExceeded, Unavailable
from tests.harness import eventually

from .conftest import Live
from .works import Work, marks

T = TypeVar("T")

# Attempts at one write before we call it lost; each includes the SDK's own.
TRIES = 20


def parent_of(pid: int) -> int:
    """Return the parent of a process that runs; 0 for one that does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0
    return 0 if stat[0] == "Z" else int(stat[1])


def send(live: Live, service: str, number: signal.Signals) -> int:
    """Send a signal to the process that serves *service*; return its id, or 0 when there is none now."""
    pid = live.pid(service)
    if parent_of(pid) != live.supervisor.pid:
        return 0
    with suppress(ProcessLookupError):
        os.kill(pid, number)
    return pid


async def is_serving(live: Live, service: str) -> bool:
    tls = live.home / "tls" / "operator-dev"
    return await supervisor.is_serving(service, live.stack.addresses[service], tls)


async def back(live: Live, service: str, before: int) -> None:
    """Wait until another process than *before* serves."""
    await eventually(lambda: _serves_anew(live, service, before))


async def _serves_anew(live: Live, service: str, before: int) -> bool:
    return live.pid(service) != before and await is_serving(live, service)


async def kill(live: Live, service: str, number: signal.Signals = signal.SIGKILL) -> None:
    """End *service* and wait until it serves again."""
    pid = send(live, service, number)
    await back(live, service, pid)


@asynccontextmanager
async def down(live: Live, service: str) -> AsyncIterator[None]:
    """Hold *service* down inside the block: it is killed as often as it is started; then wait for it."""

    async def keep_killing() -> None:
        while True:
            send(live, service, signal.SIGKILL)
            await asyncio.sleep(0.1)

    killing = asyncio.create_task(keep_killing())
    try:
        await eventually(lambda: _refuses(live, service))
        yield
    finally:
        killing.cancel()
        await asyncio.gather(killing, return_exceptions=True)
    await eventually(lambda: is_serving(live, service))


async def _refuses(live: Live, service: str) -> bool:
    return not await is_serving(live, service)


@contextmanager
def paused(live: Live, service: str) -> Iterator[None]:
    """Freeze *service* inside the block: it takes connections and says nothing."""
    pid = send(live, service, signal.SIGSTOP)
    assert pid, f"{service} does not run"
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def answered(method: Callable[..., Awaitable[T]], request: Message, **how: Any) -> T:
    """Return the answer to *request*, sent again as long as nobody answers."""
    for _ in range(TRIES):
        with suppress(Unavailable, DeadlineExceeded):
            return await method(request, **how)
        await asyncio.sleep(0.1)
    raise AssertionError("nobody answered")


@dataclass
class Clerk:
    """A client that writes one thing after the other, and keeps what was acknowledged.

    One that is *retrying* sends again what the SDK gave up because nobody answered; `given_up` counts it.
    """

    client: Client
    work: Work
    person: str
    retrying: bool = True
    limit: int = 400
    given_up: int = 0
    done: dict[str, tuple[Message, Message]] = field(default_factory=dict)

    async def run(self, closing: asyncio.Event) -> None:
        """Write until *closing*, each time with a new mark."""
        new, method = marks(self.work), self.work.method(self.client)
        while not closing.is_set() and len(self.done) < self.limit:
            mark = new()
            request = self.work.request(self.person, mark)
            self.done[mark] = request, await self._acknowledged(method, request)
            await asyncio.sleep(random.uniform(0, 0.2))

    async def _acknowledged(self, method: Any, request: Message) -> Message:
        for _ in range(TRIES):
            try:
                reply: Message = await method(request)
                return reply
            except (Unavailable, DeadlineExceeded):
                if not self.retrying:
                    raise
                self.given_up += 1
                await asyncio.sleep(0.1)
        raise AssertionError("nobody answered")

    async def check(self) -> None:
        """Every acknowledged write is there once, and answered as it was the first time."""
        there = Counter(await self.work.listed(self.client, self.person))
        assert {mark: there[mark] for mark in self.done} == dict.fromkeys(self.done, 1)
        assert set(there.values()) <= {1}
        for request, reply in self.done.values():
            outcome = await self.client.outcomes(self.work.service).GetOutcome(
                GetOutcomeRequest(request_id=request.request_id)  # type: ignore[attr-defined]
            )
            assert outcome.state == GetOutcomeResponse.STATE_DONE
            assert outcome.response == reply.SerializeToString(deterministic=True)


@asynccontextmanager
async def writing(clerks: list[Clerk]) -> AsyncIterator[None]:
    """Let *clerks* write inside the block; one that breaks off breaks the block."""
    closing = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for clerk in clerks:
            group.create_task(clerk.run(closing))
        try:
            yield
        finally:
            closing.set()


async def more(clerks: list[Clerk], count: int) -> None:
    """Wait until each clerk has *count* more acknowledged."""
    wanted = [min(len(clerk.done) + count, clerk.limit) for clerk in clerks]

    async def enough() -> bool:
        return all(len(clerk.done) >= want for clerk, want in zip(clerks, wanted, strict=True))

    await eventually(enough)

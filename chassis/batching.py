"""
Questions of many calls answered together.

    self._lookups = Together("lookups", self._find)
    found = await self._lookups.ask(question)

A question that comes when nothing was asked for some milliseconds goes at once, alone.  What
comes while earlier ones are being answered, or right after, waits, and goes with whatever
else has come by then; so batches grow with the load and vanish with it.

Each asker keeps what a call of its own would have had.  Its own deadline ends its waiting;
one that goes away is left out.  A batch that is refused is asked again one by one, so
that a poisoned question fails alone; when the store does not answer, all are told so, for
nobody can know what became of their rows.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from contextvars import Context
from typing import Final, Generic, NamedTuple, TypeVar

from lientuyen.chassis.v1 import error_reasons as reasons

from . import telemetry
from .call_context import current_or_none
from .deadline import Limits
from .errors import DeadlineExceeded, Unavailable

Q = TypeVar("Q")
A = TypeVar("A")

# Questions of one batch at most: beyond it a batch costs each of them no less, and lasts longer.
MOST: Final = 64

# Batches under way at once.  Two are smaller: the database took 317 µs a question instead of 221.
AT_ONCE: Final = 1

# Seconds from the beginning of a batch to that of the next, at least, unless a whole batch waits already:
# so many for each question in it, up to so many.  Where more than 667 questions a second come, batches
# grow, and each question costs half; where fewer come they shrink to one, and nobody waits.
EACH: Final = 0.0015
APART: Final = 0.025

# Questions that may wait.  At a thousand a second the last of them would wait a second.
ROOM: Final = 1_000

# What a batch that failed so says of the store, and not of any question in it.
_STORE: Final = (Unavailable, DeadlineExceeded)


class _Asked(NamedTuple, Generic[Q, A]):
    """A question that waits; *deadline* is its call's, on the clock of `time.monotonic()`."""

    question: Q
    answer: "asyncio.Future[A]"
    deadline: float | None


class Together(Generic[Q, A]):
    """Asks *run* for the answers of many questions, in their order.  *name* is for the figures."""

    def __init__(
        self,
        name: str,
        run: Callable[[Sequence[Q]], Awaitable[Sequence[A]]],
        *,
        most: int = MOST,
        at_once: int = AT_ONCE,
        room: int = ROOM,
        each: float = EACH,
        apart: float = APART,
    ) -> None:
        self._name = name
        self._run = run
        self._most = most
        self._at_once = at_once
        self._room = room
        self._each = each
        self._apart = apart
        self._limits = Limits()
        self._waiting: deque[_Asked[Q, A]] = deque()
        self._full = asyncio.Event()  # whether a whole batch waits
        self._running = 0
        self._workers: set[asyncio.Task[None]] = set()  # the loop itself holds on to none of them

    async def ask(self, question: Q) -> A:
        """Return the answer to *question*; `Unavailable` when too many wait already."""
        if len(self._waiting) >= self._room:
            raise Unavailable(reasons.STORE_UNAVAILABLE)
        call = current_or_none()
        answer: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Asked(question, answer, call.deadline if call else None))
        if len(self._waiting) >= self._most:
            self._full.set()
        if self._running < self._at_once:
            self._begin()
        return await answer

    def _begin(self) -> None:
        """Start a worker, in a context of its own: it belongs to no call."""
        self._running += 1
        worker = asyncio.create_task(self._work(), context=Context())
        self._workers.add(worker)
        worker.add_done_callback(self._workers.discard)

    async def _work(self) -> None:
        try:
            while batch := self._next():
                telemetry.count("lientuyen.together.batches", kind=self._name)
                telemetry.count("lientuyen.together.questions", len(batch), kind=self._name)
                begun = time.monotonic()
                await self._answer(batch)
                await self._gather(begun + min(len(batch) * self._each, self._apart) - time.monotonic())
        finally:  # and not when the task is done, which the next question may come before
            self._running -= 1

    async def _gather(self, seconds: float) -> None:
        """Wait for so many *seconds*, or until a whole batch waits."""
        if seconds > 0 and not self._full.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._full.wait()

    def _next(self) -> list[_Asked[Q, A]]:
        """Return the questions that go now, those left out that nobody waits for any more."""
        batch: list[_Asked[Q, A]] = []
        while self._waiting and len(batch) < self._most:
            asked = self._waiting.popleft()
            if not asked.answer.done():
                batch.append(asked)
        if len(self._waiting) < self._most:
            self._full.clear()
        return batch

    async def _answer(self, batch: Sequence[_Asked[Q, A]]) -> None:
        try:
            with self._limits.within(_patience(batch)):
                answers = await self._run([asked.question for asked in batch])
            pairs = list(zip(batch, answers, strict=True))
        except Exception as error:
            await self._failed(batch, error)
        except asyncio.CancelledError:
            for asked in batch:
                asked.answer.cancel()
            raise
        else:
            for asked, answer in pairs:
                if not asked.answer.done():
                    asked.answer.set_result(answer)

    async def _failed(self, batch: Sequence[_Asked[Q, A]], error: Exception) -> None:
        """Ask again one by one where one of the questions may be to blame; else all have the error."""
        if len(batch) > 1 and not isinstance(error, (*_STORE, TimeoutError)):
            telemetry.count("lientuyen.together.apart", kind=self._name)
            for asked in batch:
                if not asked.answer.done():
                    await self._answer([asked])
            return
        known = DeadlineExceeded(reasons.DEADLINE_SPENT) if isinstance(error, TimeoutError) else error
        for asked in batch:
            if not asked.answer.done():
                asked.answer.set_exception(known)


def _patience(batch: Sequence[_Asked[Q, A]]) -> float | None:
    """Return the seconds until the last of *batch* gives up; None when one of them has no end."""
    latest = 0.0
    for asked in batch:
        if asked.deadline is None:
            return None
        latest = max(latest, asked.deadline)
    return max(0.0, latest - time.monotonic())

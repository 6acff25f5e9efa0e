"""
Questions of many calls answered together, by one statement (a DataLoader; group commit works so too).

    self._batcher = Batcher("persons", self._find, summary="SELECT persons", namespace=db.namespace)
    answer = await self._batcher.load(question)

What comes while a batch is under way goes with the next, and so does what the event loop reads before it
rests; no timer waits for company.  So batches grow with the load and vanish with it.

Each asker keeps what a call of its own would have had.  Its own deadline ends its waiting; one that goes
away is left out.  A batch that is refused is asked again one by one, so that a poisoned question fails
alone; when the store does not answer, all are told so, for nobody can know what became of their rows.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from lientuyen.chassis.v1 import error_reasons as reasons

from . import telemetry
from .call_context import current_or_none
from .db_spans import record_batched
from .errors import DeadlineExceeded, Unavailable

Q = TypeVar("Q")
A = TypeVar("A")

# Questions of one batch: beyond it a batch costs each of them no less, and lasts longer.
MAX_BATCH: Final = 64

# Turns of the event loop without a new question, after which it has read what has come: a tenth of a
# millisecond where it has nothing else to do.  gRPC takes calls in one by one, some turns each; without this
# a batch of a busy replica held 2 questions, and the replica answered 1,700 a second instead of 2,700
# (docs/measurements/hot-path.md).
MAX_IDLE_TURNS: Final = 30

# Questions that may wait.  At a thousand a second the last of them would wait a second.
MAX_QUEUE: Final = 1_000

# What a batch that failed so says of the store, and not of any question in it.
_STORE_ERRORS: Final = (Unavailable, DeadlineExceeded, TimeoutError)


@dataclass(eq=False, slots=True)
class _Pending(Generic[Q, A]):
    """A question that waits; *deadline* is its call's, on the clock of `time.monotonic()`."""

    question: Q
    answer: "asyncio.Future[A]"
    deadline: float | None
    load_ns: int = field(default_factory=time.time_ns)
    # When its batch began and ended, and how many it were.
    run_ns: tuple[int, int] = (0, 0)
    size: int = 0


class Batcher(Generic[Q, A]):
    """Asks *run* for the answers of many questions, in their order.

    *name* is for the figures; *summary* (`SELECT persons`) and *namespace*, the database's name, are for
    the spans of those whose trace is kept.
    """

    def __init__(
        self,
        name: str,
        run: Callable[[Sequence[Q]], Awaitable[Sequence[A]]],
        *,
        summary: str,
        namespace: str,
        max_batch: int = MAX_BATCH,
        max_queue: int = MAX_QUEUE,
    ) -> None:
        self._name = name
        self._run = run
        self._summary = summary
        self._namespace = namespace
        self._max_batch = max_batch
        self._max_queue = max_queue
        self._queue: deque[_Pending[Q, A]] = deque()
        self._worker: asyncio.Task[None] | None = None

    async def load(self, question: Q) -> A:
        """Return the answer to *question*; `Unavailable` when too many wait already."""
        if len(self._queue) >= self._max_queue:
            raise Unavailable(reasons.STORE_UNAVAILABLE)
        call = current_or_none()
        deadline = call.deadline if call is not None else None
        pending: _Pending[Q, A] = _Pending(question, asyncio.get_running_loop().create_future(), deadline)
        self._queue.append(pending)
        if self._worker is None:  # in a context of its own: it belongs to no call
            self._worker = asyncio.create_task(self._work(), context=Context())
        answer = await pending.answer
        record_batched(
            self._summary,
            self._namespace,
            wait=(pending.load_ns, pending.run_ns[0]),
            run=pending.run_ns,
            size=pending.size,
        )
        return answer

    async def _work(self) -> None:
        try:
            while self._queue:
                await self._read_arrivals()
                batch = self._next_batch()
                if not batch:  # all have gone away
                    continue
                telemetry.count("lientuyen.together.batches", kind=self._name)
                telemetry.count("lientuyen.together.questions", len(batch), kind=self._name)
                await self._answer(batch)
        finally:  # and not when the task is done, which the next question may come before
            self._worker = None

    async def _read_arrivals(self) -> None:
        """Let the loop read what has come to the process already, until it rests or a batch is full."""
        idle_turns, seen = 0, 0
        while idle_turns < MAX_IDLE_TURNS and len(self._queue) < self._max_batch:
            idle_turns = 0 if len(self._queue) > seen else idle_turns + 1
            seen = len(self._queue)
            await asyncio.sleep(0)

    def _next_batch(self) -> list[_Pending[Q, A]]:
        """Return the questions that go now, those left out that nobody waits for any more."""
        batch: list[_Pending[Q, A]] = []
        while self._queue and len(batch) < self._max_batch:
            pending = self._queue.popleft()
            if not pending.answer.done():
                batch.append(pending)
        return batch

    async def _answer(self, batch: Sequence[_Pending[Q, A]]) -> None:
        begin_ns = time.time_ns()
        try:
            async with asyncio.timeout(_patience(batch)):
                answers = await self._run([pending.question for pending in batch])
            pairs = list(zip(batch, answers, strict=True))
        except Exception as error:
            await self._fail(batch, error)
        except asyncio.CancelledError:
            for pending in batch:
                pending.answer.cancel()
            raise
        else:
            run_ns = (begin_ns, time.time_ns())
            for pending, answer in pairs:
                pending.run_ns, pending.size = run_ns, len(batch)
                if not pending.answer.done():
                    pending.answer.set_result(answer)

    async def _fail(self, batch: Sequence[_Pending[Q, A]], error: Exception) -> None:
        """Ask again one by one where one of the questions may be to blame; else all have the error."""
        if len(batch) > 1 and not isinstance(error, _STORE_ERRORS):
            telemetry.count("lientuyen.together.apart", kind=self._name)
            for pending in batch:
                if not pending.answer.done():
                    await self._answer([pending])
            return
        known = DeadlineExceeded(reasons.DEADLINE_SPENT) if isinstance(error, TimeoutError) else error
        for pending in batch:
            if not pending.answer.done():
                pending.answer.set_exception(known)


def _patience(batch: Sequence[_Pending[Q, A]]) -> float | None:
    """Return the seconds until the last of *batch* gives up; None when one of them has no end."""
    latest = 0.0
    for pending in batch:
        if pending.deadline is None:
            return None
        latest = max(latest, pending.deadline)
    return max(0.0, latest - time.monotonic())

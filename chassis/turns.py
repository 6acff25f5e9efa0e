"""
Everybody gets a turn: how many calls are in work at once, and whose is next (docs/adr/0046).

    with Turn(turns) as turn:
        await turn.take(caller, deadline, is_stream=False)
        ...                    # the call; its turn ends with the block

When all turns are taken the callers that wait come one after the other, one call each, however many each
of them has waiting.  What waits is bounded and has its time; then the caller is told to come back.

A stream lasts for minutes or for good, and works on one thing after another: it takes no turn, and a
caller has so many at once.  Our own services do not wait: what they ask is part of a call that had its
turn where it came in, and two that wait for each other's turns would wait for ever.  Nor do operators,
who must get through while others flood.
"""

import asyncio
import time
from collections import Counter
from types import TracebackType
from typing import Final

from lientuyen.chassis.v1 import error_reasons as reasons

from . import telemetry
from .call_context import Caller
from .errors import ResourceExhausted
from .fair_semaphore import FairSemaphore
from .logs import log
from .settings import MAX_CALLS

EXEMPT: Final = frozenset({"service", "operator"})

# Calls that wait, all callers' together; each of those that wait has an equal part, and so many at least.
MAX_WAITING: Final = 2_000
MIN_WAITING_EACH: Final = 8

# Streams of one caller: those that its mailbox may have (routing: 64), and as many for all else.
MAX_STREAMS_EACH: Final = 128

# The part of a call's time that it may wait: what is left must do for the work.
PATIENCE: Final = 0.75

# When to come back: the queue has moved on by then.
RETRY_AFTER_S: Final = 1

# Between two reports of who was refused how often.
REPORT_INTERVAL_S: Final = 60.0


class Turns:
    """The turns of one server."""

    def __init__(self, calls: int = MAX_CALLS, *, max_waiting: int = MAX_WAITING) -> None:
        self.calls = FairSemaphore(calls)
        self.streams: Counter[Caller] = Counter()
        self._max_waiting = max_waiting
        self._refused: Counter[tuple[Caller, str]] = Counter()

    def watch(self) -> None:
        telemetry.gauge("lientuyen.turns.waiting", lambda: [(self.calls.waiting, {})], unit="{call}")

    async def wait(self, caller: Caller, deadline: float | None) -> None:
        """Wait for a turn of *caller*'s; raise ResourceExhausted(TOO_MANY_CALLS) when it does not come."""
        share = self._max_waiting // (self.calls.keys_waiting + 1)
        if self.calls.waiting_of(caller) >= max(share, MIN_WAITING_EACH):
            raise self.refusal(caller, "waiting")
        patience = None if deadline is None else (deadline - time.monotonic()) * PATIENCE
        try:
            async with asyncio.timeout(patience):
                await self.calls.acquire(caller)
        except TimeoutError:
            raise self.refusal(caller, "time") from None

    def refusal(self, caller: Caller, limit: str) -> ResourceExhausted:
        self._refused[caller, limit] += 1
        return ResourceExhausted(reasons.TOO_MANY_CALLS, limit=limit, retry_after_seconds=str(RETRY_AFTER_S))

    async def keep_reporting(self) -> None:
        while True:
            await asyncio.sleep(REPORT_INTERVAL_S)
            self.report()

    def report(self) -> None:
        """Leave a line in the log of each caller that was refused since the last one."""
        refused, self._refused = self._refused, Counter()
        for (caller, limit), count in refused.items():
            log.warning("a caller has too many calls", caller=str(caller), limit=limit, refused=count)


class Turn:
    """The turn of one call, which ends with the block."""

    __slots__ = ("_caller", "_is_stream", "_turns")

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._caller: Caller | None = None
        self._is_stream = False

    def __enter__(self) -> "Turn":
        return self

    async def take(self, caller: Caller, deadline: float | None, *, is_stream: bool) -> None:
        """Take a turn of *caller*'s, or raise ResourceExhausted(TOO_MANY_CALLS).

        *deadline* is on the clock of `time.monotonic()`.
        """
        if caller.kind in EXEMPT:
            return
        turns = self._turns
        if is_stream:
            if turns.streams[caller] >= MAX_STREAMS_EACH:
                raise turns.refusal(caller, "streams")
            turns.streams[caller] += 1
        elif not turns.calls.try_acquire(caller):
            await turns.wait(caller, deadline)
        self._caller, self._is_stream = caller, is_stream

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        caller = self._caller
        if caller is None:
            return
        if not self._is_stream:
            self._turns.calls.release(caller)
        elif self._turns.streams[caller] > 1:
            self._turns.streams[caller] -= 1
        else:
            del self._turns.streams[caller]

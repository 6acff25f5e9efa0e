"""
Everybody gets a turn: how many calls are in work at once, and whose is next (docs/adr/0046).

    with Turn(turns) as turn:
        await turn.take(caller, deadline, is_stream=False)
        ...
        async with elsewhere():   # others have the turn while this call waits for somebody
            answer = await peer.ask(…)
        ...                    # its turn again, which ends with the block

A turn is for work.  A caller that nobody else is beside may have most of them; with others it has a few,
and of the callers that wait the one with the fewest calls in work is next, however many each has waiting.
What has begun is bounded, and so is what is open at all, which has its time; then the caller is told to
come back.

A stream lasts for minutes or for good and mostly waits: it takes no turn itself, what it is asked message
by message does (`of_message`), and a caller has so many streams at once.  Our own services do not wait:
what they ask is part of a call that had its turn where it came in.  Nor do operators, who must get through
while others flood.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Final

from lientuyen.chassis.v1 import error_reasons as reasons

from . import telemetry
from .call_context import Caller
from .deadline import remaining
from .errors import ResourceExhausted
from .fair_semaphore import FairSemaphore
from .logs import log
from .settings import MAX_CALLS, MAX_CALLS_EACH

EXEMPT: Final = frozenset({"service", "operator"})

# Calls that are open, waiting or not, of all callers.  One has half of what is free, and so many at least.
MAX_OPEN: Final = 2_000
MIN_OPEN_EACH: Final = 8

# Calls that have begun, in work or elsewhere: few enough for a call that has begun to end in its time.
MIN_BEGUN, BEGUN_PER_TURN = 64, 4

# Streams of one caller: those that its mailbox may have (routing: 64), and as many for all else.
MAX_STREAMS_EACH: Final = 128

# The part of a call's time that it may wait: what is left must do for the work.
PATIENCE: Final = 0.75

# So long after the last call of another a caller counts as alone.
COMPANY_S: Final = 30.0

# When to come back: the queue has moved on by then.
RETRY_AFTER_S: Final = 1

# Between two reports of who was refused how often.
REPORT_INTERVAL_S: Final = 60.0


class Turns:
    """The turns of one server: so many *calls* in work at a time, and *each* caller's beside others'."""

    def __init__(
        self,
        calls: int = MAX_CALLS,
        each: int = MAX_CALLS_EACH,
        *,
        max_open: int = MAX_OPEN,
        ping: Callable[[], Coroutine[object, object, None]] | None = None,
    ) -> None:
        """*ping* asks the database for a sign of life: Unavailable when it gives none."""
        self.calls = FairSemaphore(calls)
        self.begun = FairSemaphore(max(MIN_BEGUN, calls * BEGUN_PER_TURN))
        self.streams: Counter[Caller] = Counter()
        self.open: Counter[Caller] = Counter()
        self._each = min(each, self.calls.usual_max)
        self._room = max_open
        self._refused: Counter[tuple[Caller, str]] = Counter()
        self._ping = ping
        self._pinging: asyncio.Task[None] | None = None
        self._latest: Caller | None = None
        self._in_company_until = 0.0
        self.calls.limit(self._each)

    @property
    def waiting(self) -> int:
        """How many calls wait for a turn."""
        return self.begun.waiting + self.calls.waiting

    def watch(self) -> None:
        telemetry.gauge("lientuyen.turns.waiting", lambda: [(self.waiting, {})], unit="{call}")

    def enter(self, caller: Caller) -> None:
        """Let a call of *caller*'s in, or raise ResourceExhausted(TOO_MANY_CALLS): it has too many open."""
        self._look_around(caller)
        if self.open[caller] >= max(self._room, MIN_OPEN_EACH):
            raise self.refusal(caller, "waiting")
        self.open[caller] += 1
        self._room -= 1

    def leave(self, caller: Caller) -> None:
        _count_down(self.open, caller)
        self._room += 1

    def enter_stream(self, caller: Caller) -> None:
        self._look_around(caller)
        if self.streams[caller] >= MAX_STREAMS_EACH:
            raise self.refusal(caller, "streams")
        self.streams[caller] += 1

    def leave_stream(self, caller: Caller) -> None:
        _count_down(self.streams, caller)

    async def begin(self, caller: Caller, deadline: float | None) -> None:
        """Wait for a call's first turn; raise ResourceExhausted(TOO_MANY_CALLS) when it does not come.

        Unavailable(STORE_UNAVAILABLE) when that is because those in work wait for a store that hangs.
        """
        patience = None if deadline is None else (deadline - time.monotonic()) * PATIENCE
        try:
            async with asyncio.timeout(patience):
                await self.begun.acquire(caller)
                try:
                    await self.calls.acquire(caller)
                except BaseException:
                    self.begun.release(caller)
                    raise
        except TimeoutError:
            await self._check_store()
            raise self.refusal(caller, "time") from None

    async def _check_store(self) -> None:
        """Raise Unavailable when the database gives no sign of life; many who ask at once ask together."""
        if self._ping is None:
            return
        if self._pinging is None or self._pinging.done():
            self._pinging = asyncio.create_task(self._ping())
        await asyncio.shield(self._pinging)

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

    def _look_around(self, caller: Caller) -> None:
        """Give *caller* most of the turns when nobody else has called for a while, and a few when one has."""
        now = time.monotonic()
        if caller != self._latest:
            self._latest, self._in_company_until = caller, now + COMPANY_S
        self.calls.limit(self._each if now < self._in_company_until else self.calls.usual_max)


def _count_down(counter: Counter[Caller], caller: Caller) -> None:
    counter[caller] -= 1
    if not counter[caller]:
        del counter[caller]


class Turn:
    """The turn of one call, which ends with the block."""

    __slots__ = ("_caller", "_elsewhere", "_has_begun", "_is_held", "_is_stream", "_turns")

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._caller: Caller | None = None
        self._is_stream = self._is_held = self._has_begun = False
        self._elsewhere = 0

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
            turns.enter_stream(caller)
        else:
            turns.enter(caller)
        self._caller, self._is_stream = caller, is_stream
        if not is_stream:
            await turns.begin(caller, deadline)
            self._is_held = self._has_begun = True
        _current.set(self)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        caller = self._caller
        if caller is None:
            return
        self._caller = None  # whoever comes back after this takes no turn
        self._give_back(caller)
        if self._has_begun:
            self._turns.begun.release(caller)
        if self._is_stream:
            self._turns.leave_stream(caller)
        else:
            self._turns.leave(caller)

    @asynccontextmanager
    async def of_message(self) -> AsyncIterator[None]:
        """Hold a turn for one message of this stream inside the block; wait for it as the stream may."""
        caller = self._caller
        if caller is None or not self._is_stream:
            yield
            return
        await self._turns.calls.acquire(caller)
        turn = Turn(self._turns)
        turn._caller, turn._is_held = caller, True
        token = _current.set(turn)
        try:
            yield
        finally:
            _current.reset(token)
            turn._caller = None
            turn._give_back(caller)

    @asynccontextmanager
    async def elsewhere(self) -> AsyncIterator[None]:
        """Give the turn back inside the block, then wait for another.

        After an error it waits for half of the time that is left, then goes on without, and after a
        cancellation at once: the caller is to hear why.  Of several tasks of the call the last takes it.
        """
        caller = self._caller
        if caller is None or self._is_stream:
            yield
            return
        self._elsewhere += 1
        self._give_back(caller)
        patience: float | None = 0.0
        try:
            yield
            patience = None
        except Exception:
            left = remaining()
            patience = None if left is None else left / 2
            raise
        finally:
            self._elsewhere -= 1
            if not self._elsewhere:
                await self._take_again(caller, patience)

    async def _take_again(self, caller: Caller, patience: float | None) -> None:
        calls = self._turns.calls
        try:
            async with asyncio.timeout(patience):
                await calls.acquire(caller, first=True)
        except TimeoutError:
            calls.take(caller)
        if self._caller is None or self._is_held:  # the call has ended, or another task was quicker
            calls.release(caller)
        else:
            self._is_held = True

    def _give_back(self, caller: Caller) -> None:
        if self._is_held:
            self._is_held = False
            self._turns.calls.release(caller)


_current: ContextVar[Turn | None] = ContextVar("turn")


def have_no_turn() -> None:
    """Let the rest of this task, which works for several calls, have the turn of none."""
    _current.set(None)


@asynccontextmanager
async def elsewhere() -> AsyncIterator[None]:
    """Give back the turn of the call being answered while it waits for somebody else; then take it again."""
    turn = _current.get(None)
    if turn is None:
        yield
        return
    async with turn.elsewhere():
        yield


@asynccontextmanager
async def of_message() -> AsyncIterator[None]:
    """Hold a turn while one message of the stream being answered is worked on."""
    turn = _current.get(None)
    if turn is None:
        yield
        return
    async with turn.of_message():
        yield

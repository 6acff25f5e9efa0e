"""
How long a call may take: what the caller gave, or the rule's default; less the time to answer.

What is left goes on to peers and to the database: `remaining()`.  A block that must end in time:

    with limits.within(seconds):    # TimeoutError
        await ...
"""

import asyncio
import time
from types import TracebackType
from typing import Final, Self

from .call_context import current_or_none

# Taken off every deadline so that, when a peer is slow, our caller hears
# "records did not answer" from us and not a bare DEADLINE_EXCEEDED.  The answer needs
# half a round trip, and the caller's deadline began half a round trip before ours: a
# twentieth of the whole, within these bounds.
REPLY_MARGIN, LONGEST_MARGIN = 0.020, 0.250

# With less than this left on arrival, refuse: the work would be thrown away.
MIN_WORK = 0.100

# Limits are looked at on steps of so many seconds: half of the least that is kept for the answer.
STEP: Final = 0.010

# Looks between two that forget the steps on which nothing ends any more: a second's.
LOOKS: Final = 100


def reply_margin(left: float) -> float:
    """Return the seconds to keep for the answer, of a call that has *left* seconds."""
    return min(max(left / 20, REPLY_MARGIN), LONGEST_MARGIN)


def remaining() -> float | None:
    """Return the seconds left of the call being answered, never below 0; None where there is no end."""
    call = current_or_none()
    if call is None or call.deadline is None:
        return None
    return max(0.0, call.deadline - time.monotonic())


class Limit:
    """A block of one task that ends with TimeoutError when its time is over; as `asyncio.timeout` does it."""

    __slots__ = ("_cancelling", "_due", "_task", "expired")

    def __init__(self, due: "set[Limit] | None") -> None:
        self._due = due
        self._task: asyncio.Task[object] | None = None
        self.expired = False

    def expire(self) -> None:
        """End the block now.  One that has not begun ends when it begins; one that is over stays so."""
        self.expired = True
        if self._task is not None:
            self._task.cancel()

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        assert task is not None
        self._task, self._cancelling = task, task.cancelling()
        if self.expired:
            task.cancel()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        task, self._task = self._task, None
        if self._due is not None:
            self._due.discard(self)
        # Whoever else cancelled the task meanwhile is obeyed.
        ours = self.expired and task is not None and task.uncancel() <= self._cancelling
        if ours and isinstance(error, asyncio.CancelledError):
            raise TimeoutError from error


class Limits:
    """The limits of many blocks in one event loop, kept by one timer.

    A timer a block, which `asyncio.timeout` has, costs a call three times as much; that these end up
    to `STEP` late nobody sees.
    """

    def __init__(self) -> None:
        self._due: dict[int, set[Limit]] = {}
        self._step = 0
        self._looks = 0

    def within(self, seconds: float | None) -> Limit:
        """Return the block that may take so many *seconds*; None for one that ends only when told."""
        if seconds is None:
            return Limit(None)
        now = time.monotonic()
        if not self._due:
            self._step = int(now / STEP)
            asyncio.get_running_loop().call_later(STEP, self._look)
        due = self._due.setdefault(int((now + seconds) / STEP) + 1, set())
        limit = Limit(due)
        due.add(limit)
        return limit

    def _look(self) -> None:
        """End the blocks whose time is over, and look again while there are others."""
        now = int(time.monotonic() / STEP)
        while self._step < now:
            self._step += 1
            for limit in self._due.pop(self._step, ()):
                limit.expire()
        self._looks += 1
        if self._looks % LOOKS == 0:
            self._due = {step: due for step, due in self._due.items() if due}
        if self._due:
            asyncio.get_running_loop().call_later(STEP, self._look)

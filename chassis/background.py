"""
Background tasks: each is started again when it ends, counted, and part of the server's health.

A task of ours runs until the server stops.  One that ends, by an error or without one, is started again
after a second, then later and later, ten seconds at most.  Five ends in a row, with none that ran for ten
seconds between, make it a failing task; a server with one of those is NOT_SERVING, until it has run for
ten seconds (docs/adr/0050).  A database that is away is nobody's failure: health says that by itself.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias

from .errors import Unavailable
from .logs import log
from .telemetry import count, gauge

Run: TypeAlias = Callable[[], Awaitable[None]]

# Seconds before a task that ended is started again: the first, doubled each time, and the longest.
FIRST_DELAY_S: Final = 1.0
LONGEST_DELAY_S: Final = 10.0

# A run that lasts so many seconds is no failure to start.
STEADY_S: Final = 10.0

# How many ends in a row make a task a failing one.
MAX_ENDS: Final = 5


class TaskEnded(Exception):
    """A background task came to its end, or was cancelled from within, while the server runs."""


@dataclass(slots=True)
class BackgroundTask:
    """One task, supervised: *run* is called again and again until the task of `keep_running` is cancelled."""

    run: Run
    first_delay_s: float = FIRST_DELAY_S
    ends: int = 0
    begin_time: float = 0.0
    is_stopping: bool = False

    @property
    def name(self) -> str:
        """As a figure names it: `idempotency.sweep`, `outbox.Relay.run`."""
        return name_of(self.run)

    @property
    def is_failing(self) -> bool:
        return self.ends >= MAX_ENDS and time.monotonic() - self.begin_time < STEADY_S

    async def keep_running(self) -> None:
        while True:
            self.begin_time = time.monotonic()
            try:
                await self.run()
                error: BaseException = TaskEnded()
            except asyncio.CancelledError as cancelled:
                if self.is_stopping:
                    raise
                error = cancelled
            except Exception as failure:
                error = failure
            self._note(error)
            await asyncio.sleep(self._delay())

    def _note(self, error: BaseException) -> None:
        count(
            "lientuyen.background.ends",
            description="Ends of background tasks, each started again.",
            task=self.name,
            error=type(error).__name__,
        )
        log.error("a background task failed", task=self.name, exc_info=error)
        if time.monotonic() - self.begin_time >= STEADY_S:
            self.ends = 0
        self.ends += not isinstance(error, Unavailable)

    def _delay(self) -> float:
        return min(self.first_delay_s * 2.0 ** max(0, self.ends - 1), LONGEST_DELAY_S)


class BackgroundTasks:
    """The background tasks of one server."""

    def __init__(self, *runs: Run) -> None:
        self._supervised = [BackgroundTask(run) for run in runs]
        self._tasks: list[asyncio.Task[None]] = []

    def add(self, run: Run, *, first_delay_s: float = FIRST_DELAY_S) -> None:
        self._supervised.append(BackgroundTask(run, first_delay_s))

    def failing(self) -> list[str]:
        """Return the names of the tasks that do not run, whatever is tried."""
        return [task.name for task in self._supervised if task.is_failing]

    def start(self) -> None:
        gauge(
            "lientuyen.background.failing",
            lambda: [(int(task.is_failing), {"task": task.name}) for task in self._supervised],
            description="1 while a background task does not run, whatever is tried.",
        )
        for task in self._supervised:
            task.is_stopping = False
        self._tasks = [asyncio.create_task(task.keep_running()) for task in self._supervised]

    async def stop(self) -> None:
        for supervised in self._supervised:
            supervised.is_stopping = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def name_of(run: Any) -> str:
    """Return the module's last part and the function's name, through whatever wraps it."""
    while isinstance(run, partial):
        run = run.func
    return f"{run.__module__.rpartition('.')[2]}.{run.__qualname__}"

"""One run: everybody works while things break; then everything heals, all is finished, and all is read."""

import asyncio
import random
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from ..e2e import works
from . import plan
from .calls import GIVE_UP_AFTER_S, Channels, Worker
from .dossier_workers import RECIPIENT, decide, submit_dossiers
from .final_reads import read_all, until_quiet
from .history import History
from .mailbox_workers import HOSPITALS, Desk, send_messages
from .nemesis import strike
from .prescription_workers import prescribe
from .site import Site

# A run goes on for so many times its seconds at most, while too little is acknowledged.
MAX_STRETCH = 3

# Who sends to whom; how many desks a hospital has, and of the others how many work at once.
PAIRS = (
    ("01999", "79999"),
    ("79999", "01999"),
    ("01999", "01929"),
    ("01929", "79024"),
    ("79024", "79999"),
    ("79024", "01929"),
)
DESKS, CLERKS, DOCTORS, PRESCRIBERS = 2, 4, 2, 3

PROGRESS_INTERVAL_S = 10.0

Say = Callable[[str], None]


@dataclass
class Run:
    """What a run is made of.  *say* takes lines of progress."""

    site: Site
    history: History
    seed: int
    seconds: float
    operations: int
    say: Say
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    referrals: "asyncio.Queue[str]" = field(default_factory=asyncio.Queue)

    async def go(self) -> bool:
        """Do all of it; tell whether everything was finished when it was read."""
        await works.seed(self.site.client_stack)
        channels = Channels(self.site.client_stack)
        try:
            desks = [asyncio.create_task(desk.run()) for desk in self._desks(channels)]
            try:
                await self._work(channels)
                self.say("everything is healed; waiting for what is under way")
                is_quiet = await until_quiet(channels, self.say)
            finally:
                await end(desks)
            self.say("reading everything")
            await read_all(channels, self.history)
        finally:
            await channels.close()
        return is_quiet

    async def _work(self, channels: Channels) -> None:
        """Let everybody work while things break; return when they have finished what they began."""
        async with asyncio.timeout(MAX_STRETCH * self.seconds + 3 * GIVE_UP_AFTER_S):
            async with asyncio.TaskGroup() as group:
                for work in self._works(channels):
                    group.create_task(work)
                await self._break_things()
                await self.site.recover()
                self.closing.set()

    async def _break_things(self) -> None:
        faults = plan.draw(self.seed, MAX_STRETCH * self.seconds)
        striking = asyncio.create_task(strike(self.site, self.history, faults))
        try:
            await self._until_enough(striking)
        finally:
            await end([striking])

    async def _until_enough(self, striking: "asyncio.Task[None]") -> None:
        begin = time.monotonic()
        while not striking.done():
            await asyncio.wait([striking], timeout=PROGRESS_INTERVAL_S)
            elapsed, counts = time.monotonic() - begin, self.history.counts
            self.say(
                f"{elapsed:4.0f} s: {counts['ok']:,} acknowledged, {counts['fail']:,} refused, "
                f"{counts['unknown']:,} unknown, {counts['fault']} faults"
            )
            if elapsed >= self.seconds and counts["ok"] >= self.operations:
                return
        await striking

    def _worker(self, channels: Channels, name: str) -> Worker:
        return Worker(name, random.Random(f"{self.seed}/{name}"), self.history, channels, self.closing)

    def _desks(self, channels: Channels) -> list[Desk]:
        return [
            Desk(
                self._worker(channels, f"desk-{code}-{number}"),
                code,
                self.referrals if code == RECIPIENT else asyncio.Queue(),
            )
            for code in HOSPITALS
            for number in range(DESKS)
        ]

    def _works(self, channels: Channels) -> list[Coroutine[Any, Any, None]]:
        def worker(name: str) -> Worker:
            return self._worker(channels, name)

        return [
            *(send_messages(worker(f"{sender}-{to}"), sender, to) for sender, to in PAIRS),
            *(submit_dossiers(worker(f"clerk-{number}"), f"ca{number}") for number in range(CLERKS)),
            *(decide(worker(f"doctor-{number}"), self.referrals) for number in range(DOCTORS)),
            *(prescribe(worker(f"prescriber-{number}"), f"fa{number}") for number in range(PRESCRIBERS)),
        ]


async def end(tasks: list["asyncio.Task[None]"]) -> None:
    """Cancel *tasks* and wait for them; raise what one of them broke off with."""
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task

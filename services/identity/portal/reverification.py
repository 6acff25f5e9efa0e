"""
Asking again: whoever was told unconfirmed is looked up when the portal is back (NĐ 188/2025/NĐ-CP Art. 38).

Any number of replicas work on the tasks: each takes those that no other holds.  Tasks
wait while the portal is left alone; one tries it when it is time, and the rest follow
as soon as it answers, a few at once, so that the people at receptions come first.
"""

import asyncio
import itertools
import time
from contextlib import suppress
from typing import Final

from chassis.db import Database
from chassis.errors import ServiceError

from .breaker import Asking
from .gateway import Gateway
from .model import Answered
from .retry_schedule import Task, after
from .store import verifications

# Seconds between two looks at the tasks; sooner when the portal is back.
EVERY: Final = 1.0

# Looks between two counts of what is open, and two clearings of what is too old.
COUNT_EVERY, SWEEP_EVERY = 5, 60

# Tasks of one clearing.
SWEPT: Final = 1000


class Verifications:
    """The background work.  *open* and *oldest* (seconds) are as last counted."""

    def __init__(self, db: Database, gateway: Gateway, asking: Asking) -> None:
        self.open = 0
        self.oldest = 0.0
        self._db = db
        self._gateway = gateway
        self._asking = asking
        self._at_once = max(1, asking.limits.at_once // 4)

    async def run(self) -> None:
        """Look for tasks every second, until cancelled."""
        for look in itertools.count():
            with suppress(ServiceError):  # the database is away; the tasks are still there when it is back
                await self.round()
                await self._keep(look)
            await self._rest()

    async def round(self) -> None:
        """Do what is due, until nothing is or the portal falls silent; half of the time, at most.

        While receptions have all the slots, nothing is done.
        """
        while not self._asking.resting and not self._gateway.crowded:
            began = time.monotonic()
            limit = 1 if self._asking.probing or not self._asking.well else self._at_once
            async with self._db.transaction() as tx:
                tasks = await verifications.claim(tx, limit)
            told = await asyncio.gather(*(self._do(task) for task in tasks))
            if not tasks or not all(told):
                return
            await asyncio.sleep(time.monotonic() - began)

    async def _do(self, task: Task) -> bool:
        """Ask about one person; return whether the portal spoke.  What it told is written by then."""
        answer = await self._gateway.ask(task.person_id, self._asking.limits.seconds)
        async with self._db.transaction() as tx:
            if isinstance(answer, Answered):
                await verifications.done(tx, task.person_id)
                return True
            later = after(task, answer.reason)
            if later is None:
                await verifications.give_up(tx, task)
            else:
                await verifications.postpone(tx, task, later, answer.reason)
        return not answer.silent

    async def _keep(self, look: int) -> None:
        """Clear what is too old to help anybody, and count what is open."""
        if look % SWEEP_EVERY == 0:
            async with self._db.transaction() as tx:
                await verifications.sweep(tx, SWEPT)
        if look % COUNT_EVERY == 0:
            async with self._db.connection() as tx:
                self.open, self.oldest = await verifications.depth(tx)

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(EVERY):
                await self._asking.recovered.wait()
        self._asking.recovered.clear()

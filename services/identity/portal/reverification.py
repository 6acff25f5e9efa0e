"""
Whoever got an unconfirmed answer is looked up when the portal is back (NĐ 188/2025/NĐ-CP Art. 38).

Any number of replicas work on the tasks: each takes those that no other holds.  Tasks
wait while the breaker is open; one tries the portal when it is time, and the rest follow
as soon as it answers, a few at once, so that the people at receptions come first.
"""

import asyncio
import itertools
import time
from contextlib import suppress
from typing import Final

from chassis.db import Database
from chassis.errors import ServiceError
from chassis.purging import count_removed

from .breaker import GuardedPortal
from .gateway import PortalGateway
from .model import PortalResponse
from .retry_schedule import VerificationTask, next_retry
from .store import verifications

# Sooner when the portal is back.
POLL_INTERVAL_S: Final = 1.0

# Polls between two counts of what is open, and two clearings of what is too old.
POLLS_PER_COUNT, POLLS_PER_SWEEP = 5, 60

MAX_SWEPT: Final = 1000


class Reverification:
    """The background work.  *open_tasks* and *oldest_s* (the age of the oldest) are as last counted."""

    def __init__(self, db: Database, gateway: PortalGateway, portal: GuardedPortal) -> None:
        self.open_tasks = 0
        self.oldest_s = 0.0
        self._db = db
        self._gateway = gateway
        self._portal = portal
        self._max_claimed = max(1, portal.limits.max_concurrency // 4)

    async def run(self) -> None:
        for poll in itertools.count():
            with suppress(ServiceError):  # the database is away; the tasks are still there when it is back
                await self._run_due_tasks()
                await self._sweep_and_count(poll)
            await self._wait()

    async def _run_due_tasks(self) -> None:
        """Do what is due, until nothing is or the portal falls silent; half of the time, at most.

        While receptions have all the slots, nothing is done.
        """
        while not self._portal.is_open and not self._gateway.is_saturated:
            began = time.monotonic()
            is_trial = self._portal.is_half_open or not self._portal.is_healthy
            async with self._db.transaction() as tx:
                tasks = await verifications.claim(tx, 1 if is_trial else self._max_claimed)
            answered = await asyncio.gather(*(self._run_task(task) for task in tasks))
            if not tasks or not all(answered):
                return
            await asyncio.sleep(time.monotonic() - began)

    async def _run_task(self, task: VerificationTask) -> bool:
        """Ask about one person; return whether the portal spoke.  What it said is written by then."""
        outcome = await self._gateway.ask(task.person_id, self._portal.limits.timeout_s)
        async with self._db.transaction() as tx:
            if isinstance(outcome, PortalResponse):
                await verifications.complete(tx, task.person_id)
                return True
            retry = next_retry(task, outcome.reason)
            if retry is None:
                await verifications.abandon(tx, task)
            else:
                await verifications.postpone(tx, task, retry, outcome.reason)
        return not outcome.is_failure

    async def _sweep_and_count(self, poll: int) -> None:
        if poll % POLLS_PER_SWEEP == 0:
            async with self._db.transaction() as tx:
                swept = await verifications.sweep(tx, MAX_SWEPT)
            count_removed("verifications", swept)
        if poll % POLLS_PER_COUNT == 0:
            async with self._db.connection() as tx:
                self.open_tasks, self.oldest_s = await verifications.count_tasks(tx)

    async def _wait(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_INTERVAL_S):
                await self._portal.recovered.wait()
        self._portal.recovered.clear()

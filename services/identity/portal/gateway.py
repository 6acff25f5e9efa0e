"""
The insurance portal as a source of coverage, with our register behind it.

The portal is asked at every arrival, once for all who ask about one person at the same
time, and what it says is written down: so it is the last known answer of every replica,
and survives them.  When it does not answer, the last known answer goes out, flagged, and
the person is put down to be asked about again.

An answer is unflagged when the portal confirmed it in this call, or at most
`fresh` ago and has answered every question since.  No other answer is.
"""

import asyncio
import contextvars
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from chassis import call_context, clock, telemetry
from chassis.batching import Batcher
from chassis.db import Database
from chassis.deadline import remaining
from chassis.errors import ServiceError
from chassis.logs import log
from chassis.turns import elsewhere, have_no_turn
from common.values import is_future

from ..model.coverages import PORTAL, Coverage
from ..model.staleness import CoverageResult, Staleness, StaleReason
from .breaker import GuardedPortal
from .model import PortalResponse, PortalUnavailable, Subject, last_confirmed, reconcile
from .retry_schedule import FINAL_REASONS
from .store import coverages, verifications

# Kept of a call's time when it waits for the portal, in seconds: to put the person down and to answer.
RESERVED_S: Final = 0.15

# With less than this left, in seconds, the portal is not asked: no answer could come.
MIN_TIMEOUT_S: Final = 0.05

# Questions under way, those that wait for a slot or are being written too, by slot.  Beyond them the last
# known answer is better than a long wait.
MAX_QUESTIONS_PER_SLOT: Final = 4

# Seconds that a question may take beyond the portal's own: to read the entry and to write the answer.
STORE_S: Final = 5.0

Outcome = PortalResponse | PortalUnavailable


class PortalGateway:
    def __init__(self, db: Database, portal: GuardedPortal, *, fresh: timedelta, max_cached: int) -> None:
        self._db = db
        self._portal = portal
        self._fresh = fresh
        self._max_cached = max_cached
        self._cache: OrderedDict[UUID, PortalResponse] = OrderedDict()
        # The questions that the portal has not answered yet, by whom they are about; and all of them.
        self._inflight: dict[UUID, asyncio.Task[Outcome]] = {}
        self._questions: set[asyncio.Task[Outcome]] = set()
        # What comes at the same time goes to the database together.
        self._subjects = Batcher(
            "portal.subjects", self._load_subjects, summary="SELECT persons", namespace=db.namespace
        )
        self._responses = Batcher(
            "portal.answers", self._write_responses, summary="WITH coverages", namespace=db.namespace
        )
        self._tasks = Batcher(
            "portal.tasks", self._insert_tasks, summary="INSERT verifications", namespace=db.namespace
        )

    async def cards(self, person_id: UUID | None, known: Sequence[Coverage]) -> CoverageResult:
        """Return what the portal says of a person, or what was last *known*, flagged.

        A number nobody has here (None) cannot be asked about: the portal wants the name
        and the birth date.  It is answered as not known here, and nothing is claimed.
        """
        if person_id is None:
            return CoverageResult(known)
        fresh = self._fresh_result(person_id, known, clock.now())
        if fresh is not None:
            return fresh
        outcome = await self.ask(person_id, self._timeout_s())
        if isinstance(outcome, PortalResponse):
            return _confirmed_result(outcome, known)
        return await self._stale_result(person_id, known, outcome)

    async def ask(self, person_id: UUID, timeout_s: float) -> Outcome:
        """Return what the portal says of a person; one question serves all who ask at once.

        The question goes on when *timeout_s* is over, for others and for the register.
        """
        if self._portal.is_open:
            return PortalUnavailable(StaleReason.BREAKER_OPEN)
        if timeout_s < MIN_TIMEOUT_S:
            return PortalUnavailable(StaleReason.UPSTREAM_TIMEOUT)
        question = self._inflight.get(person_id)
        if question is None:
            if len(self._questions) >= MAX_QUESTIONS_PER_SLOT * self._portal.limits.max_concurrency:
                return PortalUnavailable(StaleReason.UPSTREAM_BUSY)
            question = self._begin_question(person_id)
        async with elsewhere():
            done, _ = await asyncio.wait((question,), timeout=timeout_s)
        return question.result() if done else PortalUnavailable(StaleReason.UPSTREAM_TIMEOUT)

    @property
    def is_saturated(self) -> bool:
        return len(self._questions) >= self._portal.limits.max_concurrency

    async def close(self) -> None:
        for question in self._questions:
            question.cancel()
        await asyncio.gather(*self._questions, return_exceptions=True)

    def _timeout_s(self) -> float:
        """Return how long a call may wait: the portal's time, and never so long that it cannot answer."""
        left, limit = remaining(), self._portal.limits.timeout_s
        return limit if left is None else min(limit, left - RESERVED_S)

    def _fresh_result(
        self, person_id: UUID, known: Sequence[Coverage], now: datetime
    ) -> CoverageResult | None:
        """Return what was confirmed a moment ago; None when the portal must be asked.

        Never while it is silent: then even this is a last known answer.
        """
        if not self._portal.is_healthy or not self._fresh:
            return None
        cached = self._cache.get(person_id)
        if cached is not None and self._is_fresh(cached.time, now):
            return _confirmed_result(cached, known)
        running = [card for card in known if not card.lapsed(clock.today())]
        # A register's word is no look-up at the portal, however new it is.
        if running and all(
            card.source == PORTAL and self._is_fresh(card.verify_time, now) for card in running
        ):
            return CoverageResult(known)
        return None

    def _is_fresh(self, confirmed: datetime, now: datetime) -> bool:
        """Whether what was *confirmed* then counts still; of what is still to come nothing does."""
        return now - confirmed <= self._fresh and not is_future(confirmed, now)

    async def _stale_result(
        self, person_id: UUID, known: Sequence[Coverage], error: PortalUnavailable
    ) -> CoverageResult:
        now = clock.now()
        last, cached = last_confirmed(known, now), self._cache.get(person_id)
        result = CoverageResult(known)
        if cached is not None and (last is None or cached.time >= last):
            last, result = cached.time, _confirmed_result(cached, known)
        age = max(now - last, timedelta()) if last else None
        telemetry.count("lientuyen.coverage.stale", reason=error.reason.name)
        if error.reason not in FINAL_REASONS:
            await self._open_task(person_id, error.reason)
        return replace(result, staleness=Staleness(error.reason, age, error.code))

    async def _open_task(self, person_id: UUID, reason: StaleReason) -> None:
        """Have the person asked about again; without a database the answer goes out all the same."""
        try:
            await self._tasks.load((person_id, reason))
        except ServiceError as error:
            log.warning("a verification could not be put down", reason=error.reason.name)

    def _begin_question(self, person_id: UUID) -> asyncio.Task[Outcome]:
        """Begin a question with a deadline of its own: whoever began it may have less time than others.

        Nor does it have the turn of who began it: those who wait for it would keep each other from that.
        """
        context = contextvars.copy_context()
        context.run(have_no_turn)
        context.run(_extend_deadline, self._portal.limits.timeout_s + STORE_S)
        question = asyncio.create_task(self._run_question(person_id), context=context)
        self._inflight[person_id] = question
        self._questions.add(question)
        question.add_done_callback(self._questions.discard)
        return question

    async def _run_question(self, person_id: UUID) -> Outcome:
        """Ask, and write the response down.  Whatever goes wrong is one more way of having none."""
        try:
            response = await self._ask_portal(person_id)
        except PortalUnavailable as error:
            return error
        except ServiceError as error:
            log.warning("the entry to ask the portal about could not be read", reason=error.reason.name)
            return PortalUnavailable(StaleReason.UPSTREAM_TIMEOUT)
        except Exception as error:
            log.error("asking the insurance portal failed", exc_info=error)
            return PortalUnavailable(StaleReason.UPSTREAM_ODD)
        finally:
            # Whoever comes from now on asks anew: the portal may have died since it said this.
            self._inflight.pop(person_id, None)
        self._put_into_cache(person_id, response)
        await self._write(response)
        return response

    async def _ask_portal(self, person_id: UUID) -> PortalResponse:
        subject = await self._subjects.load(person_id)
        if subject is None or not subject.is_complete:
            raise PortalUnavailable(StaleReason.ENTRY_INCOMPLETE)
        return await self._portal.ask(subject)

    def _put_into_cache(self, person_id: UUID, response: PortalResponse) -> None:
        self._cache[person_id] = response
        self._cache.move_to_end(person_id)
        while len(self._cache) > self._max_cached:
            self._cache.popitem(last=False)

    async def _write(self, response: PortalResponse) -> None:
        try:
            await self._responses.load(response)
        except ServiceError as error:
            log.warning("what the portal told could not be written", reason=error.reason.name)

    async def _load_subjects(self, ids: Sequence[UUID]) -> list[Subject | None]:
        async with self._db.connection() as tx:
            return await coverages.load_subjects(tx, ids)

    async def _write_responses(self, responses: Sequence[PortalResponse]) -> list[None]:
        async with self._db.connection() as tx:
            unlisted = await coverages.write_responses(tx, responses, clock.today())
        if unlisted:
            log.info("the portal no longer names cards that were known", count=unlisted)
        return [None] * len(responses)

    async def _insert_tasks(self, tasks: Sequence[tuple[UUID, StaleReason]]) -> list[None]:
        async with self._db.connection() as tx:
            await verifications.insert_tasks(tx, tasks)
        return [None] * len(tasks)


def _confirmed_result(response: PortalResponse, known: Sequence[Coverage]) -> CoverageResult:
    cards = reconcile(response, known, response.time.astimezone(clock.VIETNAM).date())
    return CoverageResult(cards, None, "" if response.cards else response.code)


def _extend_deadline(seconds: float) -> None:
    call = call_context.current_or_none()
    if call is not None:
        call_context.enter(replace(call, deadline=time.monotonic() + seconds))

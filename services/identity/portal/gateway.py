"""
The two sources of coverage: our own register, and the insurance portal with our register behind it.

Where there is a portal it is asked at every arrival, once for all who ask about one
person at the same time, and what it tells is written down: so it is the last known
answer of every replica, and survives them.  When it does not tell, the last known answer
goes out, flagged, and the person is put down to be asked about again.

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
from chassis.batching import Together
from chassis.db import Database
from chassis.deadline import remaining
from chassis.errors import ServiceError
from chassis.logs import log

from ..model.coverages import PORTAL, Coverage
from ..model.staleness import Staleness, StaleReason, Told
from .breaker import Asking
from .model import (
    FINAL,
    Answered,
    NotTold,
    Subject,
    confirmed,
    last_confirmed,
)
from .store import coverages as told
from .store import verifications

# Kept of a call's time when it waits for the portal, in seconds: to put the person down and to answer.
ROOM: Final = 0.15

# With less than this left, in seconds, the portal is not asked: no answer could come.
LEAST: Final = 0.05

# Questions under way, those that wait for a slot or are being written too, by slot.  Beyond them the last
# known answer is better than a long wait.
CROWD: Final = 4

# Seconds that a question may take beyond the portal's own: to read the entry and to write the answer.
WRITING: Final = 5.0


class Register:
    """The register alone: what was imported is what is so."""

    async def cards(self, person_id: UUID | None, known: Sequence[Coverage]) -> Told:
        """Return *known*, at once and unflagged."""
        return Told(known)


class Gateway:
    """The portal, and what was last known when it does not answer."""

    def __init__(self, db: Database, asking: Asking, *, fresh: timedelta, remembered: int) -> None:
        self._db = db
        self._asking = asking
        self._fresh = fresh
        self._remembered = remembered
        self._memory: OrderedDict[UUID, Answered] = OrderedDict()
        # The questions that the portal has not answered yet, by whom they are about; and all of them.
        self._flights: dict[UUID, asyncio.Task[Answered | NotTold]] = {}
        self._under_way: set[asyncio.Task[Answered | NotTold]] = set()
        # What comes at the same time goes to the database together.
        self._subjects = Together("portal.subjects", self._read_many)
        self._answers = Together("portal.answers", self._write_many)
        self._tasks = Together("portal.tasks", self._open_many)

    async def cards(self, person_id: UUID | None, known: Sequence[Coverage]) -> Told:
        """Return what the portal says of a person, or what was last *known*, flagged.

        A number nobody has here (None) cannot be asked about: the portal wants the name
        and the birth date.  It is answered as not known here, and nothing is claimed.
        """
        if person_id is None:
            return Told(known)
        now = clock.now()
        just = self._just_told(person_id, known, now)
        if just is not None:
            return just
        answer = await self.ask(person_id, self._patience())
        if isinstance(answer, Answered):
            return self._confirmed(answer, known)
        return await self._stale(person_id, known, answer)

    async def ask(self, person_id: UUID, seconds: float) -> Answered | NotTold:
        """Return what the portal says of a person within *seconds*; one question serves all who ask at once.

        The question goes on when *seconds* are over, for others and for the register.
        """
        if self._asking.resting:
            return NotTold(StaleReason.BREAKER_OPEN)
        if seconds < LEAST:
            return NotTold(StaleReason.UPSTREAM_TIMEOUT)
        flight = self._flights.get(person_id)
        if flight is None:
            if len(self._under_way) >= CROWD * self._asking.limits.at_once:
                return NotTold(StaleReason.UPSTREAM_BUSY)
            flight = self._depart(person_id)
        done, _ = await asyncio.wait((flight,), timeout=seconds)
        return flight.result() if done else NotTold(StaleReason.UPSTREAM_TIMEOUT)

    @property
    def crowded(self) -> bool:
        """Whether as many questions are under way as the portal is asked at once."""
        return len(self._under_way) >= self._asking.limits.at_once

    async def close(self) -> None:
        """End the questions under way."""
        for flight in self._under_way:
            flight.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def _patience(self) -> float:
        """Return how long a call may wait: the portal's time, and never so long that it cannot answer."""
        left = remaining()
        most = self._asking.limits.seconds
        return most if left is None else min(most, left - ROOM)

    def _just_told(self, person_id: UUID, known: Sequence[Coverage], now: datetime) -> Told | None:
        """Return what was confirmed a moment ago; None when the portal must be asked.

        Never while it is silent: then even this is a last known answer.
        """
        if not self._asking.well or not self._fresh:
            return None
        held = self._memory.get(person_id)
        if held is not None and now - held.time <= self._fresh:
            return self._confirmed(held, known)
        running = [card for card in known if not card.lapsed(clock.today())]
        # A register's word is no look-up at the portal, however new it is.
        if running and all(
            card.source == PORTAL and now - card.verify_time <= self._fresh for card in running
        ):
            return Told(known)
        return None

    def _confirmed(self, answer: Answered, known: Sequence[Coverage]) -> Told:
        cards = confirmed(answer.reply, known, answer.time.astimezone(clock.VIETNAM).date(), answer.time)
        return Told(cards, None, "" if answer.reply.cards else answer.reply.code)

    async def _stale(self, person_id: UUID, known: Sequence[Coverage], silence: NotTold) -> Told:
        """Return the last known answer, flagged, and put the person down to be asked about again."""
        last, held = last_confirmed(known), self._memory.get(person_id)
        base = Told(known)
        if held is not None and (last is None or held.time >= last):
            last, base = held.time, self._confirmed(held, known)
        age = max(clock.now() - last, timedelta()) if last else None
        telemetry.count("lientuyen.coverage.stale", reason=silence.reason.name)
        if silence.reason not in FINAL:
            await self._put_down(person_id, silence.reason)
        return replace(base, staleness=Staleness(silence.reason, age, silence.code))

    async def _put_down(self, person_id: UUID, reason: StaleReason) -> None:
        """Have the person asked about again; without a database the answer goes out all the same."""
        try:
            await self._tasks.ask((person_id, reason))
        except ServiceError as error:
            log.warning("a verification could not be put down", reason=error.reason.name)

    def _depart(self, person_id: UUID) -> "asyncio.Task[Answered | NotTold]":
        """Begin a question with a deadline of its own: whoever began it may have less time than others."""
        context = contextvars.copy_context()
        context.run(_own_time, self._asking.limits.seconds + WRITING)
        flight = asyncio.create_task(self._fly(person_id), context=context)
        self._flights[person_id] = flight
        self._under_way.add(flight)
        flight.add_done_callback(self._under_way.discard)
        return flight

    async def _fly(self, person_id: UUID) -> Answered | NotTold:
        """Ask, and write down what was told.  Whatever goes wrong is one more way of not being told."""
        try:
            answer = await self._told(person_id)
        except NotTold as silence:
            return silence
        except ServiceError as error:
            log.warning("the entry to ask the portal about could not be read", reason=error.reason.name)
            return NotTold(StaleReason.UPSTREAM_TIMEOUT)
        except Exception as error:
            log.error("asking the insurance portal failed", exc_info=error)
            return NotTold(StaleReason.UPSTREAM_ODD)
        finally:
            # Whoever comes from now on asks anew: the portal may have died since it said this.
            self._flights.pop(person_id, None)
        self._remember(person_id, answer)
        await self._write(answer)
        return answer

    async def _told(self, person_id: UUID) -> Answered:
        subject = await self._subjects.ask(person_id)
        if subject is None or not subject.complete:
            raise NotTold(StaleReason.ENTRY_INCOMPLETE)
        reply = await self._asking.ask(subject)
        return Answered(subject.person_id, reply, clock.now())

    def _remember(self, person_id: UUID, answer: Answered) -> None:
        self._memory[person_id] = answer
        self._memory.move_to_end(person_id)
        while len(self._memory) > self._remembered:
            self._memory.popitem(last=False)

    async def _write(self, answer: Answered) -> None:
        """Write the answer; the portal has said it whether it can be written or not."""
        try:
            await self._answers.ask(answer)
        except ServiceError as error:
            log.warning("what the portal told could not be written", reason=error.reason.name)

    async def _read_many(self, ids: Sequence[UUID]) -> list[Subject | None]:
        async with self._db.connection() as tx:
            return await told.subjects(tx, ids)

    async def _write_many(self, answers: Sequence[Answered]) -> list[None]:
        async with self._db.connection() as tx:
            gone = await told.remember(tx, answers, clock.today())
        if gone:
            log.info("the portal no longer names cards that were known", count=gone)
        return [None] * len(answers)

    async def _open_many(self, tasks: Sequence[tuple[UUID, StaleReason]]) -> list[None]:
        async with self._db.connection() as tx:
            await verifications.open_tasks(tx, tasks)
        return [None] * len(tasks)


def _own_time(seconds: float) -> None:
    """Give the call that is being answered, in a context of our own, another deadline."""
    asking = call_context.current_or_none()
    if asking is not None:
        call_context.enter(replace(asking, deadline=time.monotonic() + seconds))

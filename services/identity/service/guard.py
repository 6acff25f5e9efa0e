"""
The guard of the look-ups: against guessing numbers, and against one caller that takes all.

    async with self._guard.evenly() as even:
        async with self._guard.turn():
            found = ...            # the look-up; a place is held, and a look-up is taken
            if found is None:
                self._guard.missed()
        ...                        # what waits for somebody else, without a place

It knows callers by their certificates, and what it counts is in this process: with
several replicas a caller has its allowance at each (docs/adr/0026).  Nothing of a
request, above all no number, reaches it.
"""

import asyncio
import math
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from types import TracebackType
from typing import Final, Self

from chassis import audit, call_context, telemetry
from chassis.call_context import Call, Caller
from chassis.db import Database
from chassis.errors import ResourceExhausted, ServiceError
from chassis.logs import log
from lientuyen.identity.v1 import error_reasons as reasons
from lientuyen.type.v1.access_pb2 import AccessContext

from ..model.guard import DESK, SHARES, Account, Allowance, allowances
from .turns import Turns

# Callers that have an account of their own, least recently seen forgotten first: twice the facilities
# of the country that may look somebody up, in a few megabytes.
MOST_CALLERS: Final = 30_000

# Accounts looked at when one must go.
LOOK_AT: Final = 8

# The longest that a question of a stream waits for its look-up, in seconds.
PATIENCE: Final = 5.0

# Seconds between two notes of who was refused how often: a flood of refusals must not become one of writes.
NOTE_EVERY: Final = 60.0


@dataclass(slots=True)
class Refusals:
    """What a caller was refused since the last note, in which method it was last."""

    method: Call
    count: int = 0
    limits: set[str] = field(default_factory=set)


class Guard:
    """Holds the accounts and the places.

    *hospital* is what one hospital may do; *places* are look-ups in work at a time; *grid* is the
    step, in seconds, on which answers leave, 0 for none.
    """

    def __init__(
        self, db: Database, *, hospital: Allowance, places: int, grid: float, most_callers: int = MOST_CALLERS
    ) -> None:
        self._db = db
        self._allowances = allowances(hospital)
        self._turns = Turns(places)
        self._grid = grid
        self._most_callers = most_callers
        self._accounts: OrderedDict[Caller, Account] = OrderedDict()
        # What all share for whom there is no room: an account in use is never forgotten.
        self._shared = {kind: Account(allowance) for kind, allowance in self._allowances.items()}
        self._over: dict[Caller, Account] = {}
        self._refused: dict[Caller, Refusals] = {}

    def watch(self) -> None:
        """Report the gauges: how many callers used up their misses, how many look-ups wait for a place."""
        telemetry.gauge("lientuyen.lookup.callers_over", self._callers_over, unit="{caller}")
        telemetry.gauge("lientuyen.lookup.waiting", lambda: [(self.waiting, {})], unit="{call}")

    @property
    def waiting(self) -> int:
        """How many look-ups wait for a place."""
        return self._turns.waiting

    def admit(self, *, urgent: bool = False) -> None:
        """Take one look-up of the caller's.

        Raises ResourceExhausted(LOOKUP_LIMIT_REACHED), before anything is looked up, when there is
        none or, unless it is *urgent*, when the caller's misses are used up.
        """
        who = call_context.caller()
        wait, limit = self._account(who).take(monotonic(), urgent=urgent)
        if wait:
            raise self._refusal(who, wait, limit)

    def missed(self) -> None:
        """Count that nobody has the number that the caller showed."""
        who, now = call_context.caller(), monotonic()
        account = self._account(who)
        account.miss(now)
        telemetry.count("lientuyen.lookup.missed", caller=who.kind)
        if account.is_over(now):
            self._over[who] = account

    def turn(self, *, patient: bool = False, urgent: bool = False) -> "Turn":
        """Return the block in which somebody is looked up: admitted, and on a place.

        A *patient* one, a question of a stream, waits for its look-up instead of being refused, and
        leaves some to the caller's desk.  An *urgent* one, an emergency (cấp cứu), is never refused
        because somebody with the same certificate guessed numbers: it is flagged and reviewed anyway.
        """
        return Turn(self, self._turns, patient=patient, urgent=urgent)

    def evenly(self) -> "Evenly":
        """Return the block that ends, answered or refused, on the grid of the time since it began.

        Look-ups made together have one beginning, so that their answers leave together too.
        """
        return Evenly(self)

    async def even(self, began: float) -> None:
        """Wait until the next step of the grid since *began*, an instant of `time.monotonic`."""
        if self._grid:
            spent = monotonic() - began
            await asyncio.sleep((math.floor(spent / self._grid) + 1) * self._grid - spent)

    async def admit_patiently(self, *, urgent: bool = False) -> None:
        """Take one look-up of the caller's as `admit` does, but wait for it up to PATIENCE."""
        who = call_context.caller()
        until = monotonic() + PATIENCE
        while True:
            now = monotonic()
            wait, limit = self._account(who).take(now, spared=DESK, urgent=urgent)
            if not wait:
                return
            if limit == "misses" or now + wait > until:
                raise self._refusal(who, wait, limit)
            await asyncio.sleep(wait)

    async def keep_notes(self) -> None:
        """Note every minute who was refused, until cancelled."""
        while True:
            await asyncio.sleep(NOTE_EVERY)
            await self.note()

    async def note(self) -> None:
        """Leave a line in the log and a row in the access log of each caller refused since the last note."""
        refused, self._refused = self._refused, {}
        now = monotonic()
        self._over = {who: account for who, account in self._over.items() if account.is_over(now)}
        for who, one in refused.items():
            limits = "+".join(sorted(one.limits))
            log.warning("a caller looked up too much", caller=str(who), limit=limits, refused=one.count)
            with suppress(ServiceError):  # a store that is down: the line in the log is left
                await self._write(one, f"{one.count} look-ups refused ({limits})")

    async def _write(self, refused: Refusals, said: str) -> None:
        with call_context.calling(refused.method):
            async with self._db.transaction() as tx:
                await audit.record(tx, subject="", access=AccessContext(reason=said), allowed=False)

    def _account(self, who: Caller) -> Account:
        account = self._accounts.get(who)
        if account is None:
            return self._opened(who)
        self._accounts.move_to_end(who)
        return account

    def _opened(self, who: Caller) -> Account:
        """Return a new account for *who*, or the shared one when all the others are in use.

        Only an account that says nothing is forgotten: coming back is no way around a limit.
        """
        kind = who.kind if who.kind in SHARES else "operator"
        if len(self._accounts) >= self._most_callers and not self._forget_one():
            return self._shared[kind]
        made = self._accounts[who] = Account(self._allowances[kind])
        return made

    def _forget_one(self) -> bool:
        now = monotonic()
        oldest = zip(range(LOOK_AT), self._accounts.items(), strict=False)
        idle = next((who for _, (who, account) in oldest if account.says_nothing(now)), None)
        if idle is None:
            return False
        del self._accounts[idle]
        return True

    def _refusal(self, who: Caller, wait: float, limit: str) -> ResourceExhausted:
        """Return the refusal, counted; the metric tells kinds, the log and the access log the caller."""
        telemetry.count("lientuyen.lookup.limited", caller=who.kind, limit=limit)
        told = self._refused.setdefault(who, Refusals(call_context.current()))
        told.count += 1
        told.limits.add(limit)
        return ResourceExhausted(reasons.LOOKUP_LIMIT_REACHED, retry_after_seconds=str(math.ceil(wait)))

    def _callers_over(self) -> list[tuple[float, dict[str, str]]]:
        now = monotonic()
        return [(sum(account.is_over(now) for account in tuple(self._over.values())), {})]


class Turn:
    """One look-up that is admitted and holds a place."""

    __slots__ = ("_guard", "_patient", "_turns", "_urgent", "_who")

    def __init__(self, guard: Guard, turns: Turns, *, patient: bool, urgent: bool) -> None:
        self._guard, self._turns, self._patient, self._urgent = guard, turns, patient, urgent
        self._who = call_context.caller()

    async def __aenter__(self) -> None:
        if self._patient:
            await self._guard.admit_patiently(urgent=self._urgent)
        else:
            self._guard.admit(urgent=self._urgent)
        if not self._turns.try_enter(self._who):
            await self._turns.enter(self._who)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._turns.leave(self._who)


class Evenly:
    """The time from its beginning to the next step of the grid after its end."""

    __slots__ = ("_began", "_guard")

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._began = monotonic()

    def since(self, instant: float) -> None:
        """Count from *instant* on the clock of `time.monotonic`: when the look-up began."""
        self._began = instant

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        # A call that was cancelled, or has run out of time, waits for nobody.
        if error is None or isinstance(error, Exception):
            await self._guard.even(self._began)

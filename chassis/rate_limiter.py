"""
The rate limits of the look-ups: against guessing numbers and codes, and against one caller that takes all.

    async with self._rate_limiter.admit():
        found = ...            # the look-up; a slot is held, and a look-up is taken
    if found is None:
        self._rate_limiter.count_failure()

`take()` in place of `admit()` takes the look-up alone, and waits for nothing.

It knows callers by their certificates, and what it counts is in this process: with
several replicas a caller has its allowance at each (docs/adr/0026, docs/adr/0045).  Nothing of a
request, above all no number, reaches it.
"""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Final

from lientuyen.type.v1.access_pb2 import AccessContext
from lientuyen.type.v1.reason import Reason

from . import audit, call_context, telemetry
from .allowances import RESERVE, SHARES, Allowance, Bucket, Share, allowances
from .call_context import Call, Caller
from .db import Database
from .errors import ResourceExhausted, ServiceError
from .fair_semaphore import FairSemaphore
from .logs import log
from .turns import elsewhere

# Callers that have a bucket of their own, least recently seen forgotten first: twice the facilities
# of the country that may look somebody up, in a few megabytes.
MAX_CALLERS: Final = 30_000

# Buckets looked at when one must go.
MAX_SCANNED: Final = 8

# The longest that a question of a stream waits for its look-up.
MAX_PATIENCE_S: Final = 5.0

# Look-ups in work at a time, unless a service says otherwise.
MAX_SLOTS: Final = 128

# Between two reports of who was refused how often: a flood of refusals must not become one of writes.
REPORT_INTERVAL_S: Final = 60.0


@dataclass(slots=True)
class Refusals:
    method: Call
    count: int = 0
    limits: set[str] = field(default_factory=set)


class RateLimiter:
    """Holds the buckets of the callers, and the slots.

    *hospital* is what one hospital may do, *shares* what others may; *limit_reached* is the reason of a
    refusal, told with `retry_after_seconds`; *slots* are look-ups in work at a time.
    """

    def __init__(
        self,
        db: Database,
        *,
        hospital: Allowance,
        limit_reached: Reason,
        shares: Mapping[str, Share] = SHARES,
        slots: int = MAX_SLOTS,
        clock: Callable[[], float] = time.monotonic,
        max_callers: int = MAX_CALLERS,
        report_interval_s: float = REPORT_INTERVAL_S,
    ) -> None:
        self._db = db
        self._limit_reached = limit_reached
        self._allowances = allowances(hospital, shares)
        self._slots = FairSemaphore(slots)
        self._clock = clock
        self._max_callers = max_callers
        self._report_interval_s = report_interval_s
        self._buckets: OrderedDict[Caller, Bucket] = OrderedDict()
        # What all share for whom there is no room: a bucket in use is never forgotten.
        self._shared = {kind: Bucket(allowance) for kind, allowance in self._allowances.items()}
        self._exhausted: dict[Caller, Bucket] = {}
        self._refused: dict[Caller, Refusals] = {}

    def watch(self) -> None:
        telemetry.gauge("lientuyen.lookup.callers_over", self._callers_over, unit="{caller}")
        telemetry.gauge("lientuyen.lookup.waiting", lambda: [(self.waiting, {})], unit="{call}")

    @property
    def waiting(self) -> int:
        return self._slots.waiting

    @asynccontextmanager
    async def admit(
        self, *, patient: bool = False, urgent: bool = False, acting_for: Caller | None = None
    ) -> AsyncIterator[None]:
        """Take one look-up of the caller's, and hold a slot for it in the block.

        Raises as `take` does.  A *patient* one, a question of a stream, waits for its look-up up to
        MAX_PATIENCE_S, and leaves some to the caller's desk.
        """
        caller = call_context.caller()
        if patient:
            self._check_failures(acting_for, urgent=urgent)
            await self._wait_for_lookup(caller, urgent=urgent)
        else:
            self.take(urgent=urgent, acting_for=acting_for)
        async with self._slots.hold(caller):
            yield

    def take(self, *, urgent: bool = False, acting_for: Caller | None = None) -> None:
        """Take one look-up of the caller's.

        Raises ResourceExhausted, before anything is looked up, when there is none or when the failures
        are used up, the caller's or those of whom it is *acting_for*.  An *urgent* one, an emergency
        (cấp cứu), is never refused because somebody with the same certificate guessed numbers: it is
        flagged and reviewed anyway.
        """
        self._check_failures(acting_for, urgent=urgent)
        caller = call_context.caller()
        wait, limit = self._bucket(caller).take(self._clock(), urgent=urgent)
        if wait:
            raise self._refusal(caller, wait, limit)

    def count_failure(self, acting_for: Caller | None = None) -> None:
        """Count one failure: the caller's, or of whom it is *acting_for*."""
        caller, now = acting_for or call_context.caller(), self._clock()
        bucket = self._bucket(caller)
        bucket.fail(now)
        telemetry.count("lientuyen.lookup.missed", caller=caller.kind)
        if bucket.is_exhausted(now):
            self._exhausted[caller] = bucket

    async def keep_reporting(self) -> None:
        while True:
            await asyncio.sleep(self._report_interval_s)
            await self.report()

    async def report(self) -> None:
        """Leave a line in the log and a row in the access log of each caller refused since the last one."""
        refused, self._refused = self._refused, {}
        now = self._clock()
        self._exhausted = {
            caller: bucket for caller, bucket in self._exhausted.items() if bucket.is_exhausted(now)
        }
        for caller, refusals in refused.items():
            limits = "+".join(sorted(refusals.limits))
            log.warning(
                "a caller looked up too much", caller=str(caller), limit=limits, refused=refusals.count
            )
            with suppress(ServiceError):  # a store that is down: the line in the log is left
                await self._record(refusals, f"{refusals.count} look-ups refused ({limits})")

    async def _record(self, refusals: Refusals, reason: str) -> None:
        with call_context.calling(refusals.method):
            async with self._db.transaction() as tx:
                await audit.record(tx, subject="", access=AccessContext(reason=reason), allowed=False)

    def _check_failures(self, acting_for: Caller | None, *, urgent: bool) -> None:
        if acting_for is None or urgent:
            return
        if wait := self._bucket(acting_for).failure_wait(self._clock()):
            raise self._refusal(acting_for, wait, "misses")

    async def _wait_for_lookup(self, caller: Caller, *, urgent: bool) -> None:
        until = self._clock() + MAX_PATIENCE_S
        while True:
            now = self._clock()
            wait, limit = self._bucket(caller).take(now, reserved=RESERVE, urgent=urgent)
            if not wait:
                return
            if limit == "misses" or now + wait > until:
                raise self._refusal(caller, wait, limit)
            async with elsewhere():
                await asyncio.sleep(wait)

    def _bucket(self, caller: Caller) -> Bucket:
        bucket = self._buckets.get(caller)
        if bucket is None:
            return self._new_bucket(caller)
        self._buckets.move_to_end(caller)
        return bucket

    def _new_bucket(self, caller: Caller) -> Bucket:
        """Return a new bucket for *caller*, or the shared one when all the others are in use.

        Only an idle bucket is forgotten: coming back is no way around a limit.
        """
        kind = caller.kind if caller.kind in self._allowances else "operator"
        if len(self._buckets) >= self._max_callers and not self._forget_one():
            return self._shared[kind]
        bucket = self._buckets[caller] = Bucket(self._allowances[kind])
        return bucket

    def _forget_one(self) -> bool:
        now = self._clock()
        oldest = zip(range(MAX_SCANNED), self._buckets.items(), strict=False)
        idle = next((caller for _, (caller, bucket) in oldest if bucket.is_idle(now)), None)
        if idle is None:
            return False
        del self._buckets[idle]
        return True

    def _refusal(self, caller: Caller, wait: float, limit: str) -> ResourceExhausted:
        """Return the refusal, counted; the metric tells kinds, the log and the access log the caller."""
        telemetry.count("lientuyen.lookup.limited", caller=caller.kind, limit=limit)
        refusals = self._refused.setdefault(caller, Refusals(replace(call_context.current(), caller=caller)))
        refusals.count += 1
        refusals.limits.add(limit)
        return ResourceExhausted(self._limit_reached, retry_after_seconds=str(math.ceil(wait)))

    def _callers_over(self) -> list[tuple[float, dict[str, str]]]:
        now = self._clock()
        return [(sum(bucket.is_exhausted(now) for bucket in tuple(self._exhausted.values())), {})]

"""
Asking the insurance portal, carefully: so many questions at once, and none while it is down.

A portal that was silent several times in a row is left alone for a moment; then one
question tries it, and the others go on being answered from memory until that one has
come back.  What the portal refuses or says in odd words is an answer, and opens nothing.
"""

import asyncio
import time
from dataclasses import dataclass
from typing import Final, Protocol

from circuitbreaker import STATE_CLOSED, STATE_HALF_OPEN, STATE_OPEN, CircuitBreaker

from chassis.logs import log

from ..model.staleness import StaleReason
from .model import NotTold, Reply, Subject

# The part of a question's time that it may wait for others to end.
QUEUE: Final = 0.25

# What says that the portal does not know a number: then the next number of the person is tried.
NOT_FOUND: Final = "050"


class Asked(Protocol):
    """The portal, as far as it is asked."""

    async def look_up(self, subject: Subject, number: str, seconds: float) -> Reply:
        """Return what it says of *subject* within *seconds*; NotTold when nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """How it may be asked: seconds a question, silences until a pause of *recovery* seconds, at once."""

    seconds: float
    failures: int
    recovery: float
    at_once: int


class Asking:
    """The portal behind a breaker.  *well* is whether it answered when it was last asked."""

    def __init__(self, portal: Asked, limits: Limits) -> None:
        self.limits = limits
        self.well = True
        # Set when the portal answers again after a pause.
        self.recovered = asyncio.Event()
        self._portal = portal
        self._breaker = CircuitBreaker(limits.failures, limits.recovery, name="portal")
        self._slots = asyncio.Semaphore(limits.at_once)
        self._trying = False

    @property
    def resting(self) -> bool:
        """Whether the portal is left alone now, or is being tried by somebody else."""
        state = self._breaker.state
        return bool(state == STATE_OPEN or (state == STATE_HALF_OPEN and self._trying))

    @property
    def probing(self) -> bool:
        """Whether the next question is the one that tries it."""
        return bool(self._breaker.state == STATE_HALF_OPEN)

    async def ask(self, subject: Subject) -> Reply:
        """Return what the portal says of *subject*, within the time of a question; NotTold when nothing."""
        end = time.monotonic() + self.limits.seconds
        await self._slot()
        try:
            first = self._admit()
            try:
                reply = await self._asked(subject, end)
            except NotTold as silence:
                self._note(silence)
                raise
            finally:
                if first:
                    self._trying = False
            self._note(None)
            return reply
        finally:
            self._slots.release()

    async def _slot(self) -> None:
        try:
            async with asyncio.timeout(self.limits.seconds * QUEUE):
                await self._slots.acquire()
        except TimeoutError:
            raise NotTold(StaleReason.UPSTREAM_BUSY) from None

    def _admit(self) -> bool:
        """Raise NotTold while the portal is left alone; return whether this question is to try it."""
        if self.resting:
            raise NotTold(StaleReason.BREAKER_OPEN)
        first = self.probing
        self._trying = self._trying or first
        return first

    async def _asked(self, subject: Subject, end: float) -> Reply:
        """Ask by the person's numbers, the surest first, until the portal knows one."""
        reply = Reply(NOT_FOUND)
        for number in subject.numbers:
            reply = await self._portal.look_up(subject, number, end - time.monotonic())
            if reply.code != NOT_FOUND:
                break
        return reply

    def _note(self, silence: NotTold | None) -> None:
        """Tell the breaker; whoever waits for the portal is woken when it is back."""
        if silence is not None and silence.reason is StaleReason.ACCOUNT_REFUSED:
            self.well = False
            return
        failed = silence if silence is not None and silence.silent else None
        before = self._breaker.state
        self._breaker.__exit__(type(failed) if failed else None, failed, None)
        after = self._breaker.state
        if failed and before == STATE_CLOSED and after == STATE_OPEN:
            log.warning("the insurance portal does not answer and is left alone", reason=failed.reason.name)
        if not failed and not self.well:
            self.recovered.set()
        if after == STATE_CLOSED != before:
            log.info("the insurance portal answers again")
        self.well = failed is None

"""
The portal behind a circuit breaker: so many questions at once, and none while it is down.

Several failures in a row open the breaker; then one question tries the portal, and the
others go on being answered from memory until that one has come back.  What the portal
refuses or says in odd words is an answer, and opens nothing.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from chassis import call_context
from chassis.breaker import Breaker, CircuitOpen
from chassis.fair_semaphore import FairSemaphore
from chassis.logs import log

from ..model.staleness import StaleReason
from .client import PortalClient
from .model import PortalResponse, PortalUnavailable, Subject

# The part of a question's time that it may wait for others to end.
QUEUE_SHARE: Final = 0.25

# The portal does not know a number: then the next number of the person is tried.
NOT_FOUND_CODE: Final = "050"


@dataclass(frozen=True, slots=True)
class PortalLimits:
    """How the portal may be asked; *max_failures* in a row open the breaker for *recovery_s*."""

    timeout_s: float
    max_failures: int
    recovery_s: float
    max_concurrency: int


class GuardedPortal:
    """Asks the portal within *limits*.  *is_healthy* is whether it answered when it was last asked."""

    def __init__(self, client: PortalClient, limits: PortalLimits) -> None:
        self.limits = limits
        self.is_healthy = True
        # Set when the portal answers again after a failure.
        self.recovered = asyncio.Event()
        self._client = client
        self._breaker = Breaker(limits.max_failures, limits.recovery_s)
        self._slots = FairSemaphore(limits.max_concurrency)

    @property
    def is_open(self) -> bool:
        """Whether the portal is left alone now, or is being tried by somebody else."""
        return self._breaker.is_open

    @property
    def is_half_open(self) -> bool:
        return self._breaker.is_half_open

    async def ask(self, subject: Subject) -> PortalResponse:
        """Return what the portal says of *subject*, which is complete; or raise PortalUnavailable."""
        deadline = time.monotonic() + self.limits.timeout_s
        async with self._slot():
            try:
                with self._breaker.attempt():
                    return await self._recorded(subject, deadline)
            except CircuitOpen:
                raise PortalUnavailable(StaleReason.BREAKER_OPEN) from None

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        """Hold a slot in the block; callers come in turn, and what runs by itself is one of them."""
        call = call_context.current_or_none()
        caller = call.caller if call is not None else None
        try:
            async with asyncio.timeout(self.limits.timeout_s * QUEUE_SHARE):
                await self._slots.acquire(caller)
        except TimeoutError:
            raise PortalUnavailable(StaleReason.UPSTREAM_BUSY) from None
        try:
            yield
        finally:
            self._slots.release(caller)

    async def _recorded(self, subject: Subject, deadline: float) -> PortalResponse:
        try:
            response = await self._by_each_number(subject, deadline)
        except PortalUnavailable as error:
            self._record(error)
            raise
        self._record(None)
        return response

    async def _by_each_number(self, subject: Subject, deadline: float) -> PortalResponse:
        for number in subject.numbers:
            response = await self._client.look_up(subject, number, deadline - time.monotonic())
            if response.code != NOT_FOUND_CODE:
                break
        return response

    def _record(self, error: PortalUnavailable | None) -> None:
        """Tell the breaker; whoever waits for the portal is woken when it is back."""
        if error is not None and error.reason is StaleReason.ACCOUNT_REFUSED:
            self.is_healthy = False
        elif error is not None and error.is_failure:
            self.is_healthy = False
            if self._breaker.record(failed=True):
                log.warning(
                    "the insurance portal does not answer and is left alone", reason=error.reason.name
                )
        else:
            if not self.is_healthy:
                self.recovered.set()
            self.is_healthy = True
            if self._breaker.record(failed=False):
                log.info("the insurance portal answers again")

"""
A circuit breaker: what did not answer several times in a row is left alone for a moment.

    with breaker.attempt():                # CircuitOpen, at once, while it is left alone
        ...
        changed = breaker.record(failed=…)

Closed, calls go through; so many failures in a row open it; after *recovery* seconds it is half-open, and
one call tries while the others are refused.  An attempt that records nothing tells nothing.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class CircuitOpen(Exception):
    """The call was not made: the breaker is open, or another call is trying."""


class Breaker:
    """Opens after *failures* in a row, for *recovery* seconds."""

    def __init__(self, failures: int, recovery: float) -> None:
        self._threshold = failures
        self._recovery = recovery
        self._failures = 0
        self._opened: float | None = None
        self._trying = False

    @property
    def is_closed(self) -> bool:
        return self._opened is None

    @property
    def is_half_open(self) -> bool:
        """Whether the pause is over and it is not known yet whether calls go through."""
        return self._opened is not None and time.monotonic() - self._opened >= self._recovery

    @property
    def is_open(self) -> bool:
        """Whether a call would be refused now."""
        return self._opened is not None and (self._trying or not self.is_half_open)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Hold one call; raises CircuitOpen when it may not be made."""
        if self.is_open:
            raise CircuitOpen
        trial = self.is_half_open
        self._trying = self._trying or trial
        try:
            yield
        finally:
            if trial:
                self._trying = False

    def record(self, *, failed: bool) -> bool:
        """Note how a call ended; return whether that opened or closed the breaker."""
        was_closed = self.is_closed
        self._failures = self._failures + 1 if failed else 0
        if not failed:
            self._opened = None
        elif not was_closed or self._failures >= self._threshold:
            self._opened = time.monotonic()
        return was_closed is not self.is_closed

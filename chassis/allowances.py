"""
How often each kind of caller may look numbers or codes up, and how often in vain.

Numbers can be guessed: 12 digits of which a birth year, a province and a sex are
known leave a million.  Whoever guesses is told "nobody" far more often than a
reception clerk is.  So there are two allowances: a wide one for look-ups, and a
narrow one for failures (what nobody has, or is somebody else's).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .gcra import Rate

# The part of a caller's burst that its streams leave alone, so that a list of tomorrow's patients that is
# checked as a stream never takes the look-ups of the reception desk.
RESERVE: Final = 0.25


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one caller may do.  *failures* None: they are counted and never refuse."""

    lookups: Rate
    failures: Rate | None


@dataclass(frozen=True, slots=True)
class Share:
    """How many hospitals' worth of look-ups and failures a kind of caller gets; *failures* 0 is no limit."""

    lookups: float
    failures: float


# A facility is one hospital.  An operator is one person at a desk.  An authority asks for the nation: VNeID
# for citizens, the fund for its dossiers.  The other services ask for every facility, and one facility's
# failures must not refuse the others: theirs are counted only.  For whom a service says that it asks, the
# failures are that facility's.
SHARES: Final[Mapping[str, Share]] = {
    "facility": Share(1, 1),
    "pharmacy": Share(0.1, 0.1),
    "operator": Share(0.1, 0.1),
    "authority": Share(40, 40),
    "service": Share(40, 0),
}


def allowances(hospital: Allowance, shares: Mapping[str, Share] = SHARES) -> dict[str, Allowance]:
    return {kind: _allowance(hospital, share) for kind, share in shares.items()}


def _allowance(hospital: Allowance, share: Share) -> Allowance:
    failures = hospital.failures.times(share.failures) if hospital.failures and share.failures else None
    return Allowance(hospital.lookups.times(share.lookups), failures)


@dataclass(slots=True)
class Bucket:
    allowance: Allowance
    lookups_tat: float = 0.0
    failures_tat: float = 0.0

    def take(self, now: float, *, reserved: float = 0.0, urgent: bool = False) -> tuple[float, str]:
        """Take one look-up.  Return how long to wait for it and which limit says so; 0 when it was there.

        What must be waited for is not taken.  *reserved* as in `Rate.wait`, of the look-ups.
        An *urgent* one is never refused for failures.
        """
        lookups = self.allowance.lookups
        if not urgent and (wait := self.failure_wait(now)):
            return wait, "misses"
        wait = lookups.wait(self.lookups_tat, now, reserved=reserved)
        if wait == 0:
            self.lookups_tat = lookups.spend(self.lookups_tat, now)
        return wait, "lookups"

    def fail(self, now: float) -> None:
        """Take one failure.  Look-ups under way may overdraw: the debt, a burst at most, is waited for."""
        if self.allowance.failures:
            self.failures_tat = self.allowance.failures.spend_capped(self.failures_tat, now)

    def failure_wait(self, now: float) -> float:
        """Return how long to wait until there are failures again; 0 while there are, or when none refuses."""
        failures = self.allowance.failures
        return failures.wait(self.failures_tat, now) if failures else 0.0

    def is_exhausted(self, now: float) -> bool:
        return self.failure_wait(now) > 0

    def is_idle(self, now: float) -> bool:
        """Whether nothing of either allowance is used at *now*: then this bucket is as good as a new one."""
        return self.lookups_tat <= now and self.failures_tat <= now

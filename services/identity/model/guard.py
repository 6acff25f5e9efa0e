"""
How often a caller may look numbers up: allowances as data, and the arithmetic of a bucket.

Numbers can be guessed: 12 digits of which a birth year, a province and a sex are
known leave a million.  Whoever guesses is told "nobody" far more often than a
reception clerk is.  So there are two allowances: a wide one for look-ups, and a
narrow one for misses (numbers that nobody has).

A bucket is one number: the instant at which it will be full again (the generic
cell rate algorithm, ITU-T I.371).  One that is full now says nothing, and may be
forgotten without giving anything away.  Instants and times are in seconds, on
any clock that never goes back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

# Seconds below which a wait is an error of rounding.
NOTHING: Final = 1e-9

# The part of a caller's burst that its streams leave alone, so that a list of tomorrow's patients that is
# checked as a stream never takes the look-ups of the reception desk.
DESK: Final = 0.25


@dataclass(frozen=True, slots=True)
class Rate:
    """*per_second* in the long run, and *burst* at once after a rest; *burst* is at least 1."""

    per_second: float
    burst: int

    def times(self, factor: float) -> "Rate":
        """Return the rate of a caller who acts for *factor* others."""
        return Rate(self.per_second * factor, max(1, int(self.burst * factor)))

    def wait(self, full_at: float, now: float, *, spared: float = 0.0) -> float:
        """Return how long until a bucket that is full at *full_at* gives one more; 0 when it does at *now*.

        *spared* is the part of the burst, 0 to 1, that must stay for others.
        """
        usable = max(1.0, self.burst * (1 - spared))
        left = full_at - now - (usable - 1) / self.per_second
        return left if left > NOTHING else 0.0

    def taken(self, full_at: float, now: float) -> float:
        """Return when the bucket will be full again after one is taken at *now*, whether it was there or not.

        What is taken beyond the burst is a debt: it is waited for later.
        """
        return max(full_at, now) + 1 / self.per_second

    def owed(self, full_at: float, now: float) -> float:
        """Return the same as `taken`, but of a debt that is never more than one burst."""
        return min(self.taken(full_at, now), now + 2 * self.burst / self.per_second)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one caller may do.  *misses* None: they are counted and never refuse."""

    lookups: Rate
    misses: Rate | None


@dataclass(frozen=True, slots=True)
class Share:
    """How many hospitals' worth of look-ups and of misses a kind of caller gets; *misses* 0 is no limit."""

    lookups: float
    misses: float


# A facility is one hospital.  An operator is one person at a desk.  An authority asks for the nation: VNeID
# for citizens, the fund for its dossiers.  The other services ask for every facility, and one facility's
# misses must not refuse the others: theirs are counted only.
SHARES: Final[Mapping[str, Share]] = {
    "facility": Share(1, 1),
    "pharmacy": Share(0.1, 0.1),
    "operator": Share(0.1, 0.1),
    "authority": Share(40, 40),
    "service": Share(40, 0),
}


def allowances(hospital: Allowance) -> dict[str, Allowance]:
    """Return what each kind of caller may do, given what one *hospital* may."""
    return {kind: _allowance(hospital, share) for kind, share in SHARES.items()}


def _allowance(hospital: Allowance, share: Share) -> Allowance:
    misses = hospital.misses.times(share.misses) if hospital.misses and share.misses else None
    return Allowance(hospital.lookups.times(share.lookups), misses)


@dataclass(slots=True)
class Account:
    """What one caller has used of its *allowance*: when each bucket is full again."""

    allowance: Allowance
    lookups_full_at: float = 0.0
    misses_full_at: float = 0.0

    def take(self, now: float, *, spared: float = 0.0, urgent: bool = False) -> tuple[float, str]:
        """Take one look-up.  Return how long to wait for it and which limit says so; 0 when it was there.

        What must be waited for is not taken.  *spared* as in `Rate.wait`, of the look-ups.
        An *urgent* one is never refused for misses.
        """
        allowance = self.allowance
        if allowance.misses and not urgent and self.misses_full_at > now:
            wait = allowance.misses.wait(self.misses_full_at, now)
            if wait > 0:
                return wait, "misses"
        wait = allowance.lookups.wait(self.lookups_full_at, now, spared=spared)
        if wait == 0:
            self.lookups_full_at = allowance.lookups.taken(self.lookups_full_at, now)
        return wait, "lookups"

    def miss(self, now: float) -> None:
        """Take one miss.  Look-ups under way may overdraw: the debt, a burst at most, is waited for."""
        if self.allowance.misses:
            self.misses_full_at = self.allowance.misses.owed(self.misses_full_at, now)

    def is_over(self, now: float) -> bool:
        """Whether the misses are used up at *now*."""
        return self.allowance.misses is not None and self.allowance.misses.wait(self.misses_full_at, now) > 0

    def says_nothing(self, now: float) -> bool:
        """Whether both buckets are full at *now*: then this account is as good as a new one."""
        return self.lookups_full_at <= now and self.misses_full_at <= now

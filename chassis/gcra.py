"""
The arithmetic of a bucket: the generic cell rate algorithm (GCRA, ITU-T I.371).

Its state is one number, the theoretical arrival time (TAT): the instant at which the bucket will be full
again.  One whose TAT has passed is idle, and may be forgotten without giving anything away.
Instants and times are in seconds, on any clock that never goes back.
"""

from dataclasses import dataclass
from typing import Final

# Seconds below which a wait is an error of rounding.
ROUNDING_ERROR_S: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Rate:
    """*per_second* in the long run, and *burst* at once after a rest; *burst* is at least 1."""

    per_second: float
    burst: int

    def times(self, factor: float) -> "Rate":
        return Rate(self.per_second * factor, max(1, int(self.burst * factor)))

    def wait(self, tat: float, now: float, *, reserved: float = 0.0) -> float:
        """Return the seconds until a bucket with this *tat* gives one more; 0 when it does at *now*.

        *reserved* is the part of the burst, 0 to 1, that must stay for others.
        """
        usable = max(1.0, self.burst * (1 - reserved))
        seconds = tat - now - (usable - 1) / self.per_second
        return seconds if seconds > ROUNDING_ERROR_S else 0.0

    def spend(self, tat: float, now: float) -> float:
        """Return the TAT after one is spent at *now*, whether it was there or not.

        What is spent beyond the burst is a debt: it is waited for later.
        """
        return max(tat, now) + 1 / self.per_second

    def spend_capped(self, tat: float, now: float) -> float:
        return min(self.spend(tat, now), now + 2 * self.burst / self.per_second)

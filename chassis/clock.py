"""
What time it is.  Everything that asks goes through here, so that a test can say.

An instant is an aware `datetime` in UTC; a day is a `date` on the calendar of
Viet Nam, which is seven hours ahead of UTC and knows no summer time.  A rule
of the law that counts days counts these.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, timezone

VIETNAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")

# How far the clock of a caller may run ahead of ours.  Nothing that has happened is later than now and
# this (`common/past_times.py`, docs/adr/0035).  The computers of a hospital that ask no time server drift by
# minutes; a period that a rule counts is hours at least.
MAX_CLOCK_SKEW = timedelta(minutes=15)

_fixed: datetime | None = None


def now() -> datetime:
    """Return the present instant, in UTC."""
    return _fixed or datetime.now(UTC)


def today() -> date:
    """Return the present day in Viet Nam."""
    return now().astimezone(VIETNAM).date()


@contextmanager
def fixed(instant: datetime) -> Iterator[None]:
    """Hold the clock at *instant* for the whole process, every task and server in it; for tests.

    *instant* must be aware.  Blocks may be nested; the inner one holds.
    """
    global _fixed
    if instant.tzinfo is None:
        raise ValueError("the clock takes an aware instant")
    before, _fixed = _fixed, instant.astimezone(UTC)
    try:
        yield
    finally:
        _fixed = before

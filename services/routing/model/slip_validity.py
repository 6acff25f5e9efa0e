"""
Working days of Viet Nam, and until when a slip is valid.

The fixed holidays are those of Bộ luật Lao động 2019 Art. 112.  Tết and the
Hùng kings' day follow the moon, a holiday on a weekend gives a day in lieu
(Art. 111.3), and every year the Government moves some days: all those come as
*holidays*, from the settings.
"""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

from common.values import shifted, years_after

SLIP_WORKING_DAYS: Final = 10

_FIXED: Final = frozenset({(1, 1), (4, 30), (5, 1), (9, 2)})
_SATURDAY: Final = 5


def is_working_day(day: date, holidays: Collection[date] = ()) -> bool:
    return day.weekday() < _SATURDAY and (day.month, day.day) not in _FIXED and day not in holidays


def add_working_days(day: date, count: int, holidays: Collection[date] = ()) -> date:
    """Return the working day that is the *count*-th after *day*, or the last day of the calendar."""
    while count and day < date.max:
        day = shifted(day, timedelta(days=1))
        count -= is_working_day(day, holidays)
    return day


def slip_valid_until(issued: date, *, long_term: bool, holidays: Collection[date] = ()) -> date:
    """Return the last day, inclusive, on which a transfer slip signed on *issued* may be accepted.

    TT 01/2025/TT-BYT: 10 working days; a year for the diseases of its Annex III
    (*long_term*), which ends on the same day of the next year.
    """
    if not long_term:
        return add_working_days(issued, SLIP_WORKING_DAYS, holidays)
    return years_after(issued, 1)

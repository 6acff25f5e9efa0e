"""
Working days of Viet Nam (ngày làm việc): the calendar by which slips and the deadlines of dossiers run.

The fixed holidays are those of Bộ luật Lao động 2019 Art. 112.  Tết and the Hùng kings' day follow the
moon, a holiday on a weekend gives a day in lieu (Art. 111.3), and every year the Government moves some
days: all those come as *holidays*, from the settings of a service.
"""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

from .values import shifted

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


def working_day_from(day: date, holidays: Collection[date] = ()) -> date:
    """Return *day* when it is a working day, else the next one; or the last day of the calendar."""
    return day if is_working_day(day, holidays) else add_working_days(day, 1, holidays)

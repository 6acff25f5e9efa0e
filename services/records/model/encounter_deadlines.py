"""
The deadlines of an encounter's papers, as data: who must do what, from when, by when, by which article.

TT 48/2017/TT-BYT Art. 6: the dossier at once after the encounter ends, on holidays the next working day; the
payment request within 7 working days, and before the 5th of the next month.  TT 12/2026/TT-BTC: the exchange
answers within 6, 24 and 48 hours, the facility corrects within 2 working days.  All secondary sources.
A deadline in days ends when its last day is over in Viet Nam.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum
from types import MappingProxyType
from typing import Final

from common.values import day_of, end_of, shifted
from common.working_days import add_working_days, working_day_from

from .missing_encounters import STAY_WAIT, STAYS, VISIT_WAIT

Holidays = Collection[date]

# Before this day of the next month payment is asked for.
SETTLING_DAY: Final = 5


class Duty(IntEnum):
    """What is due; as `Deadline.Kind` of the contract."""

    DOSSIER = 1
    CORRECTION = 2
    PAYMENT_REQUEST = 3
    LATE_NOTICE = 4
    FORMAT_ANSWER = 5
    TOTALS_ANSWER = 6


@dataclass(frozen=True, slots=True)
class Clock:
    """How long a duty takes: *hours*, or else *working_days* after the day it begins; 0 is that day itself,
    or the next working one.  *settling*: and before the `SETTLING_DAY` of the month after.
    """

    source: str
    hours: int = 0
    working_days: int = 0
    settling: bool = False

    def due(self, begin: datetime, holidays: Holidays = ()) -> datetime:
        if self.hours:
            return begin + timedelta(hours=self.hours)
        day = day_of(begin)
        last = (
            add_working_days(day, self.working_days, holidays)
            if self.working_days
            else working_day_from(day, holidays)
        )
        return end_of(min(last, last_settling_day(day)) if self.settling else last)


CLOCKS: Final[Mapping[Duty, Clock]] = MappingProxyType(
    {
        Duty.DOSSIER: Clock("TT 48/2017/TT-BYT Điều 6"),
        Duty.CORRECTION: Clock("TT 12/2026/TT-BTC", working_days=2),
        Duty.PAYMENT_REQUEST: Clock("TT 48/2017/TT-BYT Điều 6", working_days=7, settling=True),
        Duty.LATE_NOTICE: Clock("TT 12/2026/TT-BTC", hours=6),
        Duty.FORMAT_ANSWER: Clock("TT 12/2026/TT-BTC", hours=24),
        Duty.TOTALS_ANSWER: Clock("TT 12/2026/TT-BTC", hours=48),
    }
)

# Whose they are: the others are the exchange's.
OF_FACILITY: Final = frozenset({Duty.DOSSIER, Duty.CORRECTION, Duty.PAYMENT_REQUEST})


@dataclass(frozen=True, slots=True)
class Deadline:
    """A duty of one encounter, when it was done (None: not yet), and whether *due* is *presumed*."""

    duty: Duty
    due: datetime
    done: datetime | None = None
    presumed: bool = False

    def is_late(self, at: datetime) -> bool:
        return (self.done or at) > self.due

    @property
    def is_open(self) -> bool:
        """Whether the facility has still to do it."""
        return self.done is None and self.duty in OF_FACILITY


def deadline(
    duty: Duty, begin: datetime, done: datetime | None = None, *, holidays: Holidays = ()
) -> Deadline:
    return Deadline(duty, CLOCKS[duty].due(begin, holidays), done)


def presumed_dossier(
    form_of_care: str, arrival: datetime, done: datetime | None = None, *, holidays: Holidays = ()
) -> Deadline:
    """Return when the dossier is due of whom only a check-in tells: it does not know when care ends."""
    wait = STAY_WAIT if form_of_care in STAYS else VISIT_WAIT
    last = working_day_from(shifted(day_of(arrival), wait), holidays)
    return Deadline(Duty.DOSSIER, end_of(last), done, presumed=True)


def last_settling_day(day: date) -> date:
    """Return the last day before the `SETTLING_DAY` of the month after that of *day*."""
    following = shifted(day.replace(day=28), timedelta(days=4))
    return following.replace(day=SETTLING_DAY - 1) if following.month != day.month else date.max

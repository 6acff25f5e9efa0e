"""
What the rules between rows ask of a dossier again and again: its stay, form of care, category and day.

Values that are wrong by themselves read as empty, so that one fault never makes a second.  Times are compared
as they are written, yyyyMMddHHmm.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from .field_formats import is_day, moment
from .located_rows import LocatedRow
from .report import Sheet

# `MA_LOAI_KCB`.  How 06 and 10 to 16 count is told nowhere (rules of 2026-11).
INPATIENT: Final = frozenset({"03", "09"})
OUTPATIENT: Final = frozenset({"01", "02", "05", "07", "08"})
# Inpatients, day patients, inpatients under four hours (QĐ 1804/QĐ-BYT 2026 annex 01).
WITH_ADMISSION: Final = frozenset({"03", "04", "09"})

# `MA_DOITUONG_KCB`: care that is not insured.
NOT_INSURED: Final = "9"

# `MA_NHOM`: examinations, beds, operations, operations and procedures.
EXAMINATION, OPERATION = "13", "8"
BEDS: Final = frozenset({"14", "15", "16"})
OPERATIONS: Final = frozenset({"8", "18"})

SHORT_STAY: Final = timedelta(hours=4)
UNKNOWN_TIME: Final = "0000"


@dataclass(slots=True)
class Dossier:
    """A dossier whose rows were read.  *spoilt* are tables that are there and could not be read.

    *whole*: no row or table was lost on the way, so that sums mean something.
    """

    sheets: Mapping[str, Sheet]
    main: LocatedRow
    rows: Sequence[LocatedRow]
    facility: str = ""
    spoilt: Collection[str] = ()
    whole: bool = True

    def value(self, name: str) -> str:
        return self.main.row.get(name)

    @property
    def arrival(self) -> str:
        return self.value("NGAY_VAO")

    @property
    def left(self) -> str:
        return self.value("NGAY_RA")

    @property
    def form(self) -> str:
        return self.value("MA_LOAI_KCB")

    @property
    def category(self) -> str:
        return self.value("MA_DOITUONG_KCB")

    def has(self, code: str) -> bool:
        """Whether the table was sent, readable or not."""
        return code in self.sheets or code in self.spoilt

    def has_rows(self, code: str) -> bool:
        return code in self.spoilt or (code in self.sheets and bool(self.sheets[code].rows))

    def length(self) -> timedelta | None:
        """Return how long the stay was, or None when an end of it is wrong."""
        return span(self.arrival, self.left)

    def calendar_days(self) -> int | None:
        """Return how many midnights lie in the stay."""
        days = span(self.arrival[:8], self.left[:8])
        return None if days is None else days.days


def span(first: str, last: str) -> timedelta | None:
    begin, end = moment(first), moment(last)
    return None if begin is None or end is None else end - begin


def minutes_between(first: str, last: str) -> int | None:
    length = span(first, last)
    return None if length is None else int(length.total_seconds() // 60)


def later_by(first: str, last: str) -> str:
    """Return in words how far *last* lies after *first*: `+35 min`, `-2 d`; empty when it cannot be known."""
    minutes = minutes_between(first, last)
    if minutes is None:
        return ""
    days, rest = divmod(abs(minutes), 1440)
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{days} d" if days and not rest else f"{sign}{abs(minutes)} min"


def known_birth(birth: str) -> str:
    """Return what is known of a birth: a year, a month, a day or a minute; unknown parts are 00 and 0000."""
    if birth[4:6] == "00":
        return birth[:4]
    if birth[6:8] == "00":
        return birth[:6]
    return birth[:8] if birth[8:] == UNKNOWN_TIME else birth


def born_later(birth: str, time: str) -> bool:
    """Whether a birth, as far as it is known, lies after *time*."""
    known = known_birth(birth)
    return bool(time) and known > time[: len(known)]


def age_in_days(birth: str, time: str) -> int | None:
    """Return the age in whole days at *time*, or None when the day of birth is not known."""
    born, at = day_of(birth), day_of(time)
    return None if born is None or at is None else (at - born).days


def day_of(value: str) -> date | None:
    at: datetime | None = moment(value[:8]) if is_day(value[:8]) else None
    return at.date() if at else None


def values_in(value: str) -> list[str]:
    """Return the values of a list field, without those that are empty."""
    return [part for part in (part.strip() for part in value.split(";")) if part]

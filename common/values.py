"""
Days, instants, quantities and codes of the field, and as messages of `lientuyen.type.v1`.

A model may use what is no message here: `VIETNAM`, `PartialDate`, `is_future`, `latest_time`,
`latest_day`, `quantity_text`; and adds to a day that somebody told with `shifted`, `years_after`
and `end_of` alone, which stay within the calendar.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from google.protobuf.timestamp_pb2 import Timestamp

from chassis.clock import MAX_CLOCK_SKEW, VIETNAM
from lientuyen.type.v1.coding_pb2 import Coding
from lientuyen.type.v1.date_pb2 import Date

__all__ = [
    "VIETNAM",
    "PartialDate",
    "coding_to_pb",
    "date_from_pb",
    "date_to_pb",
    "day_of",
    "end_of",
    "is_future",
    "latest_day",
    "latest_time",
    "quantity_text",
    "shifted",
    "timestamp_from_pb",
    "timestamp_to_pb",
    "written_day",
    "years_after",
]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Characters of a code's display text that a message holds.
MAX_DISPLAY = 1024


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date in Viet Nam; unknown parts are 0, from the right (`NGAY_SINH` writes them `00`)."""

    year: int
    month: int = 0
    day: int = 0

    @property
    def exists(self) -> bool:
        """Whether there is such a date: parts in range, no day without a month, no 30 February."""
        if not 1 <= self.year <= 9999 or (self.day and not self.month):
            return False
        try:
            date(self.year, self.month or 1, self.day or 1)
        except ValueError:
            return False
        return True

    @property
    def whole(self) -> date | None:
        return date(self.year, self.month, self.day) if self.month and self.day else None

    def agrees(self, other: "PartialDate") -> bool:
        """Whether both may be the same date: the parts that both know are equal."""
        pairs = ((self.year, other.year), (self.month, other.month), (self.day, other.day))
        return all(a == b or not a or not b for a, b in pairs)

    def youngest_age(self, day: date) -> int:
        """Return the least age in years that somebody born on this date may have on *day*."""
        born = (self.month or 12, self.day or 31)
        return day.year - self.year - ((day.month, day.day) < born)

    def oldest_age(self, day: date) -> int:
        """Return the greatest age in years that somebody born on this date may have on *day*."""
        born = (self.month or 1, self.day or 1)
        return day.year - self.year - ((day.month, day.day) < born)


def latest_time(now: datetime) -> datetime:
    """Return the last instant that may have happened at *now*: clocks differ (docs/adr/0035)."""
    return now + MAX_CLOCK_SKEW


def latest_day(now: datetime) -> date:
    """Return the last day in Viet Nam that may have begun at *now*."""
    return latest_time(now).astimezone(VIETNAM).date()


def is_future(when: datetime | date | PartialDate | None, now: datetime) -> bool:
    """Whether *when* cannot have happened at *now*: the one rule for every time that a caller tells.

    A date known in part is in the future when all of it is.  None and a date that does not exist
    are not; they are for other rules.
    """
    if isinstance(when, datetime):
        return when > now and when > latest_time(now)
    if isinstance(when, PartialDate):
        when = date(when.year, when.month or 1, when.day or 1) if when.exists else None
    return when is not None and when > latest_day(now)


def shifted(day: date, by: timedelta) -> date:
    """Return *day* and *by*, which may be negative; the first or last day of the calendar instead of none.

    A caller may name any day to 9999-12-31, and some write that one for "without an end".  A period that
    would end after it ends never, so its end may as well stay there.
    """
    try:
        return day + by
    except OverflowError:
        return date.max if by > timedelta() else date.min


def years_after(day: date, years: int) -> date:
    """Return the same day so many *years* later; 28 February for a 29th that the year has not."""
    year = day.year + years
    if year > date.max.year:
        return date.max
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


def day_of(moment: datetime) -> date:
    """Return the day of an aware *moment* in Viet Nam."""
    try:
        return moment.astimezone(VIETNAM).date()
    except OverflowError:
        return moment.date()


def end_of(day: date) -> datetime:
    """Return the instant at which *day* is over in Viet Nam: the first midnight after it."""
    if day == date.max:
        return datetime.max.replace(tzinfo=UTC)
    return datetime.combine(day + timedelta(days=1), time(), VIETNAM)


def written_day(day: date) -> str:
    """Return *day* as people in Viet Nam write it: 31/12/2026."""
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def quantity_text(thousandths: int) -> str:
    """Return a quantity for people, without useless zeros: 4500 thousandths are `4.5`, 30000 are `30`.

    Whole thousandths add up exactly, which doubles do not; three decimals are what `XML2.SO_LUONG` has.
    """
    whole, part = divmod(thousandths, 1000)
    return f"{whole}.{part:03}".rstrip("0").rstrip(".")


def timestamp_to_pb(moment: datetime | None) -> Timestamp | None:
    """Return the message for an instant; None, which leaves a field absent, for None."""
    if moment is None:
        return None
    since = moment - EPOCH  # FromDatetime takes twice as long
    return Timestamp(seconds=since.days * 86_400 + since.seconds, nanos=since.microseconds * 1000)


def timestamp_from_pb(message: Timestamp) -> datetime:
    """Return the aware instant in UTC, to the microsecond."""
    return message.ToDatetime(tzinfo=UTC)


def date_to_pb(day: date | PartialDate | None) -> Date | None:
    """Return the message for a date, unknown parts as 0; None, which leaves a field absent, for None."""
    return Date(year=day.year, month=day.month, day=day.day) if day else None


def date_from_pb(message: Date) -> date | None:
    """Return the whole date; None when nothing is told, ValueError when it is partial or no day."""
    return date(message.year, message.month, message.day) if message.ByteSize() else None


def coding_to_pb(system: str, code: str, display: str = "") -> Coding | None:
    """Return the message for a code of a list; None, which leaves a field absent, without code and text."""
    return Coding(system=system, code=code, display=display[:MAX_DISPLAY]) if code or display else None

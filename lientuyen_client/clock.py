"""Time in Viet Nam: UTC+7, the same all year."""

from datetime import UTC, date, datetime, timedelta, timezone

from google.protobuf.timestamp_pb2 import Timestamp

from lientuyen.type.v1.date_pb2 import Date

VIETNAM = timezone(timedelta(hours=7))


def today() -> date:
    return datetime.now(VIETNAM).date()


def local(time: Timestamp) -> datetime:
    return time.ToDatetime(UTC).astimezone(VIETNAM)


def as_date(day: date) -> Date:
    return Date(year=day.year, month=day.month, day=day.day)


def iso_date(year: int = 0, month: int = 0, day: int = 0) -> str:
    """Return `2085-03-12`; of a date that is known in part `2085-03` or `2085`, of none an empty string."""
    parts = [f"{year:04}", f"{month:02}", f"{day:02}"]
    known = 0 if not year else 1 if not month else 2 if not day else 3
    return "-".join(parts[:known])

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

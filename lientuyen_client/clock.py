"""Time in Viet Nam: UTC+7, the same all year."""

from datetime import UTC, date, datetime, timedelta, timezone

from google.protobuf.timestamp_pb2 import Timestamp

VIETNAM = timezone(timedelta(hours=7))


def today() -> date:
    """Return the day in Viet Nam."""
    return datetime.now(VIETNAM).date()


def local(time: Timestamp) -> datetime:
    """Return *time* as clocks in Viet Nam show it."""
    return time.ToDatetime(UTC).astimezone(VIETNAM)

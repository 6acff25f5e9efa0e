"""Days and times of the tables as instants: they are Viet Nam's own (UTC+7, no daylight saving)."""

from datetime import datetime

from common.values import VIETNAM
from kcb.field_formats import moment


def instant_of(value: str) -> datetime | None:
    """Return a day or time of the tables as an instant; None when it is empty or no time."""
    local_time = moment(value)
    return local_time.replace(tzinfo=VIETNAM) if local_time else None

"""
Sums of days and instants that somebody told us: the calendar's own end stands for whatever lies beyond it.

A caller may name any day from 0001-01-01 to 9999-12-31, and some write the last for "without an
end".  The day after it does not exist, in Python an OverflowError; a period that ends there ends
never, so that the sum may as well stay there.  Rules add with these functions only.
"""

from datetime import UTC, date, datetime, time, timedelta

from chassis.clock import VIETNAM


def shifted(day: date, by: timedelta) -> date:
    """Return *day* and *by*, which may be negative; the calendar's first or last day at its ends."""
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

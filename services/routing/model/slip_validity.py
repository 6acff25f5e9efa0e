"""Until when a slip is valid."""

from collections.abc import Collection
from datetime import date
from typing import Final

from common.values import years_after
from common.working_days import add_working_days

SLIP_WORKING_DAYS: Final = 10


def slip_valid_until(issued: date, *, long_term: bool, holidays: Collection[date] = ()) -> date:
    """Return the last day, inclusive, on which a transfer slip signed on *issued* may be accepted.

    TT 01/2025/TT-BYT: 10 working days; a year for the diseases of its Annex III
    (*long_term*), which ends on the same day of the next year.
    """
    if not long_term:
        return add_working_days(issued, SLIP_WORKING_DAYS, holidays)
    return years_after(issued, 1)

"""For how long the fund pays on when a card lapses during treatment, as data with days."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from .benefit_levels import UNVERIFIED


@dataclass(frozen=True, slots=True)
class Grace:
    valid_from: date
    days: timedelta
    source: str


# The newest first.  Before the first one nothing is known, and nothing is paid on.
GRACES: Final = (
    Grace(date(2025, 7, 1), timedelta(days=15), "NĐ 188/2025/NĐ-CP Điều 50 khoản 4"),
    Grace(date(2018, 12, 1), timedelta(days=15), f"NĐ 146/2018/NĐ-CP Điều 27 ({UNVERIFIED})"),
)


def grace_of(day: date) -> Grace | None:
    return next((grace for grace in GRACES if grace.valid_from <= day), None)

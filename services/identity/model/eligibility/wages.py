"""
The reference wage (mức tham chiếu; lương cơ sở before 2025-07-01), as data with days.

Whoever is insured for 5 continuous years and shared more than 6 of them in a
year shares nothing more to its end: Luật 51/2024/QH15 Art. 1.17 (Luật BHYT
Art. 22.1.d); NĐ 188/2025/NĐ-CP Art. 18.2.  None of the amounts was read in the
decree itself: each is general knowledge.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from ..entitlement import UNVERIFIED

# How many of them may be shared in a year.
MONTHS: Final = 6


@dataclass(frozen=True, slots=True)
class Wage:
    """The wage of a month in đồng, from a day on."""

    valid_from: date
    dong: int
    source: str


# The newest first.
WAGES: Final = (
    Wage(date(2026, 7, 1), 2_530_000, f"NĐ 161/2026/NĐ-CP ({UNVERIFIED})"),
    Wage(date(2024, 7, 1), 2_340_000, f"NĐ 73/2024/NĐ-CP ({UNVERIFIED})"),
    Wage(date(2023, 7, 1), 1_800_000, f"NĐ 24/2023/NĐ-CP ({UNVERIFIED})"),
    Wage(date(2019, 7, 1), 1_490_000, f"NĐ 38/2019/NĐ-CP ({UNVERIFIED})"),
    Wage(date(2018, 7, 1), 1_390_000, f"NĐ 72/2018/NĐ-CP ({UNVERIFIED})"),
    Wage(date(2017, 7, 1), 1_300_000, f"NĐ 47/2017/NĐ-CP ({UNVERIFIED})"),
    Wage(date(2016, 5, 1), 1_210_000, f"NĐ 47/2016/NĐ-CP ({UNVERIFIED})"),
)


def wage(day: date) -> Wage | None:
    """Return the wage of *day*; None before the first one known."""
    return next((one for one in WAGES if one.valid_from <= day), None)


def threshold(day: date) -> int | None:
    """Return the shared cost of a year, in đồng, above which nothing more is shared; None when not known."""
    known = wage(day)
    return MONTHS * known.dong if known else None


def shown_dong(dong: int) -> str:
    """Return 14040000 as `14.040.000 đồng`, the Vietnamese way."""
    return f"{dong:,} đồng".replace(",", ".")

"""
The reference wage (mức tham chiếu; lương cơ sở before 2025-07-01) and what is told by it, as data with days.

The law says reference level; for now that is the base wage (Luật 51/2024/QH15 Art. 3.5, secondary source).
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

# Closes the source of an amount that nobody read in the decree itself.
UNVERIFIED: Final = "general knowledge, unverified"

# Luật BHYT Art. 22.1.b (public summaries of 2026): a visit that costs less than so many percent of the
# wage is paid in full.
SMALL_VISIT_PERCENT: Final = 15
SMALL_VISIT_SOURCE: Final = "Luật BHYT Điều 22.1.b (secondary source)"


@dataclass(frozen=True, slots=True)
class Wage:
    """The wage of a month, in đồng, from a day on."""

    valid_from: date
    dong: int
    source: str

    @property
    def small_visit(self) -> int:
        """The cost of a visit, in đồng, below which the fund pays it in full."""
        return self.dong * SMALL_VISIT_PERCENT // 100


# The newest first.
WAGES: Final = (
    Wage(date(2026, 7, 1), 2_530_000, "NĐ 161/2026/NĐ-CP Điều 3 khoản 2"),
    Wage(date(2024, 7, 1), 2_340_000, "NĐ 73/2024/NĐ-CP"),
    Wage(date(2023, 7, 1), 1_800_000, f"NĐ 24/2023/NĐ-CP ({UNVERIFIED})"),
    Wage(date(2019, 7, 1), 1_490_000, f"NĐ 38/2019/NĐ-CP ({UNVERIFIED})"),
    Wage(date(2018, 7, 1), 1_390_000, f"NĐ 72/2018/NĐ-CP ({UNVERIFIED})"),
    Wage(date(2017, 7, 1), 1_300_000, f"NĐ 47/2017/NĐ-CP ({UNVERIFIED})"),
    Wage(date(2016, 5, 1), 1_210_000, f"NĐ 47/2016/NĐ-CP ({UNVERIFIED})"),
)


def wage(day: date) -> Wage | None:
    """Return the wage of *day*; None for a day before the first that is known."""
    return next((row for row in WAGES if row.valid_from <= day), None)

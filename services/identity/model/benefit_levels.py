"""
The benefit levels of cards (mức hưởng), and whose level is raised, as data: every row with its days.

What a way of coming gives is in `eligibility/care_categories.py`.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

# Closes the source of a rule that nobody read in its signed text (docs/adr/0024).
UNVERIFIED: Final = "general knowledge, unverified"


@dataclass(frozen=True, slots=True)
class BenefitLevel:
    """What a level pays: *rate* in percent, and what it pays that the rate does not say."""

    level: int
    rate: int
    beyond_en: str = ""
    beyond_vi: str = ""


# QĐ 1351/QĐ-BHXH, third character of the card.
LEVELS: Final = {
    level.level: level
    for level in (
        BenefitLevel(
            1,
            100,
            "some costs are paid without their ceilings",
            "không áp dụng giới hạn thanh toán của một số chi phí",
        ),
        BenefitLevel(2, 100),
        BenefitLevel(3, 95),
        BenefitLevel(4, 80),
        BenefitLevel(
            5, 100, "costs outside the scope are paid too", "thanh toán cả chi phí ngoài phạm vi hưởng"
        ),
    )
}
LEVELS_SOURCE: Final = "QĐ 1351/QĐ-BHXH"

# Best first: 5 pays beyond the scope, 1 knows no ceilings.
RANK: Final = {5: 5, 1: 4, 2: 3, 3: 2, 4: 1, 0: 0}


@dataclass(frozen=True, slots=True)
class Raise:
    """A group whose cards count as a better level than printed, from a day on."""

    group: str
    level: int
    valid_from: date
    source: str


RAISES: Final = (
    Raise("CN", 2, date(2026, 1, 1), "NQ 261/2025/QH15; CV 38/BYT-BH"),
    Raise("LH", 2, date(2026, 1, 1), "NQ 261/2025/QH15; CV 38/BYT-BH"),
)


def raised(group: str, level: int, day: date) -> Raise | None:
    for rule in RAISES:
        if rule.group == group and rule.valid_from <= day and RANK[rule.level] > RANK[level]:
            return rule
    return None

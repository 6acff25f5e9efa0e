"""
What a card gives, as data: every row with the days on which it holds.

The benefit levels and who is raised, the days paid after a lapse, the age of a
child without a card.  What a way of coming gives is in `eligibility/categories.py`.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

# Closes the source of a rule that nobody read in its signed text (docs/adr/0024).
UNVERIFIED: Final = "general knowledge, unverified"

# Under this age a child without a card gets a temporary one (TE1).
CHILD_YEARS: Final = 6


@dataclass(frozen=True, slots=True)
class Grace:
    """For how long the fund pays on when a card lapses during treatment, from a day on."""

    valid_from: date
    days: timedelta
    source: str


# The newest first.  Before the first one nothing is known, and nothing is paid on.
GRACES: Final = (
    Grace(date(2025, 7, 1), timedelta(days=15), "NĐ 188/2025/NĐ-CP Điều 50 khoản 4"),
    Grace(date(2018, 12, 1), timedelta(days=15), f"NĐ 146/2018/NĐ-CP Điều 27 ({UNVERIFIED})"),
)


def grace_of(day: date) -> Grace | None:
    """Return the rule of *day* for cards that lapse during treatment; None when none is known."""
    return next((one for one in GRACES if one.valid_from <= day), None)


@dataclass(frozen=True, slots=True)
class BenefitLevel:
    """What a level pays: *rate* in percent, and what it pays that the rate does not say."""

    level: int
    rate: int
    beyond_en: str = ""
    beyond_vi: str = ""


# QĐ 1351/QĐ-BHXH, third character of the card.
LEVELS: Final = {
    one.level: one
    for one in (
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
    """Return the rule that betters *level* for *group* on *day*, or None."""
    for rule in RAISES:
        if rule.group == group and rule.valid_from <= day and RANK[rule.level] > RANK[level]:
            return rule
    return None

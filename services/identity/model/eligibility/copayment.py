"""
When a person shares costs no more (miễn cùng chi trả), and the reference wage that the limit is told by.

The reference wage (mức tham chiếu; lương cơ sở before 2025-07-01) is data with days.

Whoever is insured for 5 continuous years and shared more than 6 of them in a
year shares nothing more to its end: Luật 51/2024/QH15 Art. 1.17 (Luật BHYT
Art. 22.1.d); NĐ 188/2025/NĐ-CP Art. 18.2.  None of the amounts was read in the
decree itself: each is general knowledge.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from common.values import written_day

from ..benefit_levels import UNVERIFIED
from ..coverages import Coverage
from .answer import percent_vi
from .care_categories import EXEMPT_ARRIVALS, Category
from .decision_reasons import Code, Reason

# How many of them may be shared in a year.
MONTHS: Final = 6

EXEMPTION = "Luật 51/2024/QH15 Điều 1.17 (Luật BHYT Điều 22.1.d); NĐ 188/2025/NĐ-CP Điều 18 khoản 2"

NOT_EXEMPT = Reason(
    Code.CO_PAYMENT_NOT_EXEMPT,
    "the exemption from sharing costs is not for coming in this way",
    "Người tự đến không đúng quy định không được miễn cùng chi trả.",
    f"Luật BHYT Điều 22.1.d ({UNVERIFIED})",
)


@dataclass(frozen=True, slots=True)
class Wage:
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
    return next((row for row in WAGES if row.valid_from <= day), None)


def threshold(day: date) -> int | None:
    """Return the shared cost of a year, in đồng, above which nothing more is shared; None when not known."""
    known = wage(day)
    return MONTHS * known.dong if known else None


def shown_dong(dong: int) -> str:
    """Return 14040000 as `14.040.000 đồng`, the Vietnamese way."""
    return f"{dong:,} đồng".replace(",", ".")


def is_exempt(card: Coverage, day: date, rule: Category | None, reasons: list[Reason]) -> bool:
    """Return whether nothing is shared on *day*, and tell it."""
    if not card.exempt(day) or card.exempt_from is None or rule is None:
        return False
    if rule.arrival not in EXEMPT_ARRIVALS:
        reasons.append(NOT_EXEMPT)
        return False
    vi = (
        f"Miễn cùng chi trả từ ngày {written_day(card.exempt_from)} đến {written_day(date(day.year, 12, 31))}"
    )
    vi += f": {percent_vi(10_000)} trong phạm vi hưởng."
    en = f"no cost is shared from {card.exempt_from} to the end of the year"
    reasons.append(Reason(Code.CO_PAYMENT_EXEMPT, en, vi, EXEMPTION))
    return True


@lru_cache(maxsize=256)
def five_years_reason(day: date) -> tuple[Reason, int | None]:
    """Return what 5 continuous years mean on *day*, and the threshold in đồng, None when not known."""
    known, ceiling = wage(day), threshold(day)
    en = f"5 continuous years: co-payment stops at {MONTHS} months of the reference wage"
    vi = f"Đủ 5 năm liên tục: miễn cùng chi trả khi cùng chi trả trong năm vượt {MONTHS} tháng mức tham chiếu"
    if known is None or ceiling is None:
        return Reason(Code.FIVE_YEARS, en, vi + ".", EXEMPTION), None
    en, vi = f"{en}, {ceiling} VND", f"{vi} ({shown_dong(ceiling)})."
    return Reason(Code.FIVE_YEARS, en, vi, f"{EXEMPTION}; {known.source}"), ceiling

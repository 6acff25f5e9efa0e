"""
When a person shares costs no more (miễn cùng chi trả), and when a visit is too small to share.

Whoever is insured for 5 continuous years and shared more than 6 reference wages in a year, not just as
much, shares nothing more to its end.  When the wage changes within the year, what was shared before
counts in months of the old wage: R = (6 − A / old) × new is left, and who has shared 6 months or more
is free at once.  A stay over New Year counts by year.

Sources: Luật 51/2024/QH15 Art. 1.17 (Luật BHYT Art. 22.1.b, 22.1.d); NĐ 188/2025/NĐ-CP Art. 18.2; the
wages with theirs in `kcb/reference_wages.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Final

from common.values import written_day
from kcb.reference_wages import SMALL_VISIT_PERCENT, SMALL_VISIT_SOURCE, WAGES, Wage, wage

from ..benefit_levels import UNVERIFIED
from ..coverages import Coverage
from .care_category import Basis, Category
from .decision_reasons import Code, Reason

# How many of them may be shared in a year.
MONTHS: Final = 6

EXEMPTION: Final = "Luật 51/2024/QH15 Điều 1.17 (Luật BHYT Điều 22.1.d); NĐ 188/2025/NĐ-CP Điều 18 khoản 2"

NOT_EXEMPT: Final = Reason(
    Code.CO_PAYMENT_NOT_EXEMPT,
    "the exemption from sharing costs is not for coming in this way",
    "Cách đến khám này không được miễn cùng chi trả.",
    f"Luật BHYT Điều 22.1.d ({UNVERIFIED})",
)
EXEMPTION_UNSETTLED: Final = Reason(
    Code.RATE_UNSETTLED,
    "whether the exemption from sharing costs holds for coming in this way is told nowhere",
    "Chưa có văn bản nói rõ đối tượng này có được miễn cùng chi trả hay không.",
    EXEMPTION,
)
EXEMPT_BY_PAYMENTS: Final = Reason(
    Code.CO_PAYMENT_EXEMPT,
    "more than 6 reference wages were shared this year: no cost is shared to its end",
    "Số tiền cùng chi trả trong năm đã vượt 6 tháng mức tham chiếu: miễn cùng chi trả đến hết năm.",
    EXEMPTION,
)


@dataclass(frozen=True, slots=True)
class Payment:
    """What a person shared on a day, in đồng."""

    day: date
    dong: int


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The *threshold* of the year and what *remaining* may still be shared, in đồng; *passed*: no more is.

    None is not known.
    """

    threshold: int | None = None
    remaining: int | None = None
    passed: bool = False


def wages_of_year(day: date) -> tuple[Wage, ...]:
    """Return the wages of the year up to *day*, the oldest first; nothing when one is not known."""
    first = wage(date(day.year, 1, 1))
    if first is None:
        return ()
    return tuple(row for row in reversed(WAGES) if first.valid_from <= row.valid_from <= day)


def ceiling(day: date, payments: Sequence[Payment] | None) -> Ceiling:
    """Return what of *payments* (None: not known) leaves to be shared on *day*."""
    wages = wages_of_year(day)
    if not wages:
        return Ceiling()
    if payments is None:
        return Ceiling(MONTHS * wages[0].dong) if len(wages) == 1 else Ceiling()
    counted = [payment for payment in payments if payment.day.year == day.year and payment.day <= day]
    left, shared = Fraction(MONTHS), 0
    for row, following in zip(wages, (*wages[1:], None), strict=True):
        paid = sum(payment.dong for payment in counted if wage(payment.day) == row)
        limit = left * row.dong
        if paid > limit or (following and paid >= limit):
            return Ceiling(shared + int(limit), 0, passed=True)
        left, shared = left - Fraction(paid, row.dong), shared + paid
    remaining = int(left * wages[-1].dong)
    return Ceiling(shared + remaining, remaining)


def shown_dong(dong: int) -> str:
    """Return 14040000 as `14.040.000 đồng`, the Vietnamese way."""
    return f"{dong:,} đồng".replace(",", ".")


def is_exempt(
    card: Coverage, day: date, row: Category | None, passed: bool, reasons: list[Reason]
) -> bool | None:
    """Return whether nothing is shared on *day*, None when that is not settled, and tell it.

    *passed*: the payments of the year have passed the ceiling.
    """
    if row is None or not (card.exempt(day) or passed):
        return False
    if row.exemption is None:
        reasons.append(EXEMPTION_UNSETTLED)
        return None
    if not row.exemption:
        reasons.append(NOT_EXEMPT)
        return False
    by_card = card.exempt_from if card.exempt(day) else None
    reasons.append(_exempt_from(by_card, day) if by_card else EXEMPT_BY_PAYMENTS)
    return True


def _exempt_from(first: date, day: date) -> Reason:
    vi = f"Miễn cùng chi trả từ ngày {written_day(first)} đến {written_day(date(day.year, 12, 31))}"
    vi += ": 100% trong phạm vi hưởng."
    en = f"no cost is shared from {first} to the end of the year"
    return Reason(Code.CO_PAYMENT_EXEMPT, en, vi, EXEMPTION)


@lru_cache(maxsize=256)
def five_years_reasons(day: date) -> tuple[Reason, ...]:
    """Return what 5 continuous years mean on *day*."""
    wages = wages_of_year(day)
    en = f"5 continuous years: co-payment stops at {MONTHS} months of the reference wage"
    vi = f"Đủ 5 năm liên tục: miễn cùng chi trả khi cùng chi trả trong năm vượt {MONTHS} tháng mức tham chiếu"
    if not wages:
        return (Reason(Code.FIVE_YEARS, en, f"{vi}.", EXEMPTION),)
    source = f"{EXEMPTION}; {wages[-1].source}"
    if len(wages) > 1:
        return Reason(Code.FIVE_YEARS, en, f"{vi}.", source), _converted(wages[-2], wages[-1])
    amount = MONTHS * wages[0].dong
    return (Reason(Code.FIVE_YEARS, f"{en}, {amount} VND", f"{vi} ({shown_dong(amount)}).", source),)


def _converted(old: Wage, new: Wage) -> Reason:
    first = written_day(new.valid_from)
    en = f"the wage changed on {new.valid_from}: what was shared before counts in months of {old.dong} VND,"
    en += f" the rest of {MONTHS} months in {new.dong} VND"
    vi = f"Mức tham chiếu đổi từ {first}: số đã cùng chi trả trước đó (A) quy ra tháng theo mức cũ, còn lại"
    vi += f" (6 − A / {shown_dong(old.dong)}) × {shown_dong(new.dong)}."
    return Reason(Code.CO_PAYMENT_CONVERTED, en, vi, EXEMPTION)


def small_visit_limit(day: date, row: Category | None) -> int | None:
    """Return the cost below which a visit that began on *day* is paid in full; None when there is none.

    Who came in a way that gives a part of the benefit only shares a small visit too.
    """
    known = wage(day)
    full = row is not None and row.basis is Basis.BENEFIT and 100 in (row.outpatient, row.inpatient)
    return known.small_visit if known and full else None


def small_visit_reason(limit: int) -> Reason:
    en = f"the visit costs less than {SMALL_VISIT_PERCENT} % of the reference wage, {limit} VND: paid in full"
    vi = f"Chi phí lần khám dưới {SMALL_VISIT_PERCENT}% mức tham chiếu ({shown_dong(limit)}):"
    return Reason(Code.SMALL_VISIT, en, f"{vi} không cùng chi trả.", SMALL_VISIT_SOURCE)

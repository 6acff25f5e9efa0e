"""
The decision, pure: the same question about the same cards has the same answer for ever.

The order of the reasons: the card that counts, the result code, the benefit
level, the care category, the exemption from sharing costs, then what else the
reception should know.
"""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Final

from common.values import written_day

from ..benefit_levels import LEVELS, LEVELS_SOURCE, UNVERIFIED, raised
from ..coverages import Coverage, Issuer, newest
from ..grace_periods import Grace
from .answer import Eligibility
from .care_categories import AREAS_VI
from .care_category import Arrival, Basis
from .care_category_choice import Choice, choose_care_category
from .copayment import (
    Ceiling,
    ceiling,
    five_years_reasons,
    is_exempt,
    small_visit_limit,
    small_visit_reason,
)
from .decision_reasons import Code, Reason
from .insured_groups import named, usual_level
from .question import Question
from .result_codes import result_vi

# Under this age a child without a card gets a temporary one (TE1).
CHILD_YEARS: Final = 6

AREA_SOURCE = f"Luật BHYT Điều 22 ({UNVERIFIED})"

IN_FORCE = Reason(Code.CARD_IN_FORCE, "a card is in force on the day", "Thẻ có giá trị trong ngày.")
HIGHEST = Reason(
    Code.HIGHEST_LEVEL,
    "several cards are in force; the highest level counts",
    "Có nhiều thẻ còn giá trị, áp dụng thẻ có mức hưởng cao nhất.",
    "NĐ 188/2025/NĐ-CP Điều 21",
)
NO_CARD = Reason(Code.NO_CARD, "no card is known", "Không tìm thấy thẻ bảo hiểm y tế.")
NO_CARD_CHILD = Reason(
    Code.CHILD_WITHOUT_CARD,
    "a child under 6 has no card; ask for a temporary one",
    "Trẻ dưới 6 tuổi chưa có thẻ, đề nghị cấp thẻ tạm (TE1).",
    "NĐ 188/2025/NĐ-CP Điều 50 khoản 1",
)
TEMPORARY = Reason(
    Code.TEMPORARY_CARD,
    "the card is a temporary one; check the papers",
    "Thẻ tạm, đề nghị kiểm tra giấy chứng sinh, giấy khai sinh hoặc giấy tờ hiến bộ phận cơ thể.",
    "NĐ 188/2025/NĐ-CP Điều 50 khoản 1",
)


def decide(question: Question, coverages: list[Coverage]) -> Eligibility:
    day = question.day
    listed = [card for card in newest(coverages) if card.listed(day)]
    ranked = sorted(listed, key=lambda card: card.rank(day), reverse=True)
    in_force = [card for card in ranked if card.in_force(day)]
    counting = in_force or [card for card in ranked if is_paid_on(card, question)]
    if not counting:
        return _not_covered(question, ranked)
    card, grace = counting[0], None if in_force else counting[0].grace(question.treatment_start)
    grace_until = card.grace_until(question.treatment_start) if grace else None
    reasons = list(_why_graced(card, grace, grace_until, question)) if grace and grace_until else [IN_FORCE]
    if len(counting) > 1:
        reasons.append(HIGHEST)
    result_code = _result_code(question, card, ranked, reasons)
    level, level_reasons = _level(card.group_code, card.benefit_level, day)
    reasons.extend(level_reasons)
    choice = choose_care_category(question, card, reasons)
    five_years = card.five_years_date is not None and card.five_years_date <= day
    limit = ceiling(day, question.co_payments) if five_years else Ceiling()
    rate, exempt, small_visit = _benefit_rate(question, card, level, choice, limit, reasons)
    _tell_area_and_five_years(card, day, five_years, reasons)
    return Eligibility(
        covered=True,
        result_code=result_code,
        card=card,
        weighed=(card, *(other for other in ranked if other is not card)),
        reasons=tuple(reasons),
        grace=grace is not None,
        grace_until=grace_until,
        level=level,
        benefit_rate=rate,
        entitlement=choice.row.percent(question.inpatient) if choice.row else None,
        basis=choice.row.basis if choice.row and choice.row.has_share else Basis.UNSPECIFIED,
        arrival=choice.row.arrival if choice.row else Arrival.UNSPECIFIED,
        category=choice.code,
        proposed=choice.proposed,
        candidates=choice.candidates,
        five_years_reached=five_years,
        threshold=limit.threshold,
        remaining=limit.remaining,
        exempt=exempt,
        small_visit=small_visit,
    )


def is_paid_on(card: Coverage, question: Question) -> bool:
    """Whether the fund pays on after the card lapsed: unless the form of care is surely no treatment."""
    start = question.treatment_start
    rule = card.grace(start)
    return (
        rule is not None
        and card.in_grace(question.day, start)
        and rule.covers(question.care_form) is not False
    )


def _benefit_rate(
    question: Question, card: Coverage, level: int, choice: Choice, limit: Ceiling, reasons: list[Reason]
) -> tuple[int | None, bool, int | None]:
    """Return the rate that counts, whether nothing is shared, and below which cost all is paid."""
    row, rate = choice.row, _rate(level)
    exempt = is_exempt(card, question.day, row, limit.passed, reasons)
    small = small_visit_limit(question.arrival_day, row)
    is_small = small is not None and question.visit_cost is not None and question.visit_cost < small
    if small is not None and is_small:
        reasons.append(small_visit_reason(small))
    if exempt or is_small or (row is not None and row.basis is Basis.COSTS):
        return 100, bool(exempt), small
    return (rate if exempt is False or rate == 100 else None), False, small


def wrong_number(result_code: str) -> Eligibility:
    """Return the answer for a card number of a wrong form: 051, 052 or 053."""
    vi = result_vi(result_code) + "."
    reason = Reason(Code.CARD_NUMBER_WRONG, "the card number has a wrong form", vi)
    return Eligibility(False, result_code, None, (), (reason,))


def _rate(level: int) -> int | None:
    known = LEVELS.get(level)
    return known.rate if known else None


def _not_covered(question: Question, ranked: list[Coverage]) -> Eligibility:
    if not ranked:
        return _no_card(question)
    day = question.day
    nearest = max(ranked, key=lambda card: (card.valid_from <= day, card.valid_to or date.max))
    if nearest.standing:
        vi = result_vi(nearest.standing) + "."
        result, reason = nearest.standing, Reason(Code.CARD_STOPPED, "the issuer stopped the card", vi)
    elif nearest.lapsed(day) and nearest.valid_to:
        vi = f"Thẻ hết hạn ngày {written_day(nearest.valid_to)}."
        result, reason = "010", Reason(Code.CARD_LAPSED, f"the card lapsed on {nearest.valid_to}", vi)
    else:
        # The national codes have none of its own for this: 010, and the sentence tells.
        vi = f"Thẻ có giá trị từ ngày {written_day(nearest.valid_from)}."
        en = f"the card is in force from {nearest.valid_from}"
        result, reason = "010", Reason(Code.CARD_NOT_YET_IN_FORCE, en, vi)
    weighed = (nearest, *(card for card in ranked if card is not nearest))
    return Eligibility(False, result, nearest, weighed, (reason, *_grace_lost(question, ranked)))


def _no_card(question: Question) -> Eligibility:
    if question.birth and 0 <= question.birth.youngest_age(question.day) < CHILD_YEARS:
        return Eligibility(False, "130", None, (), (NO_CARD_CHILD,))
    return Eligibility(False, "050", None, (), (NO_CARD,))


def _grace_lost(question: Question, ranked: list[Coverage]) -> Iterator[Reason]:
    """Tell that the days after a lapse are not for the form of care that was given."""
    start = question.treatment_start
    rule = next((card.grace(start) for card in ranked if card.in_grace(question.day, start)), None)
    if rule is None:
        return
    en = f"the days after a lapse are for treatment, and form of care {question.care_form} is none"
    vi = "Chỉ điều trị nội trú, ban ngày, ngoại trú mới được thanh toán tiếp khi thẻ hết hạn,"
    vi += f" không áp dụng cho loại hình {question.care_form}."
    yield Reason(Code.GRACE_NOT_FOR_FORM, en, vi, rule.source)


def _why_graced(card: Coverage, rule: Grace, until: date, question: Question) -> Iterator[Reason]:
    en = f"the card lapsed during treatment; the fund pays on until {until}"
    lapse = written_day(card.valid_to) if card.valid_to else ""
    vi = f"Thẻ hết hạn ngày {lapse} khi đang điều trị, được thanh toán tiếp đến {written_day(until)}."
    yield Reason(Code.LAPSED_UNDER_TREATMENT, en, vi, rule.source)
    if rule.covers(question.care_form) is None:
        en = "the days after a lapse are for treatment, not for a mere examination"
        vi = "Chỉ áp dụng khi điều trị nội trú, ban ngày, ngoại trú, không áp dụng cho lượt khám"
        if question.care_form:
            en = f"{en}: how form of care {question.care_form} counts is told nowhere"
            vi = f"{vi}; văn bản chưa nói rõ về loại hình {question.care_form}"
        yield Reason(Code.GRACE_UNSETTLED, en, f"{vi}.", rule.source)


def _result_code(question: Question, card: Coverage, ranked: list[Coverage], reasons: list[Reason]) -> str:
    """Return the result code for a card that counts.

    A card shown that is not in the register any more counts as an old one that ran out.
    """
    if card.temporary:
        reasons.append(TEMPORARY)
    if card.issuer in (Issuer.DEFENCE, Issuer.PUBLIC_SECURITY):
        code = "001" if card.issuer is Issuer.DEFENCE else "002"
        en = "papers of the issuing ministry must be checked"
        reasons.append(Reason(Code.PAPERS_NEEDED, en, result_vi(code) + "."))
        return code
    if len(question.shown_card) != 15 or question.shown_card == card.card_number:
        return "000"
    still = any(other.card_number == question.shown_card and other.in_force(question.day) for other in ranked)
    code = "004" if still else "003"
    reasons.append(Reason(Code.NEWER_CARD, "another card took its place", result_vi(code) + "."))
    return code


@lru_cache(maxsize=1024)
def _level(group: str, printed: int, day: date) -> tuple[int, tuple[Reason, ...]]:
    better = raised(group, printed, day)
    known = LEVELS.get(better.level if better else printed)
    if known is None:
        return 0, (_level_unknown(group),)
    if better:
        vi = f"Nhóm {named(group)} được hưởng mức {known.level} từ ngày {written_day(better.valid_from)}."
        en = f"group {group} counts as level {known.level} since {better.valid_from}"
        reason = Reason(Code.LEVEL_RAISED, en, vi, better.source)
    else:
        vi = f"Mức hưởng theo thẻ: mức {known.level}, {known.rate}%."
        reason = Reason(Code.BENEFIT_LEVEL, f"level {known.level} pays {known.rate} %", vi, LEVELS_SOURCE)
    if not known.beyond_vi:
        return known.level, (reason,)
    en, vi = f"level {known.level}: {known.beyond_en}", f"Mức {known.level}: {known.beyond_vi}."
    return known.level, (reason, Reason(Code.BENEFIT_SCOPE, en, vi, LEVELS_SOURCE))


def _level_unknown(group: str) -> Reason:
    en, vi = "the number does not tell the level", "Chưa biết mức hưởng, cần tra cứu cơ quan bảo hiểm xã hội"
    usual = usual_level(group)
    if usual:
        en += f"; group {group} usually has level {usual}, which is not applied"
        vi += f"; nhóm {named(group)} thường hưởng mức {usual}"
    return Reason(Code.LEVEL_UNKNOWN, en, vi + ".")


def _tell_area_and_five_years(card: Coverage, day: date, five_years: bool, reasons: list[Reason]) -> None:
    if card.area_code:
        area = AREAS_VI.get(card.area_code)
        vi = f"Mã khu vực {card.area_code}{f' ({area})' if area else ''}: được mở rộng quyền tự đến khám."
        en = f"area {card.area_code} widens the right to come by oneself"
        reasons.append(Reason(Code.AREA, en, vi, AREA_SOURCE))
    if five_years:
        reasons.extend(five_years_reasons(day))

"""
The care category (`MA_DOITUONG_KCB`) that the rate rests on: as given, or as the facility settles it.

What does not fit is told, and what would fit better is proposed, never applied.
"""

from datetime import date
from functools import lru_cache

from common.values import written_day

from ..coverages import Coverage
from ..facilities import Level
from .care_categories import RETIRED, RETIRED_AFTER, START, Category, category
from .care_category_fit import objection_to, proposed_category
from .decision_reasons import Code, Reason
from .question import Question

AT_INITIAL = Reason(
    Code.INITIAL_FACILITY, "the facility of first care", "Đúng nơi đăng ký khám chữa bệnh ban đầu."
)


def choose_care_category(
    question: Question, card: Coverage, reasons: list[Reason]
) -> tuple[str, Category | None, str]:
    """Return the category that the rate rests on, its rule (None when not known), and what is proposed."""
    at_initial = bool(card.initial_facility) and card.initial_facility == question.place.code
    if at_initial:
        reasons.append(AT_INITIAL)
    code = question.care_category or _settled(at_initial, question.place.level)
    rule = category(code, question.day) if code else None
    if rule is not None and _tell_rule(rule, question, at_initial, card.area_code, reasons):
        return code, rule, ""
    if rule is None:
        reasons.append(_no_rule(code, question))
    better = proposed_category(question, at_initial, card.area_code)
    if better is None or better is rule:
        return code, rule, ""
    reasons.append(_proposal(better, question))
    return code, rule, better.code


def _settled(at_initial: bool, level: Level) -> str:
    if at_initial:
        return "1.1"
    return "1.2" if level is Level.INITIAL else ""


def _tell_rule(
    rule: Category, question: Question, at_initial: bool, area_code: str, reasons: list[Reason]
) -> bool:
    share = rule.percent(question.inpatient)
    if share is not None:
        reasons.append(_share(rule.code, share, question.day))
    else:
        reasons.append(_no_share(rule, question))
    objection = objection_to(rule, question, at_initial, area_code)
    if objection:
        en = f"category {rule.code} does not fit: {objection[0]}"
        vi = f"Đối tượng {rule.code} không phù hợp, đề nghị kiểm tra: {objection[1]}."
        reasons.append(Reason(Code.CARE_CATEGORY_DOUBTFUL, en, vi, rule.source))
    return objection is None and (share is not None or not rule.needs_form)


@lru_cache(maxsize=1024)
def _share(code: str, share: int, day: date) -> Reason:
    rule = category(code, day)
    meaning, source = (f" ({_lower(rule.vi)})", rule.source) if rule else ("", "")
    en = f"category {code} gives {share} % of the benefit"
    vi = f"Đối tượng {code}{meaning}: {share}% mức hưởng."
    return Reason(Code.CARE_CATEGORY, en, vi, source)


def _no_share(rule: Category, question: Question) -> Reason:
    if rule.needs_form and question.inpatient is None:
        en = f"category {rule.code} needs the form of care (MA_LOAI_KCB)"
        vi = f"Đối tượng {rule.code} cần thêm mã loại hình khám chữa bệnh để xác định mức hưởng."
        return Reason(Code.CARE_FORM_NEEDED, en, vi, rule.source)
    en = f"no rate is known for category {rule.code} and this form of care"
    vi = f"Chưa có quy định mức hưởng cho đối tượng {rule.code} và hình thức khám chữa bệnh này."
    return Reason(Code.CARE_CATEGORY_UNKNOWN, en, vi, rule.source)


def _no_rule(code: str, question: Question) -> Reason:
    """Return why there is no rule for *code* on the day; an empty code is one nobody gave."""
    day = question.day
    if not code:
        en = "the care category (MA_DOITUONG_KCB) is needed for the rate"
        return Reason(Code.CARE_CATEGORY_NEEDED, en, "Cần mã đối tượng đến khám để xác định mức hưởng.")
    if day < START:
        en = f"no rules are known here for days before {START}"
        vi = f"Chưa có dữ liệu quy định mức hưởng cho ngày {written_day(day)}, trước {written_day(START)}."
        return Reason(Code.CARE_CATEGORY_UNKNOWN, en, vi)
    if code in RETIRED:
        return _retired(code, day)
    en = "the care category is not in the list"
    vi = f"Mã đối tượng {code} không có trong danh mục."
    return Reason(Code.CARE_CATEGORY_UNKNOWN, en, vi, "QĐ 3276/QĐ-BYT")


def _retired(code: str, day: date) -> Reason:
    retired = f"Mã đối tượng {code} ({RETIRED[code]})"
    source = "QĐ 3276/QĐ-BYT Điều 2"
    if day <= RETIRED_AFTER:
        en = f"category {code} was of the earlier list; its rate is not known here"
        vi = f"{retired} thuộc danh mục cũ, chưa có dữ liệu mức hưởng."
    else:
        en = f"category {code} was taken out of the list"
        vi = f"{retired} đã bãi bỏ theo QĐ 3276/QĐ-BYT, đề nghị chọn mã khác."
    return Reason(Code.CARE_CATEGORY_RETIRED, en, vi, source)


def _proposal(row: Category, question: Question) -> Reason:
    share = row.percent(question.inpatient)
    en = f"category {row.code} fits what is known; it is not applied"
    vi = f"Đề nghị xem xét mã đối tượng {row.code} ({_lower(row.vi)})"
    vi += f": {share}% mức hưởng." if share is not None else "."
    return Reason(Code.CARE_CATEGORY_PROPOSED, en, vi, row.source)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]

"""
The decision, pure: the same question about the same cards has the same answer for ever.

The order of the reasons: the card that counts, the result code, the benefit
level, the care category, the exemption from sharing costs, then what else the
reception should know.
"""

from datetime import date
from functools import lru_cache

from common.values import written_day

from ..coverages import Coverage, Issuer, newest
from ..entitlement import CHILD_YEARS, LEVELS, LEVELS_SOURCE, UNVERIFIED, grace_of, raised
from ..facilities import Level
from .answer import Eligibility, percent_vi
from .categories import (
    AREAS_VI,
    EXEMPT_ARRIVALS,
    RETIRED,
    RETIRED_AFTER,
    START,
    Arrival,
    Category,
    category,
)
from .fitting import doubt, proposed
from .groups import named, usual_level
from .question import Question
from .reasons import Code, Reason
from .results import result_vi
from .wages import MONTHS, shown_dong, threshold, wage

EXEMPTION = "Luật 51/2024/QH15 Điều 1.17 (Luật BHYT Điều 22.1.d); NĐ 188/2025/NĐ-CP Điều 18 khoản 2"

AREA_SOURCE = f"Luật BHYT Điều 22 ({UNVERIFIED})"

IN_FORCE = Reason(Code.CARD_IN_FORCE, "a card is in force on the day", "Thẻ có giá trị trong ngày.")
HIGHEST = Reason(
    Code.HIGHEST_LEVEL,
    "several cards are in force; the highest level counts",
    "Có nhiều thẻ còn giá trị, áp dụng thẻ có mức hưởng cao nhất.",
    "NĐ 188/2025/NĐ-CP Điều 21",
)
AT_INITIAL = Reason(
    Code.INITIAL_FACILITY, "the facility of first care", "Đúng nơi đăng ký khám chữa bệnh ban đầu."
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
NOT_EXEMPT = Reason(
    Code.CO_PAYMENT_NOT_EXEMPT,
    "the exemption from sharing costs is not for coming in this way",
    "Người tự đến không đúng quy định không được miễn cùng chi trả.",
    f"Luật BHYT Điều 22.1.d ({UNVERIFIED})",
)


def decide(question: Question, coverages: list[Coverage]) -> Eligibility:
    """Return whether and how the insurance pays for the owner of *coverages*."""
    day = question.day
    listed = [card for card in newest(coverages) if card.listed(day)]
    ranked = sorted(listed, key=lambda card: card.rank(day), reverse=True)
    in_force = [card for card in ranked if card.in_force(day)]
    counting = in_force or [card for card in ranked if card.in_grace(day, question.treatment_start)]
    if not counting:
        return _not_covered(question, ranked)
    card, grace = counting[0], not in_force
    grace_until = card.grace_until(question.treatment_start) if grace else None
    reasons = [_why_graced(card, grace_until) if grace_until else IN_FORCE]
    if len(counting) > 1:
        reasons.append(HIGHEST)
    result = _result_code(question, card, ranked, reasons)
    level, told = _level(card.group_code, card.benefit_level, day)
    reasons.extend(told)
    used, rule, proposal = _categorised(question, card, reasons)
    exempt = _exempt(card, day, rule, reasons)
    five, ceiling = _also(card, day, reasons)
    return Eligibility(
        covered=True,
        result_code=result,
        card=card,
        weighed=(card, *(other for other in ranked if other is not card)),
        reasons=tuple(reasons),
        grace=grace,
        grace_until=grace_until,
        level=level,
        benefit_rate=100 if exempt else _rate(level),
        entitlement=rule.percent(question.inpatient) if rule else None,
        arrival=rule.arrival if rule else Arrival.UNSPECIFIED,
        category=used,
        proposed=proposal,
        five_years_reached=five,
        threshold=ceiling,
        exempt=exempt,
    )


def wrong_number(result_code: str) -> Eligibility:
    """Return the answer for a card number of a wrong form: 051, 052 or 053."""
    vi = result_vi(result_code) + "."
    reason = Reason(Code.CARD_NUMBER_WRONG, "the card number has a wrong form", vi)
    return Eligibility(False, result_code, None, (), (reason,))


def _rate(level: int) -> int | None:
    known = LEVELS.get(level)
    return known.rate if known else None


def _not_covered(question: Question, ranked: list[Coverage]) -> Eligibility:
    """Return the refusal, by the card that came nearest to *question.day*."""
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
    return Eligibility(False, result, nearest, weighed, (reason,))


def _no_card(question: Question) -> Eligibility:
    if question.birth and 0 <= question.birth.youngest_age(question.day) < CHILD_YEARS:
        return Eligibility(False, "130", None, (), (NO_CARD_CHILD,))
    return Eligibility(False, "050", None, (), (NO_CARD,))


def _why_graced(card: Coverage, until: date) -> Reason:
    rule = grace_of(until)
    en = f"the card lapsed during treatment; the fund pays on until {until}"
    lapse = written_day(card.valid_to) if card.valid_to else ""
    vi = f"Thẻ hết hạn ngày {lapse} khi đang điều trị, được thanh toán tiếp đến {written_day(until)}."
    return Reason(Code.LAPSED_UNDER_TREATMENT, en, vi, rule.source if rule else "")


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
    still = any(one.card_number == question.shown_card and one.in_force(question.day) for one in ranked)
    code = "004" if still else "003"
    reasons.append(Reason(Code.NEWER_CARD, "another card took its place", result_vi(code) + "."))
    return code


@lru_cache(maxsize=1024)
def _level(group: str, printed: int, day: date) -> tuple[int, tuple[Reason, ...]]:
    """Return the level that counts, and where it comes from and what it pays beyond its rate."""
    better = raised(group, printed, day)
    known = LEVELS.get(better.level if better else printed)
    if known is None:
        return 0, (_level_unknown(group),)
    if better:
        vi = f"Nhóm {named(group)} được hưởng mức {known.level} từ ngày {written_day(better.valid_from)}."
        en = f"group {group} counts as level {known.level} since {better.valid_from}"
        told = Reason(Code.LEVEL_RAISED, en, vi, better.source)
    else:
        vi = f"Mức hưởng theo thẻ: mức {known.level}, {known.rate}%."
        told = Reason(Code.BENEFIT_LEVEL, f"level {known.level} pays {known.rate} %", vi, LEVELS_SOURCE)
    if not known.beyond_vi:
        return known.level, (told,)
    en, vi = f"level {known.level}: {known.beyond_en}", f"Mức {known.level}: {known.beyond_vi}."
    return known.level, (told, Reason(Code.BENEFIT_SCOPE, en, vi, LEVELS_SOURCE))


def _level_unknown(group: str) -> Reason:
    """Return the reason; it tells the usual level of a known group, which is not applied."""
    en, vi = "the number does not tell the level", "Chưa biết mức hưởng, cần tra cứu cơ quan bảo hiểm xã hội"
    usual = usual_level(group)
    if usual:
        en += f"; group {group} usually has level {usual}, which is not applied"
        vi += f"; nhóm {named(group)} thường hưởng mức {usual}"
    return Reason(Code.LEVEL_UNKNOWN, en, vi + ".")


def _categorised(
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
    better = proposed(question, at_initial, card.area_code)
    if better is None or better is rule:
        return code, rule, ""
    reasons.append(_proposal(better, question))
    return code, rule, better.code


def _settled(at_initial: bool, level: Level) -> str:
    """Return the category that the facility alone settles, or an empty string."""
    if at_initial:
        return "1.1"
    return "1.2" if level is Level.INITIAL else ""


def _tell_rule(
    rule: Category, question: Question, at_initial: bool, area_code: str, reasons: list[Reason]
) -> bool:
    """Tell what *rule* gives; return whether it fits all that is known."""
    share = rule.percent(question.inpatient)
    if share is not None:
        reasons.append(_share(rule.code, share, question.day))
    else:
        reasons.append(_no_share(rule, question))
    against = doubt(rule, question, at_initial, area_code)
    if against:
        en = f"category {rule.code} does not fit: {against[0]}"
        vi = f"Đối tượng {rule.code} không phù hợp, đề nghị kiểm tra: {against[1]}."
        reasons.append(Reason(Code.CARE_CATEGORY_DOUBTFUL, en, vi, rule.source))
    return against is None and (share is not None or not rule.needs_form)


@lru_cache(maxsize=1024)
def _share(code: str, share: int, day: date) -> Reason:
    rule = category(code, day)
    what, source = (f" ({_lower(rule.vi)})", rule.source) if rule else ("", "")
    en, vi = f"category {code} gives {share} % of the benefit", f"Đối tượng {code}{what}: {share}% mức hưởng."
    return Reason(Code.CARE_CATEGORY, en, vi, source)


def _no_share(rule: Category, question: Question) -> Reason:
    """Return why *rule* gives no percent that we know."""
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
    what = f"Mã đối tượng {code} ({RETIRED[code]})"
    source = "QĐ 3276/QĐ-BYT Điều 2"
    if day <= RETIRED_AFTER:
        en = f"category {code} was of the earlier list; its rate is not known here"
        vi = f"{what} thuộc danh mục cũ, chưa có dữ liệu mức hưởng."
    else:
        en = f"category {code} was taken out of the list"
        vi = f"{what} đã bãi bỏ theo QĐ 3276/QĐ-BYT, đề nghị chọn mã khác."
    return Reason(Code.CARE_CATEGORY_RETIRED, en, vi, source)


def _proposal(row: Category, question: Question) -> Reason:
    share = row.percent(question.inpatient)
    en = f"category {row.code} fits what is known; it is not applied"
    vi = f"Đề nghị xem xét mã đối tượng {row.code} ({_lower(row.vi)})"
    vi += f": {share}% mức hưởng." if share is not None else "."
    return Reason(Code.CARE_CATEGORY_PROPOSED, en, vi, row.source)


def _exempt(card: Coverage, day: date, rule: Category | None, reasons: list[Reason]) -> bool:
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


def _also(card: Coverage, day: date, reasons: list[Reason]) -> tuple[bool, int | None]:
    """Tell what else the card says; return whether 5 continuous years are reached, and the threshold then."""
    if card.area_code:
        who = AREAS_VI.get(card.area_code)
        vi = f"Mã khu vực {card.area_code}{f' ({who})' if who else ''}: được mở rộng quyền tự đến khám."
        en = f"area {card.area_code} widens the right to come by oneself"
        reasons.append(Reason(Code.AREA, en, vi, AREA_SOURCE))
    if card.five_years_date is None or card.five_years_date > day:
        return False, None
    told, ceiling = _five_years(day)
    reasons.append(told)
    return True, ceiling


@lru_cache(maxsize=256)
def _five_years(day: date) -> tuple[Reason, int | None]:
    """Return what 5 continuous years mean on *day*, and the threshold in đồng, None when not known."""
    known, ceiling = wage(day), threshold(day)
    en = f"5 continuous years: co-payment stops at {MONTHS} months of the reference wage"
    vi = f"Đủ 5 năm liên tục: miễn cùng chi trả khi cùng chi trả trong năm vượt {MONTHS} tháng mức tham chiếu"
    if known is None or ceiling is None:
        return Reason(Code.FIVE_YEARS, en, vi + ".", EXEMPTION), None
    en, vi = f"{en}, {ceiling} VND", f"{vi} ({shown_dong(ceiling)})."
    return Reason(Code.FIVE_YEARS, en, vi, f"{EXEMPTION}; {known.source}"), ceiling


def _lower(text: str) -> str:
    """Return *text* as it stands inside a sentence."""
    return text[:1].lower() + text[1:]

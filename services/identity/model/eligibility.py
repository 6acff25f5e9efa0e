"""
Whether the insurance pays, at which rate, and why: one pure decision.

    decide(question, coverages) → Eligibility, with its reasons in order

The order: the card that counts, the result code, the benefit level, the care
category, then what else the reception should know.  Rules and their days are
data, in `entitlement.py`.
"""

from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Final

from .coverages import Coverage, Issuer
from .dates import PartialDate, shown
from .entitlement import (
    CHILD_YEARS,
    GRACE,
    INPATIENT_FORMS,
    RATES,
    Arrival,
    Category,
    category,
    percent,
    raised,
)
from .facilities import Level


class Code(IntEnum):
    """What was found; as `EligibilityReason.Code` of the contract."""

    CARD_IN_FORCE = 1
    LAPSED_UNDER_TREATMENT = 2
    CARD_LAPSED = 3
    CARD_NOT_YET_IN_FORCE = 4
    CARD_STOPPED = 5
    NO_CARD = 6
    NEWER_CARD = 7
    HIGHEST_LEVEL = 8
    BENEFIT_LEVEL = 9
    LEVEL_RAISED = 10
    LEVEL_UNKNOWN = 11
    CARE_CATEGORY = 12
    CARE_CATEGORY_NEEDED = 13
    CARE_CATEGORY_UNKNOWN = 14
    CARE_CATEGORY_DOUBTFUL = 15
    INITIAL_FACILITY = 16
    FIVE_YEARS = 17
    PAPERS_NEEDED = 18
    AREA = 19
    CARD_NUMBER_WRONG = 20
    CHILD_WITHOUT_CARD = 21


# `BHYT_LOOKUP_RESULT` as the reception reads it.
RESULTS_VI: Final = {
    "000": "Thẻ còn giá trị sử dụng",
    "001": "Thẻ do Bộ Quốc phòng quản lý, đề nghị kiểm tra giấy tờ",
    "002": "Thẻ do Bộ Công an quản lý, đề nghị kiểm tra giấy tờ",
    "003": "Thẻ cũ hết giá trị, đã được cấp thẻ mới",
    "004": "Thẻ cũ còn giá trị, đã được cấp thẻ mới",
    "010": "Thẻ hết giá trị sử dụng",
    "050": "Không tìm thấy thông tin thẻ",
    "051": "Mã thẻ không đúng",
    "052": "Mã tỉnh trong mã thẻ không đúng",
    "053": "Mã quyền lợi trong mã thẻ không đúng",
    "110": "Thẻ đã bị thu hồi",
    "120": "Thẻ đã báo giảm",
    "121": "Thẻ đã báo giảm, chuyển ngoại tỉnh",
    "122": "Thẻ đã báo giảm, chuyển nội tỉnh",
    "123": "Thẻ đã báo giảm, tăng lại cùng đơn vị",
    "124": "Thẻ đã báo giảm, ngừng tham gia",
    "130": "Trẻ em chưa có thẻ, đề nghị cấp thẻ tạm",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of the decision, for developers and for staff."""

    code: Code
    en: str
    vi: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """What counts of the facility: its code and its level."""

    code: str
    level: Level = Level.UNSPECIFIED


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.  *shown_card* is the 15-character card the person showed, if any."""

    day: date
    place: Place
    care_category: str = ""
    care_form: str = ""
    treatment_start: date | None = None
    shown_card: str = ""
    birth: PartialDate | None = None

    @property
    def inpatient(self) -> bool | None:
        """Whether the person stays; None when not settled."""
        return self.care_form in INPATIENT_FORMS if self.care_form else None


@dataclass(frozen=True, slots=True)
class Eligibility:
    """The answer.  Rates in percent; None is not known.  *card* None is "no card counts"."""

    covered: bool
    result_code: str
    card: Coverage | None
    weighed: tuple[Coverage, ...]
    reasons: tuple[Reason, ...]
    grace: bool = False
    level: int = 0
    entitlement: int | None = None
    arrival: Arrival = Arrival.UNSPECIFIED
    five_years_reached: bool = False

    @property
    def benefit_rate(self) -> int | None:
        """The rate of the card alone."""
        return RATES.get(self.level)

    @property
    def basis_points(self) -> int | None:
        """The rate that the insurance pays, in hundredths of a percent; None when it is not known."""
        if not self.covered or self.entitlement == 0:
            return 0
        if self.benefit_rate is None or self.entitlement is None:
            return None
        return self.benefit_rate * self.entitlement

    @property
    def message_vi(self) -> str:
        """The answer in one sentence."""
        parts = [RESULTS_VI[self.result_code]]
        if self.card and self.covered:
            parts.append(f"hạn đến {shown(self.card.valid_to)}" if self.card.valid_to else "không ghi hạn")
        if self.grace:
            parts.append(f"đang điều trị, được thanh toán thêm tối đa {GRACE.days} ngày")
        if self.covered:
            points = self.basis_points
            parts.append(
                "chưa xác định được mức hưởng" if points is None else f"mức hưởng {_percent(points)}"
            )
        return "; ".join(parts) + "."


def _percent(points: int) -> str:
    """Return 4750 as `47,5%`, the Vietnamese way."""
    return f"{points / 100:g}%".replace(".", ",")


def decide(question: Question, coverages: list[Coverage]) -> Eligibility:
    """Return whether and how the insurance pays for the owner of *coverages*."""
    day = question.day
    ranked = sorted(coverages, key=lambda card: card.rank(day), reverse=True)
    in_force = [card for card in ranked if card.in_force(day)]
    graced = [card for card in ranked if card.in_grace(day, question.treatment_start)]
    counting = in_force or graced
    if not counting:
        return _not_covered(question, ranked)
    card, grace = counting[0], not in_force
    weighed = (card, *(other for other in ranked if other is not card))
    reasons = [_why_card(card, grace)]
    if len(counting) > 1:
        vi = "Có nhiều thẻ còn giá trị, áp dụng thẻ có mức hưởng cao nhất."
        en = "several cards are in force; the highest level counts"
        reasons.append(Reason(Code.HIGHEST_LEVEL, en, vi, "NĐ 188/2025/NĐ-CP Điều 21"))
    result = _result_code(question, card, ranked, reasons)
    level = _level(card, day, reasons)
    arrival, entitlement = _entitled(question, card, reasons)
    five = _also(card, day, reasons)
    return Eligibility(True, result, card, weighed, tuple(reasons), grace, level, entitlement, arrival, five)


def wrong_number(result_code: str) -> Eligibility:
    """Return the answer for a card number of a wrong form: 051, 052 or 053."""
    vi = RESULTS_VI[result_code] + "."
    reason = Reason(Code.CARD_NUMBER_WRONG, "the card number has a wrong form", vi)
    return Eligibility(False, result_code, None, (), (reason,))


def _not_covered(question: Question, ranked: list[Coverage]) -> Eligibility:
    """Return the refusal, by the card that came nearest to *question.day*."""
    if not ranked:
        return _no_card(question)
    day = question.day
    nearest = max(ranked, key=lambda card: (card.valid_from <= day, card.valid_to or date.max))
    if nearest.standing:
        vi = RESULTS_VI[nearest.standing] + "."
        result, reason = nearest.standing, Reason(Code.CARD_STOPPED, "the issuer stopped the card", vi)
    elif nearest.lapsed(day) and nearest.valid_to:
        vi = f"Thẻ hết hạn ngày {shown(nearest.valid_to)}."
        result, reason = "010", Reason(Code.CARD_LAPSED, f"the card lapsed on {nearest.valid_to}", vi)
    else:
        # The national codes have none of its own for this: 010, and the sentence tells.
        vi = f"Thẻ có giá trị từ ngày {shown(nearest.valid_from)}."
        en = f"the card is in force from {nearest.valid_from}"
        result, reason = "010", Reason(Code.CARD_NOT_YET_IN_FORCE, en, vi)
    weighed = (nearest, *(card for card in ranked if card is not nearest))
    return Eligibility(False, result, nearest, weighed, (reason,))


def _no_card(question: Question) -> Eligibility:
    if question.birth and 0 <= question.birth.youngest_age(question.day) < CHILD_YEARS:
        vi = "Trẻ dưới 6 tuổi chưa có thẻ, đề nghị cấp thẻ tạm (TE1)."
        en = "a child under 6 has no card; ask for a temporary one"
        return Eligibility(False, "130", None, (), (Reason(Code.CHILD_WITHOUT_CARD, en, vi),))
    reason = Reason(Code.NO_CARD, "no card is known", "Không tìm thấy thẻ bảo hiểm y tế.")
    return Eligibility(False, "050", None, (), (reason,))


def _why_card(card: Coverage, grace: bool) -> Reason:
    if not grace:
        return Reason(Code.CARD_IN_FORCE, "a card is in force on the day", "Thẻ có giá trị trong ngày.")
    en = f"the card lapsed during treatment; at most {GRACE.days} days more are paid"
    vi = f"Thẻ hết hạn khi đang điều trị, được thanh toán thêm tối đa {GRACE.days} ngày."
    return Reason(Code.LAPSED_UNDER_TREATMENT, en, vi, "NĐ 188/2025/NĐ-CP Điều 50 khoản 4")


def _result_code(question: Question, card: Coverage, ranked: list[Coverage], reasons: list[Reason]) -> str:
    """Return the result code for a card that counts.

    A card shown that is not in the register any more counts as an old one that ran out.
    """
    if card.issuer in (Issuer.DEFENCE, Issuer.PUBLIC_SECURITY):
        code = "001" if card.issuer is Issuer.DEFENCE else "002"
        en = "papers of the issuing ministry must be checked"
        reasons.append(Reason(Code.PAPERS_NEEDED, en, RESULTS_VI[code] + "."))
        return code
    if len(question.shown_card) != 15 or question.shown_card == card.card_number:
        return "000"
    still = any(one.card_number == question.shown_card and one.in_force(question.day) for one in ranked)
    code = "004" if still else "003"
    reasons.append(Reason(Code.NEWER_CARD, "another card took its place", RESULTS_VI[code] + "."))
    return code


def _level(card: Coverage, day: date, reasons: list[Reason]) -> int:
    """Return the level that counts, and tell where it comes from."""
    level, better = card.level_on(day), raised(card.group_code, card.benefit_level, day)
    if better:
        vi = f"Nhóm {card.group_code} được hưởng mức {level} từ ngày {shown(better.valid_from)}."
        en = f"group {card.group_code} counts as level {level} since {better.valid_from}"
        reasons.append(Reason(Code.LEVEL_RAISED, en, vi, better.source))
    elif level:
        vi = f"Mức hưởng theo thẻ: {RATES[level]}%."
        reasons.append(Reason(Code.BENEFIT_LEVEL, f"level {level} pays {RATES[level]} %", vi))
    else:
        vi = "Chưa biết mức hưởng, cần tra cứu cơ quan bảo hiểm xã hội."
        reasons.append(Reason(Code.LEVEL_UNKNOWN, "the number does not tell the level", vi))
    return level


def _entitled(question: Question, card: Coverage, reasons: list[Reason]) -> tuple[Arrival, int | None]:
    """Return how the person came and the percent of the benefit that it gives."""
    at_initial = bool(card.initial_facility) and card.initial_facility == question.place.code
    if at_initial:
        vi = "Đúng nơi đăng ký khám chữa bệnh ban đầu."
        reasons.append(Reason(Code.INITIAL_FACILITY, "the facility of first care", vi))
    code = question.care_category or _implied(at_initial, question.place.level)
    if not code:
        vi = "Cần mã đối tượng đến khám để xác định mức hưởng."
        en = "the care category (MA_DOITUONG_KCB) is needed for the rate"
        reasons.append(Reason(Code.CARE_CATEGORY_NEEDED, en, vi))
        return Arrival.UNSPECIFIED, None
    rule = category(code, question.day)
    share = percent(rule, question.inpatient) if rule else None
    if rule is None or share is None:
        vi = "Chưa có quy định mức hưởng cho đối tượng và hình thức này trong ngày."
        en = "no rate is known for this category, form of care and day"
        reasons.append(Reason(Code.CARE_CATEGORY_UNKNOWN, en, vi))
        return rule.arrival if rule else Arrival.UNSPECIFIED, None
    vi = f"Đối tượng {code}: {share}% mức hưởng."
    reasons.append(
        Reason(Code.CARE_CATEGORY, f"category {code} gives {share} % of the benefit", vi, rule.source)
    )
    if _doubtful(rule, question, at_initial):
        vi = f"Đối tượng {code} không khớp với cơ sở, đề nghị kiểm tra."
        reasons.append(Reason(Code.CARE_CATEGORY_DOUBTFUL, f"category {code} does not fit the facility", vi))
    return rule.arrival, share


def _implied(at_initial: bool, level: Level) -> str:
    """Return the category that the facility alone settles, or an empty string."""
    if at_initial:
        return "1.1"
    return "1.2" if level is Level.INITIAL else ""


def _doubtful(rule: Category, question: Question, at_initial: bool) -> bool:
    if rule.arrival is Arrival.INITIAL:
        return not at_initial
    level = question.place.level
    return bool(rule.levels) and level is not Level.UNSPECIFIED and level not in rule.levels


def _also(card: Coverage, day: date, reasons: list[Reason]) -> bool:
    """Tell what else the card says; return whether 5 continuous years are reached."""
    if card.area_code:
        vi = f"Mã khu vực {card.area_code}: được mở rộng quyền tự đến khám."
        reasons.append(Reason(Code.AREA, f"area {card.area_code} widens the right to come by oneself", vi))
    reached = card.five_years_date is not None and card.five_years_date <= day
    if reached:
        en = "5 continuous years: co-payment stops at 6 months of the reference wage"
        vi = "Đủ 5 năm liên tục: miễn cùng chi trả khi vượt 6 tháng lương cơ sở (mức tham chiếu)."
        reasons.append(Reason(Code.FIVE_YEARS, en, vi, "Luật BHYT Điều 22"))
    return reached

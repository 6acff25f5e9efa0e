"""What is told of a care category: what it gives, what speaks against it, what is missing to know it."""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import Final

from common.values import written_day

from ..facilities import InitialCare, Level
from .care_categories import LIST, RETIRED, RETIRED_AFTER, Rivals, category
from .care_category import START, Basis, Category, Doubt
from .care_category_fit import Objection
from .decision_reasons import Code, Reason
from .question import HIGHER, Place, Question

AT_INITIAL: Final = Reason(
    Code.INITIAL_FACILITY, "the facility of first care", "Đúng nơi đăng ký khám chữa bệnh ban đầu."
)
CATEGORY_NEEDED: Final = Reason(
    Code.CARE_CATEGORY_NEEDED,
    "the care category (MA_DOITUONG_KCB) is needed for the rate",
    "Cần mã đối tượng đến khám để xác định mức hưởng.",
)
FORM_NEEDED: Final = Reason(
    Code.CARE_FORM_NEEDED,
    "the category depends on the form of care (MA_LOAI_KCB)",
    "Cần thêm mã loại hình khám chữa bệnh để xác định mã đối tượng.",
)
KIND_UNKNOWN: Final = Reason(
    Code.FACILITY_UNKNOWN,
    "the directory does not tell which kind of initial care this is: at a commune station and the like row"
    " 1.2 pays all costs in scope",
    "Danh mục chưa ghi loại cơ sở cấp ban đầu: trạm y tế và tương đương được thanh toán 100% chi phí theo mã"
    " 1.2.",
    "Luật BHYT Điều 22.1.c, 22.4.c; QĐ 3276/QĐ-BYT",
)
LEVEL_UNKNOWN: Final = Reason(
    Code.FACILITY_UNKNOWN,
    "the directory does not tell the level of the facility",
    "Danh mục chưa ghi cấp chuyên môn kỹ thuật của cơ sở.",
    "Luật BHYT Điều 22; QĐ 3276/QĐ-BYT",
)
POINTS_UNKNOWN: Final = Reason(
    Code.FACILITY_UNKNOWN,
    "the directory does not tell the points of the facility",
    "Danh mục chưa ghi điểm xếp cấp của cơ sở.",
    "NĐ 188/2025/NĐ-CP Điều 19",
)
LINE_UNKNOWN: Final = Reason(
    Code.FACILITY_UNKNOWN,
    "the directory does not tell the line of the facility before 2025",
    "Danh mục chưa ghi tuyến của cơ sở trước ngày 01/01/2025.",
    "NĐ 188/2025/NĐ-CP Điều 19",
)


@lru_cache(maxsize=1024)
def share_reason(code: str, share: int, day: date) -> Reason:
    row = category(code, day)
    meaning, source = (f" ({_lower(row.vi)})", row.source) if row else ("", "")
    if row and row.basis is Basis.COSTS:
        en = f"category {code} gives {share} % of the costs in scope, whatever the card's rate"
        vi = f"Đối tượng {code}{meaning}: {share}% chi phí trong phạm vi, không theo mức hưởng của thẻ."
    else:
        en = f"category {code} gives {share} % of the benefit"
        vi = f"Đối tượng {code}{meaning}: {share}% mức hưởng."
    return Reason(Code.CARE_CATEGORY, en, vi, source)


def no_share_reason(row: Category, question: Question) -> Reason:
    if not row.has_share:
        en, vi = (
            f"category {row.code} has no share of its own",
            f"Đối tượng {row.code} không có mức hưởng riêng.",
        )
        return Reason(Code.NO_SHARE, en, vi, row.source)
    if question.inpatient is not None:
        en = f"no rate is known for category {row.code} and this form of care"
        vi = f"Chưa có quy định mức hưởng cho đối tượng {row.code} và hình thức khám chữa bệnh này."
        return Reason(Code.CARE_CATEGORY_UNKNOWN, en, vi, row.source)
    if question.care_form:
        return form_unsettled_reason(question.care_form)
    en = f"category {row.code} needs the form of care (MA_LOAI_KCB)"
    vi = f"Đối tượng {row.code} cần thêm mã loại hình khám chữa bệnh để xác định mức hưởng."
    return Reason(Code.CARE_FORM_NEEDED, en, vi, row.source)


def form_unsettled_reason(care_form: str) -> Reason:
    en = f"the texts do not tell whether form of care {care_form} counts as a stay"
    vi = f"Văn bản chưa nói rõ loại hình {care_form} tính là nội trú hay ngoại trú."
    return Reason(Code.CARE_FORM_UNSETTLED, en, vi, LIST)


def doubt_reason(doubt: Doubt) -> Reason:
    return Reason(Code.RATE_UNSETTLED, doubt.en, f"Lưu ý: {doubt.vi}.", doubt.source)


def misfit_reason(row: Category, objection: Objection) -> Reason:
    en = f"category {row.code} does not fit: {objection[0]}"
    vi = f"Đối tượng {row.code} không phù hợp, đề nghị kiểm tra: {objection[1]}."
    return Reason(Code.CARE_CATEGORY_DOUBTFUL, en, vi, row.source)


def kind_reason(row: Category, place: Place) -> Iterator[Reason]:
    """Give what is missing of the facility where *row* is a matter of its kind."""
    if (
        place.level is Level.INITIAL
        and place.kind is InitialCare.UNSPECIFIED
        and (row.kinds or row.not_kinds)
    ):
        yield KIND_UNKNOWN


def missing_category_reason(code: str, question: Question) -> Reason:
    """Return why there is no rule for *code* on the day; an empty code is one nobody gave."""
    day = question.day
    if not code:
        return CATEGORY_NEEDED
    if day < START:
        en = f"no rules are known here for days before {START}"
        vi = f"Chưa có dữ liệu quy định mức hưởng cho ngày {written_day(day)}, trước {written_day(START)}."
        return Reason(Code.CARE_CATEGORY_UNKNOWN, en, vi)
    if code in RETIRED:
        return _retired(code, day)
    en = "the care category is not in the list"
    vi = f"Mã đối tượng {code} không có trong danh mục."
    return Reason(Code.CARE_CATEGORY_UNKNOWN, en, vi, LIST)


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


def proposal_reason(row: Category, question: Question) -> Reason:
    share = row.percent(question.inpatient)
    en = f"category {row.code} fits what is known; it is not applied"
    vi = f"Đề nghị xem xét mã đối tượng {row.code} ({_lower(row.vi)})"
    vi += f": {share}% {_of_what(row)}." if share is not None else "."
    return Reason(Code.CARE_CATEGORY_PROPOSED, en, vi, row.source)


def unsettled_reasons(
    rows: Sequence[Category], question: Question, rivals: Rivals | None
) -> Iterator[Reason]:
    """Give the rows of which one is right, with what each gives, and why it is not told which."""
    en = f"one of the categories {', '.join(row.code for row in rows)} fits; none is applied"
    vi = f"Có thể là mã đối tượng {' hoặc '.join(_with_share(row, question) for row in rows)}"
    source = LIST
    if rivals:
        en, vi, source = f"{en}: {rivals.doubt.en}", f"{vi}; {rivals.doubt.vi}", rivals.doubt.source
    yield Reason(Code.CARE_CATEGORY_UNSETTLED, en, f"{vi}.", source)
    if question.inpatient is None and any(row.needs_form for row in rows):
        yield form_unsettled_reason(question.care_form) if question.care_form else FORM_NEEDED
    yield from _missing_facts(rows, question.place)


def unknown_facts(question: Question) -> Iterator[Reason]:
    """Give what the directory does not tell of the facility, where one way it may be fits no row at all."""
    place = question.place
    if question.day < START:
        return
    if place.level is Level.UNSPECIFIED:
        yield LEVEL_UNKNOWN
    if place.kind is InitialCare.UNSPECIFIED:
        yield KIND_UNKNOWN
    if place.level is Level.BASIC and not place.points and not place.provisional:
        yield POINTS_UNKNOWN
    if place.level in HIGHER and not place.former_line:
        yield LINE_UNKNOWN


def _missing_facts(rows: Sequence[Category], place: Place) -> Iterator[Reason]:
    """Give what the directory does not tell of the facility, of what decides between *rows*."""
    if place.kind is InitialCare.UNSPECIFIED and any(row.kinds or row.not_kinds for row in rows):
        yield KIND_UNKNOWN
    if place.level not in HIGHER:
        return
    if not place.points and not place.provisional and any(row.points for row in rows):
        yield POINTS_UNKNOWN
    if not place.former_line and any(row.lines or row.not_lines for row in rows):
        yield LINE_UNKNOWN


def rate_doubt_reason(row: Category, other: Category, doubt: Doubt) -> Reason:
    """Return that *other* may be right in place of *row*, which the rate rests on."""
    en = f"the rate rests on {row.code}, but {other.code} may be right: {doubt.en}"
    vi = f"Mức hưởng tính theo {row.code}, nhưng có thể là {other.code} ({_lower(other.vi)}): {doubt.vi}."
    return Reason(Code.RATE_UNSETTLED, en, vi, doubt.source)


def _with_share(row: Category, question: Question) -> str:
    share = row.percent(question.inpatient)
    return row.code if share is None else f"{row.code} ({share}% {_of_what(row)})"


def _of_what(row: Category) -> str:
    return "chi phí" if row.basis is Basis.COSTS else "mức hưởng"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]

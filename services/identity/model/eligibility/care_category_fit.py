"""
Which care category fits (`MA_DOITUONG_KCB`): what speaks against one, and which to propose.

QĐ 3276/QĐ-BYT, Annex 1: of several that fit, the first from the top; settled at
the end of the encounter.  A proposal is made from what is known at its
beginning, and nothing is paid by it before somebody chose it.
"""

from datetime import date
from functools import lru_cache
from typing import Final

from ..facilities import Level
from .care_categories import DRUGS_FORM, Arrival, Category, Circumstance, category
from .question import Question

# Why a category does not fit: for developers and for staff.
Objection = tuple[str, str]

# From the top of the list, but what is told of the person (an emergency, a disease, an area) goes before
# the rows for those who just come by themselves (1.12 to 1.15, 1.18, 3.1 to 3.3): an emergency is paid in
# full everywhere (Luật BHYT Art. 22.5).  1.11 is never reached after 1.2; 7 to 9 are for people to choose.
ORDER: Final = (
    *("1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "10", "2", "1.16", "1.17", "3.6"),
    *("1.12", "1.13", "1.14", "1.15", "1.18", "3.1", "3.2", "3.3"),
)

_PAPERS: Final = frozenset(
    {Circumstance.EMERGENCY, Circumstance.TRANSFER_SLIP, Circumstance.REEXAMINATION_SLIP}
)


def proposed_category(question: Question, at_initial: bool, area_code: str) -> Category | None:
    """Return the category of *question.day* that fits what is known, or None when none surely does."""
    rows = _rows(question.day)
    return next((row for row in rows if _fits(row, question, at_initial, area_code)), None)


@lru_cache(maxsize=256)
def _rows(day: date) -> tuple[Category, ...]:
    return tuple(row for code in ORDER if (row := category(code, day)))


def _fits(row: Category, question: Question, at_initial: bool, area_code: str) -> bool:
    if row.code == "10":
        return question.care_form == DRUGS_FORM
    if row.arrival is Arrival.INITIAL:
        return at_initial
    if row.circumstance and not _is_known(row.circumstance, question):
        return False
    return _place_fits(row, question) and _form_fits(row, question) and (bool(area_code) or not row.area)


def _is_known(circumstance: Circumstance, question: Question) -> bool:
    if circumstance is Circumstance.NEWBORN:
        return bool(question.newborn)
    return circumstance in question.circumstances


def _place_fits(row: Category, question: Question) -> bool:
    place = question.place
    if row.levels and place.level not in row.levels:
        return False
    if row.points and not (place.points and row.points[0] <= place.points < row.points[1]):
        return False
    return not row.lines or place.former_line in row.lines


def _form_fits(row: Category, question: Question) -> bool:
    """Whether the row has a rate for the form of care; one that is for one form only needs it to be known."""
    if question.inpatient is None:
        return row.outpatient is not None and row.inpatient is not None
    return row.percent(question.inpatient) is not None


def objection_to(row: Category, question: Question, at_initial: bool, area_code: str) -> Objection | None:
    """Return what is known to speak against *row*, or None.  What is not told speaks against nothing."""
    place = question.place
    if row.arrival is Arrival.INITIAL and not at_initial:
        return "this is not the facility of first care", "không phải nơi đăng ký khám chữa bệnh ban đầu"
    if row.levels and place.level is not Level.UNSPECIFIED and place.level not in row.levels:
        return "the facility has another level", "không khớp cấp chuyên môn kỹ thuật của cơ sở"
    if row.points and place.points and not row.points[0] <= place.points < row.points[1]:
        return "the facility has other points", "không khớp điểm xếp cấp của cơ sở"
    if row.lines and place.former_line and place.former_line not in row.lines:
        return "the facility was of another line", "không khớp tuyến của cơ sở trước ngày 01/01/2025"
    if row.area and not area_code:
        return "the card has no area code", "thẻ không có mã khu vực K1, K2, K3"
    if row.circumstance is Circumstance.NEWBORN and question.newborn is False:
        return "the person is no newborn", "người bệnh không phải trẻ sơ sinh"
    if row.arrival is Arrival.SELF and question.circumstances & _PAPERS:
        return "the person did not come by themselves", "người bệnh cấp cứu hoặc có phiếu, không phải tự đến"
    return None

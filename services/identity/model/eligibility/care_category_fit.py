"""
Which care categories fit (`MA_DOITUONG_KCB`): which to apply or propose, and what speaks against one.

QĐ 3276/QĐ-BYT, Annex 1: of several that fit, the first from the top; settled at
the end of the encounter.  A proposal is made from what is known at its
beginning, and nothing is paid by it before somebody chose it.

What the directory or the reception does not tell is not guessed: every way it can
be is looked at.  Where all come to one row, that is the one; else there are several
candidates, and one of them is right.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from typing import Final

from ..facilities import InitialCare, Level
from .care_categories import DRUGS_FORM, RIVALS, Rivals, category
from .care_category import Arrival, Category, Circumstance, FormerLine
from .question import Place, Question

# Why a category does not fit: for developers and for staff.
Objection = tuple[str, str]

# From the top of the list, but what is told of the person (an emergency, a disease, an area) goes before
# the rows for those who just come by themselves (1.12 to 1.15, 1.18, 3.1 to 3.3): an emergency is paid in
# full everywhere (Luật BHYT Art. 22.5).  7 to 9 are for people to choose.
ORDER: Final = (
    *("1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "1.11", "10", "2", "1.16", "1.17", "3.6"),
    *("1.12", "1.13", "1.14", "1.15", "1.18", "3.1", "3.2", "3.3"),
)
# What the facility and the card settle alone, and what is therefore applied.
SETTLED: Final = frozenset({"1.1", "1.2", "1.11"})

# What may be where nothing is told: one of each kind that a row asks for.
POINTS, KINDS = (1, 50, 70), (InitialCare.COMMUNE_STATION, InitialCare.OTHER)
LINES: Final = (FormerLine.CENTRAL, FormerLine.PROVINCIAL, FormerLine.DISTRICT, FormerLine.NONE)
FORMS: Final = ("01", "03")

_PAPERS: Final = frozenset(
    {Circumstance.EMERGENCY, Circumstance.TRANSFER_SLIP, Circumstance.REEXAMINATION_SLIP}
)


@dataclass(frozen=True, slots=True)
class Case:
    """What decides which row fits: the question, whether the person is *registered* here, the area code."""

    question: Question
    registered: bool
    area_code: str


def fitting_categories(case: Case) -> tuple[Category, ...]:
    """Return the rows of which one is right, in the order of the list: one when all is known.

    None at all when there may be no row for the case, so that to name some would mislead.
    """
    question = case.question
    impossible = frozenset({Circumstance.NEWBORN}) if question.newborn is False else frozenset()
    return _fitting(
        Case(
            Question(
                question.day,
                replace(question.place, code=""),
                care_form=question.care_form,
                circumstances=question.circumstances - impossible,
            ),
            case.registered,
            case.area_code,
        )
    )


@lru_cache(maxsize=4096)
def _fitting(case: Case) -> tuple[Category, ...]:
    fitting: set[Category] = set()
    for possible in _possibilities(case):
        rows = _first(possible)
        if not rows:
            return ()
        fitting.update(rows)
    return tuple(sorted(fitting, key=lambda row: ORDER.index(row.code)))


def _possibilities(case: Case) -> Iterator[Case]:
    """Give every way that what is not told can be.

    A form of care that the texts put on neither side stands for both: only what holds of both is surely so.
    """
    question, place = case.question, case.question.place
    forms = (question.care_form,) if question.inpatient is not None else FORMS
    basic = place.level is Level.BASIC
    points = POINTS if basic and not place.points and not place.provisional else (place.points,)
    lines = (place.former_line,) if place.former_line or place.level <= Level.INITIAL else LINES
    kinds = KINDS if place.kind is InitialCare.UNSPECIFIED else (place.kind,)
    for form, scored, line, kind in product(forms, points, lines, kinds):
        possible = replace(place, points=scored, former_line=line, initial_care=kind)
        yield replace(case, question=replace(question, place=possible, care_form=form))


def _first(case: Case) -> tuple[Category, ...]:
    """Return the first row that fits, with its rival where the texts do not tell which of them goes first."""
    rows = (row for code in ORDER if (row := category(code, case.question.day)))
    first = next((row for row in rows if fits(row, case)), None)
    if first is None:
        return ()
    other = _other_of(first, case)
    return (first, other) if other and fits(other, case) else (first,)


def rivals_of(code: str) -> Rivals | None:
    return next((rivals for rivals in RIVALS if code in rivals.codes), None)


def rival(row: Category, case: Case) -> Category | None:
    """Return the row that may be right in place of *row*, as far as the texts and what is known tell."""
    other = _other_of(row, case)
    return None if other is None or objection_to(other, case) or objection_to(row, case) else other


def _other_of(row: Category, case: Case) -> Category | None:
    rivals = rivals_of(row.code)
    if rivals is None:
        return None
    first, second = rivals.codes
    other = category(second if row.code == first else first, case.question.day)
    return other if other and _form_fits(other, case.question) else None


def fits(row: Category, case: Case) -> bool:
    """Whether *row* fits; of the facility and the form of care everything must be known."""
    question = case.question
    if row.code == "10":
        return question.care_form == DRUGS_FORM
    if row.circumstance and row.circumstance not in question.circumstances:
        return False
    if row.unless & question.circumstances or (row.area and not case.area_code):
        return False
    if row.arrival is Arrival.INITIAL and not case.registered:
        return False
    return _place_fits(row, question.place) and _form_fits(row, question)


def _place_fits(row: Category, place: Place) -> bool:
    if row.levels and place.level not in row.levels:
        return False
    if (row.kinds and place.kind not in row.kinds) or place.kind in row.not_kinds:
        return False
    if (row.lines and place.former_line not in row.lines) or place.former_line in row.not_lines:
        return False
    return _points_fit(row, place)


def _points_fit(row: Category, place: Place) -> bool:
    if row.points is None:
        return True
    return row.provisional if place.provisional else row.points[0] <= place.points < row.points[1]


def _form_fits(row: Category, question: Question) -> bool:
    return question.inpatient is None or row.percent(question.inpatient) is not None or not row.has_share


def objection_to(row: Category, case: Case) -> Objection | None:
    """Return what is known to speak against *row*, or None.  What is not told speaks against nothing."""
    question = case.question
    if row.arrival is Arrival.INITIAL and not case.registered:
        return "this is not the facility of first care", "không phải nơi đăng ký khám chữa bệnh ban đầu"
    if objection := _objection_of_place(row, question.place):
        return objection
    if row.area and not case.area_code:
        return "the card has no area code", "thẻ không có mã khu vực K1, K2, K3"
    if not _form_fits(row, question):
        return "the category is for another form of care", "không dành cho loại hình khám chữa bệnh này"
    if row.unless & question.circumstances:
        return "the disease has a row of its own", "bệnh thuộc Phụ lục có mã đối tượng riêng"
    if row.circumstance is Circumstance.NEWBORN and question.newborn is False:
        return "the person is no newborn", "người bệnh không phải trẻ sơ sinh"
    if row.arrival is Arrival.SELF and question.circumstances & _PAPERS:
        return "the person did not come by themselves", "người bệnh cấp cứu hoặc có phiếu, không phải tự đến"
    return None


def _objection_of_place(row: Category, place: Place) -> Objection | None:
    if row.levels and place.level is not Level.UNSPECIFIED and place.level not in row.levels:
        return "the facility has another level", "không khớp cấp chuyên môn kỹ thuật của cơ sở"
    if place.kind in row.not_kinds:
        return "at a commune station and the like row 1.2 is for all", "trạm y tế và tương đương dùng mã 1.2"
    if row.kinds and place.kind is not InitialCare.UNSPECIFIED and place.kind not in row.kinds:
        return "the facility is of another kind", "không khớp loại cơ sở cấp ban đầu"
    if row.points and (place.points or place.provisional) and not _points_fit(row, place):
        return "the facility has other points", "không khớp điểm xếp cấp của cơ sở"
    if (row.lines and place.former_line and place.former_line not in row.lines) or (
        place.former_line in row.not_lines
    ):
        return "the facility was of another line", "không khớp tuyến của cơ sở trước ngày 01/01/2025"
    return None

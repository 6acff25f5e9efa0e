"""
The category of care (MA_DOITUONG_KCB): which form it goes with, where, from where, and who pays.

QĐ 3276/QĐ-BYT Annex 1 as two secondary sources copy it, with the article of each row (Luật BHYT, NĐ 188/2025,
TT 01/2025/TT-BYT).  One category that is wrong is named once, and held against nothing else.
"""

from collections.abc import Callable
from typing import Final

from .amounts import milli
from .dossier_facts import INPATIENT, NOT_INSURED, OUTPATIENT, Dossier, age_in_days, values_in
from .located_rows import LocatedRow
from .notes import Notes
from .stay_rules import NEWBORN_DAYS

RETIRED: Final = frozenset({"1.8", "1.9", "1.10", "3.4", "3.5", "3.7"})
# Still in one hospital's list: doubted only.
PERHAPS_RETIRED: Final = "7.1"

OUTPATIENT_ONLY: Final = frozenset({"1.12", "1.13", "1.14", "1.18"})
INPATIENT_ONLY: Final = frozenset({"1.15", "3.2", "3.6"})
HALF_SHARE: Final = frozenset({"1.13", "1.14", "1.18"})
DRUGS_ONLY: Final = frozenset({"7", "7.2", "7.3", "7.4", "10"})
NEWBORN, REGISTERED, STATION, REFERRED, APPOINTED = "1.7", "1.1", "1.2", "1.3", "1.5"
EMERGENCY, CENTRAL, DIFFICULT_AREA = "2", "3.1", "3.6"

# Whatever the facility of first care.
ANYWHERE: Final = DRUGS_ONLY | {"7.1", "8", NOT_INSURED}
BY_ONESELF: Final = frozenset({f"1.{number}" for number in range(11, 19)} | {"3.1", "3.2", "3.3", "3.6"})

FIELD: Final = "MA_DOITUONG_KCB"


def check_retired(located: LocatedRow, notes: Notes) -> None:
    """Refuse a category that is past, in XML1 or a check-in."""
    category = located.row.get(FIELD)
    if category in RETIRED:
        notes.add_refusal(located, "category-retired", FIELD)
    elif category == PERHAPS_RETIRED:
        notes.add(located, "category-retired", FIELD, doubt=True)


def check_category(dossier: Dossier, notes: Notes) -> None:
    """Check the category of XML1: at most one refusal of it, then what goes with it."""
    for check in (check_form, check_newborn, check_first_care):
        check(dossier, notes)
    if dossier.category:
        check_places(dossier, notes)
        check_card(dossier, notes)


def check_form(dossier: Dossier, notes: Notes) -> None:
    category, form = dossier.category, dossier.form
    if category in OUTPATIENT_ONLY and form in INPATIENT:
        note_category(dossier, "category-outpatient-only", "MA_LOAI_KCB ≠ 03, 09", notes)
    elif category in INPATIENT_ONLY and form in OUTPATIENT:
        note_category(dossier, "category-inpatient-only", "MA_LOAI_KCB ≠ 01, 02, 05, 07, 08", notes)


def check_newborn(dossier: Dossier, notes: Notes) -> None:
    age = age_in_days(dossier.value("NGAY_SINH"), dossier.arrival)
    if dossier.category == NEWBORN and age is not None and age > NEWBORN_DAYS:
        note_category(dossier, "category-newborn", f"≤ {NEWBORN_DAYS}", notes)


def check_first_care(dossier: Dossier, notes: Notes) -> None:
    category, here = dossier.category, dossier.value("MA_CSKCB")
    registered = values_in(dossier.value("MA_DKBD"))
    if not category or not here or not registered:
        return
    if here in registered and category not in ANYWHERE | {REGISTERED, STATION}:
        if category == EMERGENCY:
            notes.add(dossier.main, "category-first-care", FIELD, expected="1.1, 1.2", doubt=True)
        else:
            note_category(dossier, "category-first-care", "1.1, 1.2", notes)
    elif category == REGISTERED and here not in registered:
        notes.add(dossier.main, "category-registered-elsewhere", FIELD, expected="MA_DKBD = MA_CSKCB")


def note_category(dossier: Dossier, rule: str, expected: str, notes: Notes) -> None:
    notes.add_refusal(dossier.main, rule, FIELD, expected=expected)


def check_places(dossier: Dossier, notes: Notes) -> None:
    """Check where the patient came from.  What is required is checked as such (`required_when`)."""
    category, came_from = dossier.category, dossier.value("MA_NOI_DI")
    if category in BY_ONESELF and came_from:
        notes.add(dossier.main, "category-self-yet-sent", "MA_NOI_DI")
    if category == DIFFICULT_AREA and dossier.main.row.values.get("MA_KHUVUC") == "":
        notes.add(dossier.main, "category-area", "MA_KHUVUC")


def check_card(dossier: Dossier, notes: Notes) -> None:
    if dossier.category == NOT_INSURED and dossier.value("MA_THE_BHYT"):
        notes.add(dossier.main, "category-uninsured-card", "MA_THE_BHYT")


def check_paid(dossier: Dossier, notes: Notes) -> None:
    """Check whether the fund may pay at all; comes after the totals."""
    category, paid = dossier.category, milli(dossier.value("T_BHTT"))
    if not paid or not category:
        return
    reasons: tuple[tuple[str, Callable[[], bool]], ...] = (
        ("category-uninsured-paid", lambda: category == NOT_INSURED),
        ("category-central-outpatient", lambda: category == CENTRAL and dossier.form in OUTPATIENT),
        (
            "category-unpaid-until-2026-07",
            lambda: category in HALF_SHARE and dossier.arrival[:8] < "20260701",
        ),
    )
    for rule, applies in reasons:
        if applies():
            notes.add(dossier.main, rule, "T_BHTT", expected="T_BHTT = 0")


def check_no_card(dossier: Dossier, notes: Notes) -> None:
    """Refuse a fund that pays without a card; before it is told that the card is required."""
    row = dossier.main.row
    without = not row.values.get("MA_THE_BHYT") and "MA_THE_BHYT" not in row.faulty
    if without and milli(row.get("T_BHTT")) and row.get(FIELD) != NOT_INSURED:
        notes.add(dossier.main, "category-no-card", "MA_THE_BHYT", expected="T_BHTT = 0")


def check_drugs_only(dossier: Dossier, examined: bool, notes: Notes) -> None:
    if dossier.category in DRUGS_ONLY and examined:
        notes.add(dossier.main, "category-drugs-only", FIELD, expected="MA_NHOM ≠ 13")

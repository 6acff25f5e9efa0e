"""
The times of a stay, its form of care (MA_LOAI_KCB) and its days (SO_NGAY_DTRI); the times of a check-in.

Order of times: QĐ 4750/QĐ-BYT as two secondary sources read it.  Days: annex of QĐ 4750.  Four hours part 03
from 09: QĐ 1804/QĐ-BYT 2026, letter 199.
"""

from datetime import timedelta
from typing import Final

from .amounts import ONE, milli
from .dossier_facts import (
    SHORT_STAY,
    UNKNOWN_TIME,
    WITH_ADMISSION,
    Dossier,
    age_in_days,
    born_later,
    known_birth,
    later_by,
    span,
)
from .located_rows import LocatedRow
from .notes import Notes

NO_DAYS: Final = frozenset({"01", "07", "09"})
ALL_DAYS: Final = frozenset({"02", "03", "04", "06"})
COUNTED_DAYS: Final = frozenset({"05", "08"})

# The longest that drugs are prescribed for, in days (TT 26/2025/TT-BYT).
MAX_DRUG_DAYS: Final = 90

# Up to so many days of age a child is a newborn (trẻ sơ sinh).
NEWBORN_DAYS: Final = 28
LONG_EXAMINATION: Final = timedelta(hours=24)

# The heaviest that anybody is believed to be, in kg.
MAX_WEIGHT: Final = 200

STAY: Final = "NGAY_VAO ≤ {} ≤ NGAY_RA"


def check_births(rows: list[LocatedRow], notes: Notes) -> None:
    """Check the births of XML1 and check-ins, which state an arrival of their own."""
    for located in rows:
        if located.sheet.code in ("XML0", "XML1"):
            check_birth(located, notes)


def check_birth(located: LocatedRow, notes: Notes) -> None:
    birth, arrival = located.row.get("NGAY_SINH"), located.row.get("NGAY_VAO")
    if not birth or not arrival:
        return
    if born_later(birth, arrival):
        notes.add_refusal(located, "birth-after-arrival", "NGAY_SINH", expected="NGAY_SINH ≤ NGAY_VAO")
    elif located.sheet.code == "XML1" and needs_time(birth, arrival):
        notes.add(located, "birth-time-of-baby", "NGAY_SINH", expected="yyyyMMddHHmm", found="0000")


def needs_time(birth: str, arrival: str) -> bool:
    age = age_in_days(birth, arrival)
    return age is not None and age <= NEWBORN_DAYS and birth[8:] == UNKNOWN_TIME


def check_births_ahead(rows: list[LocatedRow], latest: str, notes: Notes) -> None:
    """Refuse a birth in the future, wherever it stands; what repeats XML1 is not named again."""
    main = next((located.row.values.get("NGAY_SINH") for located in rows if located.sheet.code == "XML1"), "")
    for located in rows:
        birth, code = located.row.get("NGAY_SINH"), located.sheet.code
        if (
            birth
            and known_birth(birth) > latest[: len(known_birth(birth))]
            and (code == "XML1" or birth != main)
        ):
            notes.add_refusal(located, "birth-in-future", "NGAY_SINH")


def check_check_in(located: LocatedRow, notes: Notes) -> None:
    """Check the times of a row of XML0."""
    row = located.row
    arrival = row.get("NGAY_VAO")
    for name, rule in (
        ("NGAY_YL", "checkin-order-before-arrival"),
        ("NGAY_VAO_NOI_TRU", "checkin-admission-before-arrival"),
    ):
        time = row.get(name)
        if time and time < arrival:
            notes.add(located, rule, name, expected=f"{name} ≥ NGAY_VAO", found=later_by(arrival, time))


def check_stay(dossier: Dossier, notes: Notes) -> None:
    """Check the times of XML1, then its days and its form of care."""
    main, arrival, left = dossier.main, dossier.arrival, dossier.left
    if arrival and left and left < arrival:
        notes.add_refusal(
            main,
            "discharge-before-arrival",
            "NGAY_RA",
            expected="NGAY_RA ≥ NGAY_VAO",
            found=later_by(arrival, left),
        )
        main.row.faulty.add("NGAY_VAO")  # either may be wrong: nothing is held against this stay
        return
    admitted = dossier.value("NGAY_VAO_NOI_TRU")
    if arrival and left and admitted and not arrival <= admitted <= left:
        notes.add_refusal(
            main, "admission-outside-stay", "NGAY_VAO_NOI_TRU", expected=STAY.format("NGAY_VAO_NOI_TRU")
        )
    paid = dossier.value("NGAY_TTOAN")
    if paid and left and paid < left:
        notes.add(
            main,
            "payment-before-discharge",
            "NGAY_TTOAN",
            expected="NGAY_TTOAN ≥ NGAY_RA",
            found=later_by(left, paid),
        )
    check_days(dossier, notes)
    check_form(dossier, notes)


def check_days(dossier: Dossier, notes: Notes) -> None:
    days, midnights, form = milli(dossier.value("SO_NGAY_DTRI")), dossier.calendar_days(), dossier.form
    if days is None:
        return
    if form in NO_DAYS and days != 0:
        note_days(dossier, "days-none", "SO_NGAY_DTRI = 0", notes)
    elif form in ALL_DAYS and midnights is not None and days != (midnights + 1) * ONE:
        note_days(dossier, "days-stay", "SO_NGAY_DTRI = NGAY_RA − NGAY_VAO + 1", notes)
    elif form in COUNTED_DAYS and not ONE <= days <= MAX_DRUG_DAYS * ONE:
        note_days(dossier, "days-counted", f"1 ≤ SO_NGAY_DTRI ≤ {MAX_DRUG_DAYS}", notes)


def note_days(dossier: Dossier, rule: str, expected: str, notes: Notes) -> None:
    notes.add(dossier.main, rule, "SO_NGAY_DTRI", expected=expected)


def check_form(dossier: Dossier, notes: Notes) -> None:
    form, length, main = dossier.form, dossier.length(), dossier.main
    if length is None:
        return
    if form == "03" and length < SHORT_STAY:
        notes.add_refusal(main, "form-under-4-hours", "MA_LOAI_KCB", expected="09 (< 4 h)", found="03")
    elif form == "09" and lasted_long(dossier):
        notes.add_refusal(main, "form-4-hours-or-more", "MA_LOAI_KCB", expected="03 (≥ 4 h)", found="09")
    elif form == "01" and length > LONG_EXAMINATION:
        notes.add(main, "form-long-examination", "NGAY_RA", expected="NGAY_RA − NGAY_VAO ≤ 24 h")


def lasted_long(dossier: Dossier) -> bool:
    """Whether an inpatient stayed four hours or more, from the admission, else from the arrival."""
    if "NGAY_VAO_NOI_TRU" in dossier.main.row.faulty:
        return False
    length = span(dossier.value("NGAY_VAO_NOI_TRU") or dossier.arrival, dossier.left)
    return length is not None and length >= SHORT_STAY


def check_person(dossier: Dossier, notes: Notes) -> None:
    """Doubt what an inpatient's summary usually says, and a weight that nobody has."""
    weight = milli(dossier.value("CAN_NANG"))
    if weight is not None and weight > MAX_WEIGHT * ONE:
        notes.add(dossier.main, "weight-too-high", "CAN_NANG", expected=f"CAN_NANG ≤ {MAX_WEIGHT}")
    if dossier.form in WITH_ADMISSION:
        for rule, name in (("inpatient-reason", "MA_LY_DO_VNT"), ("inpatient-treatment", "PP_DIEU_TRI")):
            if dossier.main.row.values.get(name) == "":
                notes.add(dossier.main, rule, name, found="")

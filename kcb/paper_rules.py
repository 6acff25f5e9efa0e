"""
The papers that travel as tables: discharge, birth, rest in pregnancy, sick leave, slips.

TT 01/2025/TT-BYT Art. 11, 12 (slips), TT 25/2025/TT-BYT forms 02, 07, 11 (discharge, sick leave, rest in
pregnancy), TT 22/2025/TT-BYT (birth certificates), as secondary sources tell them.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from .amounts import ONE, milli
from .dossier_facts import Dossier, day_of, values_in
from .located_rows import LocatedRow
from .notes import Notes
from .vietnamese_text import decomposed

# The number of the slip that a table issues.
SLIP_NUMBERS: Final = {"XML13": "GIAY_CHUYEN_TUYEN", "XML14": "SO_GIAYHEN_KL"}

# The most days of leave: of tuberculosis, after the loss of a pregnancy of so many weeks, of all else.
TB_DAYS, LOSS_DAYS, LEAVE_DAYS = 180, 50, 30
LOSS_WEEKS: Final = 13
# Tuberculosis in the ICD-10.
TB: Final = ("A15", "A16", "A17", "A18", "A19")
MAX_REST_DAYS: Final = 180

REST: Final = decomposed("dưỡng thai")
SURGERY, PREMATURE = decomposed("phẫu thuật"), decomposed("dưới 32 tuần")
MALE: Final = "1"

# Serial of the year, GCS, facility, year.
BIRTH_NUMBER: Final = re.compile(r"\d{5}\.GCS\.[0-9A-Z]{5}\.\d{2}", re.ASCII)
BIRTH_NUMBER_EXAMPLE: Final = "00001.GCS.01999.26"
TEMPORARY_CARD: Final = re.compile(r"TE1\d{2}[0-9A-Z]{10}", re.ASCII)
SOCIAL_INSURANCE: Final = re.compile(r"\d{10}", re.ASCII)
# What a mother's numbers look like, where they are given.
MOTHER_NUMBERS: Final = {
    "MA_THE_NND": re.compile(r"[0-9A-Z]{15}|\d{10}", re.ASCII),
    "MA_BHXH_NND": SOCIAL_INSURANCE,
    "MA_QUOCTICH": re.compile(r"\d{3}", re.ASCII),
    "MAXA_CU_TRU": re.compile(r"\d{5}", re.ASCII),
}


def days_from(first: str, last: str) -> int | None:
    """Return how many days two days and what lies between are, or None when one is not known."""
    begin, end = day_of(first), day_of(last)
    return None if begin is None or end is None else (end - begin).days + 1


def check_slip(slip: LocatedRow, dossier: Dossier, notes: Notes) -> None:
    """Doubt a slip that is issued here under the number of the one that the patient brought here."""
    name = SLIP_NUMBERS[slip.sheet.code]
    if slip.row.get(name) and slip.row.get(name) in values_in(dossier.value("GIAY_CHUYEN_TUYEN")):
        notes.add(slip, "slip-used-twice", name)


def check_appointment(slip: LocatedRow, dossier: Dossier, notes: Notes) -> None:
    check_slip(slip, dossier, notes)
    wanted, left = slip.row.get("NGAY_HEN_KL")[:8], dossier.left[:8]
    days = {day[:8] for day in values_in(dossier.value("NGAY_TAI_KHAM"))}
    if not wanted:
        return
    if left and wanted < left:
        notes.add(slip, "appointment-past", "NGAY_HEN_KL", expected="NGAY_HEN_KL ≥ NGAY_RA")
    elif wanted == left:
        notes.add(slip, "appointment-same-day", "NGAY_HEN_KL", expected="NGAY_HEN_KL > NGAY_RA")
    elif days and wanted not in days:
        notes.add(slip, "appointment-differs", "NGAY_HEN_KL", expected="XML1.NGAY_TAI_KHAM")


def check_discharge(paper: LocatedRow, dossier: Dossier, notes: Notes) -> None:
    """Doubt the rest after a discharge."""
    row = paper.row
    first, last, stated = (
        row.get("NGOAITRU_TUNGAY"),
        row.get("NGOAITRU_DENNGAY"),
        milli(row.get("SO_NGAY_NGHI")),
    )
    if first and last and last < first:
        notes.add(paper, "date-order", "NGOAITRU_DENNGAY", expected="NGOAITRU_DENNGAY ≥ NGOAITRU_TUNGAY")
        return
    days = days_from(first, last)
    early = first and dossier.left and first < dossier.left[:8]
    if early or (days is not None and stated is not None and stated != days * ONE):
        expected = "SO_NGAY_NGHI = NGOAITRU_DENNGAY − NGOAITRU_TUNGAY + 1, NGOAITRU_TUNGAY ≥ NGAY_RA"
        notes.add(paper, "discharge-rest", "SO_NGAY_NGHI", expected=expected)


def check_leave(leave: LocatedRow, dossier: Dossier, notes: Notes) -> None:
    row = leave.row
    first, last, stated = row.get("TU_NGAY"), row.get("DEN_NGAY"), milli(row.get("SO_NGAY_NGHI"))
    number = row.get("MA_BHXH")
    if number and not SOCIAL_INSURANCE.fullmatch(number):
        notes.add(leave, "code-social-insurance", "MA_BHXH", expected="10")
    if first and last and last < first:
        notes.add(leave, "leave-order", "DEN_NGAY", expected="DEN_NGAY ≥ TU_NGAY")
    check_leave_in_stay(leave, first, last, dossier, notes)
    if stated is None:
        return
    if stated < ONE:
        notes.add(leave, "leave-days-positive", "SO_NGAY_NGHI", expected="SO_NGAY_NGHI ≥ 1")
    days = days_from(first, last)
    if days is not None and stated != days * ONE:
        notes.add(leave, "leave-days", "SO_NGAY_NGHI", expected="SO_NGAY_NGHI = DEN_NGAY − TU_NGAY + 1")
    most = most_days(leave, dossier)
    if stated > most * ONE:
        notes.add(leave, "leave-limit", "SO_NGAY_NGHI", expected=f"SO_NGAY_NGHI ≤ {most}")


def check_leave_in_stay(leave: LocatedRow, first: str, last: str, dossier: Dossier, notes: Notes) -> None:
    arrival, left = dossier.arrival[:8], dossier.left[:8]
    if first and left and first > left:
        notes.add(leave, "leave-begins-late", "TU_NGAY", expected="TU_NGAY ≤ NGAY_RA")
    if last and arrival and last < arrival:
        notes.add(leave, "leave-ends-early", "DEN_NGAY", expected="DEN_NGAY ≥ NGAY_VAO")


def most_days(leave: LocatedRow, dossier: Dossier) -> int:
    weeks = milli(leave.row.get("TUOI_THAI"))
    if dossier.value("MA_BENH_CHINH").startswith(TB):
        return TB_DAYS
    lost_late = leave.row.get("MA_DINH_CHI_THAI") == "1" and weeks is not None and weeks >= LOSS_WEEKS * ONE
    return LOSS_DAYS if lost_late else LEAVE_DAYS


def check_rest(rest: LocatedRow, dossier: Dossier, notes: Notes) -> None:
    """Check a certificate of rest in pregnancy."""
    row = rest.row
    first, last, stated = row.get("TU_NGAY"), row.get("DEN_NGAY"), milli(row.get("SO_NGAY"))
    diagnosis, days = row.get("CHAN_DOAN_RV"), days_from(first, last)
    if diagnosis and REST not in decomposed(diagnosis):
        notes.add(rest, "pregnancy-rest-diagnosis", "CHAN_DOAN_RV", expected="dưỡng thai")
    if first and last and last < first:
        notes.add(rest, "pregnancy-rest-order", "DEN_NGAY", expected="DEN_NGAY ≥ TU_NGAY")
    if stated is None:
        return
    if days is not None and stated != days * ONE:
        notes.add(rest, "pregnancy-rest-days", "SO_NGAY", expected="SO_NGAY = DEN_NGAY − TU_NGAY + 1")
    if stated > MAX_REST_DAYS * ONE:
        notes.add(rest, "pregnancy-rest-limit", "SO_NGAY", expected=f"SO_NGAY ≤ {MAX_REST_DAYS}")


def check_birth(birth: LocatedRow, dossier: Dossier, notes: Notes) -> None:
    """Check a birth certificate."""
    row = birth.row
    born, arrival, left = row.get("NGAY_SINH_CON"), dossier.arrival, dossier.left
    if born and left and born > left:
        notes.add(birth, "birth-after-discharge", "NGAY_SINH_CON", expected="NGAY_SINH_CON ≤ NGAY_RA")
    elif born and arrival and born < arrival:
        notes.add(birth, "birth-before-arrival", "NGAY_SINH_CON", expected="NGAY_SINH_CON ≥ NGAY_VAO")
    check_birth_numbers(birth, notes)
    check_birth_note(birth, notes)
    for rule, name in (
        ("birth-counts", "SO_CON"),
        ("birth-counts", "LAN_SINH"),
        ("birth-weight", "CAN_NANG_CON"),
    ):
        amount = milli(row.get(name))
        if amount is not None and amount <= 0:
            notes.add(birth, rule, name, expected=f"{name} > 0")


def check_birth_numbers(birth: LocatedRow, notes: Notes) -> None:
    row = birth.row
    card, number = row.get("MA_THE_TAM"), row.get("SO")
    if card and not TEMPORARY_CARD.fullmatch(card):
        notes.add(birth, "code-temporary-card", "MA_THE_TAM", expected="TE1010000000000")
    if number and not BIRTH_NUMBER.fullmatch(number):
        notes.add(birth, "code-birth-certificate", "SO", expected=BIRTH_NUMBER_EXAMPLE)
    for name, form in MOTHER_NUMBERS.items():
        if row.get(name) and not form.fullmatch(row.get(name)):
            notes.add(birth, "birth-mother-numbers", name, found=str(len(row.get(name))))


def check_birth_note(birth: LocatedRow, notes: Notes) -> None:
    row = birth.row
    note = decomposed(row.get("GHI_CHU"))
    marks = (("SINHCON_PHAUTHUAT", SURGERY, "phẫu thuật"), ("SINHCON_DUOI32TUAN", PREMATURE, "dưới 32 tuần"))
    for mark, words, written in marks:
        if row.get(mark) == "1" and note and words not in note:
            notes.add(birth, "birth-note", "GHI_CHU", expected=written)


def check_mother(dossier: Dossier, notes: Notes) -> None:
    births = dossier.sheets.get("XML9")
    if births and births.rows and dossier.value("GIOI_TINH") == MALE:
        notes.add_refusal(dossier.main, "birth-by-a-man", "GIOI_TINH", expected="2")


CHECKS: Final[Mapping[str, Callable[[LocatedRow, Dossier, Notes], None]]] = {
    "XML7": check_discharge,
    "XML9": check_birth,
    "XML10": check_rest,
    "XML11": check_leave,
    "XML13": check_slip,
    "XML14": check_appointment,
}

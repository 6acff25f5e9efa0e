"""
The papers that travel as tables: what a slip, a paper of leave, of rest or of birth must say; doubts only.

TT 01/2025/TT-BYT Art. 11, 12 (slips: one use, one step), TT 25/2025/TT-BYT forms 07 and 11 (sick leave, rest
in pregnancy), TT 22/2025/TT-BYT (birth certificates), as secondary sources tell them.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Final
from unicodedata import normalize

from .cross_table_rules import LocatedRow
from .field_formats import moment
from .report import Findings, Row

# The number of the slip that a table issues.
SLIP_NUMBERS: Final = {"XML13": "GIAY_CHUYEN_TUYEN", "XML14": "SO_GIAYHEN_KL"}

# Inpatients have a discharge paper instead of a certificate of sick leave (MA_LOAI_KCB).
WITHOUT_LEAVE: Final = frozenset({"03", "09"})

# The most days of leave: of tuberculosis, after the loss of a pregnancy of so many weeks, of all else.
TB_DAYS, LOSS_DAYS, LEAVE_DAYS = 180, 50, 30
LOSS_WEEKS: Final = 13
# Tuberculosis in the ICD-10.
TB: Final = ("A15", "A16", "A17", "A18", "A19")

REST: Final = "dưỡng thai"

# Serial of the year, GCS, facility, year; children born before that day have certificates of other forms.
BIRTH_NUMBER: Final = re.compile(r"\d{5}\.GCS\.[0-9A-Z]{5}\.\d{2}", re.ASCII)
BIRTH_NUMBER_EXAMPLE: Final = "00001.GCS.01999.26"
BIRTH_NUMBER_SINCE: Final = "20251001"


def check_papers(rows: Sequence[LocatedRow], findings: Findings) -> None:
    main = next((located.row for located in rows if located.sheet.code == "XML1"), None)
    for located in rows if main else ():
        if main and (check := CHECKS.get(located.sheet.code)):
            check(located, main, findings)


def check_slip(slip: LocatedRow, main: Row, findings: Findings) -> None:
    """Doubt a slip that is issued here under the number of the one that the patient brought here."""
    name = SLIP_NUMBERS[slip.sheet.code]
    if slip.row.get(name) and slip.row.get(name) in parts(main.get("GIAY_CHUYEN_TUYEN")):
        slip.note(findings, "slip-used-twice", name)


def parts(values: str) -> list[str]:
    return [part.strip() for part in values.split(";")]


def check_leave(leave: LocatedRow, main: Row, findings: Findings) -> None:
    """Doubt the days of a certificate of sick leave, and the certificate itself of an inpatient."""
    if main.get("MA_LOAI_KCB") in WITHOUT_LEAVE:
        leave.note_table(findings, "table-unexpected", "MA_LOAI_KCB")
    if words := leave_doubt(leave.row, main):
        leave.note(findings, "leave-doubt", "SO_NGAY_NGHI", words)


def leave_doubt(leave: Row, main: Row) -> str:
    """Return in words what the days of leave should be, or nothing."""
    stated, first, last = (
        leave.get("SO_NGAY_NGHI"),
        moment(leave.get("TU_NGAY")),
        moment(leave.get("DEN_NGAY")),
    )
    if not stated:
        return ""
    days = Decimal(stated)
    if first and last and days != (last - first).days + 1:
        return "SO_NGAY_NGHI = DEN_NGAY − TU_NGAY + 1"
    most = most_days(leave, main)
    return f"SO_NGAY_NGHI ≤ {most}" if days > most else ""


def most_days(leave: Row, main: Row) -> int:
    weeks = leave.get("TUOI_THAI")
    if main.get("MA_BENH_CHINH").startswith(TB):
        return TB_DAYS
    lost_late = leave.get("MA_DINH_CHI_THAI") == "1" and weeks and Decimal(weeks) >= LOSS_WEEKS
    return LOSS_DAYS if lost_late else LEAVE_DAYS


def check_rest(rest: LocatedRow, main: Row, findings: Findings) -> None:
    """Doubt a certificate of rest in pregnancy whose diagnosis does not say so."""
    diagnosis = rest.row.get("CHAN_DOAN_RV")
    if diagnosis and REST not in normalize("NFC", diagnosis).lower():
        rest.note(findings, "words-expected", "CHAN_DOAN_RV", REST)


def check_birth(birth: LocatedRow, main: Row, findings: Findings) -> None:
    """Doubt the number of a birth certificate of a form that is no longer used."""
    number, born = birth.row.get("SO"), birth.row.get("NGAY_SINH_CON")
    if number and born >= BIRTH_NUMBER_SINCE and not BIRTH_NUMBER.fullmatch(number):
        birth.note(findings, "code-format", "SO", BIRTH_NUMBER_EXAMPLE)


CHECKS: Final[Mapping[str, Callable[[LocatedRow, Row, Findings], None]]] = {
    "XML9": check_birth,
    "XML10": check_rest,
    "XML11": check_leave,
    "XML13": check_slip,
    "XML14": check_slip,
}

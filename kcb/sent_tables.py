"""
Which tables go with a dossier (annex of QĐ 4750/QĐ-BYT, letter 1245/BHXH-CNTT; TT 01/2025/TT-BYT for slips).
"""

from typing import Final

from .dossier_facts import INPATIENT, NOT_INSURED, WITH_ADMISSION, Dossier, values_in
from .notes import Notes

# MA_LOAI_RV: sent on, by the doctors or by wish; gone without leave (trốn viện).
TRANSFERRED, ABSCONDED = frozenset({"2", "5"}), "3"

# Forms of care (MA_LOAI_KCB) that are sent with progress notes (XML5) and a summary (XML8).
WITH_NOTES: Final = frozenset({"02", "03", "04", "05", "06", "08", "09"})
WITH_SUMMARY: Final = frozenset({"03", "04", "06"})

# Behind every table that is there.
LAST: Final = 99


def check_sent(dossier: Dossier, has_results: bool, notes: Notes) -> None:
    check_slips(dossier, notes)
    check_papers(dossier, notes)
    if has_results and not dossier.has_rows("XML4"):
        missing("sent-xml4", "XML4", "XML3.NGAY_KQ", notes)
    if dossier.value("NGAY_TAI_KHAM") and not dossier.has("XML14"):
        missing("sent-xml14", "XML14", "XML1.NGAY_TAI_KHAM", notes)
    weights = values_in(dossier.value("CAN_NANG_CON"))
    if weights and not dossier.has_rows("XML9"):
        missing("sent-xml9", "XML9", "XML1.CAN_NANG_CON", notes)
    rows = len(dossier.sheets["XML9"].rows) if "XML9" in dossier.sheets else 0
    if weights and rows and len(weights) != rows and dossier.whole:
        count = str(len(weights))
        notes.add(dossier.main, "child-weights-parallel", "CAN_NANG_CON", expected=str(rows), found=count)


def check_slips(dossier: Dossier, notes: Notes) -> None:
    leaving, category = dossier.value("MA_LOAI_RV"), dossier.category
    insured = bool(category) and category != NOT_INSURED
    if leaving in TRANSFERRED and insured and not dossier.has("XML13"):
        missing("sent-xml13", "XML13", "MA_LOAI_RV = 2, 5", notes)
    if leaving and leaving not in TRANSFERRED and "XML13" in dossier.sheets:
        index = dossier.sheets["XML13"].index
        notes.add_table("sent-xml13-only", "XML13", index, expected="MA_LOAI_RV = 2, 5")


def check_papers(dossier: Dossier, notes: Notes) -> None:
    form, leaving = dossier.form, dossier.value("MA_LOAI_RV")
    if form in WITH_NOTES and not dossier.has_rows("XML5"):
        missing("sent-xml5", "XML5", f"MA_LOAI_KCB = {form}", notes)
    if form in WITH_ADMISSION and leaving and leaving != ABSCONDED and not dossier.has("XML7"):
        missing("sent-xml7", "XML7", f"MA_LOAI_KCB = {form}", notes)
    if form in WITH_SUMMARY and not dossier.has("XML8"):
        missing("sent-xml8", "XML8", f"MA_LOAI_KCB = {form}", notes)
    elif dossier.category == NOT_INSURED and not dossier.has("XML8"):
        missing("sent-xml8-uninsured", "XML8", "MA_DOITUONG_KCB = 9", notes)
    if form in INPATIENT and "XML11" in dossier.sheets:
        notes.add_table("sent-xml11", "XML11", dossier.sheets["XML11"].index, expected="MA_LOAI_KCB ≠ 03, 09")


def missing(rule: str, code: str, expected: str, notes: Notes) -> None:
    notes.add_table(rule, code, LAST, expected=expected)

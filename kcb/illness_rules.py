"""
Diagnoses (ICD-10 codes as they stand), and the tables of chronic infections: HIV (XML6), TB (XML15).
"""

from typing import Final

from .dossier_facts import Dossier, values_in
from .located_rows import LocatedRow
from .notes import Notes

# Q87.11 is Q87.1 since 2026-06-01 (TT 06/2026/TT-BYT Art. 5.3).
PAST_CODE, PRESENT_CODE = "Q87.11", "Q87.1"

SENSITIVE, RESISTANT, LATENT = range(1, 9), range(9, 20), range(20, 26)
# LOAI_DTRI_LAO → regimens (code list of QĐ 4750/QĐ-BYT); of an HIV patient 2 is tuberculosis of any kind.
REGIMENS: Final = {"1": LATENT, "2": SENSITIVE, "3": RESISTANT}
REGIMENS_WITH_HIV: Final = {**REGIMENS, "2": range(1, 20)}

# Samples and their results.
SAMPLES: Final = (("NGAY_XN_TLVR", "NGAY_KQ_XN_TLVR"), ("NGAY_XN_PCR", "NGAY_KQ_XN_PCR"))


def bare_code(code: str) -> str:
    """Return an ICD-10 code without the signs of cause and manifestation († and *)."""
    return code.strip().rstrip("*†+")


def codes_in(value: str) -> list[str]:
    return [bare_code(code) for code in values_in(value)]


def check_diagnoses(dossier: Dossier, notes: Notes) -> None:
    main = bare_code(dossier.value("MA_BENH_CHINH"))
    others = codes_in(dossier.value("MA_BENH_KT"))
    for name, codes in (("MA_BENH_CHINH", [main]), ("MA_BENH_KT", others)):
        if PAST_CODE in codes:
            notes.add(dossier.main, "icd-q87", name, expected=PRESENT_CODE)
    if main and main in others:
        notes.add(dossier.main, "icd-main-again", "MA_BENH_KT")


class LineDiagnoses:
    """The diagnoses of lines, which are those of the dossier."""

    def __init__(self, dossier: Dossier, notes: Notes) -> None:
        row = dossier.main.row
        known = bool(dossier.value("MA_BENH_CHINH")) and "MA_BENH_KT" not in row.faulty
        codes = (dossier.value("MA_BENH_CHINH"), *values_in(dossier.value("MA_BENH_KT")))
        self._known = {bare_code(code) for code in codes} if known else None
        self._notes = notes
        self._right: set[str] = set()

    def check(self, line: LocatedRow) -> None:
        value = line.row.get("MA_BENH")
        if self._known is None or not value or value in self._right:
            return
        if set(codes_in(value)) <= self._known:
            self._right.add(value)
        else:
            self._notes.add(line, "icd-line-unlisted", "MA_BENH", expected="MA_BENH_CHINH, MA_BENH_KT")


def check_tuberculosis(located: LocatedRow, notes: Notes) -> None:
    """Check the treatment of tuberculosis in a row of XML6 or XML15."""
    row = located.row
    kind, regimen = row.get("LOAI_DTRI_LAO"), row.get("PHACDO_DTRI_LAO")
    regimens = (REGIMENS_WITH_HIV if located.sheet.code == "XML6" else REGIMENS).get(kind)
    if regimens and regimen and int(regimen.partition(".")[0]) not in regimens:
        expected = f"{regimens.start}–{regimens.stop - 1}"
        notes.add(located, "tb-regimen", "PHACDO_DTRI_LAO", expected=expected)
    check_order(located, "tb-end-before-begin", "NGAYBD_DTRI_LAO", "NGAYKT_DTRI_LAO", notes)


def check_hiv(located: LocatedRow, dossier: Dossier, notes: Notes) -> None:
    """Check a row of XML6.  That the dates of a treatment are there is checked as required."""
    row = located.row
    confirmed, left = row.get("NGAYKD_HIV"), dossier.left[:8]
    if confirmed and left and confirmed > left:
        notes.add_refusal(located, "hiv-confirmed-late", "NGAYKD_HIV", expected="NGAYKD_HIV ≤ NGAY_RA")
    if "1" in values_in(row.get("MA_XU_TRI")):
        check_order(located, "hiv-treatment-dates", "NGAY_BAT_DAU_XU_TRI", "NGAY_KET_THUC_XU_TRI", notes)
    for sample, result in SAMPLES:
        check_order(located, "hiv-result-before-sample", sample, result, notes)
    check_order(located, "hiv-arv-before-confirmation", "NGAYKD_HIV", "BDDT_ARV", notes)


def check_order(located: LocatedRow, rule: str, first: str, last: str, notes: Notes) -> None:
    begin, end = located.row.get(first), located.row.get(last)
    if begin and end and end < begin:
        notes.add(located, rule, last, expected=f"{last} ≥ {first}")

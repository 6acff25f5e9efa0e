"""
Services and supplies (XML3): codes, operations, who does what, and what belongs to one day.

Most of it was read in one secondary source, and is doubted only.  Code forms: QĐ 4750/QĐ-BYT; practising
licences: QĐ 3176/QĐ-BYT.
"""

import re
from collections import Counter
from typing import Final

from .amounts import ONE, milli
from .dossier_facts import EXAMINATION, OPERATION, OPERATIONS, WITH_ADMISSION, Dossier, values_in
from .located_rows import LocatedRow
from .notes import Notes

SUPPLIES: Final = "10"
ORDERED_AND_DONE: Final = frozenset({"1", "2", "3"})

# Group, source, facility, serial: `XX.n.YYYYY.Z`; the serial may hold points.
MACHINE: Final = re.compile(r"[^.\s]+\.\d\.[0-9A-Z]{5}\.\S.*", re.ASCII)
SERVICE: Final = re.compile(
    r"(?:[0-9A-Z]{2}\.[0-9A-Z]{4}(?:\.[0-9A-Z]{4}(?:\.[0-9A-Z]\.[0-9A-Z]{5})?)?"
    r"|K\d{2}(?:\d{2}|\.\d)?\.\d{4}|VC\.\d{5})(?:_(?:GT|TB|TT))?",
    re.ASCII,
)
TENDER: Final = re.compile(r"G\d{1,2};N\d{1,2};\d{4}", re.ASCII)
# A licence (giấy phép hành nghề) or certificate (chứng chỉ); of staff who are lent `.HD.` and a facility.
LICENCE: Final = re.compile(r"[^;/\s]+/[^;]*(?:GPHN|CCHN)[^;.]*(?:\.HD\.[0-9A-Z]{5})?", re.IGNORECASE)
LICENCE_EXAMPLE: Final = "000001/HNO-GPHN"
SUFFIXES: Final = ("_GT", "_TB", "_TT")


def bare_service(code: str) -> str:
    """Return a service code without its suffix."""
    return code[:-3] if code.endswith(SUFFIXES) else code


class Services:
    """The lines of XML3 of one dossier: each by itself, and beside the others."""

    def __init__(self, dossier: Dossier, notes: Notes) -> None:
        self._dossier, self._notes = dossier, notes
        self._ordered: set[tuple[str, str]] = set()
        self._supplies: list[LocatedRow] = []
        self._operations: Counter[str] = Counter()
        self._operators: set[tuple[str, str, str, str]] = set()
        self._examinations = 0
        self.has_treatment = False

    def add(self, line: LocatedRow) -> None:
        group = line.row.get("MA_NHOM")
        check_codes(line, group, self._notes)
        if group in OPERATIONS:
            self._add_operation(line, group)
        elif group == EXAMINATION:
            self._add_examination(line)
        elif group in ORDERED_AND_DONE:
            check_hands(line, self._notes)
        self.has_treatment |= group not in ("", EXAMINATION)
        self._add_day(line)

    def _add_operation(self, line: LocatedRow, group: str) -> None:
        row = line.row
        if group == OPERATION:
            check_operation(line, self._notes)
            day = (row.get("NGAY_TH_YL") or row.get("NGAY_YL"))[:8]
            if day and milli(row.get("TYLE_TT_DV")) == 100 * ONE:
                self._operations[day] += 1
                if self._operations[day] > 1:
                    self._notes.add(line, "operation-second-full", "TYLE_TT_DV", expected="TYLE_TT_DV < 100")
        key = (row.get("MA_BAC_SI"), row.get("NGAY_YL"), row.get("NGAY_TH_YL"), row.get("NGAY_KQ"))
        if key in self._operators:
            self._notes.add(line, "operator-twice", "NGAY_TH_YL")
        if all(key):
            self._operators.add(key)

    def _add_examination(self, line: LocatedRow) -> None:
        self._examinations += 1
        if self._examinations == 2 and self._dossier.form in WITH_ADMISSION:
            self._notes.add(line, "inpatient-two-examinations", "MA_NHOM", expected="1", found="2")

    @property
    def examined(self) -> bool:
        return self._examinations > 0

    def _add_day(self, line: LocatedRow) -> None:
        row = line.row
        service, day = row.get("MA_DICH_VU"), row.get("NGAY_YL")[:8]
        if not service:
            return
        if row.get("MA_VAT_TU"):
            self._supplies.append(line)
        elif day:
            self._ordered.add((service, day))

    def finish(self) -> None:
        """Check the supplies of services against the days of these."""
        for line in self._supplies:
            day = line.row.get("NGAY_YL")[:8]
            if day and (line.row.get("MA_DICH_VU"), day) not in self._ordered:
                self._notes.add(line, "supply-day-of-service", "NGAY_YL", expected="NGAY_YL của dịch vụ")
        self._supplies.clear()


def check_codes(line: LocatedRow, group: str, notes: Notes) -> None:
    row = line.row
    service, machines = row.get("MA_DICH_VU"), row.get("MA_MAY")
    if service and not SERVICE.fullmatch(service):
        notes.add(line, "code-service", "MA_DICH_VU", expected="XX.YYYY.ZZZZ")
    if machines and not all(map(MACHINE.fullmatch, values_in(machines))):
        notes.add(line, "code-machine", "MA_MAY", expected="XX.n.YYYYY.Z")
    if group == SUPPLIES and "TT_THAU" not in row.faulty:
        check_supply_tender(line, notes)
    check_licences(line, ("MA_BAC_SI", "NGUOI_THUC_HIEN"), notes)


def check_supply_tender(line: LocatedRow, notes: Notes) -> None:
    value = line.row.get("TT_THAU")
    parts = [part.strip() for part in value.split(";")]
    if len(parts) < 4 or not all(parts):
        count = str(len(parts) if value else 0)
        notes.add(line, "code-supply-tender", "TT_THAU", expected="a;b;c;d", found=count)
    elif len(parts) == 4 and not TENDER.fullmatch(";".join(parts[1:])):
        notes.add(line, "code-supply-tender-parts", "TT_THAU", expected="…;G0–G99;N0–N99;yyyy")


def check_licences(line: LocatedRow, names: tuple[str, ...], notes: Notes) -> None:
    for name in names:
        value = line.row.get(name)
        if value and not is_licence(value):
            notes.add(line, "code-licence", name, expected=LICENCE_EXAMPLE)


def is_licence(value: str) -> bool:
    return all(map(LICENCE.fullmatch, values_in(value)))


def check_operation(line: LocatedRow, notes: Notes) -> None:
    quantity = milli(line.row.get("SO_LUONG"))
    if line.row.values.get("PP_VO_CAM") == "":
        notes.add(line, "operation-anaesthesia", "PP_VO_CAM", expected="1, 2, 3, 4")
    if quantity is not None and quantity > ONE:
        notes.add(line, "operation-quantity", "SO_LUONG", expected="SO_LUONG ≤ 1")


def check_hands(line: LocatedRow, notes: Notes) -> None:
    ordering, performing = line.row.get("MA_BAC_SI"), line.row.get("NGUOI_THUC_HIEN")
    if performing and set(values_in(performing)) & set(values_in(ordering)):
        notes.add(line, "orderer-performs", "NGUOI_THUC_HIEN", expected="NGUOI_THUC_HIEN ≠ MA_BAC_SI")

"""
The rules that need a list, a register or another dossier (`registers`); silent without it.

ICD-10: QĐ 4469/QĐ-BYT and TT 06/2026/TT-BYT Art. 4, by the discharge.  Lists of the facility: TT
12/2026/TT-BTC Art. 7, 8, by the order (NGAY_YL).  Annexes I and II, slips: TT 01/2025/TT-BYT.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from .amounts import milli
from .bed_overlaps import overlaps
from .brought_papers import paper_doubts
from .dossier_facts import Dossier, day_of, values_in
from .illness_rules import bare_code
from .located_rows import LocatedRow
from .notes import Notes
from .registers import (
    DEATH_ONLY,
    DISCOURAGED,
    FEMALE,
    MALE,
    NOT_MAIN,
    TOO_COARSE,
    Annex,
    Listed,
    Listing,
    Registers,
)
from .service_rules import bare_service
from .vietnamese_text import folded

# Outside the list, oxygen, nitric oxide.
UNLISTED_DRUGS: Final = frozenset({"00.0000", "40.17", "40.573"})

DIAGNOSES: Final = {"XML1": ("MA_BENH_CHINH", "MA_BENH_KT"), "XML3": ("MA_BENH",)}
DIAGNOSES_OF_SLIPS: Final = ("MA_BENH_CHINH", "MA_BENH_KT")
STAFF: Final = {
    "XML1": ("MA_TTDV",),
    "XML2": ("MA_BAC_SI",),
    "XML3": ("MA_BAC_SI", "NGUOI_THUC_HIEN"),
    "XML4": ("MA_BS_DOC_KQ",),
    "XML5": ("NGUOI_THUC_HIEN",),
    "XML7": ("MA_BS", "MA_TTDV"),
    "XML13": ("MA_BAC_SI", "MA_TTDV"),
    "XML14": ("MA_BAC_SI", "MA_TTDV"),
}
FACILITIES: Final = {"XML1": ("MA_DKBD", "MA_NOI_DI", "MA_NOI_DEN"), "XML13": ("MA_CSKCB_DEN",)}
# Staff lent by another facility: they stand in its list.
LENT: Final = ".HD."

# Categories that come after the annexes have been looked at, and the annex.
BEFORE_ANNEX_2, BEFORE_ANNEX_1 = frozenset({"1.13", "1.14"}), frozenset({"1.18", "3.1", "3.2"})


class Stated(NamedTuple):
    """What a line says of itself: *code* in *field*, *wanted* beside it; the fields of its name and price."""

    rule: str
    listing: Listing
    field: str
    code: str
    wanted: Mapping[str, str]
    name: str
    price: str

    def rows(self, day: str) -> list[Listed]:
        """Return the rows of the list on *day* that say the same, as far as they say anything."""
        return [
            row
            for row in self.listing.on(self.code, day)
            if all(row.values.get(name, value) == value for name, value in self.wanted.items())
        ]


class RegistryChecks:
    """The checks of one dossier against the registers that there are."""

    def __init__(self, dossier: Dossier, registers: Registers, notes: Notes) -> None:
        self._dossier, self._registers, self._notes = dossier, registers, notes
        self._icd10 = registers.icd10_on(notes.day)

    def check(self) -> None:
        for located in self._dossier.rows:
            code = located.sheet.code
            if code in DIAGNOSES or code in ("XML13", "XML14"):
                self._check_diagnoses(located)
            if code in STAFF and self._registers.staff:
                self._check_staff(located, self._registers.staff)
            if code in FACILITIES and self._registers.facilities is not None:
                self._check_facilities(located)
            if code == "XML2":
                self._check_drug(located)
            elif code == "XML3":
                self._check_service(located)
        self._check_main()

    def _note(self, located: LocatedRow, rule: str, name: str, expected: str = "") -> None:
        self._notes.add(located, rule, name, expected=expected)

    def _check_diagnoses(self, located: LocatedRow) -> None:
        icd10, code = self._icd10, located.sheet.code
        for name in DIAGNOSES.get(code, DIAGNOSES_OF_SLIPS) if icd10 is not None else ():
            for diagnosis in map(bare_code, values_in(located.row.get(name))):
                assert icd10 is not None
                flags = icd10.get(diagnosis)
                if flags is None:
                    self._note(located, "icd-known", name)
                else:
                    self._check_flags(located, name, flags)

    def _check_flags(self, located: LocatedRow, name: str, flags: frozenset[int]) -> None:
        in_main, sex = located.sheet.code == "XML1", self._dossier.value("GIOI_TINH")
        if TOO_COARSE in flags:
            self._note(located, "icd-too-coarse", name)
        if DEATH_ONLY in flags:
            self._note(located, "icd-death-only", name)
        if in_main and name == "MA_BENH_CHINH" and NOT_MAIN in flags:
            self._note(located, "icd-not-main", name)
        if in_main and name == "MA_BENH_CHINH" and DISCOURAGED in flags:
            self._note(located, "icd-main-discouraged", name)
        if in_main and ((FEMALE in flags and sex == "1") or (MALE in flags and sex == "2")):
            self._note(located, "icd-sex", name)

    def _check_staff(self, located: LocatedRow, staff: Listing) -> None:
        day = located.row.get("NGAY_YL")[:8] or self._notes.day
        for name in STAFF[located.sheet.code]:
            people = values_in(located.row.get(name))
            if any(LENT not in person and not staff.holds(person, day) for person in people):
                self._note(located, "list-staff", name, "02/DM")

    def _check_facilities(self, located: LocatedRow) -> None:
        known = self._registers.facilities or frozenset()
        for name in FACILITIES[located.sheet.code]:
            if any(code not in known for code in values_in(located.row.get(name))):
                self._note(located, "facility-known", name)

    def _check_drug(self, located: LocatedRow) -> None:
        row, drugs = located.row, self._registers.drugs
        code, day = row.get("MA_THUOC"), row.get("NGAY_YL")[:8]
        if drugs is None or not code or not day or code in UNLISTED_DRUGS:
            return
        wanted = {name: row.get(name) for name in ("SO_DANG_KY", "HAM_LUONG", "TT_THAU")}
        names = ("TEN_THUOC", "DON_GIA")
        self._check_listed(located, Stated("list-drug", drugs, "MA_THUOC", code, wanted, *names))

    def _check_service(self, located: LocatedRow) -> None:
        row, registers = located.row, self._registers
        day, service, supply = row.get("NGAY_YL")[:8], row.get("MA_DICH_VU"), row.get("MA_VAT_TU")
        self._check_places(located, day)
        if overlaps(row, registers.beds):
            self._note(located, "bed-overlap", "MA_GIUONG")
        with_machine = registers.services_with_machine
        if with_machine and bare_service(service) in with_machine and row.values.get("MA_MAY") == "":
            self._note(located, "machine-missing", "MA_MAY")
        names = ("TEN_VAT_TU", "DON_GIA_BH")
        if supply and day and registers.supplies:
            tender = {"TT_THAU": row.get("TT_THAU")}
            entry = Stated("list-supply", registers.supplies, "MA_VAT_TU", supply, tender, *names)
            self._check_listed(located, entry)
        elif service and day and registers.services:
            names = ("TEN_DICH_VU", "DON_GIA_BH")
            bare = bare_service(service)
            entry = Stated("list-service", registers.services, "MA_DICH_VU", bare, {}, *names)
            self._check_listed(located, entry)

    def _check_listed(self, located: LocatedRow, entry: "Stated") -> None:
        """Check a code against a list, then the name and the price of the rows that fit."""
        rows = entry.rows(located.row.get("NGAY_YL")[:8])
        if not rows:
            self._note(located, entry.rule, entry.field)
            return
        stated = located.row.get(entry.name)
        names = {folded(row.values[entry.name]) for row in rows if entry.name in row.values}
        if stated and names and folded(stated) not in names:
            self._note(located, "list-name", entry.name)
        prices = [most for row in rows if (most := milli(row.values.get(entry.price, ""))) is not None]
        paid = milli(located.row.get(entry.price))
        if prices and paid is not None and paid > max(prices):
            self._note(located, "list-price", entry.price)

    def _check_places(self, located: LocatedRow, day: str) -> None:
        registers = self._registers
        for listing, name, title in (
            (registers.departments, "MA_KHOA", "01/DM"),
            (registers.machines, "MA_MAY", "06/DM"),
        ):
            codes = values_in(located.row.get(name)) if listing and day else []
            if listing and any(not listing.holds(code, day) for code in codes):
                self._note(located, "list-place", name, title)

    def _check_main(self) -> None:
        dossier, registers = self._dossier, self._registers
        departments = registers.departments
        codes = values_in(dossier.value("MA_KHOA"))
        if departments and any(not departments.holds(code, self._notes.day) for code in codes):
            self._note(dossier.main, "list-place", "MA_KHOA", "01/DM")
        self._check_annexes()
        for rule, name in paper_doubts(dossier.main.row, registers):
            self._note(dossier.main, rule, name)

    def _check_annexes(self) -> None:
        dossier, registers = self._dossier, self._registers
        category, diagnosis = dossier.category, bare_code(dossier.value("MA_BENH_CHINH"))
        if not diagnosis or not category:
            return
        for annex, wanted, others in (
            (registers.annex_1, "1.17", BEFORE_ANNEX_1),
            (registers.annex_2, "1.16", BEFORE_ANNEX_2),
        ):
            if annex is None:
                continue
            within = self._is_in(annex, diagnosis)
            if category == wanted and not within:
                self._note(dossier.main, "category-annex", "MA_BENH_CHINH")
            elif category in others and within:
                self._note(dossier.main, "category-annex-first", "MA_DOITUONG_KCB", wanted)

    def _is_in(self, annex: Annex, diagnosis: str) -> bool:
        """Whether a diagnosis is in an annex at the patient's age; three characters include their four."""
        ages = next((annex[code] for code in prefixes(diagnosis) if code in annex), None)
        born, arrival = day_of(self._dossier.value("NGAY_SINH")), day_of(self._dossier.arrival)
        if ages is None or born is None or arrival is None:
            return ages is not None
        years = arrival.year - born.year - ((arrival.month, arrival.day) < (born.month, born.day))
        return ages.least <= years <= ages.most


def prefixes(diagnosis: str) -> Iterator[str]:
    """Give a code and those that include it: `I51.2`, `I51`."""
    yield diagnosis
    yield diagnosis.partition(".")[0]

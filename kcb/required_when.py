"""
"Required when …": each phrase of the tables, and how the file itself decides it.

A phrase that the file cannot decide has no entry in `DECIDED`, and refuses nothing.
A value that is faulty reads as empty here, so that one fault never makes a second.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .dossier_facts import NOT_INSURED, WITH_ADMISSION
from .field_formats import moment
from .report import Row, Sheet

Sheets = Mapping[str, Sheet]

# Categories that only a card holder can have; newborns (1.7) and organ donors (1.6) may have none yet.
CARD_HOLDERS = frozenset(
    [f"1.{number}" for number in (1, 2, 3, 4, 5, *range(11, 19))] + [f"3.{number}" for number in (1, 2, 3, 6)]
)

# MA_NHOM: supplies; beds; operations and procedures (Annex 3 of QĐ 5937/QĐ-BYT).
SUPPLIES, BEDS, OPERATIONS = frozenset({"10"}), frozenset({"14", "15", "16"}), frozenset({"8", "18"})
PERFORMED = frozenset({"1", "2", "3", "8", "18"})
BLOOD = frozenset({"7", "17"})

CARD_FIELDS = ("MA_THE_BHYT", "MA_DKBD", "GT_THE_TU", "GT_THE_DEN")


@dataclass(frozen=True, slots=True)
class Case:
    row: Row
    field: str
    sheets: Sheets

    def value(self, name: str) -> str:
        return self.row.get(name)

    def summary(self, name: str) -> str:
        """Return a value of the row, or where the table has no such field, of XML1."""
        return self.row.get(name) if name in self.row.values else self.main(name)

    def main(self, name: str) -> str:
        sheet = self.sheets.get("XML1")
        return sheet.rows[0].get(name) if sheet and sheet.rows else ""

    def main_unchecked(self, name: str) -> str:
        """Return a value of XML1, right or wrong."""
        sheet = self.sheets.get("XML1")
        return sheet.rows[0].values.get(name, "") if sheet and sheet.rows else ""

    def has(self, table: str) -> bool:
        return bool(self.sheets.get(table) and self.sheets[table].rows)


Decide = Callable[[Case], bool]


def insured(case: Case) -> bool:
    """Decided by the category, or by the other card fields; a slip follows XML1."""
    if case.summary("MA_DOITUONG_KCB") == NOT_INSURED:
        return False
    others = [case.row.values.get(name, "") for name in CARD_FIELDS if name != case.field]
    if any(others):
        return True
    if "GT_THE_TU" not in case.row.values:
        holds_card = any(case.main_unchecked(name) for name in CARD_FIELDS)
        return holds_card or case.main("MA_DOITUONG_KCB") in CARD_HOLDERS
    return case.value("MA_DOITUONG_KCB") in CARD_HOLDERS


def first_cost_code(service: str, drug: str, supply: str) -> Decide:
    """One of three codes must be there; only the one whose name is given is missing, else the first."""

    def decide(case: Case) -> bool:
        codes = ("MA_DICH_VU", "MA_THUOC", "MA_VAT_TU")
        if any(case.row.values.get(code) for code in codes):
            return False
        named = [
            code
            for code, name in zip(codes, (service, drug, supply), strict=True)
            if case.row.values.get(name)
        ]
        return case.field == (named or codes)[0]

    return decide


FIRST_COST = first_cost_code("TEN_DICH_VU", "TEN_THUOC", "TEN_VAT_TU")


def present(name: str) -> Decide:
    return lambda case: bool(case.value(name))


def among(name: str, codes: frozenset[str]) -> Decide:
    return lambda case: case.value(name) in codes


def holds(name: str, code: str) -> Decide:
    return lambda case: code in (part.strip() for part in case.value(name).split(";"))


def is_supply(case: Case) -> bool:
    """Whether an XML3 row is surely a supply line: it names one, or is of that group and names nothing."""
    if case.value("MA_VAT_TU") or case.value("TEN_VAT_TU"):
        return True
    return case.value("MA_NHOM") in SUPPLIES and not names_service(case)


def is_service(case: Case) -> bool:
    """Whether an XML3 row is surely a service line: it tells of no supply, right or wrong."""
    values = case.row.values
    if values.get("MA_VAT_TU") or values.get("TEN_VAT_TU"):
        return False
    return case.value("MA_NHOM") not in SUPPLIES or names_service(case)


def names_service(case: Case) -> bool:
    return bool(case.row.values.get("MA_DICH_VU") or case.row.values.get("TEN_DICH_VU"))


def under_16(case: Case) -> bool:
    """Whether the person had not turned 16 on arrival; an unknown birth month counts as January."""
    birth, arrival = case.main("NGAY_SINH"), moment(case.main("NGAY_VAO"))
    if not birth or arrival is None:
        return False
    sixteen = str(int(birth[:4]) + 16) + birth[4:8]
    return arrival.strftime("%Y%m%d") < sixteen


DECIDED: Mapping[str, Decide] = {
    "insured patient": insured,
    "inpatient or day patient": lambda case: case.summary("MA_LOAI_KCB") in WITH_ADMISSION,
    "when NGAY_VAO_NOI_TRU is present": present("NGAY_VAO_NOI_TRU"),
    "when MA_THUOC and MA_VAT_TU are both empty": FIRST_COST,
    "when MA_DICH_VU and MA_VAT_TU are both empty": FIRST_COST,
    "when MA_DICH_VU and MA_THUOC are both empty": FIRST_COST,
    "when MA_DICH_VU is present": present("MA_DICH_VU"),
    "when MA_THUOC is present": present("MA_THUOC"),
    "when MA_VAT_TU is present": present("MA_VAT_TU"),
    "when GIA_TRI is present": present("GIA_TRI"),
    "patient came by referral": lambda case: case.value("MA_DOITUONG_KCB") == "1.3",
    "patient presents a referral or re-examination slip": lambda case: (
        case.value("MA_DOITUONG_KCB") in ("1.3", "1.5") or bool(case.value("MA_NOI_DI"))
    ),
    "MA_LOAI_RV is 2 or 5": among("MA_LOAI_RV", frozenset({"2", "5"})),
    "a child was born in this encounter": lambda case: case.has("XML9"),
    "a re-examination is set": lambda case: case.has("XML14"),
    "all groups except 7 (blood) and 17 (blood products)": lambda case: (
        bool(case.value("MA_NHOM")) and case.value("MA_NHOM") not in BLOOD
    ),
    "service lines; also supply lines tied to a service (rule kept from QĐ 4210)": is_service,
    "service lines": is_service,
    "supply lines": is_supply,
    "operation or procedure": among("MA_NHOM", OPERATIONS),
    "MA_NHOM = 12": among("MA_NHOM", frozenset({"12"})),
    "MA_NHOM = 10": among("MA_NHOM", SUPPLIES),
    "bed-day lines": among("MA_NHOM", BEDS),
    "MA_NHOM in 1,2,3,8,18": among("MA_NHOM", PERFORMED),
    "first regimen is 'other'": holds("MA_PHAC_DO_DIEU_TRI_BD", "KHAC"),
    "MA_PHAC_DO_DIEU_TRI is 'KHAC' (other)": holds("MA_PHAC_DO_DIEU_TRI", "KHAC"),
    "LOAI_DTRI_LAO is not 0": lambda case: case.value("LOAI_DTRI_LAO") not in ("", "0"),
    "MA_TINH_TRANG_DK = 1": holds("MA_TINH_TRANG_DK", "1"),
    "MA_XU_TRI = 1": holds("MA_XU_TRI", "1"),
    "MA_DINH_CHI_THAI = 1": holds("MA_DINH_CHI_THAI", "1"),
    "patient under 16": under_16,
}

# Fields whose absence has a rule of its own (`rule_catalogue`).
OWN_RULES: Mapping[tuple[str, str], str] = {
    ("XML1", "MA_NOI_DEN"): "receiving-facility",
    ("XML1", "MA_NOI_DI"): "category-referred-from",
    ("XML1", "GIAY_CHUYEN_TUYEN"): "category-slip-number",
    ("XML6", "NGAY_BAT_DAU_XU_TRI"): "hiv-treatment-dates",
    ("XML6", "NGAY_KET_THUC_XU_TRI"): "hiv-treatment-dates",
}

# Checked with the form of the code (`bed_rules`, `service_rules`).
CHECKED_ELSEWHERE = frozenset({("XML3", "MA_GIUONG"), ("XML3", "TT_THAU")})

# Decided, yet never more than a doubt: a child may have one known parent only, and a
# birth certificate may be issued again long after the birth.
ONLY_EXPECTED = frozenset({"patient under 16", "a child was born in this encounter"})

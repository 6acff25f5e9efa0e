"""
What must agree beyond one value: conditions, keys, dates, cards and tables.

Runs after every row was read, so that it can tell which of several places is wrong:
a key that one row has alone is that row's fault, not that of all the others.
"""

from collections import Counter
from collections.abc import Iterator
from functools import cache, partial
from typing import NamedTuple

from .field_formats import is_day, moment
from .money_rules import Line, check_form_01, check_line, check_totals, lines_are_whole
from .rate_rules import Rates
from .report import Findings, Place, Row, Sheet
from .required_when import DECIDED, INPATIENT, NOT_INSURED, ONLY_EXPECTED, Case, Decide, Sheets
from .tables import Field, Table, older_tables, tables
from .vietnamese_text import folded

# What the slips and summaries repeat of XML1; a difference is somebody's mistake, but not ours to judge.
REPEATED = ("HO_TEN", "NGAY_SINH", "GIOI_TINH", "MA_THE_BHYT", "NGAY_VAO", "NGAY_RA", "MA_LOAI_RV")
REPEATING = ("XML7", "XML8", "XML13", "XML14")

# A beginning and its end, in whichever table has both.
DATE_PAIRS = (
    ("NGAY_VAO", "NGAY_RA"),
    ("TU_NGAY", "DEN_NGAY"),
    ("NGOAITRU_TUNGAY", "NGOAITRU_DENNGAY"),
    ("NGAYBD_DTRI_LAO", "NGAYKT_DTRI_LAO"),
    ("NGAY_BAT_DAU_XU_TRI", "NGAY_KET_THUC_XU_TRI"),
)

# MA_LOAI_RV: sent on, by the doctors or by wish; gone without leave (trốn viện).
TRANSFERRED, ABSCONDED = ("2", "5"), "3"

# What is written once for each card, in the order of the cards (annex of QĐ 4750, XML1).
CARD_LISTS = ("MA_THE_BHYT", "MA_DKBD", "GT_THE_TU", "GT_THE_DEN")

# Forms of care (MA_LOAI_KCB) that are sent with progress notes (XML5) and a summary (XML8).
WITH_NOTES = frozenset({"02", "03", "04", "05", "06", "08", "09"})
WITH_SUMMARY = frozenset({"03", "04", "06"})


class LocatedRow(NamedTuple):
    table: Table
    sheet: Sheet
    row: Row

    def note(self, findings: Findings, rule: str, name: str, detail: object = "") -> None:
        table, sheet, row = self
        number = next((field.number for field in table.fields if field.name == name), 0)
        place = Place(1, sheet.index, row.number, number)
        findings.add(rule, f"{table.row_path(row.number)}.{name}", place, detail)

    def note_table(self, findings: Findings, rule: str, detail: object = "") -> None:
        findings.add(rule, self.sheet.code, Place(1, self.sheet.index), detail)


def check_across_tables(sheets: Sheets, facility: str, findings: Findings) -> None:
    """Check a whole file whose rows have been read; *facility* is that of the envelope, or empty."""
    rows = list(every_row(sheets))
    for located in rows:
        check_conditions(located, sheets, findings)
        check_pairs(located, findings)
    check_keys_agree(rows, "MA_LK", "", "ma-lk-differs", findings)
    check_keys_agree(rows, "MA_CSKCB", facility, "facility-differs", findings)
    check_row_numbers(rows, findings)
    for code in ("XML0", "XML1"):
        for located in rows:
            if located.sheet.code == code:
                check_card_lists(located, findings)
                check_card(located, findings)
                check_personal_id(located, findings)
    if "XML1" in sheets and sheets["XML1"].rows:
        check_against_main(rows, sheets["XML1"].rows[0], findings)
        check_tables_present(sheets, findings)
        check_money(rows, findings)


def every_row(sheets: Sheets) -> Iterator[LocatedRow]:
    for code, sheet in sheets.items():
        table = older_tables()[code] if sheet.older else tables()[code]
        for row in sheet.rows:
            yield LocatedRow(table, sheet, row)


@cache
def conditional_fields(table: Table) -> tuple[tuple[Field, Decide], ...]:
    return tuple((field, DECIDED[field.when]) for field in table.fields if field.when in DECIDED)


def check_conditions(located: LocatedRow, sheets: Sheets, findings: Findings) -> None:
    row, values = located.row, located.row.values
    for field, decide in conditional_fields(located.table):
        if values.get(field.name) or field.name in row.faulty:
            continue
        if decide(Case(row, field.name, sheets)):
            expected = field.if_missing == "warn" or field.when in ONLY_EXPECTED
            if field.name in values or not expected:  # an element that is absent was doubted as such
                rule = "expected-when" if expected else "required-when"
                located.note(findings, rule, field.name, field.when)


@cache
def date_pairs(table: Table) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in DATE_PAIRS if set(pair) <= set(table.names))


def check_pairs(located: LocatedRow, findings: Findings) -> None:
    row = located.row
    for first, last in date_pairs(located.table):
        begin, end = moment(row.get(first)), moment(row.get(last))
        if begin and end and end < begin:
            located.note(findings, "date-order", last)
            row.faulty.add(last)


def check_keys_agree(rows: list[LocatedRow], name: str, declared: str, rule: str, findings: Findings) -> None:
    """Refuse the places where a key is not what most say; between equals the envelope and XML1 are right."""
    if name == "MA_LK" and rows and rows[0].sheet.code == "XML0":
        return  # one check-in file may hold several encounters
    keys = [(located.row.get(name), located) for located in rows if located.row.get(name)]
    if not keys:
        return
    main = next((key for key, located in keys if located.sheet.code in ("XML0", "XML1")), "")
    votes = Counter(key for key, _ in keys)
    votes.update([declared] if declared else [])
    most = max(votes.values())
    right = next((key for key in (declared, main) if key and votes[key] == most), votes.most_common(1)[0][0])
    if declared and declared != right:
        findings.add(rule, "GIAMDINHHS.THONGTINDONVI.MACSKCB", Place(0, 0, 0, 1))
    for key, located in keys:
        if key != right:
            located.note(findings, rule, name)


def check_row_numbers(rows: list[LocatedRow], findings: Findings) -> None:
    seen: set[tuple[str, str]] = set()
    for located in rows:
        key = (located.sheet.code, located.row.get("STT"))
        if key[1] and key in seen:
            located.note(findings, "stt-twice", "STT")
        seen.add(key)


def days_in(value: str) -> list[str]:
    return [part.strip() for part in value.split(";") if is_day(part.strip())]


def check_card_lists(located: LocatedRow, findings: Findings) -> None:
    """With several cards each has its first facility and its days: a list that is short is doubted.

    Which card a missing value belongs to cannot be known.
    """
    counts = {name: len(parts) for name in CARD_LISTS if (parts := values_in(located.row.get(name)))}
    longest = max(counts.values(), default=0)
    for name, count in counts.items():
        if count < longest:
            located.note(findings, "list-short", name, f"{count}/{longest}")


def values_in(value: str) -> list[str]:
    return [part for part in (part.strip() for part in value.split(";")) if part]


def check_card(located: LocatedRow, findings: Findings) -> None:
    """At least one card must cover the day of arrival (NĐ 188/2025: GT_THE_TU ≤ d ≤ GT_THE_DEN).

    Where NGAY_VAO and NGAY_RA contradict each other, either may be wrong: a card is then
    refused only when it covers neither.
    """
    row = located.row
    arrival = moment(row.get("NGAY_VAO"))
    if arrival is None or row.get("MA_DOITUONG_KCB") == NOT_INSURED:
        return
    left = moment(row.values.get("NGAY_RA", "")) or arrival
    first, last = (at.strftime("%Y%m%d") for at in sorted((arrival, left)))
    begins, ends = days_in(row.get("GT_THE_TU")), days_in(row.get("GT_THE_DEN"))
    cards = list(zip(begins, ends, strict=True)) if len(begins) == len(ends) else []
    if ends and max(ends) < first:
        located.note(findings, "card-expired", "GT_THE_DEN")
    elif begins and min(begins) > last:
        located.note(findings, "card-not-yet", "GT_THE_TU")
    elif any(end < begin for begin, end in cards):
        located.note(findings, "date-order", "GT_THE_DEN")
    elif cards and not any(begin <= last and end >= first for begin, end in cards):
        located.note(findings, "card-expired", "GT_THE_DEN")
    elif begins and min(begins) > arrival.strftime("%Y%m%d"):
        located.note(findings, "date-outside", "GT_THE_TU")


def check_personal_id(located: LocatedRow, findings: Findings) -> None:
    """The 12 digits hold century, sex and year (NĐ 137/2015); records get corrected, so a doubt only."""
    row = located.row
    number, birth, sex = row.get("SO_CCCD"), row.get("NGAY_SINH"), row.get("GIOI_TINH")
    if len(number) != 12 or not number.isdecimal() or not birth or not sex:
        return
    century = int(number[3])
    right_sex = sex == "3" or (sex == "2") == (century % 2 == 1)
    if not right_sex or int(birth[:4]) != 1900 + 100 * (century // 2) + int(number[4:6]):
        located.note(findings, "personal-id-differs", "SO_CCCD")


def check_against_main(rows: list[LocatedRow], main: Row, findings: Findings) -> None:
    """Doubt what repeats XML1 with a difference."""
    for located in rows:
        _, sheet, row = located
        for name in REPEATED if sheet.code in REPEATING else ():
            if row.get(name) and main.get(name) and differs(name, row.get(name), main.get(name)):
                located.note(findings, "differs-from-xml1", name)


def differs(name: str, value: str, main: str) -> bool:
    """Whether two values of a field are not the same; a name may be written otherwise."""
    return folded(value) != folded(main) if name == "HO_TEN" else value != main


def check_tables_present(sheets: Sheets, findings: Findings) -> None:
    row = sheets["XML1"].rows[0]
    located = LocatedRow(tables()["XML1"], sheets["XML1"], row)
    leaving, form = row.get("MA_LOAI_RV"), row.get("MA_LOAI_KCB")
    if leaving in TRANSFERRED and "XML13" not in sheets and row.get("MA_DOITUONG_KCB") != NOT_INSURED:
        located.note(findings, "table-expected", "MA_LOAI_RV", "XML13")
    if leaving and leaving not in TRANSFERRED and "XML13" in sheets:
        findings.add("table-unexpected", "XML13", Place(1, sheets["XML13"].index), "MA_LOAI_RV")
    papers = INPATIENT if leaving != ABSCONDED else frozenset[str]()
    for code, forms in (("XML5", WITH_NOTES), ("XML7", papers), ("XML8", WITH_SUMMARY)):
        if form in forms and code not in sheets:
            located.note(findings, "table-expected", "MA_LOAI_KCB", code)


def check_money(rows: list[LocatedRow], findings: Findings) -> None:
    """Doubt amounts and rates that do not follow from one another: lines first, then their sums."""
    main = next(located for located in rows if located.sheet.code == "XML1")
    rates, lines = Rates(main.row), []
    whole = lines_are_whole(findings)
    for located in rows:
        if located.sheet.code in ("XML2", "XML3"):
            line = Line(located.sheet.code, located.row)
            check_line(line, partial(located.note, findings))
            if words := rates.doubt(line):
                located.note(findings, "rate-doubt", "MUC_HUONG", words)
            lines.append(line)
    if not whole:
        return
    doubted = check_totals(main.row, lines, partial(main.note, findings))
    if not doubted and not any(line.doubted for line in lines):
        check_form_01(main.row, partial(main.note, findings))

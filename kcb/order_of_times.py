"""
The order of times in a file: birth, arrival, order, performing, result, discharge.

NGAY_VAO ≤ NGAY_YL ≤ NGAY_TH_YL ≤ NGAY_KQ to the minute, and orders, progress notes and the admission inside
the stay, NGAY_VAO to NGAY_RA: QĐ 4750/QĐ-BYT as two secondary sources read it, so a doubt.  That nobody
comes before the day of birth needs no source, and refuses (docs/adr/0054).

Times are compared as they are written, yyyyMMddHHmm; a value that is wrong by itself reads as empty and is
held against nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from .cross_table_rules import LocatedRow
from .report import Findings, Row

# MA_NHOM 10 and 11: supplies and transport have no result to wait for (Annex 3 of QĐ 5937/QĐ-BYT).
WITHOUT_RESULT: Final = frozenset({"10", "11"})

# Tables whose rows state a birth and an arrival of their own; the other tables repeat XML1.
WITH_ARRIVAL: Final = frozenset({"XML0", "XML1"})

UNKNOWN_TIME: Final = "0000"


class Doubt(NamedTuple):
    """A rule that is broken, the field it is said of, and the detail of its sentence."""

    rule: str
    field: str
    detail: str = ""


class Stay(NamedTuple):
    """The first and the last minute of an encounter: NGAY_VAO and NGAY_RA."""

    arrival: str
    left: str

    def holds(self, time: str) -> bool:
        return self.arrival <= time <= self.left


def stay_of(main: Row) -> Stay | None:
    """Return the stay of XML1; None when an end is wrong: nothing is held against it."""
    arrival, left = main.get("NGAY_VAO"), main.get("NGAY_RA")
    return Stay(arrival, left) if arrival and left else None


def check_births(rows: Sequence[LocatedRow], findings: Findings) -> None:
    """Refuse a birth after the day of arrival; what repeats such a birth is not named again."""
    for located in rows:
        if located.sheet.code in WITH_ARRIVAL and is_born_later(located.row):
            located.note(findings, "birth-after-arrival", "NGAY_SINH")
            located.row.faulty.add("NGAY_SINH")


def is_born_later(row: Row) -> bool:
    """Whether the birth, as far as it is known, lies after the day of arrival; unknown parts are 00."""
    known, arrival = known_day(row.get("NGAY_SINH")), row.get("NGAY_VAO")
    return bool(arrival) and known > arrival[: len(known)]


def known_day(birth: str) -> str:
    """Return what is known of a birth date, without its time: a year, a month or a day."""
    return birth[:4] if birth[4:6] == "00" else birth[:6] if birth[6:8] == "00" else birth[:8]


def check_order(rows: Sequence[LocatedRow], findings: Findings) -> None:
    """Doubt the times of every row, at most one of a row's chain: one cause is one doubt."""
    main = next((located.row for located in rows if located.sheet.code == "XML1"), None)
    stay = stay_of(main) if main else None
    for located in rows:
        if located.sheet.code in WITH_ARRIVAL:
            note_all(located, arrival_doubts(located.row, stay), findings)
        elif stay and (check := CHECKS.get(located.sheet.code)) and (doubt := check(located.row, stay)):
            located.note(findings, *doubt)


def note_all(located: LocatedRow, doubts: Sequence[Doubt], findings: Findings) -> None:
    for doubt in doubts:
        located.note(findings, *doubt)


def arrival_doubts(row: Row, stay: Stay | None) -> list[Doubt]:
    """Return the doubts of a row of XML1, or of a check-in (XML0), whose stay has not ended."""
    birth, arrival, admitted = row.get("NGAY_SINH"), row.get("NGAY_VAO"), row.get("NGAY_VAO_NOI_TRU")
    doubts: list[Doubt | None] = []
    if arrival and birth[8:] != UNKNOWN_TIME and birth > arrival:
        doubts.append(Doubt("time-order", "NGAY_SINH", "NGAY_SINH ≤ NGAY_VAO"))
    if stay and admitted and not stay.holds(admitted):
        doubts.append(Doubt("date-outside", "NGAY_VAO_NOI_TRU"))
    if "NGAY_RA" not in row.values:
        doubts.extend(before(row, name, "NGAY_VAO") for name in ("NGAY_VAO_NOI_TRU", "NGAY_YL"))
    return [doubt for doubt in doubts if doubt]


def before(row: Row, name: str, first: str) -> Doubt | None:
    """Return a doubt when *name* lies before *first*."""
    time = row.get(name)
    return Doubt("time-order", name, f"{name} ≥ {first}") if time and time < row.get(first) else None


def line_doubt(row: Row, stay: Stay) -> Doubt | None:
    """Return a doubt about a line (XML2, XML3): order inside the stay, then performing, then result."""
    ordered, performed, reported = row.get("NGAY_YL"), row.get("NGAY_TH_YL"), row.get("NGAY_KQ")
    if ordered and not stay.arrival <= ordered <= stay.left:
        return Doubt("date-outside", "NGAY_YL")
    if performed and performed < ordered:
        return before(row, "NGAY_TH_YL", "NGAY_YL")
    if reported and reported < (performed or ordered):
        return before(row, "NGAY_KQ", "NGAY_TH_YL" if performed else "NGAY_YL")
    if reported > stay.left and row.get("MA_NHOM") not in WITHOUT_RESULT:
        return Doubt("date-outside", "NGAY_KQ")
    return None


def result_doubt(row: Row, stay: Stay) -> Doubt | None:
    """Return a doubt about a result (XML4) of before the arrival; cultures and pathology come later."""
    reported = row.get("NGAY_KQ")
    early = reported and reported < stay.arrival
    return Doubt("time-order", "NGAY_KQ", "NGAY_KQ ≥ NGAY_VAO") if early else None


def note_doubt(row: Row, stay: Stay) -> Doubt | None:
    """Return a doubt about a progress note (XML5, diễn biến lâm sàng) outside the stay."""
    written = row.get("THOI_DIEM_DBLS")
    return Doubt("date-outside", "THOI_DIEM_DBLS") if written and not stay.holds(written) else None


CHECKS: Final[Mapping[str, Callable[[Row, Stay], Doubt | None]]] = {
    "XML2": line_doubt,
    "XML3": line_doubt,
    "XML4": result_doubt,
    "XML5": note_doubt,
}

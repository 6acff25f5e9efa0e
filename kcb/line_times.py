"""
The order of times in lines, results and progress notes.

NGAY_VAO ≤ NGAY_YL ≤ NGAY_TH_YL ≤ NGAY_KQ to the minute, equal allowed; orders and progress notes inside the
stay.  QĐ 4750/QĐ-BYT as two secondary sources read it; what comes after the discharge is doubted only.
"""

from typing import Final

from .dossier_facts import Dossier, later_by, minutes_between
from .located_rows import LocatedRow
from .notes import Notes

# MA_NHOM 10 and 11: supplies have no result to wait for (Annex 3 of QĐ 5937/QĐ-BYT).
WITHOUT_RESULT: Final = frozenset({"10", "11"})

# MA_NHOM 1 and 3: tests take their time, in minutes.
TESTS, MIN_TEST_MINUTES = frozenset({"1", "3"}), 3


def check_line_times(located: LocatedRow, arrival: str, left: str, notes: Notes) -> None:
    row = located.row
    ordered, done, reported = row.get("NGAY_YL"), row.get("NGAY_TH_YL"), row.get("NGAY_KQ")
    if ordered and ((arrival and ordered < arrival) or (left and ordered > left)):
        distance = later_by(arrival, ordered) if ordered < arrival else later_by(left, ordered)
        notes.add_refusal(
            located, "order-outside-stay", "NGAY_YL", expected="NGAY_VAO ≤ NGAY_YL ≤ NGAY_RA", found=distance
        )
        return
    if done and done < ordered:
        note_early(located, "done-before-order", "NGAY_TH_YL", "NGAY_YL", notes)
        return
    if done and left and done > left:
        notes.add(
            located,
            "done-after-discharge",
            "NGAY_TH_YL",
            expected="NGAY_TH_YL ≤ NGAY_RA",
            found=later_by(left, done),
        )
    if reported:
        check_result_time(located, done, left, notes)


def check_result_time(located: LocatedRow, done: str, left: str, notes: Notes) -> None:
    row = located.row
    reported, group = row.get("NGAY_KQ"), row.get("MA_NHOM")
    first = "NGAY_TH_YL" if done else "NGAY_YL"
    if reported < row.get(first):
        note_early(located, "result-before-done", "NGAY_KQ", first, notes)
        return
    if group in TESTS and done:
        check_haste(located, done, reported, notes)
    if left and reported > left and group and group not in WITHOUT_RESULT:
        notes.add(
            located,
            "result-after-discharge",
            "NGAY_KQ",
            expected="NGAY_KQ ≤ NGAY_RA",
            found=later_by(left, reported),
        )


def check_haste(located: LocatedRow, done: str, reported: str, notes: Notes) -> None:
    minutes = minutes_between(done, reported)
    if minutes is not None and minutes < MIN_TEST_MINUTES:
        expected = f"NGAY_KQ − NGAY_TH_YL ≥ {MIN_TEST_MINUTES} min"
        notes.add(located, "done-too-quickly", "NGAY_KQ", expected=expected, found=f"{minutes} min")


def note_early(located: LocatedRow, rule: str, name: str, first: str, notes: Notes) -> None:
    row = located.row
    distance = later_by(row.get(first), row.get(name))
    notes.add_refusal(located, rule, name, expected=f"{name} ≥ {first}", found=distance)


def check_note_time(located: LocatedRow, dossier: Dossier, notes: Notes) -> None:
    written, arrival, left = located.row.get("THOI_DIEM_DBLS"), dossier.arrival, dossier.left
    if written and ((arrival and written < arrival) or (left and written > left)):
        expected = "NGAY_VAO ≤ THOI_DIEM_DBLS ≤ NGAY_RA"
        distance = later_by(arrival, written) if written < arrival else later_by(left, written)
        notes.add(located, "note-outside-stay", "THOI_DIEM_DBLS", expected=expected, found=distance)

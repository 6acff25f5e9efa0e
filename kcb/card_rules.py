"""
Insurance cards (thẻ BHYT): their form, their lists, and their days against the stay.

Structure: annex of QĐ 4750/QĐ-BYT.  Grace of 15 days during treatment: NĐ 188/2025/NĐ-CP Art. 50.4.
"""

import re
from datetime import timedelta
from typing import Final

from .amounts import milli
from .dossier_facts import NOT_INSURED, Dossier, day_of, values_in
from .field_formats import is_day
from .located_rows import LocatedRow
from .notes import Notes
from .tables import code_names

CARD: Final = re.compile(r"[A-Z]{2}\d{13}|TE1\d{2}[0-9A-Z]{10}|\d{10}", re.ASCII)
PERSONAL_ID: Final = re.compile(r"\d{12}", re.ASCII)
LONG: Final = 15
LEVELS: Final = "12345"
UNKNOWN_PROVINCE: Final = "00"

# What is written once for each card, in the order of the cards (annex of QĐ 4750, XML1).
CARD_LISTS: Final = ("MA_DKBD", "GT_THE_TU", "GT_THE_DEN")
GRACE: Final = timedelta(days=15)


def check_cards(located: LocatedRow, notes: Notes) -> None:
    """Check the cards of XML1, or of a row of XML0."""
    check_forms(located, notes)
    if not check_lists(located, notes):
        check_days(located, notes)


def check_forms(located: LocatedRow, notes: Notes) -> None:
    cards = values_in(located.row.get("MA_THE_BHYT"))
    if any(not CARD.fullmatch(card) and not PERSONAL_ID.fullmatch(card) for card in cards):
        notes.add(located, "card-form", "MA_THE_BHYT", expected="DN4010123456789, 0123456789")
        return
    if any(PERSONAL_ID.fullmatch(card) for card in cards):
        notes.add(located, "card-form", "MA_THE_BHYT", expected="15, 10", found="12", doubt=True)
    long = [card for card in cards if len(card) == LONG]
    if any(card[2] not in LEVELS for card in long):
        notes.add(located, "card-benefit-digit", "MA_THE_BHYT", expected="1–5")
    if any(card[3:5] == UNKNOWN_PROVINCE for card in long):
        notes.add(located, "card-province", "MA_THE_BHYT", found="00")
    elif any(card[3:5] not in code_names()["PROVINCE_63"] for card in long):
        notes.add(located, "card-province", "MA_THE_BHYT", expected="PROVINCE_63", doubt=True)


def check_lists(located: LocatedRow, notes: Notes) -> bool:
    """Refuse a list that is not as long as there are cards; return whether one is."""
    row = located.row
    cards, broken = len(values_in(row.get("MA_THE_BHYT"))), False
    for name in CARD_LISTS if cards and located.sheet.code == "XML1" else ():
        count = len(values_in(row.get(name)))
        if count and count != cards:
            broken |= notes.add(located, "card-lists-parallel", name, expected=str(cards), found=str(count))
    return broken


def days_in(value: str) -> list[str]:
    return [part for part in values_in(value) if is_day(part)]


def check_days(located: LocatedRow, notes: Notes) -> None:
    """At least one card must cover the day of arrival (NĐ 188/2025: GT_THE_TU ≤ d ≤ GT_THE_DEN)."""
    row = located.row
    arrival = row.get("NGAY_VAO")[:8]
    if not arrival or row.get("MA_DOITUONG_KCB") == NOT_INSURED:
        return
    last = row.get("NGAY_RA")[:8] or arrival
    begins, ends = days_in(row.get("GT_THE_TU")), days_in(row.get("GT_THE_DEN"))
    cards = list(zip(begins, ends, strict=True)) if len(begins) == len(ends) else []
    if ends and max(ends) < arrival:
        notes.add(located, "card-ended", "GT_THE_DEN", expected="GT_THE_DEN ≥ NGAY_VAO")
    elif begins and min(begins) > last:
        notes.add(located, "card-not-begun", "GT_THE_TU", expected="GT_THE_TU ≤ NGAY_RA")
    elif any(end < begin for begin, end in cards):
        notes.add(located, "date-order", "GT_THE_DEN", expected="GT_THE_DEN ≥ GT_THE_TU")
    elif cards and not any(begin <= last and end >= arrival for begin, end in cards):
        notes.add(located, "card-ended", "GT_THE_DEN", expected="GT_THE_DEN ≥ NGAY_VAO")
    elif begins and min(begins) > arrival:
        notes.add(located, "card-not-begun", "GT_THE_TU", expected="GT_THE_TU ≤ NGAY_VAO", doubt=True)


class Grace:
    """What is paid after the last card ended during the stay: not more than 15 days long."""

    def __init__(self, dossier: Dossier) -> None:
        ends = days_in(dossier.value("GT_THE_DEN"))
        end = day_of(max(ends)) if ends else None
        arrival, left = dossier.arrival[:8], dossier.left[:8]
        ended_within = bool(arrival and left and ends) and arrival <= max(ends) < left
        self._last = f"{end + GRACE:%Y%m%d}" if end and ended_within else ""
        self._dossier = dossier
        self._late = False

    def add(self, line: LocatedRow) -> None:
        if self._last and not self._late:
            ordered, paid = line.row.get("NGAY_YL")[:8], milli(line.row.get("T_BHTT"))
            self._late = ordered > self._last and bool(paid)

    def finish(self, notes: Notes) -> None:
        if self._late:
            expected = "T_BHTT = 0 (NGAY_YL > GT_THE_DEN + 15)"
            notes.add(self._dossier.main, "card-grace", "GT_THE_DEN", expected=expected)


def check_personal_id(located: LocatedRow, notes: Notes) -> None:
    """The 12 digits hold century, sex and year (NĐ 137/2015); records get corrected, so a doubt only."""
    row = located.row
    number, birth, sex = row.get("SO_CCCD"), row.get("NGAY_SINH"), row.get("GIOI_TINH")
    if not PERSONAL_ID.fullmatch(number) or not birth or not sex:
        return
    century = int(number[3])
    right_sex = sex == "3" or (sex == "2") == (century % 2 == 1)
    if not right_sex or int(birth[:4]) != 1900 + 100 * (century // 2) + int(number[4:6]):
        notes.add(located, "personal-id-differs", "SO_CCCD")

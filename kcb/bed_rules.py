"""
Beds (ngày giường): what lines of beds say against the stay.  TT 39/2024/TT-BYT, read in a secondary source.
"""

import re
from collections import defaultdict
from typing import Final

from .amounts import ONE, milli
from .dossier_facts import BEDS, SHORT_STAY, Dossier, values_in
from .located_rows import LocatedRow
from .notes import Notes

# Forms of care of which every day has a bed.
WITH_BEDS: Final = frozenset({"03", "04"})
WITHOUT_BEDS: Final = frozenset({"01", "02"})

# Worse, died, taken home dying; transferred, absconded, left on request: one bed more.
LAST_DAY_COUNTS, LEAVING_COUNTS = frozenset({"3", "4", "5", "6"}), frozenset({"2", "3", "4"})
TOLERANCE: Final = ONE // 2

# Inpatient, temporary, stretcher or shared bed, and its number (QĐ 4750/QĐ-BYT).
BED_CODE: Final = re.compile(r"[HTCK]\d{3}", re.ASCII)


class Beds:
    """The lines of beds of one dossier: each by itself, by the day, and in sum."""

    def __init__(self, dossier: Dossier, notes: Notes) -> None:
        self._dossier, self._notes = dossier, notes
        length = dossier.length()
        self._short = length is not None and length < SHORT_STAY
        self._of_day: defaultdict[str, int] = defaultdict(int)
        self._sum, self._whole = 0, True

    def add(self, line: LocatedRow) -> None:
        if line.row.get("MA_NHOM") not in BEDS:
            return
        self._check_code(line)
        if self._short:
            self._notes.add(line, "bed-short-stay", "MA_NHOM", expected="NGAY_RA − NGAY_VAO ≥ 4 h")
        if self._dossier.form in WITHOUT_BEDS:
            self._notes.add(line, "bed-of-outpatient", "MA_NHOM", expected="MA_LOAI_KCB ≠ 01, 02")
        beds = milli(line.row.get("SO_LUONG"))
        if beds is None:
            self._whole = False
            return
        self._sum += beds
        if beds > ONE:
            self._notes.add(line, "bed-quantity", "SO_LUONG", expected="SO_LUONG ≤ 1")
        else:
            self._check_day(line, beds)

    def _check_code(self, line: LocatedRow) -> None:
        codes = values_in(line.row.get("MA_GIUONG"))
        if "MA_GIUONG" not in line.row.faulty and not (codes and all(map(BED_CODE.fullmatch, codes))):
            self._notes.add(line, "code-bed", "MA_GIUONG", expected="H001", found="" if codes else "0")

    def _check_day(self, line: LocatedRow, beds: int) -> None:
        """Doubt the line that passes one bed a day; a line of several days is doubted by itself only."""
        day = (line.row.get("NGAY_TH_YL") or line.row.get("NGAY_YL"))[:8]
        before = self._of_day[day]
        if day and before + beds > ONE >= before:
            self._notes.add(line, "bed-twice-a-day", "SO_LUONG", expected="Σ SO_LUONG ≤ 1 (NGAY_TH_YL)")
        self._of_day[day] = before + beds

    def finish(self) -> None:
        """Check the sum of the beds against the days of the stay."""
        dossier = self._dossier
        days, midnights = milli(dossier.value("SO_NGAY_DTRI")), dossier.calendar_days()
        if dossier.form not in WITH_BEDS or days is None or midnights is None or not self._whole:
            return
        if self._is_more(days):
            self._note("bed-more-than-days", "Σ SO_LUONG (MA_NHOM 14, 15, 16) ≤ SO_NGAY_DTRI")
        elif not self._short and self._sum < self._fewest(midnights):
            self._note("bed-fewer-than-days", "Σ SO_LUONG (MA_NHOM 14, 15, 16) ≥ NGAY_RA − NGAY_VAO")

    def _note(self, rule: str, expected: str) -> None:
        total = f"Σ = {self._sum / ONE:g}"
        self._notes.add(self._dossier.main, rule, "SO_NGAY_DTRI", expected=expected, found=total)

    def _one_more(self) -> bool:
        value = self._dossier.value
        return value("KET_QUA_DTRI") in LAST_DAY_COUNTS or value("MA_LOAI_RV") in LEAVING_COUNTS

    def _is_more(self, days: int) -> bool:
        """Whether there are more beds than days; of a last day of under four hours there is none."""
        length = self._dossier.length()
        assert length is not None
        seconds = length.total_seconds()
        short_end = seconds > 86_400 and 0 < seconds % 86_400 < SHORT_STAY.total_seconds()
        if short_end and not self._one_more():
            return self._sum >= days
        return self._sum > days

    def _fewest(self, midnights: int) -> int:
        return (max(midnights, 1) + self._one_more()) * ONE - TOLERANCE

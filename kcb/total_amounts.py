"""
The totals of XML1: sums of the lines, and the columns of form 01/BH of TT 12/2026/TT-BTC.

Column 2 T_TONGCHI_BV, 3 T_TONGCHI_BH, 4 T_BHTT, 5 T_BNCCT, 6 T_NGUONKHAC, 7 T_BNTT: 2 = 3 + 6 + 7, 3 = 4 + 5.
A dossier without lines has totals of 0.
"""

from dataclasses import dataclass
from typing import Final

from .amounts import DONG, HALF, dong, milli
from .dossier_facts import Dossier
from .line_amounts import OUTSIDE, Line
from .notes import Notes

# Cards of army, police and cipher service: what is paid by fee for service is counted otherwise.
OTHERWISE_COUNTED: Final = frozenset({"QN", "CA", "CY"})

BOTH: Final = "XML2, XML3"


@dataclass(frozen=True, slots=True)
class Total:
    """An amount of XML1 that is the sum of *column* over the lines that *kind* takes."""

    name: str
    field: str
    column: str
    words: str = BOTH
    kind: str = ""

    def counts(self, line: Line) -> bool:
        if self.kind == "drugs":
            return line.code == "XML2"
        if self.kind == "supplies":
            return line.code == "XML3" and bool(line.get("MA_VAT_TU"))
        return self.kind != "fee" or line.get("MA_PTTT") == "1"


TOTALS: Final = (
    Total("total-drugs", "T_THUOC", "THANH_TIEN_BV", "XML2", "drugs"),
    Total("total-supplies", "T_VTYT", "THANH_TIEN_BV", "XML3, MA_VAT_TU", "supplies"),
    Total("total-hospital", "T_TONGCHI_BV", "THANH_TIEN_BV"),
    Total("total-insured", "T_TONGCHI_BH", "THANH_TIEN_BH"),
    Total("total-patient", "T_BNTT", "T_BNTT"),
    Total("total-copayment", "T_BNCCT", "T_BNCCT"),
    Total("total-fund", "T_BHTT", "T_BHTT"),
    Total("total-other-sources", "T_NGUONKHAC", "T_NGUONKHAC"),
    Total("total-fee-for-service", "T_BHTT_GDV", "T_BHTT", f"{BOTH}, MA_PTTT = 1", "fee"),
)


class Sums:
    """The sums of the lines so far, as they are stated and as they should be, in thousandths.

    None is a sum of which a part is missing.
    """

    def __init__(self) -> None:
        self.stated: dict[str, int | None] = {total.name: 0 for total in TOTALS}
        self.right: dict[str, int | None] = dict(self.stated)
        self.outside = 0

    def add(self, line: Line, times: int = 1) -> None:
        """Add a line that comes so many times."""
        for total in TOTALS:
            if total.counts(line):
                stated = line.stated(total.column)
                self._add(self.stated, total.name, stated, times)
                self._add(self.right, total.name, line.right.get(total.column, stated), times)
        if line.scope == OUTSIDE:
            self.outside += (line.stated("THANH_TIEN_BH") or 0) * times

    @staticmethod
    def _add(sums: dict[str, int | None], name: str, part: int | None, times: int) -> None:
        before = sums[name]
        sums[name] = None if before is None or part is None else before + part * times


def check_totals(dossier: Dossier, sums: Sums, notes: Notes) -> None:
    """Check the totals and, where each is the sum of its lines, the form."""
    cards = dossier.value("MA_THE_BHYT")
    named = False
    for total in TOTALS:
        if total.kind != "fee" or cards[:2] not in OTHERWISE_COUNTED:
            named |= check_total(dossier, total, sums, notes)
    if not named:
        check_form_01(dossier, sums, notes)


def check_total(dossier: Dossier, total: Total, sums: Sums, notes: Notes) -> bool:
    stated, of_lines = milli(dossier.value(total.field)), sums.stated[total.name]
    if stated is None or of_lines is None:
        return False
    apart = stated - of_lines
    repaired = sums.right[total.name]
    if abs(apart) < HALF or (repaired != of_lines and (repaired is None or abs(stated - repaired) < DONG)):
        return False
    words = f"{total.field} = Σ {total.column} ({total.words})"
    doubt = abs(apart) < DONG
    notes.add(dossier.main, total.name, total.field, expected=words, found=dong(apart), doubt=doubt)
    return total.kind != "fee"


def check_form_01(dossier: Dossier, sums: Sums, notes: Notes) -> None:
    """Check columns 2 and 3.  Outside the scope the insured amount of a line is written or left at 0.

    Where other sources pay, their share lies inside or beside column 3: the form leaves open what is right.
    """
    names = ("T_TONGCHI_BV", "T_TONGCHI_BH", "T_BHTT", "T_BNCCT", "T_NGUONKHAC", "T_BNTT")
    hospital, insured, fund, shared, others, patient = (milli(dossier.value(name)) for name in names)
    if None in (hospital, insured, fund, shared, others, patient):
        return
    assert hospital is not None and insured is not None and fund is not None  # noqa: PT018
    assert shared is not None and others is not None and patient is not None  # noqa: PT018
    inside = insured - fund - shared
    whole = hospital - insured - others - patient
    if sums.outside and abs(inside - sums.outside) < HALF:
        inside, whole = 0, whole + sums.outside
    if others:
        apart = whole or inside
        if abs(apart) >= HALF:
            words = "T_TONGCHI_BV = T_TONGCHI_BH + T_NGUONKHAC + T_BNTT, T_TONGCHI_BH = T_BHTT + T_BNCCT"
            notes.add(
                dossier.main, "total-split-other-sources", "T_NGUONKHAC", expected=words, found=dong(apart)
            )
        return
    note_split(dossier, "total-insured-split", "T_BHTT", "T_TONGCHI_BH = T_BHTT + T_BNCCT", inside, notes)
    note_split(
        dossier, "total-hospital-split", "T_TONGCHI_BV", "T_TONGCHI_BV = T_TONGCHI_BH + T_BNTT", whole, notes
    )


def note_split(dossier: Dossier, rule: str, field: str, words: str, apart: int, notes: Notes) -> None:
    if abs(apart) >= HALF:
        notes.add(dossier.main, rule, field, expected=words, found=dong(apart), doubt=abs(apart) < DONG)

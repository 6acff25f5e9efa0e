"""For how long the fund pays on when a card lapses during treatment, and for whom, as data with days."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from .benefit_levels import UNVERIFIED


@dataclass(frozen=True, slots=True)
class Grace:
    """
    For which forms of care (`MA_LOAI_KCB`) the days are, and for which surely not.

    Of the others the texts do not tell it: who comes for one of them is not refused, and the doubt is told.
    """

    valid_from: date
    days: timedelta
    forms: frozenset[str]
    not_forms: frozenset[str]
    source: str

    def covers(self, care_form: str) -> bool | None:
        """Whether the days are for *care_form*; None when it was not given, or is told nowhere."""
        if care_form in self.forms:
            return True
        return False if care_form in self.not_forms else None


# The newest first.  Before the first one nothing is known, and nothing is paid on.
GRACES: Final = (
    Grace(
        date(2025, 7, 1),
        timedelta(days=15),
        # Inpatient, day and outpatient treatment; not a mere examination.  05 to 08 are told nowhere.
        frozenset({"02", "03", "04", "09"}),
        frozenset({"01"}),
        "NĐ 188/2025/NĐ-CP Điều 50 khoản 4",
    ),
    Grace(
        date(2018, 12, 1),
        timedelta(days=15),
        # Inpatients only.
        frozenset({"03", "09"}),
        frozenset({"01", "02", "05", "07", "08"}),
        f"NĐ 146/2018/NĐ-CP Điều 27 ({UNVERIFIED})",
    ),
)


def grace_of(day: date) -> Grace | None:
    return next((grace for grace in GRACES if grace.valid_from <= day), None)

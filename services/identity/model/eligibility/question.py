"""What is asked: the day, the facility, and what is known of the person and of how they came."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from common.values import PartialDate
from kcb.dossier_facts import INPATIENT, OUTPATIENT

from ..facilities import InitialCare, Level
from .care_categories import NEWBORN_DAYS
from .care_category import Circumstance, FormerLine
from .copayment import Payment

# Levels that are surely not the initial one: whose facilities are of none of the kinds of row 1.2.
HIGHER: Final = frozenset({Level.BASIC, Level.SPECIALISED})


@dataclass(frozen=True, slots=True)
class Place:
    """What counts of the facility.

    *points* 0 is not told, like UNSPECIFIED of the others; *provisional* is ranked for the time being.
    """

    code: str
    level: Level = Level.UNSPECIFIED
    points: int = 0
    former_line: int = FormerLine.UNSPECIFIED
    initial_care: InitialCare = InitialCare.UNSPECIFIED
    provisional: bool = False

    @property
    def kind(self) -> InitialCare:
        """The kind of initial care as told, or as the level tells it: above the initial one there is none."""
        if self.initial_care is InitialCare.UNSPECIFIED and self.level in HIGHER:
            return InitialCare.OTHER
        return self.initial_care


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    *shown_card* is the 15-character card the person showed, if any; *slip_date* when the transfer slip was
    signed; *co_payments* what was shared of the costs, None when not known; *visit_cost* the costs of the
    visit in scope, in đồng, None when not known.
    """

    day: date
    place: Place
    care_category: str = ""
    care_form: str = ""
    treatment_start: date | None = None
    shown_card: str = ""
    birth: PartialDate | None = None
    circumstances: frozenset[Circumstance] = frozenset()
    slip_date: date | None = None
    co_payments: tuple[Payment, ...] | None = None
    visit_cost: int | None = None

    @property
    def arrival_day(self) -> date:
        return self.treatment_start or self.day

    @property
    def inpatient(self) -> bool | None:
        """Whether the person stays; None when not settled, by the reception or by the texts."""
        if self.care_form in INPATIENT:
            return True
        return False if self.care_form in OUTPATIENT else None

    @property
    def newborn(self) -> bool | None:
        """Whether the person is a newborn on the day; None when nobody tells.

        A birth date can only tell that somebody is none: row 1.7 is for treatment right after birth, not
        for every baby of its first days (NĐ 188/2025/NĐ-CP Art. 37.2).
        """
        if self.birth and self.birth.exists and not self._may_be_newborn(self.birth):
            return False
        return True if Circumstance.NEWBORN in self.circumstances else None

    def _may_be_newborn(self, birth: PartialDate) -> bool:
        born = birth.whole
        return 0 <= (self.day - born).days <= NEWBORN_DAYS if born else birth.youngest_age(self.day) <= 0

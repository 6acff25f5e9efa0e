"""What is asked: the day, the facility, and what is known of the person and of how they came."""

from dataclasses import dataclass
from datetime import date

from common.values import PartialDate

from ..facilities import Level
from .care_categories import INPATIENT_FORMS, NEWBORN_DAYS, Circumstance, FormerLine


@dataclass(frozen=True, slots=True)
class Place:
    """What counts of the facility; *points* 0 is not told, like *former_line* and *level* UNSPECIFIED."""

    code: str
    level: Level = Level.UNSPECIFIED
    points: int = 0
    former_line: int = FormerLine.UNSPECIFIED


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.  *shown_card* is the 15-character card the person showed, if any."""

    day: date
    place: Place
    care_category: str = ""
    care_form: str = ""
    treatment_start: date | None = None
    shown_card: str = ""
    birth: PartialDate | None = None
    circumstances: frozenset[Circumstance] = frozenset()

    @property
    def inpatient(self) -> bool | None:
        """Whether the person stays; None when not settled."""
        return self.care_form in INPATIENT_FORMS if self.care_form else None

    @property
    def newborn(self) -> bool | None:
        """Whether the person is a newborn on the day; None when neither the birth date nor anybody tells."""
        if Circumstance.NEWBORN in self.circumstances:
            return True
        born = self.birth.whole if self.birth and self.birth.exists else None
        return 0 <= (self.day - born).days <= NEWBORN_DAYS if born else None

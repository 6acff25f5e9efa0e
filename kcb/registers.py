"""
What a file can be held against beyond itself: lists, a directory, slips, other dossiers.

Each is optional, and a rule that needs one which nobody gave is silent.  Rows of a facility's lists (danh mục
01/DM to 06/DM, TT 12/2026/TT-BTC Art. 7, 8) count on the days from *first* to *last*, both included.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

FIRST, LAST = "", "99999999"


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of a list: its code, its other values by field name, its days."""

    code: str
    values: Mapping[str, str] = field(default_factory=dict)
    first: str = FIRST
    last: str = LAST

    def counts(self, day: str) -> bool:
        return self.first <= day <= (self.last or LAST)


class Listing:
    """A list by its codes."""

    def __init__(self, rows: Iterable[Listed]) -> None:
        self._rows: dict[str, list[Listed]] = {}
        for row in rows:
            self._rows.setdefault(row.code, []).append(row)

    def on(self, code: str, day: str) -> Sequence[Listed]:
        """Return the rows of *code* that count on *day*."""
        return [row for row in self._rows.get(code, ()) if row.counts(day)]

    def holds(self, code: str, day: str) -> bool:
        return bool(self.on(code, day))


@dataclass(frozen=True, slots=True)
class Ages:
    """The ages, in years at arrival, at which a diagnosis of an annex counts."""

    least: int = 0
    most: int = 200


# Columns of the ICD-10 list of TT 06/2026/TT-BYT.
NOT_MAIN, DISCOURAGED, TOO_COARSE, DEATH_ONLY, FEMALE, MALE = 24, 25, 26, 27, 28, 29

Icd10 = Mapping[str, frozenset[int]]
Annex = Mapping[str, Ages]


@dataclass(frozen=True, slots=True)
class KnownSlip:
    """A slip that the exchange knows: the last day on which it is good, and whether it was used before.

    *ended*: it was declined, cancelled or replaced.
    """

    last_day: str
    used: bool = False
    ended: bool = False


@dataclass(frozen=True, slots=True)
class KnownCard:
    """A card that the person has, from and to a day; not *usable* when it was stopped."""

    number: str
    first: str = FIRST
    last: str = LAST
    usable: bool = True


@dataclass(frozen=True, slots=True)
class BedUse:
    """A bed in use by another dossier of the facility, from and to a minute."""

    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Registers:
    """What there is.  *icd10* are lists with the day from which each counts, by the discharge.

    *cards* and *slips* are all that the person has, the slips by number.
    """

    icd10: Sequence[tuple[str, Icd10]] = ()
    annex_1: Annex | None = None
    annex_2: Annex | None = None
    departments: Listing | None = None
    staff: Listing | None = None
    drugs: Listing | None = None
    supplies: Listing | None = None
    services: Listing | None = None
    machines: Listing | None = None
    services_with_machine: frozenset[str] | None = None
    facilities: frozenset[str] | None = None
    cards: Sequence[KnownCard] | None = None
    slips: Mapping[str, KnownSlip] | None = None
    beds: Mapping[tuple[str, str], Sequence[BedUse]] = field(default_factory=dict)

    def icd10_on(self, day: str) -> Icd10 | None:
        """Return the list in force on *day*, yyyyMMdd, or None."""
        counting = [codes for first, codes in sorted(self.icd10, key=lambda each: each[0]) if first <= day]
        return counting[-1] if counting and day else None


NOTHING: Final = Registers()

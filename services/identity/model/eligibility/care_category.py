"""A row of the list of care categories (`MA_DOITUONG_KCB`): what it gives, and whom it fits."""

from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Final

from ..facilities import InitialCare, Level

# Luật 51/2024/QH15: the rights by level of care begin.
START: Final = date(2025, 1, 1)


class Arrival(IntEnum):
    UNSPECIFIED = 0
    INITIAL = 1
    REFERRED = 2
    EMERGENCY = 3
    ENTITLED = 4
    SELF = 5
    DRUGS_ONLY = 6
    UNINSURED = 7


class Basis(IntEnum):
    """What a share is a share of: the benefit (scope and rate of the card), or the costs in scope."""

    UNSPECIFIED = 0
    BENEFIT = 1
    COSTS = 2


class Circumstance(IntEnum):
    """What is known of how the person came; as `CheckEligibilityRequest.Circumstance` of the contract."""

    EMERGENCY = 1
    TRANSFER_SLIP = 2
    REEXAMINATION_SLIP = 3
    AWAY_FROM_HOME = 4
    ORGAN_DONOR = 5
    NEWBORN = 6
    ANNEX_ONE_DISEASE = 7
    ANNEX_TWO_DISEASE = 8


class FormerLine(IntEnum):
    """The line before 2025 (tuyến); as `Facility.FormerLine` of the contract."""

    UNSPECIFIED = 0
    CENTRAL = 1
    PROVINCIAL = 2
    DISTRICT = 3
    COMMUNE = 4
    NONE = 5


@dataclass(frozen=True, slots=True)
class Doubt:
    """What the texts leave open, in words, with its source."""

    en: str
    vi: str
    source: str


@dataclass(frozen=True, slots=True)
class Category:
    """
    A row of the list in its days.

    *outpatient* and *inpatient* are the percent of *basis*; None is not known, or not for that form.
    *exemption* is whether who is exempt from sharing costs is so in this row too; None is not settled.

    The rest says whom the row fits, empty or None for anybody: *levels*, *kinds* (of the initial level) and
    *lines* of the facility, *not_kinds* and *not_lines* for which other rows are, its *points* (from the
    first to under the second; *provisional*: also of one ranked for the time being), the *circumstance*,
    *unless* for which other rows are, an *area* code on the card.
    """

    code: str
    vi: str
    arrival: Arrival
    outpatient: int | None
    inpatient: int | None
    source: str
    levels: frozenset[Level] = frozenset()
    points: tuple[int, int] | None = None
    lines: frozenset[FormerLine] = frozenset()
    circumstance: Circumstance | None = None
    area: bool = False
    kinds: frozenset[InitialCare] = frozenset()
    not_kinds: frozenset[InitialCare] = frozenset()
    not_lines: frozenset[FormerLine] = frozenset()
    provisional: bool = False
    unless: frozenset[Circumstance] = frozenset()
    basis: Basis = Basis.BENEFIT
    exemption: bool | None = True
    doubt: Doubt | None = None
    valid_from: date = START
    valid_to: date | None = None

    def holds(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def percent(self, inpatient: bool | None) -> int | None:
        """Return the percent of the basis; None when it is not known.

        *inpatient* None is "not settled": then the row answers when it has one
        percent only, or the same for both.
        """
        if inpatient is not None:
            return self.inpatient if inpatient else self.outpatient
        if self.outpatient is None or self.inpatient is None:
            return self.inpatient if self.outpatient is None else self.outpatient
        return self.outpatient if self.outpatient == self.inpatient else None

    @property
    def needs_form(self) -> bool:
        """Whether the row says different things of those who stay and those who do not."""
        return self.outpatient != self.inpatient

    @property
    def has_share(self) -> bool:
        return self.outpatient is not None or self.inpatient is not None

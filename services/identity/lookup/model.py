"""The key that a reception looks a person up by, and what is found."""

from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

from common.values import PartialDate

from ..model.coverages import Coverage
from ..model.identifiers import CardQr, Identifier, Kind, Sex, State, numbers_to_try
from ..model.persons import Person

# The fields of a request in which a number is shown.
NUMBER_FIELDS: Final = {
    "personal_id": Kind.PERSONAL_ID,
    "old_id": Kind.OLD_ID,
    "social_insurance_number": Kind.SOCIAL_INSURANCE_NUMBER,
    "card_number": Kind.CARD_NUMBER,
}


@dataclass(frozen=True, slots=True)
class LookupKey:
    """What a person is looked up by: what they showed, or a record's name; empty finds nobody.

    *numbers* are the places to look, the surest first.  A merged record that is named
    stands for its survivor, unless *itself* is asked for.
    """

    numbers: tuple[tuple[Kind, str], ...] = ()
    person: UUID | None = None
    itself: bool = False
    qr: CardQr | None = None

    @classmethod
    def from_number(cls, kind: Kind, value: str) -> "LookupKey":
        return cls(tuple(numbers_to_try(kind, value)))

    @classmethod
    def from_qr(cls, qr: CardQr) -> "LookupKey":
        old = ((Kind.OLD_ID, qr.old_id),) if qr.old_id else ()
        return cls((*numbers_to_try(qr.kind, qr.value), *old), qr=qr)


class Named(Protocol):
    """Who has a number, or whom a card names."""

    @property
    def full_name(self) -> str: ...
    @property
    def birth(self) -> PartialDate | None: ...
    @property
    def sex(self) -> Sex: ...


@dataclass(frozen=True, slots=True)
class Insured:
    id: UUID
    full_name: str
    birth: PartialDate | None
    sex: Sex


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """Who has a number; None when nobody does, or when *claimed_by* survivors, more than one, claim it.

    *state* is whether the number is the one in use, *holder* the record that has it: the
    survivor, if it has, else one merged into it.  *identifiers* are those of every
    record that was merged into this one, too.
    """

    claimed_by: int
    state: State
    person: Person | None
    holder: UUID | None
    identifiers: list[Identifier]

    @property
    def id(self) -> UUID | None:
        return self.person.id if self.person else None

    @property
    def named(self) -> Named | None:
        return self.person


@dataclass(frozen=True, slots=True)
class FoundInsured:
    """Who has a number, and their cards, the newest first; None and *holder* as in `FoundPerson`."""

    claimed_by: int
    insured: Insured | None
    cards: list[Coverage]
    holder: UUID | None = None

    @property
    def id(self) -> UUID | None:
        return self.insured.id if self.insured else None

    @property
    def named(self) -> Named | None:
        return self.insured

"""What is looked up at a reception, and what is found."""

from dataclasses import dataclass
from uuid import UUID

from common.values import PartialDate

from .coverages import Coverage
from .identifiers import CardQr, Identifier, Kind, Sex, State, lookups
from .persons import Person


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody showed, or the entry that is asked about by name; empty finds nobody.

    *numbers* are the places to look, the surest first.  A merged entry that is named
    stands for the one it was merged into, unless *itself* is asked for.
    """

    numbers: tuple[tuple[Kind, str], ...] = ()
    person: UUID | None = None
    itself: bool = False
    qr: CardQr | None = None


def by_number(kind: Kind, value: str) -> Shown:
    """Return what to look up for a number that was shown."""
    return Shown(tuple(lookups(kind, value)))


def by_qr(qr: CardQr) -> Shown:
    """Return what to look up for a card's QR code: its number, and then the old ID it tells."""
    old = ((Kind.OLD_ID, qr.old_id),) if qr.old_id else ()
    return Shown((*lookups(qr.kind, qr.value), *old), qr=qr)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a number, as far as their insurance needs to know."""

    id: UUID
    full_name: str
    birth: PartialDate | None
    sex: Sex


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """Who has a number; None when nobody does, or when *entries* unmerged entries, more than one, claim it.

    *state* is whether the number is the one in use, *claimant* the entry that has it: the
    person's own, if it has, else one merged into it.  *identifiers* are those of every
    entry that was merged into this one, too.
    """

    entries: int
    state: State
    person: Person | None
    claimant: UUID | None
    identifiers: list[Identifier]

    @property
    def id(self) -> UUID | None:
        """Whom it found."""
        return self.person.id if self.person else None


@dataclass(frozen=True, slots=True)
class FoundHolder:
    """Who has a number, and their cards, the newest first; None as in `FoundPerson`."""

    entries: int
    holder: Holder | None
    cards: list[Coverage]

    @property
    def id(self) -> UUID | None:
        """Whom it found."""
        return self.holder.id if self.holder else None

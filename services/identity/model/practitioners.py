"""People licensed to practise, and whom they are lent to."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from .faults import Fault, malformed, missing, too_long

# The same licence number is the same practitioner, on every node: the name is made from it.
LICENCES = UUID("6f3c1d0a-5a0e-5d5e-9d9a-0b6a3f1c2e77")


@dataclass(frozen=True, slots=True)
class Lending:
    """A contract that lends a practitioner to *facility*, a code."""

    facility: str
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class PractitionerRow:
    """A practitioner of an import."""

    licence_number: str
    full_name: str
    title: str
    scope: str
    valid_from: date | None
    valid_to: date | None
    state: int
    facility: str
    lendings: tuple[Lending, ...] = ()


@dataclass(frozen=True, slots=True)
class Practitioner:
    """Somebody licensed to practise (người hành nghề)."""

    id: UUID
    licence_number: str
    full_name: str
    title: str
    scope: str
    valid_from: date | None
    valid_to: date | None
    state: int
    facility: str
    update_time: datetime
    version: int


def practitioner_id(licence_number: str) -> UUID:
    """Return the id that belongs to a practising-licence number (số GPHN)."""
    return uuid5(LICENCES, licence_number)


def row_faults(row: PractitionerRow) -> list[Fault]:
    """Return what is wrong with a row of a licensing register; empty when nothing."""
    limits = {
        "licence_number": (row.licence_number, 255),
        "full_name": (row.full_name, 255),
        "title": (row.title, 100),
        "scope": (row.scope, 1024),
    }
    faults = [missing(field) for field in ("licence_number", "full_name") if not limits[field][0]]
    faults += [too_long(field, limit) for field, (value, limit) in limits.items() if len(value) > limit]
    if row.state not in (1, 2, 3):
        faults.append(malformed("state"))
    if row.valid_from and row.valid_to and row.valid_to < row.valid_from:
        en, vi = "the licence ends before it begins", "Ngày hết hạn trước ngày hiệu lực."
        faults.append(Fault("valid_to", "valid_to.order", en, vi))
    return faults

"""What a health book is made of: rows of the history with where they come from."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from .clinical_history import Encounter, Medicine, Result, Service


@dataclass(frozen=True, slots=True)
class Source:
    """Where a row comes from: the dossier, the facility (bare code) and the mask of restricted kinds."""

    dossier: UUID
    facility: str
    classes: int


@dataclass(frozen=True, slots=True)
class FoundEncounter:
    """An encounter and its coded diagnoses, the main one first."""

    source: Source
    encounter: Encounter
    diagnoses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FoundResult:
    """A result and its id."""

    source: Source
    id: UUID
    result: Result


@dataclass(frozen=True, slots=True)
class FoundMedicine:
    """A medicine ordered."""

    source: Source
    medicine: Medicine


@dataclass(frozen=True, slots=True)
class FoundService:
    """A service done."""

    source: Source
    service: Service


@dataclass(frozen=True, slots=True)
class FoundSummary:
    """A record summary (XML8) as its fields."""

    source: Source
    data: dict[str, str]


@dataclass(frozen=True, slots=True)
class Pharmacy:
    """A medicine that a pharmacy handed out; *classes* is the mask of restricted kinds it tells of."""

    dispensing: str
    pharmacy: str
    dispense_time: datetime
    drug_name: str
    registration_number: str
    quantity: str
    unit: str
    lot: str
    classes: int = 0


@dataclass(frozen=True, slots=True)
class Booking:
    """An appointment; the diagnosis as (system, code, display), the day as (year, month, day)."""

    appointment: str
    facility: str
    day: tuple[int, int, int]
    diagnosis: tuple[str, str, str]
    state: str

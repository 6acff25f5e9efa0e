"""What a health book (sổ sức khỏe điện tử) is made of: each entry with where it comes from."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from common.restricted import classes_of, mask_of
from common.values import PartialDate

from .clinical_history import Encounter, Medicine, Result, Service

# Encounters in one health book: by default, and at most.
DEFAULT_ENCOUNTERS, MAX_ENCOUNTERS = 50, 200


@dataclass(frozen=True, slots=True)
class Source:
    """The dossier that an entry was made from, its facility (bare code), its mask of restricted classes."""

    dossier: UUID
    facility: str
    classes: int


@dataclass(frozen=True, slots=True)
class EncounterEntry:
    source: Source
    encounter: Encounter
    diagnoses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ResultEntry:
    source: Source
    id: UUID
    result: Result


@dataclass(frozen=True, slots=True)
class MedicineEntry:
    source: Source
    medicine: Medicine


@dataclass(frozen=True, slots=True)
class ProcedureEntry:
    source: Source
    service: Service


@dataclass(frozen=True, slots=True)
class SummaryEntry:
    """A record summary (tóm tắt hồ sơ bệnh án, XML8) as its fields."""

    source: Source
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class DispensedMedicine:
    """A medicine that a pharmacy handed out; *classes* is the mask of restricted classes it tells of."""

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
class BookedAppointment:
    """An appointment (hẹn khám lại); the diagnosis as (system, code, display)."""

    appointment: str
    facility: str
    day: PartialDate
    diagnosis: tuple[str, str, str]
    state: str
    create_time: datetime

    @property
    def classes(self) -> int:
        return mask_of(classes_of([self.diagnosis[1]]))

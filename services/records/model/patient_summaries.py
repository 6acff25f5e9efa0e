"""
What a patient summary (International Patient Summary) is made of, and which of it: the latest of each kind.

A summary is for a doctor who has minutes, so it holds each diagnosis, test and medicine once, as it was last
on record; the whole is the health book's.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, TypeVar
from uuid import UUID

from common.values import PartialDate

from .allergies import allergy_of
from .health_books import (
    DispensedMedicine,
    EncounterEntry,
    MedicineEntry,
    ProcedureEntry,
    ResultEntry,
    Source,
)

T = TypeVar("T")

# Encounters looked at, the latest; rows read of each table, the latest; entries of one section.
MAX_ENCOUNTERS: Final = 50
MAX_ROWS: Final = 1000
MAX_ENTRIES: Final = 100


@dataclass(frozen=True, slots=True)
class PatientNumber:
    """A number in use; *kind* as identity names it: `KIND_PERSONAL_ID`."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Demographics:
    """Who the person is, as identity tells; *sex* as it names it: `SEX_FEMALE`.  Nothing, of nobody."""

    full_name: str = ""
    birth: PartialDate | None = None
    sex: str = ""
    address: str = ""
    phone: str = ""
    deceased: bool = False
    numbers: tuple[PatientNumber, ...] = ()


@dataclass(frozen=True, slots=True)
class VaccineDose:
    """A dose of a vaccine; *vaccine* as (system, code, display), *source* without a dossier of its own."""

    id: UUID
    source: Source
    vaccine: tuple[str, str, str]
    dose_number: int
    immunize_time: datetime
    lot: str


@dataclass(frozen=True, slots=True)
class PatientHistory:
    """What a reader may see of a person, the latest first; bounded by who read it.

    *demographics* is None while identity was not heard.  *unreachable* names the services whose part is
    missing; *older_encounters* tells of encounters before these; *own_records_only* that others' were not
    looked at; *sender* whose alone were, beside the reader's own: the facility (bare code) of a referral.
    """

    person: UUID
    demographics: Demographics | None
    encounters: Sequence[EncounterEntry] = ()
    results: Sequence[ResultEntry] = ()
    medicines: Sequence[MedicineEntry] = ()
    procedures: Sequence[ProcedureEntry] = ()
    dispensed_medicines: Sequence[DispensedMedicine] = ()
    doses: Sequence[VaccineDose] = ()
    unreachable: Sequence[str] = ()
    older_encounters: bool = False
    own_records_only: bool = False
    sender: str = ""


class Derived(Protocol):
    """An entry that was made from a dossier or another record of a facility."""

    @property
    def source(self) -> Source: ...


D = TypeVar("D", bound=Derived)


def by_encounter(encounters: Iterable[EncounterEntry], entries: Iterable[D]) -> list[D]:
    """Return *entries* in the order of their encounters; those of one encounter stay as they are."""
    positions = {entry.source.dossier: position for position, entry in enumerate(encounters)}
    return sorted(entries, key=lambda entry: positions.get(entry.source.dossier, len(positions)))


@dataclass(frozen=True, slots=True)
class Problem:
    """A diagnosis by its code (ICD-10), as it was last recorded.

    *words* are the facility's own, of a main diagnosis only; *first_time* is the arrival of the earliest
    encounter looked at that has it.
    """

    code: str
    words: str
    latest: EncounterEntry
    first_time: datetime

    @property
    def allergy(self) -> tuple[str, str] | None:
        """Return what an allergy is to, and what it is called; None when it is no allergy."""
        return allergy_of(self.code)


def problems_of(encounters: Iterable[EncounterEntry]) -> list[Problem]:
    """Return each diagnosis once, the one recorded last first."""
    problems: dict[str, Problem] = {}
    for entry in encounters:
        arrival = entry.encounter.arrival_time
        for position, code in enumerate(entry.diagnoses):
            latest = problems.get(code)
            words = entry.encounter.discharge_diagnosis if position == 0 else ""
            problems[code] = (
                Problem(code, words, entry, arrival)
                if latest is None
                else Problem(code, latest.words or words, latest.latest, min(latest.first_time, arrival))
            )
    return list(problems.values())[:MAX_ENTRIES]


def latest_results(entries: Iterable[ResultEntry]) -> list[ResultEntry]:
    """Return the latest result of each indicator of each service, or of the service without any."""
    return _first_each(entries, lambda entry: (entry.result.service_code, entry.result.indicator_code))


def latest_medicines(entries: Iterable[MedicineEntry]) -> list[MedicineEntry]:
    """Return the latest order of each medicine: code, name and strength."""
    return _first_each(
        entries, lambda entry: (entry.medicine.drug_code, entry.medicine.drug_name, entry.medicine.strength)
    )


def latest_dispensed(medicines: Iterable[DispensedMedicine]) -> list[DispensedMedicine]:
    """Return the latest handing out of each medicine: registration number and name."""
    return _first_each(medicines, lambda medicine: (medicine.registration_number, medicine.drug_name))


def _first_each(entries: Iterable[T], key: Callable[[T], Hashable]) -> list[T]:
    firsts: dict[Hashable, T] = {}
    for entry in entries:
        firsts.setdefault(key(entry), entry)
    return list(firsts.values())[:MAX_ENTRIES]

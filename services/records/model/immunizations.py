"""Doses of vaccines (tiêm chủng): what was given, and the record of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from common.faults import Fault, future_fault
from common.restricted import classes_of, mask_of
from common.values import PartialDate, day_of, is_future

# (system, code, what it means), as `Coding`.
Code = tuple[str, str, str]

NO_CODE: Code = ("", "", "")


@dataclass(frozen=True, slots=True)
class Reaction:
    """What followed a dose (phản ứng sau tiêm); *severity* as `ImmunizationReaction.Severity` numbers it."""

    kind: Code
    onset_time: datetime | None
    severity: int


@dataclass(frozen=True, slots=True)
class Dose:
    """What was given: equal doses say the same in every word."""

    vaccine: Code
    dose_number: int
    immunize_time: datetime
    lot: str
    lot_expiry: PartialDate | None
    body_site: Code
    route: Code
    practitioner: str
    reactions: tuple[Reaction, ...]
    note: str

    @property
    def classes(self) -> int:
        """Return the mask of the restricted classes that its reactions tell of."""
        return mask_of(classes_of(reaction.kind[1] for reaction in self.reactions))

    def is_same_dose(self, other: "Dose") -> bool:
        """Whether *other*, of the same person and facility, is this dose, whatever else it says."""
        return self._key == other._key

    @property
    def _key(self) -> tuple[str, str, int, date]:
        return self.vaccine[0], self.vaccine[1], self.dose_number, day_of(self.immunize_time)


@dataclass(frozen=True, slots=True)
class Immunization:
    """The record of a dose; *state* is `recorded` or `superseded`, *facility* the bare code."""

    id: UUID
    person: UUID
    facility: str
    state: str
    receive_time: datetime
    dose: Dose
    supersedes: UUID | None = None
    superseded_by: UUID | None = None


def check_dose(dose: Dose, now: datetime) -> list[Fault]:
    """Return what is wrong with a dose, in the order of the message; what only warns refuses nothing."""
    faults: list[Fault] = []
    if not dose.vaccine[1]:
        faults.append(required("immunization.vaccine.code"))
    if is_future(dose.immunize_time, now):
        faults.append(future_fault("immunization.immunize_time"))
    faults += _expiry_faults(dose)
    for position, reaction in enumerate(dose.reactions):
        faults += _reaction_faults(reaction, dose, now, f"immunization.reactions[{position}]")
    return faults


def _expiry_faults(dose: Dose) -> Iterable[Fault]:
    field, expiry = "immunization.lot_expiry", dose.lot_expiry
    if expiry is None:
        return
    if not expiry.exists:
        yield no_date(field)
    elif (whole := expiry.whole) is not None and day_of(dose.immunize_time) > whole:
        yield Fault(
            field,
            "lot-expired",
            "The lot had expired on that day.",
            "Lô đã hết hạn tại ngày tiêm.",
            refuses=False,
        )


def _reaction_faults(reaction: Reaction, dose: Dose, now: datetime, path: str) -> Iterable[Fault]:
    if not reaction.kind[1] and not reaction.kind[2]:
        yield required(f"{path}.kind")
    if is_future(reaction.onset_time, now):
        yield future_fault(f"{path}.onset_time")
    elif reaction.onset_time is not None and reaction.onset_time < dose.immunize_time:
        yield Fault(
            f"{path}.onset_time",
            "date-order",
            "The reaction began before the dose.",
            "Phản ứng xảy ra trước khi tiêm.",
        )


def required(field: str) -> Fault:
    return Fault(field, "required", "A required field is empty.", "Trường bắt buộc đang để trống.")


def no_date(field: str) -> Fault:
    return Fault(field, "date-format", "There is no such date.", "Không có ngày này.")

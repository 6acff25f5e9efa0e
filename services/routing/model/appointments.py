"""
Re-examination slips (phiếu hẹn khám lại): booked, then used once or cancelled.

    booked ──use──▶ used        booked ──cancel, replace──▶ cancelled
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from .referrals import Diagnosis
from .state_machine import InvalidTransition, transition

APPOINTMENTS: Final = "//routing.lientuyen/appointments/"


class State(StrEnum):
    BOOKED = "booked"
    USED = "used"
    CANCELLED = "cancelled"


TRANSITIONS: Final = {
    (State.BOOKED, "use"): State.USED,
    (State.BOOKED, "cancel"): State.CANCELLED,
    (State.BOOKED, "replace"): State.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Appointment:
    """An appointment.  *source_slip* is the full name of the slip of a dossier that it was made from.

    *encounter* is the facility's, which it ends; *remind_time* when the facility was reminded.
    """

    id: UUID
    person: str
    facility: str
    day: date
    slip_number: str
    diagnosis: Diagnosis
    care_category: str
    source_dossier: str
    state: State
    create_time: datetime
    use_time: datetime | None = None
    cancel_time: datetime | None = None
    source_slip: str = ""
    replaces: UUID | None = None
    replaced_by: UUID | None = None
    encounter: str = ""
    remind_time: datetime | None = None

    @property
    def name(self) -> str:
        return f"{APPOINTMENTS}{self.id}"

    @property
    def is_in_force(self) -> bool:
        return self.state is not State.CANCELLED


def use(appointment: Appointment, now: datetime) -> Appointment:
    """Return *appointment*, used; once only (TT 01/2025/TT-BYT)."""
    return replace(appointment, state=transition(TRANSITIONS, appointment.state, "use"), use_time=now)


def cancel(appointment: Appointment, now: datetime) -> Appointment:
    return replace(appointment, state=transition(TRANSITIONS, appointment.state, "cancel"), cancel_time=now)


def replace_by(appointment: Appointment, successor: UUID, now: datetime) -> Appointment:
    """Return *appointment*, whose place *successor* takes: cancelled, unless it was used already."""
    state = transition(TRANSITIONS, appointment.state, "replace")
    return replace(appointment, state=state, cancel_time=now, replaced_by=successor)


def remind(appointment: Appointment, now: datetime) -> Appointment:
    """Return *appointment*, of which its facility was reminded; InvalidTransition for a second time."""
    if appointment.state is not State.BOOKED or appointment.remind_time is not None:
        raise InvalidTransition(appointment.state, "remind")
    return replace(appointment, remind_time=now)


def same_slip(appointment: Appointment, other: Appointment, persons: Collection[str]) -> bool:
    """Tell whether both are of one slip: the day and the person are the same, and the encounter.

    *persons* are the names that the person of *other* may have had.
    """
    same_source = appointment.source_slip in ("", other.source_slip) or not other.source_slip
    return appointment.day == other.day and appointment.person in persons and same_source


def is_unchanged(appointment: Appointment, other: Appointment, persons: Collection[str]) -> bool:
    """Tell whether *other* says of a slip what *appointment* said; *persons* are as in `same_slip`."""
    return same_slip(appointment, other, persons) and _content(appointment) == _content(other)


def _content(appointment: Appointment) -> tuple[object, ...]:
    return appointment.slip_number, appointment.diagnosis, appointment.care_category

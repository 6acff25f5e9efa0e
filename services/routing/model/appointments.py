"""
Re-examination slips (phiếu hẹn khám lại): booked, then used once or cancelled.

    booked ──use──▶ used        booked ──cancel──▶ cancelled
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from .referrals import Diagnosis
from .state_machine import transition

APPOINTMENTS: Final = "//routing.lientuyen/appointments/"


class State(StrEnum):
    BOOKED = "booked"
    USED = "used"
    CANCELLED = "cancelled"


TRANSITIONS: Final = {
    (State.BOOKED, "use"): State.USED,
    (State.BOOKED, "cancel"): State.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Appointment:
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

    @property
    def name(self) -> str:
        return f"{APPOINTMENTS}{self.id}"


def use(appointment: Appointment, now: datetime) -> Appointment:
    """Return *appointment*, used; once only (TT 01/2025/TT-BYT)."""
    return replace(appointment, state=transition(TRANSITIONS, appointment.state, "use"), use_time=now)


def cancel(appointment: Appointment, now: datetime) -> Appointment:
    return replace(appointment, state=transition(TRANSITIONS, appointment.state, "cancel"), cancel_time=now)

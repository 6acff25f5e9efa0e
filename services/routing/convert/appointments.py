"""Appointments."""

from datetime import date, datetime
from uuid import UUID

from lientuyen.routing.v1 import appointment_pb2 as pb

from ..model.appointments import Appointment, State
from .common import date_to_pb, diagnosis_from_pb, diagnosis_to_pb, short, time_to_pb

STATES = {
    State.BOOKED: pb.Appointment.STATE_BOOKED,
    State.USED: pb.Appointment.STATE_USED,
    State.CANCELLED: pb.Appointment.STATE_CANCELLED,
}
STATES_FROM_PB = {value: state.value for state, value in STATES.items()}


def appointment_from_pb(
    given: pb.Appointment, *, appointment_id: UUID, day: date, now: datetime
) -> Appointment:
    """Return a new appointment; what the server sets is not read from *given*."""
    return Appointment(
        id=appointment_id,
        person=given.person,
        facility=given.facility,
        day=day,
        slip_number=given.slip_number,
        diagnosis=diagnosis_from_pb(given.diagnosis),
        care_category=given.care_category,
        source_dossier=given.source_dossier,
        state=State.BOOKED,
        create_time=now,
    )


def appointment_to_pb(appointment: Appointment) -> pb.Appointment:
    """Return *appointment* as its facility and its person see it."""
    return pb.Appointment(
        name=short(appointment.name),
        person=appointment.person,
        facility=appointment.facility,
        day=date_to_pb(appointment.day),
        slip_number=appointment.slip_number,
        diagnosis=diagnosis_to_pb(appointment.diagnosis),
        care_category=appointment.care_category,
        source_dossier=appointment.source_dossier,
        state=STATES[appointment.state],
        create_time=time_to_pb(appointment.create_time),
        use_time=time_to_pb(appointment.use_time),
        cancel_time=time_to_pb(appointment.cancel_time),
    )

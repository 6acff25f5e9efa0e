"""Appointments."""

from datetime import date, datetime
from uuid import UUID

from common.values import date_to_pb, timestamp_to_pb
from lientuyen.routing.v1 import appointment_pb2 as pb

from ..model.appointments import APPOINTMENTS, Appointment, State
from .referrals import diagnosis_from_pb, diagnosis_to_pb

# The filter of a list: unspecified is the empty word, all.
STATES_FROM_PB = {pb.Appointment.State.Value(f"STATE_{state.name}"): state.value for state in State}


def appointment_name(appointment_id: UUID | None) -> str:
    return f"{APPOINTMENTS}{appointment_id}" if appointment_id else ""


def appointment_from_pb(
    appointment: pb.Appointment, *, appointment_id: UUID, day: date, now: datetime
) -> Appointment:
    return Appointment(
        id=appointment_id,
        person=appointment.person,
        facility=appointment.facility,
        day=day,
        slip_number=appointment.slip_number,
        diagnosis=diagnosis_from_pb(appointment.diagnosis),
        care_category=appointment.care_category,
        source_dossier=appointment.source_dossier,
        state=State.BOOKED,
        create_time=now,
        source_slip=appointment.source_slip,
        encounter=appointment.encounter,
    )


def appointment_to_pb(appointment: Appointment) -> pb.Appointment:
    return pb.Appointment(
        name=appointment.name,
        person=appointment.person,
        facility=appointment.facility,
        day=date_to_pb(appointment.day),
        slip_number=appointment.slip_number,
        diagnosis=diagnosis_to_pb(appointment.diagnosis),
        care_category=appointment.care_category,
        source_dossier=appointment.source_dossier,
        state=f"STATE_{appointment.state.name}",
        create_time=timestamp_to_pb(appointment.create_time),
        use_time=timestamp_to_pb(appointment.use_time),
        cancel_time=timestamp_to_pb(appointment.cancel_time),
        source_slip=appointment.source_slip,
        replaces=appointment_name(appointment.replaces),
        replaced_by=appointment_name(appointment.replaced_by),
        encounter=appointment.encounter,
        remind_time=timestamp_to_pb(appointment.remind_time),
    )

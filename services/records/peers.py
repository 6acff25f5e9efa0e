"""
The other services as records needs them, beyond what `common.identity` asks of identity.

identity says whose dossier it is; routing gets the slips of dossiers; pharmacy and routing hold
parts of the health book.
"""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from chassis.errors import FailedPrecondition, InvalidArgument, NotFound
from chassis.peers import Peer
from common.names import id_of
from common.restricted import class_of, mask_of
from common.values import PartialDate, quantity_text, timestamp_from_pb
from lientuyen.identity.v1 import person_service_pb2
from lientuyen.identity.v1.person_service_pb2_grpc import PersonServiceStub
from lientuyen.pharmacy.v1 import dispensing_pb2, dispensing_service_pb2
from lientuyen.pharmacy.v1.dispensing_service_pb2_grpc import DispensingServiceStub
from lientuyen.routing.v1 import appointment_pb2, appointment_service_pb2, referral_service_pb2
from lientuyen.routing.v1.appointment_service_pb2_grpc import AppointmentServiceStub
from lientuyen.routing.v1.referral_service_pb2_grpc import ReferralServiceStub
from lientuyen.type.v1.access_pb2 import AccessContext

from .model.health_books import BookedAppointment, DispensedMedicine
from .model.person_numbers import PersonNumber

# Rows of one page of another service's list; a health book shows no more of each.
PAGE_SIZE = 500

# The rules of `kcb` that a file breaks whose person identity cannot name.
PersonFault = Literal["person-unknown", "person-ambiguous"]


class PersonLookup:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._persons = PersonServiceStub(peer.channel)

    async def find_person(self, number: PersonNumber, practitioner: str) -> UUID | PersonFault:
        """Return the entry that has *number*, or why nobody can be told; Unavailable without an answer.

        Of a merged entry it is the entry itself, so that what is kept under it parts with it again.
        *practitioner* signs for the dossier (MA_TTDV); the ground is that its facility treats the person.
        """
        access = AccessContext(
            practitioner=practitioner[:255] or "service/records",
            purpose=AccessContext.PURPOSE_TREATMENT,
            legal_basis=AccessContext.LEGAL_BASIS_OWN_RECORD,
        )
        request = person_service_pb2.FindPersonRequest(access=access)
        setattr(request, number.kind, number.value)
        try:
            response = await self._peer.ask(self._persons.FindPerson, request)
        except (NotFound, InvalidArgument):
            return "person-unknown"
        except FailedPrecondition:
            return "person-ambiguous"
        return id_of(response.entry or response.person.name)


class Routing:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._referrals = ReferralServiceStub(peer.channel)
        self._appointments = AppointmentServiceStub(peer.channel)

    async def create_referral(self, request: referral_service_pb2.CreateReferralRequest) -> None:
        await self._peer.ask(self._referrals.CreateReferral, request)

    async def create_appointment(self, request: appointment_service_pb2.CreateAppointmentRequest) -> None:
        await self._peer.ask(self._appointments.CreateAppointment, request)

    async def list_appointments(
        self, person: str, access: AccessContext
    ) -> tuple[list[BookedAppointment], Sequence[str]]:
        """Return a person's appointments, at most 500, and whom routing could not ask about them."""
        request = appointment_service_pb2.ListAppointmentsRequest(
            person=person, page_size=PAGE_SIZE, access=access
        )
        response = await self._peer.ask(self._appointments.ListAppointments, request)
        return [_booked_appointment(message) for message in response.appointments], response.unreachable


class Pharmacy:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._dispensings = DispensingServiceStub(peer.channel)

    async def list_dispensed_medicines(
        self, person: str, access: AccessContext
    ) -> tuple[list[DispensedMedicine], Sequence[str]]:
        """Return what was handed out to a person and not taken back, at most 500 dispensings.

        And whom pharmacy could not ask about them.
        """
        request = dispensing_service_pb2.ListDispensingsRequest(
            person=person, page_size=PAGE_SIZE, access=access
        )
        response = await self._peer.ask(self._dispensings.ListDispensings, request)
        medicines = [
            _dispensed_medicine(dispensing, line)
            for dispensing in response.dispensings
            if dispensing.state != dispensing_pb2.Dispensing.STATE_REVERSED
            for line in dispensing.lines
        ]
        return medicines, response.unreachable


def _booked_appointment(appointment: appointment_pb2.Appointment) -> BookedAppointment:
    state = appointment_pb2.Appointment.State.DESCRIPTOR.values_by_number.get(appointment.state)
    day, diagnosis = appointment.day, appointment.diagnosis
    return BookedAppointment(
        appointment=appointment.name,
        facility=appointment.facility,
        day=PartialDate(day.year, day.month, day.day),
        diagnosis=(diagnosis.system, diagnosis.code, diagnosis.display),
        state=state.name if state is not None else str(appointment.state),
    )


def _dispensed_medicine(
    dispensing: dispensing_pb2.Dispensing, line: dispensing_pb2.DispensingLine
) -> DispensedMedicine:
    return DispensedMedicine(
        dispensing=dispensing.name,
        pharmacy=dispensing.pharmacy,
        dispense_time=timestamp_from_pb(dispensing.dispense_time),
        drug_name=line.drug.brand or line.drug.inn,
        registration_number=line.drug.registration_number,
        quantity=quantity_text(line.quantity.thousandths),
        unit=line.unit,
        lot=line.lot_number,
        classes=mask_of(map(class_of, dispensing.restricted_classes)),
    )

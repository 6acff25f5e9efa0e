"""
The other services as records needs them, beyond what `common.identity` asks of identity.

identity says whose dossier it is; routing gets the slips of dossiers; pharmacy and routing hold
parts of the health book.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID, uuid5

from google.protobuf.descriptor import EnumDescriptor

from chassis import call_context
from chassis.errors import FailedPrecondition, InvalidArgument, NotFound, Unavailable, Unimplemented
from chassis.peers import Peer
from chassis.resource_names import make_full
from common.names import facility_name, id_of, person_name
from common.restricted import class_of, mask_of, restricted_in
from common.values import PartialDate, date_from_pb, date_to_pb, day_of, quantity_text, timestamp_from_pb
from kcb.registers import LAST, KnownSlip
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.identity.v1 import error_reasons as identity_reasons
from lientuyen.identity.v1 import (
    person_pb2,
    person_service_pb2,
)
from lientuyen.identity.v1.person_service_pb2_grpc import PersonServiceStub
from lientuyen.pharmacy.v1 import dispensing_pb2, dispensing_service_pb2
from lientuyen.pharmacy.v1.dispensing_service_pb2_grpc import DispensingServiceStub
from lientuyen.routing.v1 import (
    appointment_pb2,
    appointment_service_pb2,
    mailbox_service_pb2,
    referral_pb2,
    referral_service_pb2,
)
from lientuyen.routing.v1.appointment_service_pb2_grpc import AppointmentServiceStub
from lientuyen.routing.v1.mailbox_service_pb2_grpc import MailboxServiceStub
from lientuyen.routing.v1.referral_service_pb2_grpc import ReferralServiceStub
from lientuyen.type.v1.access_pb2 import AccessContext

from .model.health_books import BookedAppointment, DispensedMedicine
from .model.patient_summaries import Demographics, PatientNumber
from .model.person_numbers import STATED_FIELDS, StatedPerson
from .model.slips import IssuedSlip, Slip

# Rows of one page of another service's list; a health book shows no more of each.
PAGE_SIZE = 500

# What routing's staff reads of a slip that a newer version of its dossier has no more.
LEFT_OUT = "Phiếu không còn trong hồ sơ mới của cơ sở."

# The fields that a routing of the last release refuses: what it refuses them for came with this one.
OLDER_REFUSES_NAME, OLDER_REFUSES_EVENT = "name", "event"

# States of routing in which nothing is left to be cancelled.
ENDED = frozenset({"DECLINED", "CANCELLED", "EXPIRED"})

# Referrals that never brought anybody anywhere.  One that expired is known by its last day.
VOID_REFERRALS = (referral_pb2.Referral.STATE_DECLINED, referral_pb2.Referral.STATE_CANCELLED)

# Characters of a name that identity compares.
MAX_NAME_LENGTH = 255

# The rules of `kcb` that a file breaks whose person identity cannot name.
PersonFault = Literal["person-unknown", "person-ambiguous", "person-differs"]


@dataclass(frozen=True, slots=True)
class IdentifiedPerson:
    """The entry that has a number.  *differing* are the fields (`STATED_FIELDS`) that are not as stated."""

    id: UUID
    differing: tuple[str, ...] = ()


class PersonLookup:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._persons = PersonServiceStub(peer.channel)

    async def find_person(self, stated: StatedPerson, practitioner: str) -> IdentifiedPerson | PersonFault:
        """Return the entry that has the number *stated*, or why nobody can be told.

        Of a merged entry it is the entry itself, so that what is kept under it parts with it again.
        *practitioner* signs for the dossier (MA_TTDV); the ground is that its facility treats the person.
        Unavailable without an answer; ResourceExhausted when the caller's facility has stated too many
        numbers that are nobody's or somebody else's.
        """
        try:
            response = await self._peer.ask(self._persons.FindPerson, _find_request(stated, practitioner))
        except (NotFound, InvalidArgument):
            return "person-unknown"
        except FailedPrecondition as error:
            is_another = error.reason.name == identity_reasons.PERSON_DIFFERS.name
            return "person-differs" if is_another else "person-ambiguous"
        differing = (each.field.removeprefix("stated.") for each in response.agreements if not each.agrees)
        return IdentifiedPerson(
            id_of(response.entry or response.person.name),
            tuple(field for field in differing if field in STATED_FIELDS),
        )

    async def entries_of(self, person: UUID) -> tuple[UUID, ...]:
        """Return every entry of a person, that of *person* among them; none when nobody has that name."""
        request = person_service_pb2.ResolvePersonRequest(name=person_name(person))
        try:
            response = await self._peer.ask(self._persons.ResolvePerson, request)
        except NotFound:
            return ()
        return tuple(map(id_of, response.persons)) or (person,)

    async def get_demographics(self, person: UUID, access: AccessContext) -> Demographics:
        """Return who a person is, on the ground on which they are asked about; nothing of nobody."""
        request = person_service_pb2.GetPersonRequest(name=person_name(person), access=access)
        try:
            response = await self._peer.ask(self._persons.GetPerson, request)
        except NotFound:
            return Demographics()
        return _demographics(response.person)


def _demographics(person: person_pb2.Person) -> Demographics:
    birth = person.birth_date
    return Demographics(
        full_name=person.full_name,
        birth=PartialDate(birth.year, birth.month, birth.day) if person.HasField("birth_date") else None,
        sex=_enum_name(person_pb2.Sex.DESCRIPTOR, person.sex),
        address=person.address.line,
        phone=person.phone,
        deceased=person.state == person_pb2.Person.STATE_DECEASED,
        numbers=tuple(
            PatientNumber(_enum_name(person_pb2.Identifier.Kind.DESCRIPTOR, number.kind), number.value)
            for number in person.identifiers
            if number.state == person_pb2.Identifier.STATE_CURRENT
        ),
    )


def _enum_name(enum: EnumDescriptor, number: int) -> str:
    """Return the value's name; its number when the peer is newer than we are."""
    value = enum.values_by_number.get(number)
    return value.name if value is not None else str(number)


def _find_request(stated: StatedPerson, practitioner: str) -> person_service_pb2.FindPersonRequest:
    request = person_service_pb2.FindPersonRequest(
        stated=person_service_pb2.Demographics(
            full_name=stated.full_name[:MAX_NAME_LENGTH],
            birth_date=date_to_pb(stated.birth),
            sex=person_pb2.Sex.Name(stated.sex),
        ),
        facility=call_context.caller().facility or "",
        access=AccessContext(
            practitioner=practitioner[:255] or "service/records",
            purpose=AccessContext.PURPOSE_TREATMENT,
            legal_basis=AccessContext.LEGAL_BASIS_OWN_RECORD,
        ),
    )
    setattr(request, stated.number.kind, stated.number.value)
    return request


class Routing:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._referrals = ReferralServiceStub(peer.channel)
        self._appointments = AppointmentServiceStub(peer.channel)
        self._mailbox = MailboxServiceStub(peer.channel)

    async def validate_referral(self, referral: referral_pb2.Referral, slip_sha256: bytes) -> str:
        """Return when routing would take *referral*; raise what it would refuse it with.

        What is returned is the name of what its slip had become and is in force no more; may be empty.
        """
        request = referral_service_pb2.ValidateReferralRequest(referral=referral, slip_sha256=slip_sha256)
        return (await self._peer.ask(self._referrals.ValidateReferral, request)).ended

    async def validate_appointment(self, appointment: appointment_pb2.Appointment) -> str:
        """Do for *appointment* as `validate_referral` does."""
        request = appointment_service_pb2.ValidateAppointmentRequest(appointment=appointment)
        return (await self._peer.ask(self._appointments.ValidateAppointment, request)).ended

    async def get_referral(self, name: str, access: AccessContext) -> referral_pb2.Referral:
        """Return a referral, whoever's it is; PermissionDenied when there is none."""
        request = referral_service_pb2.GetReferralRequest(name=name, access=access)
        referral = (await self._peer.ask(self._referrals.GetReferral, request)).referral
        make_full(referral)
        return referral

    async def use_referral(self, request: referral_service_pb2.UseReferralRequest) -> None:
        """Use the referral of a slip for an encounter; Unavailable when only a newer routing can."""
        try:
            await self._peer.ask(self._referrals.UseReferral, request)
        except Unimplemented as error:
            raise _too_old() from error

    async def create_referral(self, request: referral_service_pb2.CreateReferralRequest) -> IssuedSlip:
        referral = (await self._peer.ask(self._referrals.CreateReferral, request)).referral
        make_full(referral)  # an older routing gives short names
        return IssuedSlip(referral.name, referral.replaces)

    async def create_appointment(
        self, request: appointment_service_pb2.CreateAppointmentRequest
    ) -> IssuedSlip:
        appointment = (await self._peer.ask(self._appointments.CreateAppointment, request)).appointment
        make_full(appointment)
        return IssuedSlip(appointment.name, appointment.replaces)

    async def cancel_slip(self, slip: Slip, facility: str, request_id: UUID) -> str:
        """Cancel what *slip* of *facility* (bare code) made, and return its full name; empty if nothing.

        Routing knows what is in force.  By the name that the slip knows goes what is older than that
        knowledge: a referral that names no slip, a routing that is asked by none.  FailedPrecondition
        when the patient was accepted or the appointment used; Unavailable when only a newer routing can.
        """
        try:
            cancelled = await self._cancel(
                slip,
                request_id=str(uuid5(request_id, slip.name)),
                source_slip=slip.name,
                party=facility_name(facility),
            )
        except InvalidArgument as error:
            if not _is_older(error, OLDER_REFUSES_NAME):
                raise
            if not slip.resource:
                raise _too_old() from error
            cancelled = ""
        if not cancelled and slip.resource:
            await self._cancel_by_name(slip, request_id)
        return cancelled or slip.resource

    async def _cancel_by_name(self, slip: Slip, request_id: UUID) -> None:
        """Cancel what *slip* knows that it became, which may have ended already."""
        try:
            await self._cancel(slip, request_id=str(request_id), name=slip.resource)
        except FailedPrecondition as error:
            if error.metadata.get("state") not in ENDED:
                raise

    async def _cancel(self, slip: Slip, *, party: str = "", **which: str) -> str:
        """Cancel the referral or the appointment of *slip*, and return its name; empty when there is none."""
        if slip.table_code == "XML13":
            cancellation = referral_service_pb2.CancelReferralRequest(sender=party, reason=LEFT_OUT, **which)
            referral = (await self._peer.ask(self._referrals.CancelReferral, cancellation)).referral
            return referral.name
        request = appointment_service_pb2.CancelAppointmentRequest(facility=party, **which)
        return (await self._peer.ask(self._appointments.CancelAppointment, request)).appointment.name

    async def send_notice(self, request: mailbox_service_pb2.SendNoticeRequest) -> None:
        """Put a notice into a mailbox; Unavailable when only a newer routing knows its event."""
        try:
            await self._peer.ask(self._mailbox.SendNotice, request)
        except InvalidArgument as error:
            raise (_too_old() if _is_older(error, OLDER_REFUSES_EVENT) else error) from error

    async def list_appointments(
        self, person: str, access: AccessContext
    ) -> tuple[list[BookedAppointment], Sequence[str]]:
        """Return a person's appointments, at most 500, and whom routing could not ask about them."""
        request = appointment_service_pb2.ListAppointmentsRequest(
            person=person, page_size=PAGE_SIZE, access=access
        )
        response = await self._peer.ask(self._appointments.ListAppointments, request)
        return [_booked_appointment(message) for message in response.appointments], response.unreachable

    async def list_referral_slips(
        self, person: UUID, arrival: date, access: AccessContext
    ) -> tuple[dict[str, KnownSlip], bool]:
        """Return the transfer slips of who came on *arrival*, by number, and whether these are all.

        Of several of one number it is the last issued.
        """
        request = referral_service_pb2.ListReferralsRequest(
            person=person_name(person), page_size=PAGE_SIZE, access=access
        )
        response = await self._peer.ask(self._referrals.ListReferrals, request)
        slips = {each.slip_number: _referral_slip(each, arrival) for each in reversed(response.referrals)}
        return slips, not response.unreachable and not response.next_page_token

    async def list_appointment_slips(
        self, person: UUID, arrival: date, access: AccessContext
    ) -> tuple[dict[str, KnownSlip], bool]:
        """Do for slips of re-examination as `list_referral_slips` does."""
        request = appointment_service_pb2.ListAppointmentsRequest(
            person=person_name(person), page_size=PAGE_SIZE, access=access
        )
        response = await self._peer.ask(self._appointments.ListAppointments, request)
        slips = {
            each.slip_number: _appointment_slip(each, arrival) for each in reversed(response.appointments)
        }
        return slips, not response.unreachable and not response.next_page_token


def _referral_slip(referral: referral_pb2.Referral, arrival: date) -> KnownSlip:
    """Return a transfer slip as it stands for who came on *arrival*: what was done by then was before."""
    done = referral.state == referral_pb2.Referral.STATE_COMPLETED
    return KnownSlip(
        f"{date_from_pb(referral.valid_until):%Y%m%d}",
        used=done and day_of(timestamp_from_pb(referral.complete_time)) < arrival,
        ended=referral.state in VOID_REFERRALS,
    )


def _appointment_slip(appointment: appointment_pb2.Appointment, arrival: date) -> KnownSlip:
    used = appointment.state == appointment_pb2.Appointment.STATE_USED
    return KnownSlip(
        LAST,
        used=used and day_of(timestamp_from_pb(appointment.use_time)) < arrival,
        ended=appointment.state == appointment_pb2.Appointment.STATE_CANCELLED,
    )


def _is_older(error: InvalidArgument, field: str) -> bool:
    return field in [violation.field for violation in error.violations]


def _too_old() -> Unavailable:
    """Return the error of what has to wait until routing is as new as this service."""
    return Unavailable(chassis_reasons.PEER_UNAVAILABLE, peer="routing")


class Pharmacy:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._dispensings = DispensingServiceStub(peer.channel)

    async def list_dispensed_medicines(
        self, person: str, access: AccessContext, hidden: int
    ) -> tuple[list[DispensedMedicine], Sequence[str]]:
        """Return what was handed out to a person and not taken back, at most 500 dispensings.

        And whom pharmacy could not ask about them.  What tells of the classes in the mask *hidden* is
        left out by pharmacy; not by one of the last release.
        """
        request = dispensing_service_pb2.ListDispensingsRequest(
            person=person,
            page_size=PAGE_SIZE,
            access=access,
            withheld_classes=[f"RESTRICTED_CLASS_{kind.name}" for kind in restricted_in(hidden)],
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
    day, diagnosis = appointment.day, appointment.diagnosis
    return BookedAppointment(
        appointment=appointment.name,
        facility=appointment.facility,
        day=PartialDate(day.year, day.month, day.day),
        diagnosis=(diagnosis.system, diagnosis.code, diagnosis.display),
        state=_enum_name(appointment_pb2.Appointment.State.DESCRIPTOR, appointment.state),
        create_time=timestamp_from_pb(appointment.create_time),
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

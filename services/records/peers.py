"""
The other services as records needs them.

identity says who somebody is and what may be read; routing gets the slips of dossiers;
pharmacy and routing hold parts of the health book.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from chassis.errors import FailedPrecondition, InvalidArgument, NotFound
from chassis.peers import Peer
from lientuyen.identity.v1 import (
    consent_pb2,
    consent_service_pb2,
    consent_service_pb2_grpc,
    person_service_pb2,
    person_service_pb2_grpc,
)
from lientuyen.pharmacy.v1 import dispensing_pb2, dispensing_service_pb2, dispensing_service_pb2_grpc
from lientuyen.routing.v1 import (
    appointment_pb2,
    appointment_service_pb2,
    appointment_service_pb2_grpc,
    referral_service_pb2,
    referral_service_pb2_grpc,
)
from lientuyen.type.v1.access_pb2 import AccessContext

from .model.classes import DataClass, mask_of
from .model.health_books import Booking, Pharmacy
from .model.person_numbers import Number

# Rows of one page of another service's list; a health book shows no more of each.
PAGE = 500

# The restricted kinds that we know.  One that a newer peer names is kept as the closest is: as HIV.
KINDS = frozenset(int(kind) for kind in DataClass)

Unfound = Literal["person-unknown", "person-ambiguous"]


@dataclass(frozen=True, slots=True)
class Decision:
    """
    Whether a read is allowed, why (`NO_CONSENT`), whether it is reviewed, and what stood in the way.

    *persons* are the ids under which the person's data may be kept, for entries of theirs may
    have been merged; empty when identity does not say.
    """

    allowed: bool
    reason: str
    flagged: bool
    withheld: frozenset[DataClass]
    persons: tuple[UUID, ...] = ()


class Identity:
    """The service that knows who a person is and decides who may read their data."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._persons = person_service_pb2_grpc.PersonServiceStub(peer.channel)
        self._consents = consent_service_pb2_grpc.ConsentServiceStub(peer.channel)

    async def find_person(self, number: Number, practitioner: str) -> UUID | Unfound:
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
            answer = await self._peer.ask(self._persons.FindPerson, request)
        except (NotFound, InvalidArgument):
            return "person-unknown"
        except FailedPrecondition:
            return "person-ambiguous"
        return UUID((answer.entry or answer.person.name).rpartition("/")[2])

    async def authorize(
        self,
        *,
        facility: str,
        requester: str,
        person: str,
        access: AccessContext,
        classes: Iterable[DataClass],
    ) -> Decision:
        """Return the decision; raises Unavailable when identity does not answer."""
        request = consent_service_pb2.AuthorizeRequest(
            facility=facility,
            requester=requester,
            person=person,
            access=access,
            data_classes=[f"DATA_CLASS_{one.name}" for one in sorted(classes)],
        )
        answer = (await self._peer.ask(self._consents.Authorize, request)).decision
        known = {int(one) for one in DataClass}
        return Decision(
            allowed=answer.allowed,
            reason=name_of(consent_pb2.Decision.Reason, answer.reason).removeprefix("REASON_"),
            flagged=answer.flagged,
            withheld=frozenset(DataClass(one) for one in answer.withheld_classes if one in known),
            persons=ids_in(answer.persons),
        )

    async def ids_of(self, person: str) -> tuple[UUID, ...]:
        """Return the ids under which a person's data may be kept; none for somebody who is not known.

        For reads that identity does not judge.  Raises Unavailable when it does not answer.
        """
        request = person_service_pb2.ResolvePersonRequest(name=person)
        try:
            return ids_in((await self._peer.ask(self._persons.ResolvePerson, request)).persons)
        except NotFound:
            return ()


def ids_in(names: Iterable[str]) -> tuple[UUID, ...]:
    """Return the ids in persons' names."""
    return tuple(UUID(name.rpartition("/")[2]) for name in names)


def name_of(enum: object, number: int) -> str:
    """Return a value's name; its number when the peer is newer than we are."""
    value = enum.DESCRIPTOR.values_by_number.get(number)  # type: ignore[attr-defined]
    return str(value.name) if value is not None else str(number)


class Routing:
    """The service that takes slips to where they belong."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._referrals = referral_service_pb2_grpc.ReferralServiceStub(peer.channel)
        self._appointments = appointment_service_pb2_grpc.AppointmentServiceStub(peer.channel)

    async def create_referral(self, request: referral_service_pb2.CreateReferralRequest) -> None:
        """Issue a referral."""
        await self._peer.ask(self._referrals.CreateReferral, request)

    async def create_appointment(self, request: appointment_service_pb2.CreateAppointmentRequest) -> None:
        """Book an appointment."""
        await self._peer.ask(self._appointments.CreateAppointment, request)

    async def appointments(self, person: str, access: AccessContext) -> tuple[list[Booking], Sequence[str]]:
        """Return a person's appointments, at most 500, and whom routing could not ask about them."""
        request = appointment_service_pb2.ListAppointmentsRequest(
            person=person, page_size=PAGE, access=access
        )
        answer = await self._peer.ask(self._appointments.ListAppointments, request)
        return [booking(one) for one in answer.appointments], answer.unreachable


def booking(one: appointment_pb2.Appointment) -> Booking:
    return Booking(
        appointment=f"//routing.lientuyen/{one.name}",
        facility=one.facility,
        day=(one.day.year, one.day.month, one.day.day),
        diagnosis=(one.diagnosis.system, one.diagnosis.code, one.diagnosis.display),
        state=name_of(appointment_pb2.Appointment.State, one.state),
    )


class Dispensings:
    """The service that knows what pharmacies handed out."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._stub = dispensing_service_pb2_grpc.DispensingServiceStub(peer.channel)

    async def of_person(self, person: str, access: AccessContext) -> tuple[list[Pharmacy], Sequence[str]]:
        """Return what was handed out to a person and not taken back, at most 500 dispensings.

        And whom pharmacy could not ask about them.
        """
        request = dispensing_service_pb2.ListDispensingsRequest(person=person, page_size=PAGE, access=access)
        answer = await self._peer.ask(self._stub.ListDispensings, request)
        reversed_ = dispensing_pb2.Dispensing.STATE_REVERSED
        kept = [one for one in answer.dispensings if one.state != reversed_]
        return [handed_out(one, line) for one in kept for line in one.lines], answer.unreachable


def handed_out(one: dispensing_pb2.Dispensing, line: dispensing_pb2.DispensingLine) -> Pharmacy:
    return Pharmacy(
        dispensing=f"//pharmacy.lientuyen/{one.name}",
        pharmacy=one.pharmacy,
        dispense_time=one.dispense_time.ToDatetime(),
        drug_name=line.drug.brand or line.drug.inn,
        registration_number=line.drug.registration_number,
        quantity=decimal(line.quantity.thousandths),
        unit=line.unit,
        lot=line.lot_number,
        classes=mask_of(
            DataClass(kind) if kind in KINDS else DataClass.HIV for kind in one.restricted_classes
        ),
    )


def decimal(thousandths: int) -> str:
    """Return a quantity as it is written in the tables: `20`, `0.5`."""
    whole, rest = divmod(thousandths, 1000)
    return f"{whole}.{rest:03}".rstrip("0").rstrip(".")

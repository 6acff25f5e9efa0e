"""What the tests of records share: stand-ins for its peers, and the service wired to them."""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select, text

from chassis.errors import NotFound
from chassis.sql import sql
from lientuyen.identity.v1 import (
    consent_pb2,
    consent_service_pb2,
    consent_service_pb2_grpc,
    person_pb2,
    person_service_pb2,
    person_service_pb2_grpc,
)
from lientuyen.identity.v1 import error_reasons as identity_why
from lientuyen.pharmacy.v1 import (
    dispensing_pb2,
    dispensing_service_pb2,
    dispensing_service_pb2_grpc,
    medicine_pb2,
    quantity_pb2,
)
from lientuyen.records.v1 import dossier_service_pb2 as pb
from lientuyen.records.v1.dossier_service_pb2_grpc import DossierServiceStub
from lientuyen.records.v1.health_book_service_pb2_grpc import HealthBookServiceStub
from lientuyen.routing.v1 import (
    appointment_pb2,
    appointment_service_pb2,
    appointment_service_pb2_grpc,
    referral_service_pb2,
    referral_service_pb2_grpc,
)
from lientuyen.type.v1.access_pb2 import AccessContext
from services.records import schema
from tests.harness import Running, World

PERSON = "5b0e57b1-6b1c-4c51-9c3e-0d8c0a6b4e11"
PERSON_NAME = f"//identity.lientuyen/persons/{PERSON}"
CARE = AccessContext(
    practitioner="000001/HNO-GPHN",
    purpose=AccessContext.PURPOSE_TREATMENT,
    legal_basis=AccessContext.LEGAL_BASIS_CONSENT,
)
CITIZEN = AccessContext(
    practitioner="VNeID",
    purpose=AccessContext.PURPOSE_PATIENT_REQUEST,
    legal_basis=AccessContext.LEGAL_BASIS_DATA_SUBJECT,
)


class FakePersons(person_service_pb2_grpc.PersonServiceServicer):
    """Knows the person of the samples, by number and by card."""

    def __init__(self) -> None:
        self.known = {"001385000016", "DN4010000000000"}
        self.found = PERSON
        self.names: list[str] = []

    async def FindPerson(self, request: Any, context: Any) -> person_service_pb2.FindPersonResponse:
        if getattr(request, request.WhichOneof("identifier")) not in self.known:
            raise NotFound(identity_why.PERSON_NOT_FOUND)
        return person_service_pb2.FindPersonResponse(person=person_pb2.Person(name=f"persons/{self.found}"))

    async def ResolvePerson(self, request: Any, context: Any) -> person_service_pb2.ResolvePersonResponse:
        persons = self.names if request.name in self.names else [request.name]
        return person_service_pb2.ResolvePersonResponse(persons=persons)


class FakeConsents(consent_service_pb2_grpc.ConsentServiceServicer):
    """Allows what the test says; restricted kinds never, unless named."""

    def __init__(self) -> None:
        self.allowed = False
        self.restricted: set[int] = set()
        self.asked: list[consent_service_pb2.AuthorizeRequest] = []
        self.names: list[str] = []

    async def Authorize(self, request: Any, context: Any) -> consent_service_pb2.AuthorizeResponse:
        self.asked.append(request)
        withheld = [one for one in request.data_classes if one > 1 and one not in self.restricted]
        allowed = self.allowed and not withheld
        reason = "REASON_CONSENT_IN_FORCE" if allowed else "REASON_NO_CONSENT"
        return consent_service_pb2.AuthorizeResponse(
            decision=consent_pb2.Decision(
                allowed=allowed,
                reason=reason,
                withheld_classes=withheld,
                persons=self.names if request.person in self.names else [],
            )
        )


class FakeReferrals(referral_service_pb2_grpc.ReferralServiceServicer):
    """Notes what is sent."""

    def __init__(self) -> None:
        self.got: list[referral_service_pb2.CreateReferralRequest] = []

    async def CreateReferral(self, request: Any, context: Any) -> referral_service_pb2.CreateReferralResponse:
        self.got.append(request)
        return referral_service_pb2.CreateReferralResponse(referral=request.referral)


class FakeAppointments(appointment_service_pb2_grpc.AppointmentServiceServicer):
    """Notes what is booked, and lists it."""

    def __init__(self) -> None:
        self.got: list[appointment_service_pb2.CreateAppointmentRequest] = []

    async def CreateAppointment(
        self, request: Any, context: Any
    ) -> appointment_service_pb2.CreateAppointmentResponse:
        self.got.append(request)
        return appointment_service_pb2.CreateAppointmentResponse(appointment=request.appointment)

    async def ListAppointments(
        self, request: Any, context: Any
    ) -> appointment_service_pb2.ListAppointmentsResponse:
        one = appointment_pb2.Appointment(
            name=f"appointments/{uuid4()}",
            person=request.person,
            facility="//identity.lientuyen/facilities/01999",
            day={"year": 2026, "month": 12, "day": 4},
            state=appointment_pb2.Appointment.STATE_BOOKED,
        )
        return appointment_service_pb2.ListAppointmentsResponse(appointments=[one])


class FakeDispensings(dispensing_service_pb2_grpc.DispensingServiceServicer):
    """One dispensing of one line."""

    async def ListDispensings(
        self, request: Any, context: Any
    ) -> dispensing_service_pb2.ListDispensingsResponse:
        line = dispensing_pb2.DispensingLine(
            line=1,
            drug=medicine_pb2.Medicine(inn="Thuốc mẫu A", registration_number="VD-00000-00"),
            quantity=quantity_pb2.Quantity(thousandths=12_500),
            unit="Viên",
            lot_number="L1",
        )
        one = dispensing_pb2.Dispensing(
            name=f"dispensings/{uuid4()}",
            person=request.person,
            pharmacy="//identity.lientuyen/facilities/NT00001",
            state=dispensing_pb2.Dispensing.STATE_DISPENSED,
            lines=[line],
        )
        return dispensing_service_pb2.ListDispensingsResponse(dispensings=[one])


@dataclass
class Records:
    """The service, its peers' stand-ins, and stubs for whoever calls."""

    world: World
    persons: FakePersons = field(default_factory=FakePersons)
    consents: FakeConsents = field(default_factory=FakeConsents)
    referrals: FakeReferrals = field(default_factory=FakeReferrals)
    appointments: FakeAppointments = field(default_factory=FakeAppointments)
    dispensings: FakeDispensings = field(default_factory=FakeDispensings)
    running: Running | None = None

    async def start(self, **settings: Any) -> "Records":
        """Start the fakes and the service; an address given in *settings* replaces a fake's."""
        settings.setdefault("identity_address", await self._identity())
        settings.setdefault("routing_address", await self._routing())
        settings.setdefault("pharmacy_address", await self._pharmacy())
        self.running = await self.world.start("records", **settings)
        return self

    async def _identity(self) -> str:
        return await self.world.fake(
            "identity",
            (person_service_pb2_grpc.add_PersonServiceServicer_to_server, self.persons),
            (consent_service_pb2_grpc.add_ConsentServiceServicer_to_server, self.consents),
        )

    async def _routing(self) -> str:
        return await self.world.fake(
            "routing",
            (referral_service_pb2_grpc.add_ReferralServiceServicer_to_server, self.referrals),
            (appointment_service_pb2_grpc.add_AppointmentServiceServicer_to_server, self.appointments),
        )

    async def _pharmacy(self) -> str:
        return await self.world.fake(
            "pharmacy",
            (dispensing_service_pb2_grpc.add_DispensingServiceServicer_to_server, self.dispensings),
        )

    def dossiers(self, caller: str = "facility/01999") -> DossierServiceStub:
        """Return a stub as *caller*."""
        assert self.running is not None
        return DossierServiceStub(self.world.channel(self.running, caller))

    def books(self, caller: str = "facility/01999") -> HealthBookServiceStub:
        """Return a stub as *caller*."""
        assert self.running is not None
        return HealthBookServiceStub(self.world.channel(self.running, caller))

    def merged(self, *names: str) -> None:
        """Let identity say that these are the names of one person, the root's first; none, of nobody."""
        self.consents.names, self.persons.names = list(names), list(names)

    async def submit(self, content: bytes, caller: str = "facility/01999") -> pb.SubmitDossierResponse:
        """Submit a dossier under a new request id."""
        return await self.dossiers(caller).SubmitDossier(submission(content))

    async def counts(self) -> dict[str, int]:
        """Return how many rows each table has, the chassis' own included, but for the access log."""
        assert self.running is not None
        found = {}
        async with self.running.db.connection() as tx:
            for table in schema.metadata.sorted_tables:
                if table.name != "audit":
                    counted = select(func.count()).select_from(text(table.name))
                    found[table.name] = await tx.fetchval(sql(counted))
        return found

    async def everything_kept(self) -> str:
        """Return every value of every table in the clear, as text; sealed bytes are hex."""
        assert self.running is not None
        found = []
        async with self.running.db.connection() as tx:
            for table in schema.metadata.sorted_tables:
                whole = sql(
                    select(func.row_to_json(text("t")).label("row")).select_from(text(f"{table.name} t"))
                )
                found += [str(row["row"]) for row in await tx.fetch(whole)]
        return "\n".join(found)

    async def until(self, reached: Any, tries: int = 250) -> None:
        """Wait until *reached()* is true, five seconds at most."""
        for _ in range(tries):
            if reached():
                return
            await asyncio.sleep(0.02)
        raise AssertionError("it did not happen")


def submission(content: bytes) -> pb.SubmitDossierRequest:
    return pb.SubmitDossierRequest(request_id=str(uuid4()), content=content)

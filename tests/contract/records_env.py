"""What the tests of records share: the service beside the fakes of its peers."""

from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from common.values import PartialDate
from lientuyen.pharmacy.v1 import (
    dispensing_pb2,
    dispensing_service_pb2,
    dispensing_service_pb2_grpc,
    medicine_pb2,
    quantity_pb2,
)
from lientuyen.records.v1 import dossier_service_pb2 as pb
from lientuyen.records.v1 import health_check_service_pb2
from lientuyen.records.v1.dossier_service_pb2_grpc import DossierServiceStub
from lientuyen.records.v1.encounter_service_pb2_grpc import EncounterServiceStub
from lientuyen.records.v1.health_book_service_pb2_grpc import HealthBookServiceStub
from lientuyen.records.v1.health_check_service_pb2_grpc import HealthCheckServiceStub
from lientuyen.records.v1.immunization_service_pb2_grpc import ImmunizationServiceStub
from lientuyen.records.v1.reuse_service_pb2_grpc import ReuseServiceStub
from lientuyen.routing.v1 import (
    appointment_pb2,
    appointment_service_pb2,
    appointment_service_pb2_grpc,
    mailbox_service_pb2,
    mailbox_service_pb2_grpc,
    referral_service_pb2,
    referral_service_pb2_grpc,
)
from lientuyen.type.v1.access_pb2 import AccessContext
from services.identity.matching.model.weights import Description
from services.identity.model.identifiers import Sex
from services.records import schema
from tests.fake_identity import FakeIdentity
from tests.harness import ServiceUnderTest, World

if TYPE_CHECKING:
    from lientuyen.records.v1.dossier_service_pb2_grpc import DossierServiceAsyncStub
    from lientuyen.records.v1.encounter_service_pb2_grpc import EncounterServiceAsyncStub
    from lientuyen.records.v1.health_book_service_pb2_grpc import HealthBookServiceAsyncStub
    from lientuyen.records.v1.health_check_service_pb2_grpc import HealthCheckServiceAsyncStub
    from lientuyen.records.v1.immunization_service_pb2_grpc import ImmunizationServiceAsyncStub
    from lientuyen.records.v1.reuse_service_pb2_grpc import ReuseServiceAsyncStub

# The person of the samples, by whose number and card identity finds her.
PERSON_NAME = "//identity.lientuyen/persons/5b0e57b1-6b1c-4c51-9c3e-0d8c0a6b4e11"
NUMBER, CARD = "001385000016", "DN4010000000000"
PERSON = Description(full_name="Trần Thị Mẫu", birth=PartialDate(1985, 3, 12), sex=Sex.FEMALE)
TABLES = [table.name for table in schema.metadata.sorted_tables]
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


class FakeReferrals(referral_service_pb2_grpc.ReferralServiceServicer):
    """Notes what is sent, and finds nothing wrong with it."""

    def __init__(self) -> None:
        self.requests: list[referral_service_pb2.CreateReferralRequest] = []
        self.uses: list[referral_service_pb2.UseReferralRequest] = []

    async def UseReferral(self, request: Any, context: Any) -> referral_service_pb2.UseReferralResponse:
        self.uses.append(request)
        return referral_service_pb2.UseReferralResponse()

    async def CreateReferral(self, request: Any, context: Any) -> referral_service_pb2.CreateReferralResponse:
        self.requests.append(request)
        request.referral.name = f"referrals/{uuid4()}"
        return referral_service_pb2.CreateReferralResponse(referral=request.referral)

    async def ValidateReferral(
        self, request: Any, context: Any
    ) -> referral_service_pb2.ValidateReferralResponse:
        return referral_service_pb2.ValidateReferralResponse()


class FakeAppointments(appointment_service_pb2_grpc.AppointmentServiceServicer):
    """Notes what is booked, and lists it."""

    def __init__(self) -> None:
        self.requests: list[appointment_service_pb2.CreateAppointmentRequest] = []

    async def CreateAppointment(
        self, request: Any, context: Any
    ) -> appointment_service_pb2.CreateAppointmentResponse:
        self.requests.append(request)
        request.appointment.name = f"appointments/{uuid4()}"
        return appointment_service_pb2.CreateAppointmentResponse(appointment=request.appointment)

    async def ValidateAppointment(
        self, request: Any, context: Any
    ) -> appointment_service_pb2.ValidateAppointmentResponse:
        return appointment_service_pb2.ValidateAppointmentResponse()

    async def ListAppointments(
        self, request: Any, context: Any
    ) -> appointment_service_pb2.ListAppointmentsResponse:
        one = appointment_pb2.Appointment(
            name=f"//routing.lientuyen/appointments/{uuid4()}",
            person=request.person,
            facility="//identity.lientuyen/facilities/01999",
            day={"year": 2026, "month": 12, "day": 4},
            state=appointment_pb2.Appointment.STATE_BOOKED,
        )
        return appointment_service_pb2.ListAppointmentsResponse(appointments=[one])


class FakeMailbox(mailbox_service_pb2_grpc.MailboxServiceServicer):
    """Keeps the notices."""

    def __init__(self) -> None:
        self.notices: list[mailbox_service_pb2.SendNoticeRequest] = []

    async def SendNotice(self, request: Any, context: Any) -> mailbox_service_pb2.SendNoticeResponse:
        self.notices.append(request)
        return mailbox_service_pb2.SendNoticeResponse()


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
            name=f"//pharmacy.lientuyen/dispensings/{uuid4()}",
            person=request.person,
            pharmacy="//identity.lientuyen/facilities/NT00001",
            state=dispensing_pb2.Dispensing.STATE_DISPENSED,
            lines=[line],
        )
        return dispensing_service_pb2.ListDispensingsResponse(dispensings=[one])


class Records(ServiceUnderTest):
    """The service beside its peers' fakes; identity's knows the person of the samples and three hospitals."""

    service = "records"

    def __init__(
        self,
        world: World,
        *,
        appointments: FakeAppointments | None = None,
        dispensings: FakeDispensings | None = None,
    ) -> None:
        super().__init__(world)
        self.identity = FakeIdentity()
        self.identity.add_person(NUMBER, CARD, name=PERSON_NAME, described=PERSON)
        for code in ("01999", "01929", "79999"):
            self.identity.add_facility(code)
        self.sent_referrals = FakeReferrals()
        self.booked_appointments = appointments or FakeAppointments()
        self.dispensings = dispensings or FakeDispensings()
        self.mailbox = FakeMailbox()

    async def start(self, **settings: Any) -> Self:
        """Start the fakes and the service; an address given in *settings* replaces a fake's."""
        settings.setdefault("identity_address", await self.identity.serve(self.world))
        settings.setdefault("routing_address", await self._serve_routing())
        settings.setdefault("pharmacy_address", await self._serve_pharmacy())
        return await super().start(**settings)

    async def _serve_routing(self) -> str:
        return await self.world.fake(
            "routing",
            (referral_service_pb2_grpc.add_ReferralServiceServicer_to_server, self.sent_referrals),
            (
                appointment_service_pb2_grpc.add_AppointmentServiceServicer_to_server,
                self.booked_appointments,
            ),
            (mailbox_service_pb2_grpc.add_MailboxServiceServicer_to_server, self.mailbox),
        )

    async def _serve_pharmacy(self) -> str:
        return await self.world.fake(
            "pharmacy",
            (dispensing_service_pb2_grpc.add_DispensingServiceServicer_to_server, self.dispensings),
        )

    def dossiers(self, caller: str = "facility/01999") -> "DossierServiceAsyncStub":
        return self.stub(DossierServiceStub, caller)

    def encounters(self, caller: str = "facility/01999") -> "EncounterServiceAsyncStub":
        return self.stub(EncounterServiceStub, caller)

    def books(self, caller: str = "facility/01999") -> "HealthBookServiceAsyncStub":
        return self.stub(HealthBookServiceStub, caller)

    def health_checks(self, caller: str = "facility/01999") -> "HealthCheckServiceAsyncStub":
        return self.stub(HealthCheckServiceStub, caller)

    def immunizations(self, caller: str = "facility/01999") -> "ImmunizationServiceAsyncStub":
        return self.stub(ImmunizationServiceStub, caller)

    async def submit_check(
        self, content: bytes, caller: str = "facility/01999", *, replaces_version: int = 0
    ) -> health_check_service_pb2.SubmitHealthCheckResponse:
        """Submit a health check under a new request id."""
        request = health_check_service_pb2.SubmitHealthCheckRequest(
            request_id=str(uuid4()), content=content, replaces_version=replaces_version
        )
        return await self.health_checks(caller).SubmitHealthCheck(request)

    def reuse(self, caller: str = "facility/01999") -> "ReuseServiceAsyncStub":
        return self.stub(ReuseServiceStub, caller)

    async def submit(
        self, content: bytes, caller: str = "facility/01999", *, replaces_version: int = 0
    ) -> pb.SubmitDossierResponse:
        """Submit a dossier under a new request id."""
        return await self.dossiers(caller).SubmitDossier(submission(content, replaces_version))

    async def check_in(self, content: bytes) -> pb.SubmitCheckInResponse:
        """Submit a check-in under a new request id."""
        request = pb.SubmitCheckInRequest(request_id=str(uuid4()), content=content)
        return await self.dossiers().SubmitCheckIn(request)

    async def counts(self) -> dict[str, int]:
        """Return how many rows each table has, the chassis' own included.

        But for the list of encounters, in which a refused file leaves that it was, and for the tree over the
        access log, which grows by itself.
        """
        counts = {}
        for table in TABLES:
            if table == "encounter_states" or table.startswith("audit_"):
                continue
            ((counts[table],),) = await self.rows(f"SELECT count(*) FROM {table}")
        return counts

    async def counts_without_audit(self) -> dict[str, int]:
        """Return how many rows each table has but for the access log, which refusals and reads add to."""
        counts = await self.counts()
        del counts["audit"]
        return counts

    async def everything_stored(self) -> str:
        """Return every value of every table in the clear, as text; encrypted bytes are hex."""
        rows = [row for table in TABLES for row in await self.rows(f"SELECT row_to_json(t) FROM {table} t")]
        return "\n".join(row[0] for row in rows)


def submission(content: bytes, replaces_version: int = 0) -> pb.SubmitDossierRequest:
    return pb.SubmitDossierRequest(
        request_id=str(uuid4()), content=content, replaces_version=replaces_version
    )

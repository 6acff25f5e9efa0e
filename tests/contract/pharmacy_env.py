"""A town for the tests of pharmacy: one service, a fake identity, hospitals and pharmacies that call it."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

import asyncpg

from chassis import clock
from lientuyen.identity.v1 import (
    consent_pb2,
    consent_service_pb2,
    consent_service_pb2_grpc,
    person_service_pb2,
    person_service_pb2_grpc,
)
from lientuyen.pharmacy.v1 import dispensing_pb2, medicine_pb2, prescription_pb2, quantity_pb2
from lientuyen.pharmacy.v1 import dispensing_service_pb2 as dispensing
from lientuyen.pharmacy.v1 import prescription_service_pb2 as prescribing
from lientuyen.pharmacy.v1.dispensing_service_pb2_grpc import DispensingServiceStub
from lientuyen.pharmacy.v1.prescription_service_pb2_grpc import PrescriptionServiceStub
from lientuyen.type.v1 import coding_pb2
from lientuyen.type.v1.access_pb2 import AccessContext
from tests.harness import Running, World

PERSON = f"//identity.lientuyen/persons/{uuid4()}"
TREATMENT = AccessContext(
    practitioner="DS-0001",
    purpose=AccessContext.PURPOSE_TREATMENT,
    legal_basis=AccessContext.LEGAL_BASIS_CONSENT,
)
PARACETAMOL = medicine_pb2.Medicine(
    inn="Paracetamol",
    code="PARA500",
    brand="Hapacol",
    registration_number="VD-12345-26",
    ingredient_code="40.48",
    strength="500 mg",
    route_code="1.01",
)
AMOXICILLIN = medicine_pb2.Medicine(inn="Amoxicillin", registration_number="VD-54321-24", strength="500 mg")


def key() -> str:
    """A new request id."""
    return str(uuid4())


def new_code(facility: str = "01999", letter: str = "c") -> str:
    return f"{facility}{uuid4().hex[:7]}-{letter}"


def amount(units: float) -> quantity_pb2.Quantity:
    return quantity_pb2.Quantity(thousandths=round(units * 1000))


def line(
    drug: medicine_pb2.Medicine = PARACETAMOL, units: float = 20, **more
) -> prescription_pb2.PrescriptionLine:
    return prescription_pb2.PrescriptionLine(
        **{"drug": drug, "unit": "viên", "quantity": amount(units), "dose": "1 viên x 2", "days": 5, **more}
    )


def paper(prescribed: datetime | None = None, **more) -> prescription_pb2.Prescription:
    """A prescription of twenty tablets of one drug and ten of another."""
    given = {
        "code": new_code(),
        "practitioner": "GPHN-0001",
        "person": PERSON,
        "diagnoses": [coding_pb2.Coding(system="ICD-10", code="J06.9")],
        "lines": [line(), line(AMOXICILLIN, 10)],
    }
    prescription = prescription_pb2.Prescription(**{**given, **more})
    prescription.prescribe_time.FromDatetime(prescribed or clock.now())
    return prescription


def give(number: int, units: float, **more) -> dispensing_pb2.DispenseLine:
    return dispensing_pb2.DispenseLine(line=number, quantity=amount(units), **more)


@dataclass
class FakeConsents(consent_service_pb2_grpc.ConsentServiceServicer):
    """Allows what is in *consents* (facility → classes), and keeps what it was asked.

    It decides on the entries of these *persons*; none are not told, as an older identity tells none.
    """

    consents: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    asked: list[consent_service_pb2.AuthorizeRequest] = field(default_factory=list)
    persons: list[str] = field(default_factory=list)

    async def Authorize(self, request, context):
        self.asked.append(request)
        allowed = self.consents[request.facility.rpartition("/")[2]]
        withheld = [one for one in request.data_classes if one not in allowed]
        reason = "REASON_NO_CONSENT" if withheld else "REASON_CONSENT_IN_FORCE"
        decision = consent_pb2.Decision(
            allowed=not withheld, reason=reason, withheld_classes=withheld, persons=self.persons
        )
        return consent_service_pb2.AuthorizeResponse(decision=decision)


@dataclass
class FakePersons(person_service_pb2_grpc.PersonServiceServicer):
    """Knows all *names* of the person whose entries were merged, the root's first; of others none."""

    names: list[str] = field(default_factory=list)

    async def ResolvePerson(self, request, context):
        names = self.names if request.name in self.names else []
        return person_service_pb2.ResolvePersonResponse(persons=names)


class Town:
    """The service and who calls it."""

    def __init__(self, world: World, running: Running, consents: FakeConsents, persons: FakePersons) -> None:
        self.world, self.running, self.consents, self.persons = world, running, consents, persons

    def prescriptions(self, who: str = "facility/01999") -> PrescriptionServiceStub:
        return PrescriptionServiceStub(self.world.channel(self.running, who))

    def dispensings(self, who: str = "pharmacy/NT00001") -> DispensingServiceStub:
        return DispensingServiceStub(self.world.channel(self.running, who))

    async def issued(
        self, prescription: prescription_pb2.Prescription | None = None
    ) -> prescription_pb2.Prescription:
        """Issue *it* as the facility of its code, and return it."""
        prescription = prescription or paper()
        request = prescribing.IssuePrescriptionRequest(request_id=key(), prescription=prescription)
        answer = await self.prescriptions(f"facility/{prescription.code[:5]}").IssuePrescription(request)
        return answer.prescription

    async def rows(self, query: str, *args: object) -> list[asyncpg.Record]:
        """Look into the database itself."""
        connection = await asyncpg.connect(self.running.settings.database_url)
        try:
            return await connection.fetch(query, *args)
        finally:
            await connection.close()


async def town(world: World, **settings: object) -> Town:
    consents, persons = FakeConsents(), FakePersons()
    address = await world.fake(
        "identity",
        (consent_service_pb2_grpc.add_ConsentServiceServicer_to_server, consents),
        (person_service_pb2_grpc.add_PersonServiceServicer_to_server, persons),
    )
    running = await world.start("pharmacy", **{"identity_address": address, **settings})
    return Town(world, running, consents, persons)


def claim(prescription: prescription_pb2.Prescription) -> dispensing.ClaimPrescriptionRequest:
    return dispensing.ClaimPrescriptionRequest(request_id=key(), code=prescription.code, access=TREATMENT)


def dispense(
    prescription: prescription_pb2.Prescription, token: str, *lines: dispensing_pb2.DispenseLine
) -> dispensing.DispenseRequest:
    return dispensing.DispenseRequest(
        request_id=key(), prescription=prescription.name, claim_token=token, lines=lines, pharmacist="DS-0001"
    )


async def sold(stub: DispensingServiceStub, prescription, *lines) -> dispensing.DispenseResponse:
    """Claim and dispense in one go."""
    held = await stub.ClaimPrescription(claim(prescription))
    return await stub.Dispense(dispense(prescription, held.claim.token, *lines))


def look(prescription: prescription_pb2.Prescription) -> prescribing.GetPrescriptionRequest:
    return prescribing.GetPrescriptionRequest(name=prescription.name, access=TREATMENT)


async def raised(error: Exception):
    """Fail as *error* did: what was gathered, for `refused`."""
    raise error

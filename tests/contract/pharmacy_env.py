"""What the tests of pharmacy share: the service beside a fake identity, and requests."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from chassis import clock
from lientuyen.pharmacy.v1 import dispensing_pb2, medicine_pb2, quantity_pb2
from lientuyen.pharmacy.v1 import dispensing_service_pb2 as dispensing
from lientuyen.pharmacy.v1 import prescription_service_pb2 as prescribing
from lientuyen.pharmacy.v1.dispensing_service_pb2_grpc import DispensingServiceStub
from lientuyen.pharmacy.v1.prescription_pb2 import Prescription, PrescriptionLine
from lientuyen.pharmacy.v1.prescription_service_pb2_grpc import PrescriptionServiceStub
from lientuyen.type.v1 import coding_pb2
from lientuyen.type.v1.access_pb2 import AccessContext
from tests.fake_identity import PHARMACY, FakeIdentity
from tests.harness import ServiceUnderTest, World

if TYPE_CHECKING:
    from lientuyen.pharmacy.v1.dispensing_service_pb2_grpc import DispensingServiceAsyncStub
    from lientuyen.pharmacy.v1.prescription_service_pb2_grpc import PrescriptionServiceAsyncStub

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


def line(drug: medicine_pb2.Medicine = PARACETAMOL, units: float = 20, **more: Any) -> PrescriptionLine:
    return PrescriptionLine(
        **{"drug": drug, "unit": "viên", "quantity": amount(units), "dose": "1 viên x 2", "days": 5, **more}
    )


def paper(prescribed: datetime | None = None, **more: Any) -> Prescription:
    """A prescription of twenty tablets of one drug and ten of another."""
    given = {
        "code": new_code(),
        "practitioner": "GPHN-0001",
        "person": PERSON,
        "diagnoses": [coding_pb2.Coding(system="ICD-10", code="J06.9")],
        "lines": [line(), line(AMOXICILLIN, 10)],
    }
    prescription = Prescription(**{**given, **more})
    prescription.prescribe_time.FromDatetime(prescribed or clock.now())
    return prescription


def give(number: int, units: float, **more: Any) -> dispensing_pb2.DispenseLine:
    return dispensing_pb2.DispenseLine(line=number, quantity=amount(units), **more)


class Pharmacy(ServiceUnderTest):
    """The service, beside an identity that knows a person, three hospitals and two pharmacies."""

    service = "pharmacy"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.identity = FakeIdentity()
        self.identity.add_person(name=PERSON)
        for code in ("01999", "01929", "79999"):
            self.identity.add_facility(code)
        for code in ("NT00001", "NT00002"):
            self.identity.add_facility(code, PHARMACY)

    async def start(self, **settings: Any) -> Self:
        """Start the service; an address given in *settings* replaces the fake's."""
        settings.setdefault("identity_address", await self.identity.serve(self.world))
        return await super().start(**settings)

    def prescriptions(self, caller: str = "facility/01999") -> "PrescriptionServiceAsyncStub":
        return self.stub(PrescriptionServiceStub, caller)

    def dispensings(self, caller: str = "pharmacy/NT00001") -> "DispensingServiceAsyncStub":
        return self.stub(DispensingServiceStub, caller)

    async def issued(self, prescription: Prescription | None = None) -> Prescription:
        """Issue *prescription* as the facility of its code, and return it."""
        prescription = prescription or paper()
        request = prescribing.IssuePrescriptionRequest(request_id=key(), prescription=prescription)
        answer = await self.prescriptions(f"facility/{prescription.code[:5]}").IssuePrescription(request)
        return answer.prescription


def claim(prescription: Prescription) -> dispensing.ClaimPrescriptionRequest:
    return dispensing.ClaimPrescriptionRequest(request_id=key(), code=prescription.code, access=TREATMENT)


def dispense(
    prescription: Prescription, token: str, *lines: dispensing_pb2.DispenseLine
) -> dispensing.DispenseRequest:
    return dispensing.DispenseRequest(
        request_id=key(), prescription=prescription.name, claim_token=token, lines=lines, pharmacist="DS-0001"
    )


async def sold(
    stub: "DispensingServiceAsyncStub", prescription: Prescription, *lines: dispensing_pb2.DispenseLine
) -> dispensing.DispenseResponse:
    """Claim and dispense in one go."""
    held = await stub.ClaimPrescription(claim(prescription))
    return await stub.Dispense(dispense(prescription, held.claim.token, *lines))


def look(prescription: Prescription) -> prescribing.GetPrescriptionRequest:
    return prescribing.GetPrescriptionRequest(name=prescription.name, access=TREATMENT)


async def raised(error: Exception) -> None:
    """Fail as *error* did: what was gathered, for `refused`."""
    raise error

"""The steps around the prescription, and what the patient sees in the end."""

import secrets

from google.protobuf.timestamp_pb2 import Timestamp

from lientuyen.chassis.v1.audit_service_pb2 import ListAccessesRequest
from lientuyen.pharmacy.v1 import dispensing_service_pb2 as dispensing
from lientuyen.pharmacy.v1 import prescription_service_pb2 as prescriptions
from lientuyen.pharmacy.v1.dispensing_pb2 import DispenseLine
from lientuyen.pharmacy.v1.medicine_pb2 import Medicine
from lientuyen.pharmacy.v1.prescription_pb2 import Prescription, PrescriptionLine
from lientuyen.pharmacy.v1.quantity_pb2 import Quantity
from lientuyen.records.v1 import health_book_service_pb2 as health_book
from lientuyen.type.v1.coding_pb2 import Coding

from ..errors import FailedPrecondition
from ..running_stack import SERVICES
from . import people
from .hospital_steps import RECEIVER, RECEIVER_NAME
from .journey import DOCTOR, PHARMACIST, Cast, JourneyBroken, State, care, expect, own_view

FIRST, SECOND, THIRD = (f"pharmacy/{code}" for code in people.PHARMACIES)
CITIZEN = "authority/vneid"
CODE_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
TABLETS = 30


def tablets(count: int) -> Quantity:
    return Quantity(thousandths=count * 1000)


def prescription_of(person: str, code: str) -> Prescription:
    """Return a prescription of thirty tablets for *person* (a full name), prescribed now."""
    now = Timestamp()
    now.GetCurrentTime()
    return Prescription(
        code=code,
        type=Prescription.TYPE_COMMON,
        facility=RECEIVER_NAME,
        practitioner=DOCTOR,
        person=person,
        treatment_form=Prescription.TREATMENT_FORM_OUTPATIENT,
        diagnoses=[Coding(system="ICD-10", code="I10", display="Tăng huyết áp vô căn")],
        prescribe_time=now,
        lines=[
            PrescriptionLine(
                number=1,
                drug=Medicine(inn="Thuốc mẫu A", strength="5mg", registration_number="VD-00000-00"),
                unit="Viên",
                quantity=tablets(TABLETS),
                quantity_words="ba mươi",
                dose="1 viên/lần, 1 lần/ngày, uống sáng",
                days=30,
            )
        ],
    )


async def prescribe(cast: Cast, state: State) -> str:
    code = people.PROVINCIAL + "".join(secrets.choice(CODE_LETTERS) for _ in range(7)) + "-c"
    request = prescriptions.IssuePrescriptionRequest(prescription=prescription_of(state.subject, code))
    reply = await cast(RECEIVER).prescriptions.IssuePrescription(
        state.record_write(RECEIVER, "pharmacy", request)
    )
    state.prescription = reply.prescription
    return f"đơn {code}, {TABLETS} viên"


async def dispense_part(cast: Cast, state: State, pharmacy: str, count: int) -> dispensing.DispenseResponse:
    claim = dispensing.ClaimPrescriptionRequest(code=state.prescription.code, access=care(PHARMACIST))
    claimed = await cast(pharmacy).dispensing.ClaimPrescription(
        state.record_write(pharmacy, "pharmacy", claim)
    )
    request = dispensing.DispenseRequest(
        prescription=claimed.prescription.name,
        claim_token=claimed.claim.token,
        lines=[DispenseLine(line=1, quantity=tablets(count), lot_number="LO-MAU-1")],
        pharmacist=PHARMACIST,
    )
    return await cast(pharmacy).dispensing.Dispense(state.record_write(pharmacy, "pharmacy", request))


async def first_part(cast: Cast, state: State) -> str:
    reply = await dispense_part(cast, state, FIRST, 20)
    expect(reply.prescription_state == Prescription.STATE_PARTLY_DISPENSED, "part must be left")
    return f"bán 20 viên, còn {reply.remainders[0].remaining.thousandths // 1000}"


async def second_part(cast: Cast, state: State) -> str:
    reply = await dispense_part(cast, state, SECOND, 10)
    expect(reply.prescription_state == Prescription.STATE_DISPENSED, "nothing must be left")
    return "bán 10 viên, hết"


async def third_refused(cast: Cast, state: State) -> str:
    claim = dispensing.ClaimPrescriptionRequest(code=state.prescription.code, access=care(PHARMACIST))
    try:
        await cast(THIRD).dispensing.ClaimPrescription(claim)
    except FailedPrecondition as refusal:
        expect(
            refusal.reason == "ERROR_REASON_NOTHING_LEFT",
            f"the reason must be NOTHING_LEFT: {refusal.reason}",
        )
        return refusal.message_vi
    raise JourneyBroken("a third pharmacy dispensed what was gone")


async def read_health_book(cast: Cast, state: State) -> str:
    reply = await cast(CITIZEN).health_book.GetHealthBook(
        health_book.GetHealthBookRequest(person=state.subject, access=own_view())
    )
    book = reply.health_book
    expect(not reply.unreachable, f"all must answer: {list(reply.unreachable)}")
    expect(len(book.encounters) == 1, "the encounter must be there")
    expect(len(book.results) == 1, "the result must be there")
    expect(len(book.dispensed_medicines) == 2, "both dispensings must be there")
    expect(len(book.appointments) == 1, "the appointment (XML14) must be there")
    return "1 lượt khám, 1 kết quả, 2 lần cấp thuốc, 1 lịch hẹn"


async def list_accesses(cast: Cast, state: State) -> str:
    accesses = []
    for service in SERVICES:
        reply = await cast(CITIZEN).audit(service).ListAccesses(ListAccessesRequest(subject=state.subject))
        accesses += [(access.caller, service) for access in reply.accesses]
    callers = sorted({caller for caller, _ in accesses if not caller.startswith("service/")})
    expect({RECEIVER, CITIZEN} <= set(callers), "both hospital and patient must be in the log")
    return f"{len(accesses)} lượt xem, bởi {', '.join(callers)}"

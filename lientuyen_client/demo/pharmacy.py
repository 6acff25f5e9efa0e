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
from ..stack import SERVICES
from . import people
from .hospital import RECEIVER, RECEIVING
from .journey import DOCTOR, PHARMACIST, Cast, JourneyBroken, State, care, need, own_view

FIRST, SECOND, THIRD = (f"pharmacy/{code}" for code in people.PHARMACIES)
CITIZEN = "authority/vneid"
ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
TABLETS = 30


def tablets(count: int) -> Quantity:
    return Quantity(thousandths=count * 1000)


async def prescribe(cast: Cast, state: State) -> str:
    """Issue a prescription of thirty tablets."""
    now = Timestamp()
    now.GetCurrentTime()
    code = people.PROVINCIAL + "".join(secrets.choice(ALPHABET) for _ in range(7)) + "-c"
    request = prescriptions.IssuePrescriptionRequest(
        prescription=Prescription(
            code=code,
            type=Prescription.TYPE_COMMON,
            facility=RECEIVING,
            practitioner=DOCTOR,
            person=state.subject,
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
    )
    reply = await cast(RECEIVER).prescriptions.IssuePrescription(state.sent(RECEIVER, "pharmacy", request))
    state.prescription = reply.prescription
    return f"đơn {code}, {TABLETS} viên"


async def hand_over(cast: Cast, state: State, pharmacy: str, count: int) -> dispensing.DispenseResponse:
    """Claim the prescription and dispense *count* tablets."""
    claim = dispensing.ClaimPrescriptionRequest(code=state.prescription.code, access=care(PHARMACIST))
    held = await cast(pharmacy).dispensing.ClaimPrescription(state.sent(pharmacy, "pharmacy", claim))
    request = dispensing.DispenseRequest(
        prescription=held.prescription.name,
        claim_token=held.claim.token,
        lines=[DispenseLine(line=1, quantity=tablets(count), lot_number="LO-MAU-1")],
        pharmacist=PHARMACIST,
    )
    return await cast(pharmacy).dispensing.Dispense(state.sent(pharmacy, "pharmacy", request))


async def first_part(cast: Cast, state: State) -> str:
    """Dispense part of it."""
    reply = await hand_over(cast, state, FIRST, 20)
    need(reply.prescription_state == Prescription.STATE_PARTLY_DISPENSED, "part must be left")
    return f"bán 20 viên, còn {reply.remainders[0].remaining.thousandths // 1000}"


async def second_part(cast: Cast, state: State) -> str:
    """Dispense the rest elsewhere."""
    reply = await hand_over(cast, state, SECOND, 10)
    need(reply.prescription_state == Prescription.STATE_DISPENSED, "nothing must be left")
    return "bán 10 viên, hết"


async def third_refused(cast: Cast, state: State) -> str:
    """Try a third pharmacy: nothing is left."""
    claim = dispensing.ClaimPrescriptionRequest(code=state.prescription.code, access=care(PHARMACIST))
    try:
        await cast(THIRD).dispensing.ClaimPrescription(claim)
    except FailedPrecondition as refusal:
        need(
            refusal.reason == "ERROR_REASON_NOTHING_LEFT",
            f"the reason must be NOTHING_LEFT: {refusal.reason}",
        )
        return refusal.message_vi
    raise JourneyBroken("a third pharmacy dispensed what was gone")


async def book(cast: Cast, state: State) -> str:
    """Read the health book as the patient does."""
    reply = await cast(CITIZEN).health_book.GetHealthBook(
        health_book.GetHealthBookRequest(person=state.subject, access=own_view())
    )
    found = reply.health_book
    need(not reply.unreachable, f"all must answer: {list(reply.unreachable)}")
    need(len(found.encounters) == 1, "the encounter must be there")
    need(len(found.results) == 1, "the result must be there")
    need(len(found.dispensed_medicines) == 2, "both dispensings must be there")
    need(len(found.appointments) == 1, "the appointment (XML14) must be there")
    return "1 lượt khám, 1 kết quả, 2 lần cấp thuốc, 1 lịch hẹn"


async def who_looked(cast: Cast, state: State) -> str:
    """List who looked at her data, and why, in all four services."""
    seen = []
    for service in SERVICES:
        reply = await cast(CITIZEN).audit(service).ListAccesses(ListAccessesRequest(subject=state.subject))
        seen += [(access.caller, service) for access in reply.accesses]
    callers = sorted({caller for caller, _ in seen if not caller.startswith("service/")})
    need({RECEIVER, CITIZEN} <= set(callers), "both hospital and patient must be in the log")
    return f"{len(seen)} lượt xem, bởi {', '.join(callers)}"

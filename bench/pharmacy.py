"""A prescription's life, and the race for one."""

import asyncio
import time
import uuid

import grpc
from google.rpc.error_details_pb2 import ErrorInfo

from chassis.errors import rich_status
from lientuyen.pharmacy.v1 import dispensing_service_pb2 as dispensing
from lientuyen.pharmacy.v1 import error_reasons as reasons
from lientuyen.pharmacy.v1 import prescription_service_pb2 as prescribing
from lientuyen.pharmacy.v1.dispensing_pb2 import DispenseLine
from lientuyen.pharmacy.v1.dispensing_service_pb2_grpc import DispensingServiceStub
from lientuyen.pharmacy.v1.medicine_pb2 import Medicine
from lientuyen.pharmacy.v1.prescription_pb2 import Prescription, PrescriptionLine
from lientuyen.pharmacy.v1.prescription_service_pb2_grpc import PrescriptionServiceStub
from lientuyen.pharmacy.v1.quantity_pb2 import Quantity
from lientuyen.type.v1.coding_pb2 import Coding

from . import people
from .calling import TIMEOUT_S, Caller
from .invented import HOSPITAL_CODE
from .loads import bench, need
from .site import Site

PHARMACIST = "000004/HNO-DSDH"
RACERS = tuple(f"pharmacy/NT9{number:04d}" for number in range(100))
CODE_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
TABLETS = Quantity(thousandths=30_000)


async def racers(site: Site) -> None:
    """Give a hundred pharmacies their certificates."""
    await asyncio.to_thread(site.give_certificates, *RACERS)


@bench(stores=["insert"], remote_calls=3)
async def dispense(caller: Caller) -> None:
    """IssuePrescription → ClaimPrescription → Dispense, all of one line; durable."""
    prescription = await _issued(caller)
    shop = caller.stub(DispensingServiceStub, "pharmacy", f"pharmacy/NT0000{caller.index % 3 + 1}")
    held = await shop.ClaimPrescription(_claim(prescription), timeout=TIMEOUT_S)
    request = dispensing.DispenseRequest(
        request_id=str(uuid.uuid4()),
        prescription=prescription.name,
        claim_token=held.claim.token,
        lines=[DispenseLine(line=1, quantity=TABLETS, lot_number="LO-MAU-1")],
        pharmacist=PHARMACIST,
    )
    sold = await shop.Dispense(request, timeout=TIMEOUT_S)
    need(sold.prescription_state == Prescription.STATE_DISPENSED, "nothing must be left")


@bench(needs=[racers], callers=1, remote_calls=101, compared=False)
async def claim_race(caller: Caller) -> float:
    """100 pharmacies, a connection each, claim one prescription; p50 and p99 are to the last answer."""
    prescription = await _issued(caller)
    stubs = [caller.stub(DispensingServiceStub, "pharmacy", racer) for racer in RACERS]
    claims = [_claim(prescription) for _ in stubs]
    begin = time.perf_counter()
    answers = await asyncio.gather(
        *(
            stub.ClaimPrescription(claim, timeout=TIMEOUT_S)
            for stub, claim in zip(stubs, claims, strict=True)
        ),
        return_exceptions=True,
    )
    elapsed = time.perf_counter() - begin
    won = [answer for answer in answers if not isinstance(answer, BaseException)]
    lost = [reason(answer) for answer in answers if isinstance(answer, BaseException)]
    need(len(won) == 1, f"one must win, not {len(won)}")
    need(
        set(lost) == {reasons.CLAIMED_BY_ANOTHER.name}, f"the others must hear who was first, not {set(lost)}"
    )
    return elapsed


async def _issued(caller: Caller) -> Prescription:
    """Issue a prescription of thirty tablets to somebody."""
    prescription = prescription_of(HOSPITAL_CODE, "".join(caller.random.choices(CODE_LETTERS, k=7)))
    request = prescribing.IssuePrescriptionRequest(request_id=str(uuid.uuid4()), prescription=prescription)
    stub = caller.stub(PrescriptionServiceStub, "pharmacy", people.HOSPITAL)
    reply: prescribing.IssuePrescriptionResponse = await stub.IssuePrescription(request, timeout=TIMEOUT_S)
    need(reply.prescription.code == prescription.code, "the prescription must be the one that was sent")
    return reply.prescription


def prescription_of(hospital: str, letters: str) -> Prescription:
    """Return a prescription of thirty tablets to somebody; its code is *hospital*'s and has *letters*."""
    prescription = Prescription(
        code=f"{hospital}{letters}-c",
        type=Prescription.TYPE_COMMON,
        facility=f"//identity.lientuyen/facilities/{hospital}",
        practitioner="000001/HNO-GPHN",
        person=f"//identity.lientuyen/persons/{uuid.uuid4()}",
        treatment_form=Prescription.TREATMENT_FORM_OUTPATIENT,
        diagnoses=[Coding(system="ICD-10", code="I10", display="Tăng huyết áp vô căn")],
        lines=[
            PrescriptionLine(
                number=1,
                drug=Medicine(inn="Thuốc mẫu A", strength="5mg", registration_number="VD-00000-00"),
                unit="Viên",
                quantity=TABLETS,
                dose="1 viên/lần, 1 lần/ngày, uống sáng",
                days=30,
            )
        ],
    )
    prescription.prescribe_time.GetCurrentTime()
    return prescription


def _claim(prescription: Prescription) -> dispensing.ClaimPrescriptionRequest:
    return dispensing.ClaimPrescriptionRequest(
        request_id=str(uuid.uuid4()), code=prescription.code, access=people.TREATMENT
    )


def reason(error: BaseException) -> str:
    """Return the reason a refused caller was told, else what the error says of itself."""
    info = ErrorInfo()
    status = rich_status(error) if isinstance(error, grpc.aio.AioRpcError) else None
    for detail in status.details if status is not None else ():
        if detail.Unpack(info):
            return str(info.reason)
    return repr(error)

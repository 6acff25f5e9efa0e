"""Who prescribes, and the pharmacies that race for each prescription."""

import asyncio
from typing import Any

from lientuyen.pharmacy.v1 import dispensing_service_pb2 as dispensing
from lientuyen.pharmacy.v1.dispensing_pb2 import DispenseLine
from lientuyen.pharmacy.v1.dispensing_service_pb2_grpc import DispensingServiceStub
from lientuyen.pharmacy.v1.prescription_service_pb2_grpc import PrescriptionServiceStub
from lientuyen.pharmacy.v1.quantity_pb2 import Quantity
from lientuyen_client.demo.journey import care

from ..e2e import works
from .calls import Worker, new_id
from .mailbox_workers import full

PHARMACIES = ("NT00001", "NT00002", "NT00003")
PHARMACIST = "000004/HNO-DSDH"

# Thousandths of a tablet: of a prescription, and at most of one dispensing.
PRESCRIBED, MAX_DISPENSED = 30_000, 20_000

# How often each pharmacy tries for a prescription; of a hundred dispensings, how many are reversed.
TRIES, REVERSED = 2, 15

# Seconds between two prescriptions of one doctor, in the mean.
PRESCRIBE_PAUSE_S = 1.5


async def prescribe(worker: Worker, tag: str) -> None:
    """Issue prescriptions, and let the pharmacies race for each; *tag* is three letters of one's own."""
    for number in range(10_000):
        if worker.closing.is_set():
            return
        code = f"01999{tag}{number:04}-c"
        if await issue(worker, code):
            async with asyncio.TaskGroup() as group:
                for pharmacy in worker.random.sample(PHARMACIES, 2):
                    group.create_task(sell(worker, pharmacy, code))
        await worker.pause(PRESCRIBE_PAUSE_S)


async def issue(worker: Worker, code: str) -> bool:
    request = works.prescription(code)
    request.request_id = new_id()
    request.prescription.lines[0].quantity.thousandths = PRESCRIBED
    stub = worker.channels.stub(PrescriptionServiceStub, "pharmacy", "facility/01999")
    value = {"code": code, "quantity": PRESCRIBED}
    reply = await worker.operate(
        "issue",
        value,
        stub.IssuePrescription,
        request,
        lambda reply: {"prescription": reply.prescription.name},
    )
    return reply is not None


async def sell(worker: Worker, pharmacy: str, code: str) -> None:
    """Claim the prescription and dispense a part of it, a few times."""
    stub = worker.channels.stub(DispensingServiceStub, "pharmacy", f"pharmacy/{pharmacy}")
    mine = {"code": code, "pharmacy": full(pharmacy)}
    for _ in range(TRIES):
        request = dispensing.ClaimPrescriptionRequest(request_id=new_id(), code=code, access=care(PHARMACIST))
        held = await worker.operate("claim", mine, stub.ClaimPrescription, request, claimed)
        if held is None:
            await worker.pause(0.2)
        elif not await dispense(worker, stub, mine, held):
            await release(worker, stub, mine, held)


def claimed(reply: dispensing.ClaimPrescriptionResponse) -> dict[str, Any]:
    return {"prescription": reply.prescription.name, "expire_time": reply.claim.expire_time.ToJsonString()}


async def dispense(
    worker: Worker, stub: Any, mine: dict[str, Any], held: dispensing.ClaimPrescriptionResponse
) -> bool:
    quantity = worker.random.randrange(1, MAX_DISPENSED // 1000 + 1) * 1000
    request = dispensing.DispenseRequest(
        request_id=new_id(),
        prescription=held.prescription.name,
        claim_token=held.claim.token,
        lines=[DispenseLine(line=1, quantity=Quantity(thousandths=quantity), lot_number="LO-MAU-1")],
        pharmacist=PHARMACIST,
    )
    reply = await worker.operate(
        "dispense",
        {**mine, "quantity": quantity},
        stub.Dispense,
        request,
        lambda reply: {"dispensing": reply.dispensing.name},
    )
    if reply is not None and worker.random.randrange(100) < REVERSED:
        await reverse(worker, stub, reply.dispensing.name)
    return reply is not None


async def reverse(worker: Worker, stub: Any, name: str) -> None:
    request = dispensing.ReverseDispensingRequest(request_id=new_id(), name=name, reason="thu")
    await worker.operate(
        "reverse",
        {"dispensing": name},
        stub.ReverseDispensing,
        request,
        lambda reply: {"dispensing": reply.dispensing.name},
    )


async def release(
    worker: Worker, stub: Any, mine: dict[str, Any], held: dispensing.ClaimPrescriptionResponse
) -> None:
    request = dispensing.ReleaseClaimRequest(
        request_id=new_id(), prescription=held.prescription.name, claim_token=held.claim.token
    )
    await worker.operate("release", mine, stub.ReleaseClaim, request, lambda _: {})

"""What the services show when all is quiet, through the public contract: it goes into the history."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import grpc

from lientuyen.pharmacy.v1 import prescription_service_pb2 as prescriptions
from lientuyen.pharmacy.v1.dispensing_pb2 import Dispensing
from lientuyen.pharmacy.v1.prescription_service_pb2_grpc import PrescriptionServiceStub
from lientuyen.records.v1 import dossier_service_pb2 as dossiers
from lientuyen.records.v1.dossier_pb2 import DossierSlip
from lientuyen.records.v1.dossier_service_pb2_grpc import DossierServiceStub
from lientuyen.routing.v1 import appointment_service_pb2 as appointments
from lientuyen.routing.v1 import mailbox_service_pb2 as mailbox
from lientuyen.routing.v1 import referral_service_pb2 as referrals
from lientuyen.routing.v1.appointment_service_pb2_grpc import AppointmentServiceStub
from lientuyen.routing.v1.message_pb2 import Message
from lientuyen.routing.v1.referral_pb2 import Referral
from lientuyen.routing.v1.referral_service_pb2_grpc import ReferralServiceStub

from ..e2e import works
from ..e2e.works import OWN
from .calls import Channels
from .dossier_workers import SENDER
from .history import History
from .mailbox_workers import HOSPITALS, full, stub

# Seconds until nothing is under way any more: a slip whose every attempt met a fault waits for the next
# one, up to ten minutes and a fifth (`chassis/outbox.py`).  And between two looks.
QUIET_TIMEOUT_S = 900
QUIET_POLL_S = 2.0

HOSPITAL = f"facility/{SENDER}"


async def until_quiet(channels: Channels, say: Callable[[str], None]) -> bool:
    """Wait until every slip is sent and every message taken; False when something is still under way."""
    told = ""
    try:
        async with asyncio.timeout(QUIET_TIMEOUT_S):
            while waiting := await waiting_or_unknown(channels):
                if waiting != told:
                    say(f"under way: {waiting}")
                    told = waiting
                await asyncio.sleep(QUIET_POLL_S)
    except TimeoutError:
        return False
    return True


async def waiting_or_unknown(channels: Channels) -> str:
    try:
        return await under_way(channels)
    except grpc.aio.AioRpcError as error:
        return f"nobody knows: {error.code().name}"


async def under_way(channels: Channels) -> str:
    """Return what waits in records and in the mailboxes; empty when nothing does."""
    slips = messages = 0
    async for dossier in listed_dossiers(channels):
        slips += sum(slip.state == DossierSlip.STATE_PENDING for slip in dossier.slips)
    for code in HOSPITALS:
        for state in (Message.STATE_ACCEPTED, Message.STATE_LEASED):
            request = mailbox.ListMessagesRequest(recipient=full(code), state=state)
            async for page in works.pages(stub(channels, code).ListMessages, request):
                messages += len(page.messages)
    return f"{slips} slips, {messages} messages" if slips or messages else ""


async def listed_dossiers(channels: Channels) -> AsyncIterator[Any]:
    method = channels.stub(DossierServiceStub, "records", HOSPITAL).ListDossiers
    request = dossiers.ListDossiersRequest(facility=full(SENDER), access=OWN)
    async for page in works.pages(method, request):
        for dossier in page.dossiers:
            yield dossier


async def read_all(channels: Channels, history: History) -> None:
    """Read everything that the run can have made."""
    await read_messages(channels, history)
    await read_dossiers(channels, history)
    await read_slips(channels, history)
    for code in history.codes:
        await read_prescription(channels, history, code)


async def read_messages(channels: Channels, history: History) -> None:
    for code in HOSPITALS:
        request = mailbox.ListMessagesRequest(recipient=full(code))
        async for page in works.pages(stub(channels, code).ListMessages, request):
            for message in page.messages:
                value = {
                    "name": message.name,
                    "sender": message.sender,
                    "recipient": message.recipient,
                    "correlation": message.correlation,
                    "state": Message.State.Name(message.state),
                }
                history.write("read", action="message", value=value)


async def read_dossiers(channels: Channels, history: History) -> None:
    async for dossier in listed_dossiers(channels):
        value = {"name": dossier.name, "link_key": dossier.link_key, "version": dossier.version}
        history.write("read", action="dossier", value=value)


async def read_slips(channels: Channels, history: History) -> None:
    method = channels.stub(ReferralServiceStub, "routing", HOSPITAL).ListReferrals
    request = referrals.ListReferralsRequest(facility=full(SENDER), access=OWN)
    async for page in works.pages(method, request):
        for one in page.referrals:
            state = Referral.State.Name(one.state)
            value = {"name": one.name, "slip_number": one.slip_number, "state": state}
            history.write("read", action="referral", value=value)
    method = channels.stub(AppointmentServiceStub, "routing", HOSPITAL).ListAppointments
    listing = appointments.ListAppointmentsRequest(facility=full(SENDER), access=OWN)
    async for page in works.pages(method, listing):
        for appointment in page.appointments:
            value = {"name": appointment.name, "slip_number": appointment.slip_number}
            history.write("read", action="appointment", value=value)


async def read_prescription(channels: Channels, history: History, code: str) -> None:
    """Read a prescription by its code; one that is not there leaves no line."""
    method = channels.stub(PrescriptionServiceStub, "pharmacy", HOSPITAL).GetPrescription
    try:
        reply = await method(prescriptions.GetPrescriptionRequest(code=code, access=OWN), timeout=15)
    except grpc.aio.AioRpcError as error:
        if error.code() in (grpc.StatusCode.NOT_FOUND, grpc.StatusCode.PERMISSION_DENIED):
            return
        raise
    prescription = reply.prescription
    value = {
        "name": prescription.name,
        "code": prescription.code,
        "dispensed": prescription.lines[0].dispensed.thousandths,
        "dispensings": [dispensing_value(one) for one in reply.dispensings],
    }
    history.write("read", action="prescription", value=value)


def dispensing_value(dispensing: Dispensing) -> dict[str, Any]:
    return {
        "name": dispensing.name,
        "pharmacy": dispensing.pharmacy,
        "quantity": dispensing.lines[0].quantity.thousandths,
        "state": Dispensing.State.Name(dispensing.state),
    }

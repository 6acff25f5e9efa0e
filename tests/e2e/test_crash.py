"""
kill -9 between commit and reply: the answer is lost, the effect is there once.

The wire to the service goes deaf, the write is sent, and as soon as it is done
the service is killed.  The caller knows nothing; it sends the same request
again, and gets the first answer.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from lientuyen.chassis.v1.outcome_service_pb2 import GetOutcomeRequest, GetOutcomeResponse
from lientuyen.identity.v1 import person_service_pb2 as persons
from lientuyen.identity.v1.person_pb2 import SEX_FEMALE
from lientuyen.pharmacy.v1 import prescription_service_pb2 as prescriptions
from lientuyen.pharmacy.v1.medicine_pb2 import Medicine
from lientuyen.pharmacy.v1.prescription_pb2 import Prescription, PrescriptionLine
from lientuyen.pharmacy.v1.quantity_pb2 import Quantity
from lientuyen.records.v1 import dossier_service_pb2 as dossiers
from lientuyen.routing.v1 import appointment_service_pb2 as appointments
from lientuyen.routing.v1.appointment_pb2 import Appointment
from lientuyen.type.v1.access_pb2 import AccessContext
from lientuyen.type.v1.coding_pb2 import Coding
from lientuyen.type.v1.date_pb2 import Date
from lientuyen_client import Client, DeadlineExceeded, Unavailable, connect
from lientuyen_client.demo import people, sample_files
from lientuyen_client.demo.journey import care, visit_day
from tests.harness import eventually

from .conftest import Live
from .wires import Wire

CALLER = "facility/01999"
FACILITY = "//identity.lientuyen/facilities/01999"
SOMEBODY = f"//identity.lientuyen/persons/{uuid4()}"
OWN = care("000001/HNO-GPHN", AccessContext.LEGAL_BASIS_OWN_RECORD)


def register() -> Message:
    return persons.RegisterPersonRequest(
        facility="facilities/01999",
        kind=persons.RegisterPersonRequest.KIND_UNKNOWN,
        sex=SEX_FEMALE,
        access=OWN,
    )


def dossier() -> Message:
    import datetime

    today = datetime.datetime.now(datetime.UTC).date()
    content = sample_files.dossier(visit_day(today)).replace(b"<CHUKYDONVI/>", b"<CHUKYDONVI> </CHUKYDONVI>")
    return dossiers.SubmitDossierRequest(content=content)


def appointment() -> Message:
    return appointments.CreateAppointmentRequest(
        appointment=Appointment(
            person=SOMEBODY,
            facility=FACILITY,
            day=Date(year=2030, month=1, day=2),
            slip_number="HK-1",
            diagnosis=Coding(system="ICD-10", code="I10"),
        )
    )


def prescription() -> Message:
    now = Timestamp()
    now.GetCurrentTime()
    line = PrescriptionLine(
        number=1,
        drug=Medicine(inn="Thuốc mẫu A"),
        unit="Viên",
        quantity=Quantity(thousandths=1000),
        dose="1 viên",
    )
    return prescriptions.IssuePrescriptionRequest(
        prescription=Prescription(
            code=f"01999{uuid4().hex[:7]}-c",
            type=Prescription.TYPE_COMMON,
            facility=FACILITY,
            practitioner="000001/HNO-GPHN",
            person=SOMEBODY,
            diagnoses=[Coding(system="ICD-10", code="I10")],
            prescribe_time=now,
            lines=[line],
        )
    )


async def count_appointments(client: Client) -> int:
    request = appointments.ListAppointmentsRequest(person=SOMEBODY, facility=FACILITY, access=OWN)
    return len((await client.appointments.ListAppointments(request)).appointments)


async def count_prescriptions(client: Client) -> int:
    request = prescriptions.ListPrescriptionsRequest(person=SOMEBODY, facility=FACILITY, access=OWN)
    return len((await client.prescriptions.ListPrescriptions(request)).prescriptions)


async def count_dossiers(client: Client) -> int:
    request = dossiers.ListDossiersRequest(facility=FACILITY, link_key="01999.SYN.000001", access=OWN)
    return len((await client.dossiers.ListDossiers(request)).dossiers)


@dataclass(frozen=True)
class Write:
    """One write of one service, and how to count its effects (None: the answer alone tells)."""

    service: str
    method: Callable[[Client], Any]
    request: Callable[[], Message]
    count: Callable[[Client], Awaitable[int]] | None = None


WRITES = [
    Write("identity", lambda one: one.persons.RegisterPerson, register),
    Write("records", lambda one: one.dossiers.SubmitDossier, dossier, count_dossiers),
    Write("routing", lambda one: one.appointments.CreateAppointment, appointment, count_appointments),
    Write("pharmacy", lambda one: one.prescriptions.IssuePrescription, prescription, count_prescriptions),
]


@pytest.fixture(scope="module", autouse=True)
def seeded(live: Live) -> None:
    """The directory knows the facility and the patient of the dossier."""

    async def seed() -> None:
        today = visit_day(__import__("datetime").date.today())
        async with (
            connect("operator/dev", live.stack) as directory,
            connect("authority/bhxh", live.stack) as insurance,
        ):
            await people.seed(directory, insurance, today)

    asyncio.run(seed())


@pytest.mark.parametrize("write", WRITES, ids=lambda write: write.service)
async def test_a_write_whose_reply_was_lost_in_a_crash_has_one_effect(live: Live, write: Write):
    request = write.request()
    address = live.stack.addresses[write.service]
    async with Wire(address) as wire, connect(CALLER, live.stack) as direct:
        before = await write.count(direct) if write.count else 0
        through = replace(live.stack, addresses={**live.stack.addresses, write.service: wire.address})
        async with connect(CALLER, through) as client:
            await warm(client, write.service)
            wire.deaf = True
            call = asyncio.create_task(write.method(client)(request, timeout=20))
            done = await until_done(direct, write.service, call, request)
            live.kill(write.service)
            with pytest.raises((Unavailable, DeadlineExceeded)):
                await asyncio.wait_for(call, 30)

        again = await until_answered(write.method(direct), request)

        assert again.SerializeToString(deterministic=True) == done.response
        if write.count:
            assert await write.count(direct) == before + 1


async def warm(client: Client, service: str) -> None:
    """Open the connection while answers still come back."""
    await client.outcomes(service).GetOutcome(GetOutcomeRequest(request_id=str(uuid4())))


async def until_done(
    direct: Client, service: str, call: "asyncio.Task[object]", request: Message
) -> GetOutcomeResponse:
    """Return the outcome as soon as the write is committed; its caller has heard nothing."""

    async def done() -> GetOutcomeResponse | None:
        assert not call.done(), f"the wire was not deaf: {call}"
        request_id = request.request_id  # type: ignore[attr-defined]
        if not request_id:
            return None
        outcome = await direct.outcomes(service).GetOutcome(GetOutcomeRequest(request_id=request_id))
        return outcome if outcome.state == GetOutcomeResponse.STATE_DONE else None

    return await eventually(done)


async def until_answered(method: Any, request: Message) -> Message:
    """Send *request* again until the service is back."""

    async def answer() -> Message | None:
        with suppress(Unavailable, DeadlineExceeded):
            reply: Message = await method(request, timeout=15)
            return reply
        return None

    return await eventually(answer)

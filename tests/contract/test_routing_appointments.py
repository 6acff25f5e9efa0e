"""Re-examination slips over a real channel: used once, whoever races."""

import asyncio
from typing import Any
from uuid import uuid4

import grpc
import pytest
from grpc import StatusCode

from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.routing.v1 import appointment_service_pb2 as pb
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1.appointment_pb2 import Appointment
from lientuyen.type.v1.date_pb2 import Date
from tests.contract.routing_env import ACCESS, CITIZEN, DISTRICT, OTHER_PERSON, PERSON, PROVINCE, Routing
from tests.harness import World, refused

DAY = Date(year=2026, month=12, day=1)


@pytest.fixture
async def routing(world: World) -> Routing:
    return await Routing(world).start()


async def booked(routing: Routing, who: str = "facility/01999", **given: Any) -> Appointment:
    appointment = {"person": PERSON, "facility": DISTRICT, "day": DAY, "slip_number": "HK-1", **given}
    answer = await routing.appointments(who).CreateAppointment(
        pb.CreateAppointmentRequest(request_id=str(uuid4()), appointment=Appointment(**appointment))
    )
    return answer.appointment


def use(appointment: Appointment) -> pb.UseAppointmentRequest:
    return pb.UseAppointmentRequest(request_id=str(uuid4()), name=appointment.name)


async def test_of_twenty_that_race_to_use_an_appointment_one_wins(routing: Routing):
    appointment = await booked(routing)

    outcomes = await asyncio.gather(
        *(routing.appointments().UseAppointment(use(appointment)) for _ in range(20)), return_exceptions=True
    )

    won = [one for one in outcomes if isinstance(one, pb.UseAppointmentResponse)]
    lost = [one.code() for one in outcomes if isinstance(one, grpc.aio.AioRpcError)]
    assert [one.appointment.state for one in won] == [Appointment.STATE_USED]
    assert lost == [StatusCode.FAILED_PRECONDITION] * 19


async def test_using_it_again_with_the_same_request_gets_the_first_answer(routing: Routing):
    request = use(await booked(routing))

    first, again = [await routing.appointments().UseAppointment(request) for _ in range(2)]
    refusal = await refused(
        routing.appointments().CancelAppointment(
            pb.CancelAppointmentRequest(request_id=str(uuid4()), name=request.name)
        )
    )

    assert first == again
    assert (refusal.reason, refusal.metadata) == (
        reasons.APPOINTMENT_STATE.name,
        {"name": request.name, "state": "USED", "action": "cancel"},
    )


async def test_a_cancelled_appointment_cannot_be_used_and_frees_its_number(routing: Routing):
    appointment = await booked(routing)
    other = await refused(booked(routing, day=Date(year=2026, month=12, day=2)))
    cancel = pb.CancelAppointmentRequest(request_id=str(uuid4()), name=appointment.name)
    cancelled = (await routing.appointments().CancelAppointment(cancel)).appointment
    refusal = await refused(routing.appointments().UseAppointment(use(appointment)))
    moved = await booked(routing, day=Date(year=2026, month=12, day=2))

    assert (other.code, other.reason) == (StatusCode.ALREADY_EXISTS, reasons.APPOINTMENT_SLIP_EXISTS.name)
    assert cancelled.state == Appointment.STATE_CANCELLED
    assert refusal.metadata["state"] == "CANCELLED"
    assert moved.name != appointment.name


async def test_records_books_for_a_facility_and_the_same_slip_is_one_appointment(routing: Routing):
    first = await booked(routing, "service/records", care_category="1.1")
    again = await booked(routing)
    forged = await refused(booked(routing, "facility/79999"))

    assert again == first
    assert forged.reason == chassis_reasons.FACILITY_MISMATCH.name


async def test_only_its_facility_uses_and_sees_it(routing: Routing):
    appointment = await booked(routing)
    stranger = routing.appointments("facility/79999")
    get = pb.GetAppointmentRequest(name=appointment.name, access=ACCESS)

    refusals = [
        await refused(stranger.UseAppointment(use(appointment))),
        await refused(stranger.GetAppointment(get)),
    ]
    get.access.CopyFrom(CITIZEN)
    found = await routing.appointments("authority/vneid").GetAppointment(get)

    assert {(one.code, one.reason) for one in refusals} == {
        (StatusCode.PERMISSION_DENIED, reasons.APPOINTMENT_DENIED.name)
    }
    assert found.appointment == appointment
    rows = await routing.rows("SELECT caller FROM audit WHERE subject = $1 AND allowed", PERSON)
    assert [row["caller"] for row in rows] == ["authority/vneid"]


async def test_appointments_are_listed_by_day_for_the_person_and_for_the_facility(routing: Routing):
    days = [Date(year=2026, month=12, day=day) for day in (1, 3, 2)]
    made = [await booked(routing, day=day, slip_number=f"{day.day}") for day in days]
    away = await booked(routing, "facility/79999", facility=PROVINCE, person=PERSON)
    other = await booked(routing, person=OTHER_PERSON, slip_number="x", day=days[1])

    async def listed(who: str, **asked: Any) -> list[str]:
        found: list[str] = []
        request = pb.ListAppointmentsRequest(access=ACCESS, page_size=2, **asked)
        while True:
            page = await routing.appointments(who).ListAppointments(request)
            found += [one.name for one in page.appointments]
            request.page_token = page.next_page_token
            if not request.page_token:
                return found

    by_day = [made[1].name, made[2].name, made[0].name]
    everything = await listed("service/records", person=PERSON)
    assert everything[:2] == by_day[:2]
    assert set(everything) == {*by_day, away.name}
    assert await listed("facility/01999", person=PERSON) == by_day
    assert set(await listed("facility/01999", facility=DISTRICT)) == {*by_day, other.name}


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (Date(year=2026, month=2, day=30), reasons.DAY_INVALID.name),
        (Date(year=2026), reasons.DAY_INVALID.name),
    ],
)
async def test_a_day_that_is_none_is_refused(routing: Routing, day: Date, told: str):
    refusal = await refused(booked(routing, day=day))

    assert (refusal.code, refusal.reason, refusal.metadata) == (
        StatusCode.INVALID_ARGUMENT,
        told,
        {"field": "appointment.day"},
    )

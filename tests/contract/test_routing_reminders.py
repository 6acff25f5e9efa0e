"""Appointments: one for each episode, and a reminder some days before, once."""

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from grpc import StatusCode

from chassis import clock
from common.values import date_to_pb
from lientuyen.routing.v1 import appointment_service_pb2 as pb
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1.appointment_pb2 import Appointment
from lientuyen.routing.v1.message_pb2 import Notice
from tests.contract.routing_env import ACCESS, CITIZEN, DISTRICT, PERSON, Routing
from tests.harness import World, eventually, refused

FACILITY = "facility/01999"


@pytest.fixture
async def routing(world: World) -> Routing:
    return await Routing(world).start(sweep_seconds=0.3, reminder_days=3)


def booking(day: date, **given: Any) -> pb.CreateAppointmentRequest:
    appointment = Appointment(**{"person": PERSON, "facility": DISTRICT, "day": date_to_pb(day), **given})
    return pb.CreateAppointmentRequest(request_id=str(uuid4()), appointment=appointment)


async def booked(routing: Routing, day: date, who: str = FACILITY, **given: Any) -> Appointment:
    return (await routing.appointments(who).CreateAppointment(booking(day, **given))).appointment


async def seen(routing: Routing, name: str, who: str = FACILITY) -> Appointment:
    request = pb.GetAppointmentRequest(name=name, access=CITIZEN if who == "authority/vneid" else ACCESS)
    return (await routing.appointments(who).GetAppointment(request)).appointment


async def as_if_booked_a_week_ago(routing: Routing) -> None:
    await routing.rows("UPDATE appointments SET create_time = create_time - interval '7 days'")


async def test_a_facility_is_reminded_of_an_appointment_some_days_before_and_once(routing: Routing):
    today = clock.today()
    near, far, past, used = [
        await booked(routing, today + timedelta(days=days), slip_number=str(days)) for days in (3, 4, -1, 2)
    ]
    await routing.appointments().UseAppointment(
        pb.UseAppointmentRequest(request_id=str(uuid4()), name=used.name)
    )
    await as_if_booked_a_week_ago(routing)

    async with routing.receiving(FACILITY) as inbox:
        notice = Notice.FromString((await inbox.next(60)).body)
        assert await inbox.nothing(2)

    assert (notice.event, notice.subject) == (Notice.EVENT_APPOINTMENT_REMINDER, near.name)
    for party in (FACILITY, "authority/vneid"):
        assert (await seen(routing, near.name, party)).HasField("remind_time")
    for other in (far, past, used):
        assert not (await seen(routing, other.name)).HasField("remind_time")


async def test_one_that_was_booked_for_soon_needs_no_reminder(routing: Routing):
    soon = await booked(routing, clock.today() + timedelta(days=2))
    late = await booked(routing, clock.today() + timedelta(days=3), slip_number="2")
    await routing.rows(
        "UPDATE appointments SET create_time = create_time - interval '1 day' WHERE slip_number = '2'"
    )

    async def reminded() -> bool:
        return (await seen(routing, late.name)).HasField("remind_time")

    await eventually(reminded)
    assert not (await seen(routing, soon.name)).HasField("remind_time")


async def test_many_are_reminded_of_by_two_replicas_each_once(world: World):
    first = await Routing(world).start(sweep_seconds=60)
    days = [clock.today() + timedelta(days=1 + n % 3) for n in range(30)]
    names = [(await booked(first, day, slip_number=str(n))).name for n, day in enumerate(days)]
    await as_if_booked_a_week_ago(first)
    url = first.running.settings.database_url
    await asyncio.gather(*(Routing(world).start(sweep_seconds=0.2, database_url=url) for _ in range(2)))

    async with first.receiving(FACILITY, outstanding=100) as inbox:
        subjects = [Notice.FromString((await inbox.next(60)).body).subject for _ in names]
        assert await inbox.nothing(2)
    assert sorted(subjects) == sorted(names)


async def test_an_encounter_has_one_appointment_in_force(routing: Routing):
    day = clock.today() + timedelta(days=30)
    first = await booked(routing, day, slip_number="1", encounter="MALK-1")
    again = await booked(routing, day, slip_number="1", encounter="MALK-1")
    second = await refused(booked(routing, day, slip_number="2", encounter="MALK-1"))
    unnumbered = await refused(booked(routing, day, encounter="MALK-1"))
    ahead = await refused(
        routing.appointments().ValidateAppointment(
            pb.ValidateAppointmentRequest(
                appointment=booking(day, slip_number="2", encounter="MALK-1").appointment
            )
        )
    )
    elsewhere = await booked(
        routing, day, "facility/79999", facility="//identity.lientuyen/facilities/79999", encounter="MALK-1"
    )
    await routing.appointments().CancelAppointment(
        pb.CancelAppointmentRequest(request_id=str(uuid4()), name=first.name)
    )
    instead = await booked(routing, day, slip_number="2", encounter="MALK-1")

    assert again.name == first.name
    for refusal in (second, unnumbered, ahead):
        assert (refusal.code, refusal.reason) == (
            StatusCode.ALREADY_EXISTS,
            reasons.APPOINTMENT_ENCOUNTER_EXISTS.name,
        )
        assert refusal.metadata == {"name": first.name}
    assert elsewhere.name != first.name
    assert (instead.state, instead.encounter) == (Appointment.STATE_BOOKED, "MALK-1")


async def test_of_many_that_race_for_an_encounter_one_is_booked(routing: Routing):
    day = clock.today() + timedelta(days=30)
    tries = [booked(routing, day, slip_number=str(n), encounter="MALK-1") for n in range(10)]

    outcomes = await asyncio.gather(*tries, return_exceptions=True)

    assert sum(isinstance(one, Appointment) for one in outcomes) == 1
    ((count,),) = await routing.rows("SELECT count(*) FROM appointments")
    assert count == 1

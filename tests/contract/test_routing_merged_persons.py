"""A person whose entries were merged: slips under each name are shown for all, and part again."""

from typing import Any
from uuid import uuid4

import pytest

from lientuyen.routing.v1 import appointment_service_pb2 as booking
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import referral_service_pb2 as referring
from lientuyen.routing.v1.appointment_pb2 import Appointment
from lientuyen.routing.v1.referral_pb2 import Referral
from lientuyen.type.v1.date_pb2 import Date
from tests.contract.routing_env import ACCESS, CITIZEN, DISTRICT, OTHER_PERSON, PERSON, PROVINCE, Routing
from tests.harness import World, refused

SLIP = b"<slip/>"


@pytest.fixture
async def routing(world: World) -> Routing:
    return await Routing(world).start()


async def refer(routing: Routing, person: str, number: str) -> Referral:
    referral = Referral(person=person, sender=DISTRICT, recipient=PROVINCE, slip_number=number)
    request = referring.CreateReferralRequest(
        request_id=str(uuid4()), referral=referral, slip=SLIP, slip_media_type="application/xml"
    )
    return (await routing.referrals().CreateReferral(request)).referral


async def book(routing: Routing, person: str, number: str) -> Appointment:
    day = Date(year=2026, month=12, day=1)
    slip = Appointment(person=person, facility=DISTRICT, day=day, slip_number=number)
    request = booking.CreateAppointmentRequest(request_id=str(uuid4()), appointment=slip)
    return (await routing.appointments().CreateAppointment(request)).appointment


async def shown(routing: Routing, person: str, who: str, access: Any) -> tuple[list[str], list[str]]:
    """Whose referrals and appointments are listed for *person*, and who could not be asked."""
    referrals = await routing.referrals(who).ListReferrals(
        referring.ListReferralsRequest(person=person, access=access)
    )
    appointments = await routing.appointments(who).ListAppointments(
        booking.ListAppointmentsRequest(person=person, access=access)
    )
    assert list(referrals.unreachable) == list(appointments.unreachable)
    persons = [one.person for one in (*referrals.referrals, *appointments.appointments)]
    return sorted(persons), list(referrals.unreachable)


@pytest.mark.parametrize(
    ("who", "access"), [("authority/vneid", CITIZEN), ("service/records", ACCESS), ("facility/01999", ACCESS)]
)
async def test_all_of_a_person_is_shown_by_either_name_until_they_are_parted(
    routing: Routing, who: str, access: Any
):
    for person, number in ((PERSON, "1"), (OTHER_PERSON, "2")):
        await refer(routing, person, number)
        await book(routing, person, number)

    routing.identity.merge(OTHER_PERSON, into=PERSON)
    merged = [await shown(routing, name, who, access) for name in (PERSON, OTHER_PERSON)]
    routing.identity.unmerge(OTHER_PERSON)
    parted = [await shown(routing, name, who, access) for name in (PERSON, OTHER_PERSON)]

    assert merged == [(sorted([PERSON, OTHER_PERSON] * 2), [])] * 2
    assert parted == [([PERSON] * 2, []), ([OTHER_PERSON] * 2, [])]


async def test_while_identity_is_silent_the_name_that_was_asked_for_is_shown_and_the_silence_told(
    world: World, routing: Routing
):
    for person, number in ((PERSON, "1"), (OTHER_PERSON, "2")):
        await refer(routing, person, number)
        await book(routing, person, number)
    url = routing.running.settings.database_url
    lonely = await Routing(world).start(identity_address=world.nowhere(), database_url=url)

    assert await shown(lonely, PERSON, "authority/vneid", CITIZEN) == ([PERSON] * 2, ["identity"])


async def test_a_slip_that_comes_again_under_another_name_of_the_person_is_the_same_slip(routing: Routing):
    referral, appointment = await refer(routing, OTHER_PERSON, "1"), await book(routing, OTHER_PERSON, "1")

    strangers = [await refused(refer(routing, PERSON, "1")), await refused(book(routing, PERSON, "1"))]
    routing.identity.merge(OTHER_PERSON, into=PERSON)

    assert [one.reason for one in strangers] == [
        reasons.REFERRAL_SLIP_EXISTS.name,
        reasons.APPOINTMENT_SLIP_EXISTS.name,
    ]
    assert (await refer(routing, PERSON, "1")).name == referral.name
    assert (await book(routing, PERSON, "1")).name == appointment.name

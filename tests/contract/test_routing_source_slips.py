"""Slips of dossiers by their names: what they made is cancelled, and told when a correction is refused."""

from uuid import UUID, uuid4

import pytest
from grpc import StatusCode

from lientuyen.routing.v1 import appointment_service_pb2 as appointments_pb
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import referral_service_pb2 as pb
from lientuyen.routing.v1.appointment_pb2 import Appointment
from lientuyen.routing.v1.referral_pb2 import Referral
from lientuyen.type.v1.date_pb2 import Date
from tests.harness import World, refused

from .corrections_env import (
    OTHER_SLIP,
    RECORDS,
    SENDER,
    SLIP_NAME,
    book,
    get,
    issue,
    mail,
    referral_of,
)
from .routing_env import DISTRICT, FACILITIES, PERSON, PROVINCE, Routing


@pytest.fixture
async def routing(world: World) -> Routing:
    return await Routing(world).start()


def by_slip(**fields: str) -> pb.CancelReferralRequest:
    values = {"source_slip": SLIP_NAME, "sender": DISTRICT, "reason": "left out", **fields}
    return pb.CancelReferralRequest(request_id=str(uuid4()), **values)


async def test_records_cancels_what_a_slip_made_without_its_name_and_hears_that_nothing_is_in_force(
    routing: Routing,
):
    referral, booked = await issue(routing), await book(routing)
    appointment = appointments_pb.CancelAppointmentRequest(
        request_id=str(uuid4()), source_slip=SLIP_NAME, facility=DISTRICT
    )

    cancelled = await routing.referrals(RECORDS).CancelReferral(by_slip())
    unbooked = await routing.appointments(RECORDS).CancelAppointment(appointment)
    appointment.request_id = str(uuid4())
    nothing = [
        await routing.referrals(RECORDS).CancelReferral(by_slip()),
        await routing.referrals(RECORDS).CancelReferral(by_slip(source_slip=OTHER_SLIP)),
        await routing.appointments(RECORDS).CancelAppointment(appointment),
    ]

    assert (cancelled.referral.name, cancelled.referral.state) == (referral.name, Referral.STATE_CANCELLED)
    assert (unbooked.appointment.name, unbooked.appointment.state) == (
        booked.name,
        Appointment.STATE_CANCELLED,
    )
    assert [answer.ByteSize() for answer in nothing] == [0, 0, 0]
    assert sorted(event for event, _ in await mail(routing, SENDER, 2)) == [
        "EVENT_APPOINTMENT_CANCELLED",
        "EVENT_REFERRAL_CANCELLED",
    ]


async def test_only_records_cancels_by_a_slip_and_only_the_slip_of_its_sender(routing: Routing):
    old = await issue(routing)
    appointment = appointments_pb.CancelAppointmentRequest(
        request_id=str(uuid4()), source_slip=SLIP_NAME, facility=DISTRICT
    )

    by_hospital = await refused(routing.referrals(SENDER).CancelReferral(by_slip()))
    booking = await refused(routing.appointments(SENDER).CancelAppointment(appointment))
    of_another = await routing.referrals(RECORDS).CancelReferral(by_slip(sender=PROVINCE))

    assert (by_hospital.code, by_hospital.reason) == (
        StatusCode.PERMISSION_DENIED,
        reasons.REFERRAL_DENIED.name,
    )
    assert booking.reason == reasons.APPOINTMENT_DENIED.name
    assert of_another == pb.CancelReferralResponse()
    assert (await get(routing, old)).state == Referral.STATE_ISSUED


@pytest.mark.parametrize(
    "fields",
    [{"source_slip": ""}, {"sender": ""}, {"name": f"//routing.lientuyen/referrals/{UUID(int=7)}"}],
    ids=str,
)
async def test_a_cancellation_names_a_referral_or_a_slip_with_its_sender(
    routing: Routing, fields: dict[str, str]
):
    refusal = await refused(routing.referrals(RECORDS).CancelReferral(by_slip(**fields)))

    assert refusal.code == StatusCode.INVALID_ARGUMENT


async def test_a_refused_correction_names_what_stands_or_ended(routing: Routing):
    unknown = {"recipient": f"{FACILITIES}00000"}
    before = await refused(issue(routing, b"<corrected/>", **unknown))
    old = await issue(routing)
    standing = await refused(issue(routing, b"<corrected/>", **unknown))
    dry = pb.ValidateReferralRequest(referral=referral_of(**unknown))
    validated = await refused(routing.referrals(RECORDS).ValidateReferral(dry))
    of_hospital = await refused(issue(routing, b"<corrected/>", SENDER, **unknown))
    await routing.referrals(RECORDS).CancelReferral(by_slip())
    ended = await refused(issue(routing, b"<corrected/>", **unknown))

    assert "in_force" not in before.metadata | of_hospital.metadata
    assert (standing.metadata["in_force"], validated.metadata["in_force"]) == (old.name, old.name)
    assert ("in_force" in ended.metadata, ended.metadata["ended"]) == (False, old.name)


async def test_a_dry_run_names_what_the_slip_made_and_is_in_force_no_more(routing: Routing):
    referral, booked = await issue(routing), await book(routing)
    request = pb.ValidateReferralRequest(referral=referral_of())
    appointment = appointments_pb.ValidateAppointmentRequest(
        appointment=Appointment(
            person=PERSON,
            facility=DISTRICT,
            day=Date(year=2026, month=12, day=1),
            slip_number="HK-1",
            source_slip=SLIP_NAME,
        )
    )

    async def ended() -> tuple[str, str]:
        answer = await routing.referrals(RECORDS).ValidateReferral(request)
        return answer.ended, (await routing.appointments(RECORDS).ValidateAppointment(appointment)).ended

    before = await ended()
    await routing.referrals(RECORDS).CancelReferral(by_slip())
    await routing.appointments(SENDER).CancelAppointment(
        appointments_pb.CancelAppointmentRequest(request_id=str(uuid4()), name=booked.name)
    )

    assert before == ("", "")
    assert await ended() == (referral.name, booked.name)

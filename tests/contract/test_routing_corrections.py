"""A slip of a dossier that is corrected: one referral or appointment stays in force, and all are told."""

import asyncio
from uuid import uuid4

import grpc
import pytest
from grpc import StatusCode

from lientuyen.identity.v1.facility_pb2 import Facility
from lientuyen.routing.v1 import appointment_service_pb2 as appointments_pb
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import mailbox_service_pb2 as mailbox_pb
from lientuyen.routing.v1 import referral_service_pb2 as pb
from lientuyen.routing.v1.appointment_pb2 import Appointment
from lientuyen.routing.v1.message_pb2 import Notice
from lientuyen.routing.v1.referral_pb2 import Referral
from lientuyen.type.v1.date_pb2 import Date
from tests.contract.routing_env import CHO_RAY, DISTRICT, FACILITIES, PERSON, PROVINCE, Routing
from tests.harness import World, refused

from .corrections_env import (
    NEW,
    OLD,
    OTHER_SLIP,
    RECORDS,
    SENDER,
    SLIP_NAME,
    accept,
    book,
    get,
    issue,
    mail,
    referral_of,
)


@pytest.fixture
async def routing(world: World) -> Routing:
    return await Routing(world).start()


async def test_a_corrected_slip_goes_to_its_new_recipient_and_the_old_one_and_the_sender_are_told(
    routing: Routing,
):
    old = await issue(routing)
    new = await issue(routing, b"<corrected/>", recipient=CHO_RAY)

    old_now, new_now = await get(routing, old), await get(routing, new)
    assert (old_now.state, old_now.replaced_by) == (
        Referral.STATE_CANCELLED,
        new.name,
    )
    assert (new_now.state, new_now.replaces) == (Referral.STATE_ISSUED, old.name)
    assert new_now.slip_number == old_now.slip_number
    assert await mail(routing, OLD, 1) == [("EVENT_REFERRAL_CANCELLED", old.name)]
    assert await mail(routing, NEW, 1) == [("KIND_REFERRAL", new.name)]
    assert await mail(routing, SENDER, 1) == [("EVENT_REFERRAL_REPLACED", new.name)]


async def test_a_delivered_slip_may_still_be_corrected(routing: Routing):
    old = await issue(routing)
    async with routing.receiving(OLD) as inbox:
        await routing.acknowledge(await inbox.next())

    new = await issue(routing, b"<corrected/>")

    assert (await get(routing, old)).state == Referral.STATE_CANCELLED
    assert await mail(routing, OLD, 2) == [
        ("EVENT_REFERRAL_CANCELLED", old.name),
        ("KIND_REFERRAL", new.name),
    ]


async def test_a_slip_in_the_hands_of_its_recipient_stays_there_when_it_is_corrected(routing: Routing):
    await issue(routing)
    async with routing.receiving(OLD) as inbox:
        held = await inbox.next()
        await issue(routing, b"<corrected/>", recipient=CHO_RAY)
        await routing.acknowledge(held)

    states = await routing.rows("SELECT state FROM messages WHERE kind = 'referral' ORDER BY sequence")
    assert [row["state"] for row in states] == ["acknowledged", "accepted"]


async def test_a_patient_who_was_accepted_is_not_moved(routing: Routing):
    old = await issue(routing)
    await accept(routing, old)

    refusal = await refused(issue(routing, b"<corrected/>", recipient=CHO_RAY))

    assert (refusal.code, refusal.reason) == (StatusCode.FAILED_PRECONDITION, reasons.REFERRAL_TAKEN.name)
    assert refusal.metadata == {
        "name": old.name,
        "state": "ACCEPTED",
        "recipient": PROVINCE,
        "in_force": old.name,
    }
    assert (await get(routing, old)).state == Referral.STATE_ACCEPTED
    assert len(await routing.rows("SELECT 1 FROM referrals")) == 1


async def test_the_same_slip_again_is_the_same_referral_and_tells_nobody(routing: Routing):
    first = await issue(routing)
    again = await issue(routing)

    assert again.name == first.name
    assert await mail(routing, OLD, 1) == [("KIND_REFERRAL", first.name)]


async def test_of_corrections_at_once_one_is_in_force_at_last(routing: Routing):
    outcomes = await asyncio.gather(
        *(issue(routing, b"<%d/>" % number, slip_number=f"{number}") for number in range(8))
    )

    rows = await routing.rows("SELECT state FROM referrals")
    assert len({referral.name for referral in outcomes}) == 8
    assert sorted(row["state"] for row in rows) == ["cancelled"] * 7 + ["issued"]


async def test_a_correction_takes_over_nobodys_number(routing: Routing):
    other = await issue(routing, source_slip=OTHER_SLIP, slip_number="TEST-9")
    old = await issue(routing)

    refusal = await refused(issue(routing, b"<corrected/>", slip_number="TEST-9"))

    assert (refusal.code, refusal.reason) == (StatusCode.ALREADY_EXISTS, reasons.REFERRAL_SLIP_EXISTS.name)
    assert refusal.metadata == {"name": other.name, "in_force": old.name}
    assert (await get(routing, old)).state == Referral.STATE_ISSUED


async def test_a_number_in_force_for_another_encounter_is_refused(routing: Routing):
    first = await issue(routing)
    booked = await book(routing)

    referral = await refused(issue(routing, source_slip=OTHER_SLIP))
    appointment = await refused(book(routing, source_slip=OTHER_SLIP))

    assert (referral.code, referral.metadata) == (StatusCode.ALREADY_EXISTS, {"name": first.name})
    assert (appointment.code, appointment.metadata) == (StatusCode.ALREADY_EXISTS, {"name": booked.name})


async def test_only_records_corrects_and_only_the_slips_of_the_same_sender(routing: Routing):
    old = await issue(routing)
    await issue(routing, b"<theirs/>", sender=PROVINCE, recipient=CHO_RAY, source_slip=OTHER_SLIP)

    by_hospital = await refused(issue(routing, b"<corrected/>", SENDER, recipient=CHO_RAY))
    numbered = await issue(routing, b"<x/>", SENDER, recipient=CHO_RAY, slip_number="TEST-10")

    assert by_hospital.reason == reasons.REFERRAL_SLIP_EXISTS.name
    assert (numbered.source_slip, numbered.replaces) == ("", "")
    assert (await get(routing, old)).state == Referral.STATE_ISSUED


async def test_a_dry_run_is_refused_as_the_real_one_and_makes_nothing(routing: Routing):
    routing.identity.add_facility("79998", state=Facility.STATE_CLOSED)
    accepted = await issue(routing)
    await accept(routing, accepted)
    wrong = [
        ({"recipient": f"{FACILITIES}00000"}, reasons.RECIPIENT_UNKNOWN),
        ({"recipient": f"{FACILITIES}79998"}, reasons.RECIPIENT_CLOSED),
        ({"recipient": DISTRICT}, reasons.REFERRAL_TO_SELF),
        ({"recipient": CHO_RAY}, reasons.REFERRAL_TAKEN),
        ({"source_slip": OTHER_SLIP}, reasons.REFERRAL_SLIP_EXISTS),
    ]

    for fields, reason in wrong:
        request = pb.ValidateReferralRequest(referral=referral_of(**fields), slip_sha256=bytes(32))
        dry = await refused(routing.referrals(RECORDS).ValidateReferral(request))
        real = await refused(issue(routing, b"<other/>", **fields))
        assert (dry.reason, dry.code, dry.metadata) == (reason.name, real.code, real.metadata)
    fine = pb.ValidateReferralRequest(referral=referral_of(source_slip=OTHER_SLIP, slip_number="TEST-11"))
    answer = await routing.referrals(RECORDS).ValidateReferral(fine)

    assert answer.replaces == ""
    assert len(await routing.rows("SELECT 1 FROM referrals")) == 1


async def test_a_dry_run_of_a_correction_names_what_it_would_replace(routing: Routing):
    old, booked = await issue(routing), await book(routing)
    later = Appointment(
        person=PERSON,
        facility=DISTRICT,
        day=Date(year=2026, month=12, day=2),
        slip_number="HK-1",
        source_slip=SLIP_NAME,
    )

    referral = await routing.referrals(RECORDS).ValidateReferral(
        pb.ValidateReferralRequest(referral=referral_of(recipient=CHO_RAY))
    )
    appointment = await routing.appointments(RECORDS).ValidateAppointment(
        appointments_pb.ValidateAppointmentRequest(appointment=later)
    )

    assert referral.replaces == old.name
    assert appointment.replaces == booked.name


async def test_a_slip_that_is_left_out_is_cancelled_and_both_are_told(routing: Routing):
    referral = await issue(routing)
    cancel = pb.CancelReferralRequest(request_id=str(uuid4()), name=referral.name, reason="left out")
    cancelled = (await routing.referrals(RECORDS).CancelReferral(cancel)).referral

    assert cancelled.state == Referral.STATE_CANCELLED
    assert await mail(routing, OLD, 1) == [("EVENT_REFERRAL_CANCELLED", referral.name)]
    assert await mail(routing, SENDER, 1) == [("EVENT_REFERRAL_CANCELLED", referral.name)]


async def test_a_slip_that_is_left_out_after_acceptance_stays(routing: Routing):
    referral = await issue(routing)
    await accept(routing, referral)
    cancel = pb.CancelReferralRequest(request_id=str(uuid4()), name=referral.name, reason="left out")

    refusal = await refused(routing.referrals(RECORDS).CancelReferral(cancel))

    assert refusal.reason == reasons.REFERRAL_TAKEN.name
    assert refusal.metadata["recipient"] == PROVINCE


async def test_a_corrected_appointment_replaces_the_old_one_until_it_was_used(routing: Routing):
    old = await book(routing)
    new = await book(routing, day=Date(year=2026, month=12, day=2))
    use = appointments_pb.UseAppointmentRequest(request_id=str(uuid4()), name=new.name)
    used_too_early = await refused(
        routing.appointments().UseAppointment(
            appointments_pb.UseAppointmentRequest(request_id=str(uuid4()), name=old.name)
        )
    )
    await routing.appointments().UseAppointment(use)
    late = await refused(book(routing, day=Date(year=2026, month=12, day=3)))

    assert new.replaces == old.name
    assert used_too_early.metadata["state"] == "CANCELLED"
    assert (late.reason, late.metadata) == (
        reasons.APPOINTMENT_TAKEN.name,
        {"name": new.name, "state": "USED", "in_force": new.name},
    )
    assert await mail(routing, SENDER, 1) == [("EVENT_APPOINTMENT_REPLACED", new.name)]


async def test_an_appointment_whose_slip_is_left_out_is_cancelled_and_its_facility_told(routing: Routing):
    booked = await book(routing)
    cancel = appointments_pb.CancelAppointmentRequest(request_id=str(uuid4()), name=booked.name)

    await routing.appointments(RECORDS).CancelAppointment(cancel)

    assert await mail(routing, SENDER, 1) == [("EVENT_APPOINTMENT_CANCELLED", booked.name)]


async def test_records_alone_sends_a_notice_and_a_retry_sends_no_second(routing: Routing):
    request = mailbox_pb.SendNoticeRequest(
        request_id=str(uuid4()),
        recipient=DISTRICT,
        event=Notice.EVENT_SLIP_NOT_SENT,
        subject="//records.lientuyen/dossiers/0d6d2f5e-53d5-4c93-9f0d-51a1f2f2a003",
    )

    first, again = [await routing.mailbox(RECORDS).SendNotice(request) for _ in range(2)]
    with pytest.raises(grpc.aio.AioRpcError) as forged:
        await routing.mailbox(OLD).SendNotice(request)
    invented = mailbox_pb.SendNoticeRequest()
    invented.CopyFrom(request)
    invented.event = Notice.EVENT_REFERRAL_ACCEPTED

    assert first.message == again.message
    assert forged.value.code() == StatusCode.PERMISSION_DENIED
    assert (await refused(routing.mailbox(RECORDS).SendNotice(invented))).fields == ["event"]
    assert await mail(routing, SENDER, 1) == [("EVENT_SLIP_NOT_SENT", request.subject)]

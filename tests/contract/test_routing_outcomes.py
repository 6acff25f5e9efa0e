"""What becomes of a referral: used once, one step, read for a time, and back with an outcome."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from grpc import StatusCode

from chassis import clock
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import mailbox_service_pb2 as mailbox
from lientuyen.routing.v1 import referral_service_pb2 as pb
from lientuyen.routing.v1.message_pb2 import Message, Notice
from lientuyen.routing.v1.referral_pb2 import Referral, ReferralOutcome
from tests.contract.routing_env import ACCESS, CHO_RAY, CITIZEN, DISTRICT, PERSON, PROVINCE, Routing
from tests.harness import Refusal, World, refused

SLIP, PASSED_ON = b"<CHI_TIEU_GIAYCHUYENTUYEN/>", b"<CHI_TIEU_GIAYCHUYENTUYEN>2</CHI_TIEU_GIAYCHUYENTUYEN>"
SENDING, RECEIVING = "facility/01999", "facility/79999"


@pytest.fixture
async def routing(world: World) -> Routing:
    return await Routing(world).start()


async def issued(routing: Routing, who: str = SENDING, slip: bytes = SLIP, **given: Any) -> Referral:
    referral = {"person": PERSON, "sender": DISTRICT, "recipient": PROVINCE, **given}
    request = pb.CreateReferralRequest(
        request_id=str(uuid4()),
        referral=Referral(**referral),
        slip=slip,
        slip_media_type="application/xml",
    )
    return (await routing.referrals(who).CreateReferral(request)).referral


async def accepted(routing: Routing, **given: Any) -> Referral:
    referral = await issued(routing, **given)
    async with routing.receiving(RECEIVING) as inbox:
        await routing.acknowledge(await inbox.next())
    request = pb.AcceptReferralRequest(request_id=str(uuid4()), name=referral.name)
    return (await routing.referrals(RECEIVING).AcceptReferral(request)).referral


async def used(routing: Routing, name: str, encounter: str, who: str = RECEIVING) -> Referral:
    request = pb.UseReferralRequest(request_id=str(uuid4()), name=name, encounter=encounter)
    return (await routing.referrals(who).UseReferral(request)).referral


async def completed(routing: Routing, name: str, who: str = RECEIVING, **given: Any) -> Referral:
    request = pb.CompleteReferralRequest(request_id=str(uuid4()), name=name, **given)
    return (await routing.referrals(who).CompleteReferral(request)).referral


async def seen(routing: Routing, name: str, who: str = SENDING) -> Referral:
    access = CITIZEN if who == "authority/vneid" else ACCESS
    request = pb.GetReferralRequest(name=name, access=access)
    return (await routing.referrals(who).GetReferral(request)).referral


async def test_the_outcome_and_the_report_come_back_to_who_referred(routing: Routing):
    referral = await accepted(routing, practitioner="000123/HNO-GPHN")
    outcome = ReferralOutcome(
        treatment_result="2",
        discharge_type="1",
        diagnosis={"system": "ICD-10", "code": "I21.9"},
        summary="Đặt stent; tái khám sau 1 tháng.",
        dossier=f"//records.lientuyen/dossiers/{uuid4()}",
    )
    outcome.discharge_time.FromDatetime(datetime.now(UTC) - timedelta(hours=1))
    report = b"<CHI_TIEU_DU_LIEU_GIAY_RA_VIEN/>"
    told = await completed(
        routing, referral.name, outcome=outcome, report=report, report_media_type="application/xml"
    )
    async with routing.receiving(SENDING) as inbox:
        # The system's words and the recipient's are two lines.
        deliveries = await inbox.take(3)
        assert await inbox.nothing()
    document, accepting, completing = sorted(deliveries, key=lambda each: each.message.kind)

    events = [Notice.FromString(each.body).event for each in (accepting, completing)]
    assert events == [Notice.EVENT_REFERRAL_ACCEPTED, Notice.EVENT_REFERRAL_COMPLETED]
    assert (document.message.kind, document.message.media_type) == (Message.KIND_DOCUMENT, "application/xml")
    assert (document.body, document.message.about) == (report, referral.name)
    outcome.message = document.message.name
    assert told.outcome == outcome
    for party in (SENDING, RECEIVING, "authority/vneid"):
        assert (await seen(routing, referral.name, party)).outcome == outcome
    listing = pb.ListReferralsRequest(facility=DISTRICT, access=ACCESS)
    assert (await routing.referrals().ListReferrals(listing)).referrals[0].outcome == outcome
    assert (await seen(routing, referral.name)).practitioner == "000123/HNO-GPHN"


async def test_what_became_of_the_patient_is_sealed_where_it_rests(routing: Routing):
    referral = await accepted(routing)
    await completed(routing, referral.name, outcome=ReferralOutcome(summary="Đặt stent."))

    row = (await routing.rows("SELECT outcome FROM referrals"))[0]
    assert b"stent" not in row["outcome"]


async def test_a_referral_may_be_completed_without_a_word(routing: Routing):
    referral = await accepted(routing)
    last = await completed(routing, referral.name)

    assert last.state == Referral.STATE_COMPLETED
    assert not last.HasField("outcome")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"report": b"x"}, ""),
        ({"report_media_type": "text/plain"}, ""),
        ({"outcome": ReferralOutcome(treatment_result="9")}, "outcome.treatment_result"),
        ({"outcome": ReferralOutcome(discharge_type="6")}, "outcome.discharge_type"),
        ({"outcome": ReferralOutcome(summary="x" * 2001)}, "outcome.summary"),
    ],
)
async def test_an_outcome_of_no_list_or_a_report_of_no_kind_is_refused(
    routing: Routing, given: dict[str, Any], field: str
):
    referral = await accepted(routing)

    refusal = await refused(completed(routing, referral.name, **given))

    assert refusal.code == StatusCode.INVALID_ARGUMENT
    assert refusal.fields == [field]
    assert (await seen(routing, referral.name)).state == Referral.STATE_ACCEPTED


async def test_nobody_was_discharged_tomorrow(routing: Routing):
    referral, outcome = await accepted(routing), ReferralOutcome()
    outcome.discharge_time.FromDatetime(datetime.now(UTC) + timedelta(days=1))

    refusal = await refused(completed(routing, referral.name, outcome=outcome))

    assert (refusal.reason, refusal.fields) == (reasons.DAY_INVALID.name, ["outcome.discharge_time"])


async def test_a_slip_is_used_for_one_encounter_and_a_second_is_told_when_it_was(routing: Routing):
    referral = await accepted(routing)
    first = await used(routing, referral.name, "MALK-1")
    again = await used(routing, referral.name, "MALK-1")
    second = await refused(used(routing, referral.name, "MALK-2"))

    assert (first.encounter, first.use_time) == ("MALK-1", again.use_time)
    assert (second.code, second.reason) == (StatusCode.FAILED_PRECONDITION, reasons.REFERRAL_USED.name)
    assert second.metadata == {"name": referral.name, "use_time": first.use_time.ToJsonString()}
    assert (await seen(routing, referral.name, RECEIVING)).encounter == "MALK-1"


async def test_only_the_recipient_uses_a_referral_once_it_is_accepted(routing: Routing):
    referral = await issued(routing)
    early = await refused(used(routing, referral.name, "MALK-1"))
    foreign = [
        await refused(used(routing, referral.name, "MALK-1", who)) for who in (SENDING, "facility/79024")
    ]

    assert (early.reason, early.metadata["state"]) == (reasons.REFERRAL_STATE.name, "ISSUED")
    assert {one.reason for one in foreign} == {reasons.REFERRAL_DENIED.name}


async def test_a_slip_of_annex_iii_is_used_all_year_and_one_that_lapses_during_care_holds_to_its_end(
    routing: Routing,
):
    referral = await accepted(routing, long_term=True)
    for encounter in ("MALK-1", "MALK-2"):
        await used(routing, referral.name, encounter)
    await routing.rows("UPDATE referrals SET valid_until = $1", clock.today() - timedelta(days=1))

    going_on = await used(routing, referral.name, "MALK-2")
    new = await refused(used(routing, referral.name, "MALK-3"))
    end = await completed(routing, referral.name)

    assert going_on.encounter == "MALK-2"
    assert (new.reason, new.metadata["name"]) == (reasons.REFERRAL_LAPSED.name, referral.name)
    assert end.state == Referral.STATE_COMPLETED


async def _second_step(routing: Routing, slip: bytes) -> Refusal:
    return await refused(issued(routing, RECEIVING, slip, sender=PROVINCE, recipient=CHO_RAY))


async def test_a_slip_is_good_for_one_step_and_its_recipient_writes_one_of_its_own(routing: Routing):
    received = await accepted(routing)
    refusal = await _second_step(routing, SLIP)
    further = await issued(routing, RECEIVING, PASSED_ON, sender=PROVINCE, recipient=CHO_RAY)
    third = await refused(
        routing.referrals("facility/79024").AcceptReferral(
            pb.AcceptReferralRequest(request_id=str(uuid4()), name=received.name)
        )
    )

    assert (refusal.code, refusal.reason) == (StatusCode.FAILED_PRECONDITION, reasons.SLIP_SECOND_STEP.name)
    assert refusal.metadata == {"received": received.name}
    assert further.state == Referral.STATE_ISSUED
    assert third.reason == reasons.REFERRAL_DENIED.name


async def test_records_hears_before_that_a_slip_would_be_a_second_step(routing: Routing):
    await accepted(routing)
    slip = Referral(person=PERSON, sender=PROVINCE, recipient=CHO_RAY, slip_number="2")
    digest = (await routing.rows("SELECT slip_sha256 FROM referrals"))[0]["slip_sha256"]
    asking = routing.referrals(RECEIVING)

    refusal = await refused(
        asking.ValidateReferral(pb.ValidateReferralRequest(referral=slip, slip_sha256=digest))
    )
    undigested = await asking.ValidateReferral(pb.ValidateReferralRequest(referral=slip))

    assert refusal.reason == reasons.SLIP_SECOND_STEP.name
    assert undigested.replaces == ""


@pytest.mark.parametrize(
    ("sender", "recipient", "step"),
    [
        (1, 2, Referral.STEP_NEXT),
        (1, 3, Referral.STEP_SKIPS),
        (3, 3, Referral.STEP_SAME),
        (3, 1, Referral.STEP_DOWN),
        (0, 3, Referral.STEP_UNSPECIFIED),
    ],
)
async def test_how_the_levels_lie_is_told_and_refuses_nothing(
    world: World, sender: int, recipient: int, step: int
):
    routing = Routing(world)
    routing.identity.add_facility("01999", expertise=sender)
    routing.identity.add_facility("79999", expertise=recipient)
    await routing.start()

    referral = await issued(routing)
    ahead = await routing.referrals().ValidateReferral(pb.ValidateReferralRequest(referral=referral))

    assert (referral.step, ahead.step) == (step, step)


async def test_a_referral_opens_the_sender_s_records_from_the_delivery_to_the_end(routing: Routing):
    referral = await issued(routing)
    untils = [referral.HasField("read_until_time")]
    async with routing.receiving(RECEIVING) as inbox:
        await routing.acknowledge(await inbox.next())
    delivered = await seen(routing, referral.name)
    taken = await routing.referrals(RECEIVING).AcceptReferral(
        pb.AcceptReferralRequest(request_id=str(uuid4()), name=referral.name)
    )
    last = await completed(routing, referral.name)
    untils.append(last.HasField("read_until_time"))

    assert untils == [False, False]
    end = delivered.read_until_time.ToDatetime(UTC).astimezone(clock.VIETNAM) - timedelta(seconds=1)
    day = delivered.valid_until
    assert (end.year, end.month, end.day) == (day.year, day.month, day.day)
    open_for = taken.referral.read_until_time.ToDatetime(UTC) - taken.referral.accept_time.ToDatetime(UTC)
    assert open_for == timedelta(days=90)


async def test_a_report_that_finds_no_room_completes_nothing(world: World):
    routing = await Routing(world).start(share_messages=1, reserved_messages=0)
    referral = await accepted(routing)
    await routing.send(caller=RECEIVING, sender=PROVINCE, recipient=DISTRICT)

    refusal = await refused(completed(routing, referral.name, report=b"x", report_media_type="text/plain"))
    listing = mailbox.ListMessagesRequest(recipient=DISTRICT)
    waiting = (await routing.mailbox().ListMessages(listing)).messages

    assert refusal.reason == reasons.QUOTA_USED_UP.name
    assert (await seen(routing, referral.name)).state == Referral.STATE_ACCEPTED
    assert [each.kind for each in waiting] == [Message.KIND_DOCUMENT, Message.KIND_NOTICE]

"""Referrals over a real channel: from the slip in a mailbox to the care that is done."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from grpc import StatusCode

from chassis import clock
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import referral_service_pb2 as pb
from lientuyen.routing.v1.message_pb2 import Message, Notice
from lientuyen.routing.v1.referral_pb2 import Referral
from lientuyen.type.v1.coding_pb2 import Coding
from lientuyen.type.v1.date_pb2 import Date
from tests.contract.routing_env import (
    ACCESS,
    CHO_RAY,
    CITIZEN,
    DISTRICT,
    OTHER_PERSON,
    PERSON,
    PROVINCE,
    Routing,
)
from tests.harness import World, refused

SLIP = "<CHI_TIEU_GIAYCHUYENTUYEN><HO_TEN>Trần Văn Thử</HO_TEN></CHI_TIEU_GIAYCHUYENTUYEN>".encode()
SENDING, RECEIVING = "facility/01999", "facility/79999"


@pytest.fixture
async def routing(world: World) -> Routing:
    return await Routing(world).start()


def creation(slip: bytes = SLIP, **given: Any) -> pb.CreateReferralRequest:
    referral = {
        "person": PERSON,
        "sender": DISTRICT,
        "recipient": PROVINCE,
        "slip_number": "TEST-0012/2026",
        "reason_code": "1",
        "diagnosis": Coding(system="ICD-10", code="I10"),
        **given,
    }
    return pb.CreateReferralRequest(
        request_id=str(uuid4()),
        referral=Referral(**referral),
        slip=slip,
        slip_media_type="application/xml",
    )


async def created(routing: Routing, who: str = SENDING, **given: Any) -> Referral:
    answer = await routing.referrals(who).CreateReferral(creation(**given))
    return answer.referral


async def delivered(routing: Routing, **given: Any) -> Referral:
    referral = await created(routing, **given)
    async with routing.receiving(RECEIVING) as inbox:
        await routing.acknowledge(await inbox.next())
    return referral


async def seen(routing: Routing, referral: Referral, who: str = SENDING) -> Referral:
    answer = await routing.referrals(who).GetReferral(
        pb.GetReferralRequest(name=referral.name, access=ACCESS)
    )
    return answer.referral


MOVES: dict[str, Callable[[Routing, Referral], Any]] = {
    "accept": lambda routing, referral: routing.referrals(RECEIVING).AcceptReferral(
        pb.AcceptReferralRequest(request_id=str(uuid4()), name=referral.name)
    ),
    "decline": lambda routing, referral: routing.referrals(RECEIVING).DeclineReferral(
        pb.DeclineReferralRequest(request_id=str(uuid4()), name=referral.name, reason="no bed")
    ),
    "complete": lambda routing, referral: routing.referrals(RECEIVING).CompleteReferral(
        pb.CompleteReferralRequest(request_id=str(uuid4()), name=referral.name)
    ),
    "cancel": lambda routing, referral: routing.referrals(SENDING).CancelReferral(
        pb.CancelReferralRequest(request_id=str(uuid4()), name=referral.name, reason="written in error")
    ),
}


async def test_a_referral_goes_from_the_mailbox_to_the_care_done_and_its_sender_sees_each_step(
    routing: Routing,
):
    referral = await created(routing)
    async with routing.receiving(RECEIVING) as inbox:
        delivery = await inbox.next()
        before = await seen(routing, referral)
        await routing.acknowledge(delivery)
    steps = [before, await seen(routing, referral)]
    for move in ("accept", "complete"):
        steps.append((await MOVES[move](routing, referral)).referral)
    async with routing.receiving(SENDING) as told:
        notices = [Notice.FromString(one.body) for one in await told.take(2)]

    assert (delivery.message.kind, delivery.body) == (Message.KIND_REFERRAL, SLIP)
    assert delivery.message.about == referral.name
    assert referral.message == delivery.message.name
    assert [step.state for step in steps] == [
        Referral.STATE_ISSUED,
        Referral.STATE_DELIVERED,
        Referral.STATE_ACCEPTED,
        Referral.STATE_COMPLETED,
    ]
    last = await seen(routing, referral)
    assert last.create_time.ToNanoseconds() < last.deliver_time.ToNanoseconds()
    assert last.deliver_time.ToNanoseconds() < last.accept_time.ToNanoseconds()
    assert last.accept_time.ToNanoseconds() < last.complete_time.ToNanoseconds()
    assert [one.event for one in notices] == [Notice.EVENT_REFERRAL_ACCEPTED, Notice.EVENT_REFERRAL_COMPLETED]


@pytest.mark.parametrize(
    ("made", "done", "tried", "state"),
    [
        (created, [], "accept", "ISSUED"),
        (created, [], "decline", "ISSUED"),
        (delivered, [], "complete", "DELIVERED"),
        (delivered, ["decline"], "accept", "DECLINED"),
        (delivered, ["accept"], "decline", "ACCEPTED"),
        (delivered, ["accept"], "cancel", "ACCEPTED"),
        (delivered, ["accept", "complete"], "complete", "COMPLETED"),
        (created, ["cancel"], "cancel", "CANCELLED"),
    ],
)
async def test_a_move_that_the_state_does_not_allow_names_the_state(
    routing: Routing, made: Any, done: list[str], tried: str, state: str
):
    referral = await made(routing)
    for move in done:
        await MOVES[move](routing, referral)

    refusal = await refused(MOVES[tried](routing, referral))

    assert (refusal.code, refusal.reason) == (StatusCode.FAILED_PRECONDITION, reasons.REFERRAL_STATE.name)
    assert refusal.metadata == {"name": referral.name, "state": state, "action": tried}


async def test_a_cancelled_referral_is_told_to_its_recipient_and_its_slip_changes_nothing_any_more(
    routing: Routing,
):
    referral = await created(routing)
    async with routing.receiving(RECEIVING) as inbox:
        slip = await inbox.next()
        await MOVES["cancel"](routing, referral)
        await routing.acknowledge(slip)
        notice = await inbox.next()

    assert Notice.FromString(notice.body).event == Notice.EVENT_REFERRAL_CANCELLED
    assert (await seen(routing, referral)).state == Referral.STATE_CANCELLED


async def test_records_issues_for_the_facility_whose_dossier_it_accepted(routing: Routing):
    referral = await created(routing, "service/records", source_dossier="//records.lientuyen/dossiers/1")
    forged = await refused(created(routing, "facility/79024"))

    assert (referral.sender, referral.state) == (DISTRICT, Referral.STATE_ISSUED)
    assert (forged.code, forged.reason) == (
        StatusCode.PERMISSION_DENIED,
        chassis_reasons.FACILITY_MISMATCH.name,
    )


async def test_the_same_slip_twice_is_one_referral_and_another_under_its_number_is_refused(routing: Routing):
    first = await created(routing)
    again = await created(routing, "service/records")
    other = await refused(routing.referrals().CreateReferral(creation(b"<corrected/>")))
    await MOVES["cancel"](routing, first)
    corrected = await routing.referrals().CreateReferral(creation(b"<corrected/>"))

    assert again == first
    assert (other.code, other.reason, other.metadata["name"]) == (
        StatusCode.ALREADY_EXISTS,
        reasons.REFERRAL_SLIP_EXISTS.name,
        first.name,
    )
    assert corrected.referral.name != first.name
    (row,) = await routing.rows("SELECT count(*) AS slips FROM messages WHERE kind = 'referral'")
    assert row["slips"] == 2


async def test_a_repeated_request_gets_the_first_answer(routing: Routing):
    request = creation(slip_number="")
    answers = [await routing.referrals().CreateReferral(request) for _ in range(2)]
    request.referral.reason_code = "2"
    refusal = await refused(routing.referrals().CreateReferral(request))

    assert answers[0] == answers[1]
    assert refusal.reason == chassis_reasons.REQUEST_ID_REUSED.name


async def test_a_referral_holds_for_ten_working_days_and_a_long_term_one_for_a_year(routing: Routing):
    signed = Timestamp()
    signed.FromDatetime(datetime(2026, 11, 20, 4, 0, tzinfo=UTC))
    with clock.fixed(datetime(2026, 11, 20, 5, 0, tzinfo=UTC)):
        referral = await created(routing, issue_time=signed)
        long_term = await created(routing, issue_time=signed, long_term=True, slip_number="TEST-2")

    assert (referral.valid_until, long_term.valid_until) == (
        Date(year=2026, month=12, day=4),
        Date(year=2027, month=11, day=20),
    )


async def test_a_referral_nobody_accepts_expires_the_day_after_its_last(world: World):
    routing = await Routing(world).start(sweep_seconds=0.2)
    over, last_day = await delivered(routing), await created(routing, slip_number="TEST-2")
    for days, referral in ((1, over), (0, last_day)):
        await routing.rows(
            "UPDATE referrals SET valid_until = CAST(now() AT TIME ZONE 'Asia/Ho_Chi_Minh' AS date) - $1::int"
            " WHERE slip_number = $2",
            days,
            referral.slip_number,
        )
    refusal = await refused(MOVES["accept"](routing, over))
    async with routing.receiving(SENDING) as told:
        notice = Notice.FromString((await told.next()).body)

    assert (refusal.reason, refusal.metadata["state"]) == (reasons.REFERRAL_STATE.name, "EXPIRED")
    assert (notice.event, notice.subject) == (
        Notice.EVENT_REFERRAL_EXPIRED,
        over.name,
    )
    assert (await seen(routing, over)).state == Referral.STATE_EXPIRED
    assert (await seen(routing, last_day)).state == Referral.STATE_ISSUED


async def test_only_the_parties_see_a_referral_and_each_sight_of_it_is_logged(routing: Routing):
    referral = await created(routing)
    await seen(routing, referral, RECEIVING)
    stranger = routing.referrals("facility/79024")
    refusals = [
        await refused(stranger.GetReferral(pb.GetReferralRequest(name=referral.name, access=ACCESS))),
        await refused(
            stranger.GetReferral(pb.GetReferralRequest(name=f"referrals/{uuid4()}", access=ACCESS))
        ),
        await refused(
            stranger.DeclineReferral(
                pb.DeclineReferralRequest(request_id=str(uuid4()), name=referral.name, reason="x")
            )
        ),
    ]

    assert {(one.code, one.reason) for one in refusals} == {
        (StatusCode.PERMISSION_DENIED, reasons.REFERRAL_DENIED.name)
    }
    assert "subject" not in refusals[0].metadata
    rows = await routing.rows(
        "SELECT caller, practitioner, allowed FROM audit WHERE subject = $1 ORDER BY access_time", PERSON
    )
    assert [tuple(row) for row in rows] == [
        (RECEIVING, "000123/GPHN", True),
        ("facility/79024", "000123/GPHN", False),
        ("facility/79024", "", False),
    ]


async def test_a_facility_lists_its_own_and_the_person_sees_all(routing: Routing):
    mine = [await created(routing, slip_number=f"{number}") for number in range(3)]
    of_their_own = {"slip": b"<another/>", "slip_number": "9"}
    theirs = await created(routing, "facility/79999", sender=PROVINCE, recipient=CHO_RAY, **of_their_own)
    other = await created(routing, person=OTHER_PERSON, recipient=CHO_RAY, slip_number="8")

    async def names(who: str, **asked: Any) -> list[str]:
        found: list[str] = []
        ground = CITIZEN if who == "authority/vneid" else ACCESS
        request = pb.ListReferralsRequest(access=ground, page_size=2, **asked)
        while True:
            page = await routing.referrals(who).ListReferrals(request)
            found += [one.name for one in page.referrals]
            request.page_token = page.next_page_token
            if not request.page_token:
                return found

    of_mine = [one.name for one in reversed(mine)]
    assert await names(SENDING, facility=DISTRICT) == [other.name, *of_mine]
    assert await names(RECEIVING, facility=PROVINCE) == [theirs.name, *of_mine]
    assert await names("facility/79024", person=PERSON) == [theirs.name]
    assert await names("authority/vneid", person=PERSON) == [theirs.name, *of_mine]
    assert await names(SENDING, person=OTHER_PERSON, state=Referral.STATE_ISSUED) == [other.name]
    assert await names(SENDING, person=OTHER_PERSON, state=Referral.STATE_EXPIRED) == []


async def test_a_list_of_nobody_or_of_another_facility_is_refused(routing: Routing):
    nobody = await refused(
        routing.referrals("service/records").ListReferrals(pb.ListReferralsRequest(access=ACCESS))
    )
    foreign = await refused(
        routing.referrals().ListReferrals(pb.ListReferralsRequest(facility=PROVINCE, access=ACCESS))
    )
    unexplained = await refused(routing.referrals().ListReferrals(pb.ListReferralsRequest(person=PERSON)))

    assert (nobody.code, nobody.reason) == (StatusCode.INVALID_ARGUMENT, reasons.LIST_UNBOUNDED.name)
    assert foreign.reason == chassis_reasons.FACILITY_MISMATCH.name
    assert unexplained.fields == ["access"]


async def test_a_slip_signed_in_the_future_or_to_oneself_is_refused(routing: Routing):
    later = Timestamp()
    later.FromDatetime(datetime.now(UTC) + timedelta(hours=1))

    refusals = [
        await refused(created(routing, issue_time=later)),
        await refused(created(routing, recipient=DISTRICT)),
    ]

    assert [one.reason for one in refusals] == [reasons.DAY_INVALID.name, reasons.REFERRAL_TO_SELF.name]
    assert [(one.field, one.rule) for one in refusals[0].violations] == [
        ("referral.issue_time", "time-in-future")
    ]

"""Dead letters: listed by what they died of, put back or given up by the page, never the wrong ones."""

from typing import Any
from uuid import uuid4

import pytest
from grpc import StatusCode

from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.routing.v1 import mailbox_service_pb2 as pb
from lientuyen.routing.v1.message_pb2 import Message
from lientuyen.routing.v1.referral_service_pb2 import CancelReferralRequest
from tests.harness import World, eventually, refused

from .routing_env import CHO_RAY, DISTRICT, PERSON, PROVINCE, Routing
from .test_routing_referrals import created

REJECTED, UNCOLLECTED = Message.DEAD_REASON_REJECTED, Message.DEAD_REASON_UNCOLLECTED
OPERATOR = "operator/trang"


@pytest.fixture
async def routing(world: World) -> Routing:
    return await Routing(world).start(sweep_seconds=0.2)


async def rejected(routing: Routing, count: int, **header: Any) -> list[str]:
    """Let *count* messages be sent and rejected; return their names in the order of sending."""
    names = [(await routing.send(f"{number}".encode(), **header)).message.name for number in range(count)]
    async with routing.receiving() as inbox:
        for _ in names:
            await routing.reject(await inbox.next())
    return names


async def uncollected(routing: Routing) -> str:
    name = (await routing.send(b"nobody comes", recipient=CHO_RAY)).message.name
    await routing.rows(
        "UPDATE messages SET enqueue_time = enqueue_time - interval '31 days' WHERE recipient = $1", CHO_RAY
    )
    await eventually(lambda: routing.rows("SELECT FROM messages WHERE dead_reason = 'uncollected'"))
    return name


async def listed(routing: Routing, caller: str = "facility/01999", **fields: Any) -> list[str]:
    reply = await routing.mailbox(caller).ListDeadLetters(pb.ListDeadLettersRequest(**fields))
    return [message.name for message in reply.messages]


async def replay_all(routing: Routing, caller: str = "facility/01999", **fields: Any) -> list[list[str]]:
    """Replay every page; return the names of each."""
    pages, token = [], ""
    while True:
        request = pb.ReplayDeadLettersRequest(request_id=str(uuid4()), page_token=token, **fields)
        reply = await routing.mailbox(caller).ReplayDeadLetters(request)
        pages.append([message.name for message in reply.messages])
        token = reply.next_page_token
        if not token:
            return pages


async def test_dead_letters_are_listed_by_what_they_died_of_and_keep_its_words(routing: Routing):
    refused_ones, late = await rejected(routing, 2), await uncollected(routing)

    assert await listed(routing, sender=DISTRICT) == [late, *reversed(refused_ones)]
    assert await listed(routing, sender=DISTRICT, reason=REJECTED) == refused_ones[::-1]
    assert await listed(routing, OPERATOR, reason=UNCOLLECTED) == [late]
    assert await listed(routing, OPERATOR, recipient=PROVINCE) == refused_ones[::-1]


async def test_a_sender_puts_its_dead_letters_back_by_the_page_in_the_order_it_sent_them(routing: Routing):
    names = await rejected(routing, 5)
    newer = (await routing.send(b"newer")).message.name

    pages = await replay_all(routing, sender=DISTRICT, page_size=2)
    async with routing.receiving() as inbox:
        got = [delivery.message.name for delivery in await inbox.take(6)]

    assert pages == [names[:2], names[2:4], names[4:]]
    assert got == [newer, *names]
    assert await listed(routing, sender=DISTRICT) == []


async def test_one_that_dies_again_while_the_pages_go_on_is_not_replayed_for_ever(routing: Routing):
    names = await rejected(routing, 4)
    request = pb.ReplayDeadLettersRequest(request_id=str(uuid4()), sender=DISTRICT, page_size=2)
    first = await routing.mailbox().ReplayDeadLetters(request)
    async with routing.receiving() as inbox:
        for delivery in await inbox.take(2):
            await routing.reject(delivery)
    request = pb.ReplayDeadLettersRequest(
        request_id=str(uuid4()), sender=DISTRICT, page_size=2, page_token=first.next_page_token
    )
    second = await routing.mailbox().ReplayDeadLetters(request)

    assert [message.name for message in second.messages] == names[2:]
    assert second.next_page_token == ""
    assert await listed(routing, sender=DISTRICT) == names[1::-1]


async def test_a_page_that_is_asked_for_again_gets_the_first_answer(routing: Routing):
    await rejected(routing, 3)
    request = pb.ReplayDeadLettersRequest(request_id=str(uuid4()), sender=DISTRICT, page_size=2)

    first, second = [await routing.mailbox().ReplayDeadLetters(request) for _ in range(2)]

    assert first == second
    (row,) = await routing.rows("SELECT count(*) FROM messages WHERE state = 'dead'")
    assert row["count"] == 1


async def test_an_operator_replays_one_cause_of_one_recipient_and_gives_the_rest_up(routing: Routing):
    names, late = await rejected(routing, 2), await uncollected(routing)

    pages = await replay_all(routing, OPERATOR, recipient=PROVINCE, reason=REJECTED)
    stopped = await routing.mailbox(OPERATOR).StopDeadLetters(
        pb.StopDeadLettersRequest(request_id=str(uuid4()))
    )

    assert pages == [names]
    assert [(message.name, message.state) for message in stopped.messages] == [(late, Message.STATE_STOPPED)]
    assert await listed(routing, OPERATOR) == []
    (row,) = await routing.rows("SELECT sum(messages) FROM mailbox_shares WHERE sender = $1", DISTRICT)
    assert row["sum"] == 2


async def test_nobody_touches_the_dead_letters_of_another(routing: Routing):
    await rejected(routing, 2)
    key = {"request_id": str(uuid4())}
    stranger, recipient = routing.mailbox("facility/79024"), routing.mailbox("facility/79999")
    refusals = [
        await refused(stranger.ReplayDeadLetters(pb.ReplayDeadLettersRequest(**key, sender=DISTRICT))),
        await refused(stranger.StopDeadLetters(pb.StopDeadLettersRequest(**key))),
        await refused(recipient.StopDeadLetters(pb.StopDeadLettersRequest(**key, recipient=PROVINCE))),
    ]
    own = pb.ReplayDeadLettersRequest(**key, sender=PROVINCE)
    nothing = await recipient.ReplayDeadLetters(own)

    assert {(refusal.code, refusal.reason) for refusal in refusals} == {
        (StatusCode.PERMISSION_DENIED, chassis_reasons.FACILITY_MISMATCH.name)
    }
    assert list(nothing.messages) == []
    assert len(await listed(routing, sender=DISTRICT)) == 2


async def test_a_token_of_one_kind_of_pages_is_none_of_another(routing: Routing):
    await rejected(routing, 3)
    key = {"request_id": str(uuid4()), "sender": DISTRICT, "page_size": 1}
    first = await routing.mailbox().ReplayDeadLetters(pb.ReplayDeadLettersRequest(**key))
    key |= {"request_id": str(uuid4()), "page_token": first.next_page_token}
    refusals = [
        await refused(routing.mailbox().StopDeadLetters(pb.StopDeadLettersRequest(**key))),
        await refused(
            routing.mailbox().ReplayDeadLetters(pb.ReplayDeadLettersRequest(**key, reason=REJECTED))
        ),
    ]

    assert {refusal.reason for refusal in refusals} == {chassis_reasons.PAGE_TOKEN_INVALID.name}


async def test_what_was_replayed_shows_in_the_access_log_of_its_person(routing: Routing):
    await rejected(routing, 1, person=PERSON)

    await replay_all(routing, OPERATOR, reason=REJECTED)

    assert (OPERATOR, "ReplayDeadLetters", True, False) in [
        (caller, method.rpartition("/")[2], allowed, flagged)
        for caller, method, allowed, flagged in await routing.audit(PERSON)
    ]


async def test_the_slip_of_a_referral_that_was_cancelled_is_not_replayed_when_it_is_dead(routing: Routing):
    referral = await created(routing)
    async with routing.receiving() as inbox:
        dead = await routing.reject(await inbox.next())
    await routing.referrals().CancelReferral(
        CancelReferralRequest(request_id=str(uuid4()), name=referral.name, reason="nhầm nơi đến")
    )

    assert await replay_all(routing, OPERATOR) == [[]]
    assert (await routing.get(dead.message.name)).state == Message.STATE_STOPPED


async def test_mailboxes_come_by_the_page_the_one_that_has_waited_longest_first(routing: Routing):
    for number, code in enumerate(("79024", "79999", "01999")):
        sent = await routing.send(
            caller="facility/79024", recipient=f"//identity.lientuyen/facilities/{code}"
        )
        await routing.rows(
            "UPDATE messages SET enqueue_time = enqueue_time - $1 * interval '1 hour' WHERE id = $2::uuid",
            number,
            sent.message.name.rpartition("/")[2],
        )
    request, codes = pb.ListMailboxesRequest(page_size=1), []
    while not codes or request.page_token:
        page = await routing.mailbox(OPERATOR).ListMailboxes(request)
        codes += [box.recipient[-5:] for box in page.mailboxes]
        request.page_token = page.next_page_token

    assert codes == ["01999", "79999", "79024"]

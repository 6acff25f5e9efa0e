"""Record requests to many holders: partial answers, who has not answered, an end; and consent withdrawn."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from google.protobuf.duration_pb2 import Duration
from grpc import StatusCode

from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.identity.v1.facility_pb2 import Facility
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import mailbox_service_pb2 as mailbox
from lientuyen.routing.v1 import record_request_service_pb2 as pb
from lientuyen.routing.v1.message_pb2 import Message
from lientuyen.routing.v1.record_request_pb2 import RecordRequest
from tests.contract.record_requests_env import (
    BOTH,
    HOLDER,
    OTHER_HOLDER,
    REQUESTER,
    answer,
    ask,
    asked,
    cancel,
    decline,
    events,
    fulfil,
    look,
    state,
    states,
    states_of_messages,
)
from tests.contract.routing_env import CHO_RAY, CONSENTED, DISTRICT, PERSON, PROVINCE, Routing
from tests.harness import World, eventually, refused

HOURS = Duration(seconds=3600)


@pytest.fixture
async def routing(world: World) -> Routing:
    return await Routing(world).start(sweep_seconds=0.2)


async def test_each_holder_is_asked_and_the_requester_sees_who_has_not_answered(routing: Routing):
    request = await asked(routing)
    async with routing.receiving(HOLDER) as one, routing.receiving(OTHER_HOLDER) as other:
        bodies = [RecordRequest.FromString((await inbox.next()).body) for inbox in (one, other)]
    first = await answer(routing, request)
    second = await answer(routing, request, body=b"<more/>")
    part = (await look(routing, request)).record_request
    await fulfil(routing, request, second.message.name)
    between = (await look(routing, request)).record_request
    await decline(routing, request, OTHER_HOLDER)
    done = (await look(routing, request)).record_request

    assert [(body.holder, len(body.holders), body.access) for body in bodies] == [
        (PROVINCE, 1, CONSENTED),
        (CHO_RAY, 1, CONSENTED),
    ]
    assert (state(part), states(part)) == ("REQUESTED", ["ASKED", "ASKED"])
    assert list(part.holders[0].messages) == [first.message.name, second.message.name]
    assert (state(between), states(between)) == ("REQUESTED", ["FULFILLED", "ASKED"])
    assert (state(done), states(done), done.holders[1].note) == (
        "FULFILLED",
        ["FULFILLED", "DECLINED"],
        "no such study",
    )
    async with routing.receiving(REQUESTER) as inbox:
        answers = await inbox.take(2)
        assert [delivery.body for delivery in answers] == [b"<records/>", b"<more/>"]
        assert await events(inbox, 3) == ["RECORDS_SENT", "RECORDS_DECLINED", "RECORD_REQUEST_ENDED"]


async def test_at_the_deadline_it_ends_with_what_has_come_and_nobody_is_waited_for(routing: Routing):
    request = await asked(routing)
    sent = await answer(routing, request)
    await fulfil(routing, request, sent.message.name)
    await routing.rows("UPDATE record_requests SET deadline = clock_timestamp()")

    async def ended() -> RecordRequest | None:
        found = (await look(routing, request)).record_request
        return found if found.HasField("finish_time") else None

    found = await eventually(ended)
    late = await refused(answer(routing, request, OTHER_HOLDER))

    assert (state(found), states(found)) == ("PARTIAL", ["FULFILLED", "EXPIRED"])
    assert (late.code, late.reason) == (StatusCode.FAILED_PRECONDITION, reasons.RECORD_REQUEST_STATE.name)
    # Asked by nobody any more: what waited for either is taken back.
    assert await states_of_messages(routing, "record_request") == ["stopped", "accepted"]
    async with routing.receiving(REQUESTER) as inbox:
        await inbox.next()
        assert await events(inbox, 2) == ["RECORDS_SENT", "RECORD_REQUEST_ENDED"]


async def test_the_requester_says_how_long_holders_have(routing: Routing):
    usual = await asked(routing)
    response = await routing.record_requests().RequestRecords(
        pb.RequestRecordsRequest(
            request_id=str(uuid4()),
            record_request=RecordRequest(person=PERSON, requester=DISTRICT, holders=BOTH),
            access=CONSENTED,
            answer_within=HOURS,
        )
    )
    hurried = response.record_request

    assert usual.deadline.ToDatetime() - usual.create_time.ToDatetime() == timedelta(days=3)
    assert hurried.deadline.ToDatetime() - hurried.create_time.ToDatetime() == timedelta(hours=1)


async def test_who_cancels_takes_back_what_waits_and_tells_who_was_asked(routing: Routing):
    request = await asked(routing)
    async with routing.receiving(HOLDER) as inbox:
        await routing.acknowledge(await inbox.next())
        stranger = await refused(cancel(routing, request, HOLDER))
        done = await cancel(routing, request)
        told = await events(inbox, 1)
    late = await refused(answer(routing, request))

    assert stranger.reason == reasons.RECORD_REQUEST_DENIED.name
    assert (state(done), states(done), done.note) == ("CANCELLED", ["CANCELLED"] * 2, "transferred")
    assert told == ["RECORD_REQUEST_WITHDRAWN"]
    assert await states_of_messages(routing, "record_request") == ["stopped", "acknowledged"]
    assert late.reason == reasons.RECORD_REQUEST_STATE.name


async def test_without_a_consent_nobody_is_asked_and_the_refusal_is_in_the_access_log(routing: Routing):
    routing.identity.withdraw_consents(PERSON)

    refusal = await refused(ask(routing))

    assert (refusal.code, refusal.reason) == (
        StatusCode.PERMISSION_DENIED,
        reasons.RECORD_REQUEST_NOT_ALLOWED.name,
    )
    assert refusal.metadata["decision"] == "NO_CONSENT"
    assert await routing.rows("SELECT 1 FROM messages UNION ALL SELECT 1 FROM record_requests") == []
    assert await routing.audit(PERSON) == [(REQUESTER, "RecordRequestService/RequestRecords", False, False)]


async def test_a_request_whose_consent_is_withdrawn_does_not_reach_its_holders(routing: Routing):
    request = await asked(routing)
    behind = await routing.send(b"behind it")
    routing.identity.withdraw_consents(PERSON)
    async with routing.receiving(HOLDER) as inbox:
        delivery = await inbox.next()
        assert delivery.message.name == behind.message.name
        assert await inbox.nothing()
    found = (await look(routing, request)).record_request

    assert (state(found), states(found)) == ("STOPPED", ["STOPPED", "STOPPED"])
    assert await states_of_messages(routing, "record_request") == ["stopped", "stopped"]
    async with routing.receiving(REQUESTER) as inbox:
        assert await events(inbox, 1) == ["RECORD_REQUEST_STOPPED"]


@pytest.mark.parametrize("act", ["answer", "fulfil"])
async def test_no_answer_is_taken_once_the_consent_is_withdrawn(routing: Routing, act: str):
    request = await asked(routing)
    async with routing.receiving(HOLDER) as inbox:
        await routing.acknowledge(await inbox.next())
    before = await routing.send(caller=HOLDER, recipient=DISTRICT, kind=Message.KIND_RECORD_RESPONSE)
    routing.identity.withdraw_consents(PERSON)
    acts = {
        "answer": lambda: answer(routing, request),
        "fulfil": lambda: fulfil(routing, request, before.message.name),
    }
    first = await refused(acts[act]())
    later = await refused(answer(routing, request))

    assert [(each.code, each.reason) for each in (first, later)] == [
        (StatusCode.FAILED_PRECONDITION, reasons.RECORD_REQUEST_STOPPED.name),
        (StatusCode.FAILED_PRECONDITION, reasons.RECORD_REQUEST_STATE.name),
    ]
    assert first.metadata["decision"] == "NO_CONSENT"
    assert state((await look(routing, request)).record_request) == "STOPPED"
    assert await states_of_messages(routing, "record_response") == ["accepted"]


async def test_an_answer_that_waits_is_not_delivered_once_the_consent_is_withdrawn(routing: Routing):
    request = await asked(routing)
    parts = [await answer(routing, request), await answer(routing, request, body=b"<more/>")]
    await fulfil(routing, request, parts[-1].message.name)
    behind = await routing.send(b"behind them", caller=HOLDER, recipient=DISTRICT)
    routing.identity.withdraw_consents(PERSON)
    async with routing.receiving(REQUESTER) as inbox:
        seen = await inbox.take(3)

    names = [delivery.message.name for delivery in seen if delivery.message.kind != Message.KIND_NOTICE]
    assert names == [behind.message.name]
    assert await states_of_messages(routing, "record_response") == ["stopped", "stopped"]
    assert state((await look(routing, request)).record_request) == "STOPPED"


async def test_nor_is_it_downloaded(routing: Routing):
    request = await asked(routing)
    part = await answer(routing, request, body=bytes(300_000))
    routing.identity.withdraw_consents(PERSON)

    def download(caller: str) -> Any:
        question = mailbox.DownloadMessageRequest(name=part.message.name)
        return routing.mailbox(caller).DownloadMessage(question)

    refusal = await refused(download(REQUESTER))
    own = [chunk async for chunk in download(HOLDER)]

    assert refusal.reason == reasons.RECORD_REQUEST_STOPPED.name
    assert sum(len(each.chunk) for each in own) == 300_000


async def test_while_identity_is_silent_the_answer_waits_and_the_mail_of_others_does_not(routing: Routing):
    request = await asked(routing)
    part = await answer(routing, request)
    behind = await routing.send(b"behind it", caller=HOLDER, recipient=DISTRICT)
    other = await routing.send(b"of another", caller=OTHER_HOLDER, recipient=DISTRICT)
    routing.identity.is_silent = True
    async with routing.receiving(REQUESTER) as inbox:
        first = await inbox.next()
        assert await inbox.nothing()
        routing.identity.is_silent = False
        later = [await inbox.next(seconds=30) for _ in range(2)]

    assert first.message.name == other.message.name
    assert [each.message.name for each in later] == [part.message.name, behind.message.name]


async def test_only_a_holder_answers_and_only_to_the_requester(routing: Routing):
    request = await asked(routing, holders=BOTH[:1])
    refusals = [
        await refused(answer(routing, request, OTHER_HOLDER)),
        await refused(
            routing.send(
                caller=HOLDER,
                recipient=CHO_RAY,
                kind=Message.KIND_RECORD_RESPONSE,
                about=request.name,
            )
        ),
    ]

    assert {each.reason for each in refusals} == {reasons.RECORD_REQUEST_DENIED.name}
    assert await states_of_messages(routing, "record_response") == []


async def test_both_sides_list_their_requests_a_holder_without_the_others(routing: Routing):
    requests = [await asked(routing), await asked(routing, holders=BOTH[:1]), await asked(routing)]
    await decline(routing, requests[2])

    async def listed(caller: str, **given: Any) -> list[RecordRequest]:
        found, token = list[RecordRequest](), ""
        while True:
            question = pb.ListRecordRequestsRequest(page_size=2, page_token=token, access=CONSENTED, **given)
            page = await routing.record_requests(caller).ListRecordRequests(question)
            found += page.record_requests
            if not (token := page.next_page_token):
                return found

    ours = await listed(REQUESTER, requester=DISTRICT)
    theirs = await listed(OTHER_HOLDER, holder=CHO_RAY)
    only = await listed(HOLDER, holder=PROVINCE)
    foreign = await refused(listed(HOLDER, requester=DISTRICT))

    assert [each.name for each in ours] == [each.name for each in reversed(requests)]
    assert [each.name for each in theirs] == [requests[2].name, requests[0].name]
    assert [[holder.facility for holder in each.holders] for each in theirs] == [[CHO_RAY]] * 2
    assert [states(each) for each in only] == [["DECLINED"], ["ASKED"], ["ASKED"]]
    assert foreign.reason == chassis_reasons.FACILITY_MISMATCH.name


async def test_a_holder_that_is_closed_refuses_the_whole_when_it_is_named(routing: Routing):
    routing.identity.add_facility("79024", state=Facility.STATE_CLOSED)

    refusal = await refused(ask(routing))

    assert refusal.reason == reasons.RECIPIENT_CLOSED.name
    assert await routing.rows("SELECT 1 FROM record_requests") == []


async def test_nobody_named_and_records_silent_is_told_so(routing: Routing):
    refusal = await refused(ask(routing, holders=[]))
    named = await look(routing, await asked(routing))

    assert (refusal.code, refusal.reason) == (StatusCode.UNAVAILABLE, reasons.HOLDERS_NOT_KNOWN.name)
    assert list(named.unreachable) == ["records"]


async def test_what_the_release_before_wrote_is_read_and_goes_on(routing: Routing):
    """One that it made has no holders' rows; one that it answered is told by the request's own row."""
    theirs, ours = await asked(routing, holders=BOTH[:1]), await asked(routing, holders=BOTH[:1])
    await routing.rows(
        "DELETE FROM record_request_holders WHERE request_id = $1", theirs.name.rpartition("/")[2]
    )
    await routing.rows("UPDATE record_requests SET deadline = NULL")
    sent = await routing.send(caller=HOLDER, recipient=DISTRICT, kind=Message.KIND_RECORD_RESPONSE)
    await routing.rows(
        "UPDATE record_requests SET state = 'fulfilled', message_id = $2, finish_time = now() WHERE id = $1",
        ours.name.rpartition("/")[2],
        sent.message.name.rpartition("/")[2],
    )
    answered = (await look(routing, ours)).record_request
    await fulfil(routing, theirs, sent.message.name)
    done = (await look(routing, theirs)).record_request

    assert (states(answered), answered.message) == (["FULFILLED"], sent.message.name)
    assert (state(done), states(done), done.message) == ("FULFILLED", ["FULFILLED"], sent.message.name)

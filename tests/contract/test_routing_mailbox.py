"""The mailbox over a real channel and PostgreSQL: order, leases, receipts, a recipient that is offline."""

import asyncio
import hashlib
from datetime import UTC
from uuid import uuid4

import pytest
from grpc import StatusCode

from chassis import signing
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.identity.v1.facility_service_pb2 import GetFacilityRequest
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import mailbox_service_pb2 as pb
from lientuyen.routing.v1.message_pb2 import Message, Notice
from lientuyen.routing.v1.receipt_pb2 import Receipt, ReceiptBody
from lientuyen.routing.v1.receipt_service_pb2 import GetReceiptRequest
from tests.contract.routing_env import (
    CHO_RAY,
    DISTRICT,
    PERSON,
    PROVINCE,
    Routing,
    acknowledgement,
    upload,
)
from tests.harness import World, refused


@pytest.fixture
async def routing(world: World) -> Routing:
    return await Routing(world).start()


def verified(receipt: Receipt, world: World) -> ReceiptBody:
    """Return what *receipt* attests, verified with nothing but the authority's certificate."""
    body = ReceiptBody.FromString(receipt.body)
    assert receipt.algorithm == Receipt.ALGORITHM_ED25519
    authority = (world.pki.path / "ca" / "ca.crt").read_bytes()
    at = body.acknowledge_time if body.HasField("acknowledge_time") else body.accept_time
    signing.verify(
        receipt.body,
        receipt.signature,
        receipt.certificate,
        signing.ED25519,
        authority,
        at.ToDatetime(tzinfo=UTC),
    )
    return body


async def test_a_message_is_sent_received_acknowledged_and_every_receipt_verifies(
    world: World, routing: Routing
):
    body = "<HoSo>chuyển tuyến</HoSo>".encode()
    async with routing.receiving() as inbox:
        sent = await routing.send(body)
        delivery = await inbox.next()
        done = await routing.acknowledge(delivery)

    assert delivery.body == body
    accepted = verified(delivery.receipt, world)
    assert (accepted.message, accepted.sender, accepted.recipient, accepted.sha256, accepted.size_bytes) == (
        sent.message.name,
        DISTRICT,
        PROVINCE,
        hashlib.sha256(body).digest(),
        len(body),
    )
    assert delivery.receipt == sent.receipt
    acknowledged = verified(done.receipt, world)
    assert acknowledged.kind == ReceiptBody.KIND_ACKNOWLEDGEMENT
    assert acknowledged.acknowledge_time == done.message.acknowledge_time
    message = await routing.get(sent.message.name)
    assert message.state == Message.STATE_ACKNOWLEDGED
    again = await routing.receipts().GetReceipt(GetReceiptRequest(name=done.receipt.name))
    assert again.receipt == done.receipt


async def test_a_recipient_that_was_offline_gets_everything_in_order_when_it_connects(routing: Routing):
    sent = [(await routing.send(f"{number}".encode())).message.name for number in range(20)]

    async with routing.receiving(outstanding=3) as inbox:
        got = []
        for _ in sent:
            delivery = await inbox.next()
            got.append(delivery.message.name)
            await routing.acknowledge(delivery)

    assert got == sent


async def test_a_waiting_stream_hears_of_a_message_at_once(world: World):
    routing = await Routing(world).start(poll_seconds=300)
    async with routing.receiving() as inbox:
        assert await inbox.nothing(0.3)
        sent = await routing.send()
        delivery = await inbox.next()

    assert delivery.message.name == sent.message.name


async def test_a_stream_on_another_replica_hears_of_a_message(world: World, routing: Routing):
    other = await Routing(world).start(database_url=routing.running.settings.database_url, poll_seconds=60)
    async with other.receiving() as inbox:
        assert await inbox.nothing(0.5)
        await routing.send()
        await inbox.next()


async def test_a_stream_holds_no_more_messages_than_it_asked_for(routing: Routing):
    for _ in range(3):
        await routing.send()

    async with routing.receiving(outstanding=2) as inbox:
        first, _ = await inbox.take(2)
        assert await inbox.nothing()
        await routing.acknowledge(first)
        await inbox.next()


async def test_a_lease_that_runs_out_is_given_to_the_next_receiver_and_its_token_dies(routing: Routing):
    await routing.send(b"first")
    await routing.send(b"second")
    async with routing.receiving(lease=1) as crashed:
        lost, behind = await crashed.take(2)
    async with routing.receiving() as inbox:
        again, next_one = await inbox.take(2)
        stale = [await refused(routing.acknowledge(one)) for one in (lost, behind)]
        await routing.acknowledge(again)

    assert [one.message.name for one in (again, next_one)] == [one.message.name for one in (lost, behind)]
    assert (again.message.attempts, next_one.message.attempts) == (2, 1)
    assert {(one.code, one.reason) for one in stale} == {
        (StatusCode.FAILED_PRECONDITION, reasons.LEASE_STALE.name)
    }


async def test_while_one_receiver_holds_a_senders_message_no_other_gets_a_later_one(routing: Routing):
    await routing.send(b"first")
    async with routing.receiving(outstanding=1) as one:
        held = await one.next()
        async with routing.receiving() as two:
            second = await routing.send(b"second")
            assert await two.nothing()
            third = await routing.send(b"other sender", caller="facility/79024")
            other = await two.next()
            waiting = await routing.get(second.message.name)
            await routing.acknowledge(held)

    assert other.message.name == third.message.name
    assert (waiting.state, waiting.attempts) == (Message.STATE_ACCEPTED, 0)


async def test_two_receivers_get_each_message_once(routing: Routing):
    senders = ("facility/01999", "facility/79024")
    sent = {(await routing.send(caller=senders[number % 2])).message.name for number in range(40)}
    got: list[str] = []

    async def receive() -> None:
        async with routing.receiving(outstanding=2) as inbox:
            while len(got) < len(sent):
                try:
                    delivery = await inbox.next(1.5)
                except TimeoutError:
                    return
                got.append(delivery.message.name)
                await routing.acknowledge(delivery)

    await asyncio.gather(receive(), receive())

    assert sorted(got) == sorted(sent)


async def test_a_message_that_is_never_acknowledged_dies_and_its_sender_is_told(world: World):
    routing = await Routing(world).start(max_attempts=2)
    sent = await routing.send()
    for _ in range(2):
        async with routing.receiving(lease=1) as inbox:
            await inbox.next()
    async with routing.receiving("facility/79999") as inbox, routing.receiving("facility/01999") as told:
        assert await inbox.nothing(1.5)
        notice = Notice.FromString((await told.next()).body)

    assert notice.event == Notice.EVENT_MESSAGE_DEAD
    assert notice.subject == sent.message.name
    message = await routing.get(sent.message.name)
    assert (message.state, message.dead_reason) == (Message.STATE_DEAD, Message.DEAD_REASON_ATTEMPTS_SPENT)


async def test_a_rejected_message_is_replayed_behind_the_others_or_stopped(routing: Routing):
    names = [(await routing.send(body)).message.name for body in (b"bad", b"good")]
    async with routing.receiving() as inbox:
        bad, good = await inbox.take(2)
        dead = (await routing.reject(bad, "no signature")).message
        listed = await routing.mailbox().ListDeadLetters(pb.ListDeadLettersRequest(sender=DISTRICT))
        replay = pb.ReplayMessageRequest(request_id=str(uuid4()), name=names[0])
        replayed = (await routing.mailbox().ReplayMessage(replay)).message
        again = await inbox.next()
        await routing.reject(again)
        await routing.acknowledge(good)
    stop = pb.StopMessageRequest(request_id=str(uuid4()), name=names[0])
    stopped = (await routing.mailbox("operator/trang").StopMessage(stop)).message
    refusal = await refused(
        routing.mailbox().ReplayMessage(pb.ReplayMessageRequest(request_id=str(uuid4()), name=names[0]))
    )

    assert (dead.dead_reason, dead.dead_note) == (Message.DEAD_REASON_REJECTED, "no signature")
    assert [one.name for one in listed.messages] == names[:1]
    assert (replayed.state, replayed.attempts) == (Message.STATE_ACCEPTED, 0)
    assert again.message.name == names[0]
    assert stopped.state == Message.STATE_STOPPED
    assert (refusal.code, refusal.reason, refusal.metadata["state"]) == (
        StatusCode.FAILED_PRECONDITION,
        reasons.MESSAGE_STATE.name,
        "STOPPED",
    )


async def test_a_sender_is_told_after_five_days_and_the_message_dies_after_thirty(world: World):
    routing = await Routing(world).start(sweep_seconds=0.2)
    sent = await routing.send()

    async with routing.receiving("facility/01999") as told:
        await routing.age(6)
        late = Notice.FromString((await told.next()).body)
        await routing.age(25)
        dead = Notice.FromString((await told.next()).body)

    assert [late.event, dead.event] == [Notice.EVENT_MESSAGE_UNCOLLECTED, Notice.EVENT_MESSAGE_DEAD]
    message = await routing.get(sent.message.name)
    assert (message.state, message.dead_reason) == (Message.STATE_DEAD, Message.DEAD_REASON_UNCOLLECTED)
    assert message.HasField("notice_time")


async def test_an_acknowledgement_that_is_repeated_gets_the_first_receipt(routing: Routing):
    await routing.send()
    async with routing.receiving() as inbox:
        request = acknowledgement(await inbox.next())
    answers = [await routing.mailbox("facility/79999").AcknowledgeMessage(request) for _ in range(2)]

    assert answers[0] == answers[1]


async def test_only_the_recipient_opens_a_mailbox_and_only_the_parties_see_a_message(routing: Routing):
    sent = await routing.send(person=PERSON)
    stranger = routing.mailbox("facility/79024")
    receipts_of_a_stranger = routing.receipts("facility/79024")
    async with routing.receiving() as inbox:
        delivery = await inbox.next()
        refusals = [
            await refused(stranger.ReceiveMessages(pb.ReceiveMessagesRequest(recipient=PROVINCE))),
            await refused(stranger.GetMessage(pb.GetMessageRequest(name=sent.message.name))),
            await refused(stranger.DownloadMessage(pb.DownloadMessageRequest(name=sent.message.name))),
            await refused(routing.acknowledge(delivery, "facility/79024")),
            await refused(routing.acknowledge(delivery, "facility/01999")),
            await refused(receipts_of_a_stranger.GetReceipt(GetReceiptRequest(name=sent.receipt.name))),
            await refused(stranger.GetMessage(pb.GetMessageRequest(name=f"messages/{uuid4()}"))),
        ]

    assert {refusal.code for refusal in refusals} == {StatusCode.PERMISSION_DENIED}
    assert {refusal.reason for refusal in refusals[1:]} == {reasons.MESSAGE_DENIED.name}
    rows = await routing.rows("SELECT caller, allowed FROM audit WHERE subject <> '' ORDER BY access_time")
    assert ("facility/79999", True) in [tuple(row) for row in rows]
    assert ("facility/79024", False) in [tuple(row) for row in rows]


async def test_while_the_directory_is_down_known_facilities_still_get_messages(
    world: World, routing: Routing
):
    await routing.send()
    await routing.send()
    alone = await Routing(world).start(identity_address=world.nowhere())
    refusal = await refused(alone.send())

    assert len(routing.identity.asked(GetFacilityRequest)) == 1
    assert (refusal.code, refusal.reason) == (StatusCode.UNAVAILABLE, chassis_reasons.PEER_UNAVAILABLE.name)


async def test_a_restart_forgets_nothing_and_keeps_the_order(world: World, routing: Routing):
    sent = [(await routing.send(f"{number}".encode())).message.name for number in range(4)]
    async with routing.receiving(outstanding=1, lease=1) as inbox:
        await routing.acknowledge(await inbox.next())
        await inbox.next()
    await routing.running.server.stop(0)

    restarted = await Routing(world).start(database_url=routing.running.settings.database_url)
    async with restarted.receiving() as inbox:
        got = [delivery.message.name for delivery in await inbox.take(3)]

    assert got == sent[1:]


async def test_messages_are_listed_by_page_for_their_own_parties(routing: Routing):
    sent = [(await routing.send()).message.name for _ in range(5)]
    await routing.send(recipient=CHO_RAY)
    stub, got, token = routing.mailbox("facility/79999"), [], ""
    while True:
        page = await stub.ListMessages(
            pb.ListMessagesRequest(recipient=PROVINCE, page_size=2, page_token=token)
        )
        got += [message.name for message in page.messages]
        token = page.next_page_token
        if not token:
            break
    refusal = await refused(stub.ListMessages(pb.ListMessagesRequest(sender=DISTRICT)))

    assert got == sent[::-1]
    assert refusal.reason == chassis_reasons.FACILITY_MISMATCH.name


async def test_a_delivery_carries_the_trace_of_its_sender(routing: Routing):
    parent = f"00-{uuid4().hex}-{uuid4().hex[:16]}-01"
    await routing.mailbox().SendMessage(upload(b"x"), metadata=(("traceparent", parent),))

    async with routing.receiving() as inbox:
        delivery = await inbox.next()

    assert delivery.message.traceparent.split("-")[1] == parent.split("-")[1]
    assert ReceiptBody.FromString(delivery.receipt.body).trace_id == parent.split("-")[1]

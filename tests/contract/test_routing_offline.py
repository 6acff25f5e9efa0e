"""A recipient that nobody reaches for a month loses nothing, its senders are told, and bodies end by rule."""

import hashlib
from uuid import uuid4

import pytest
from grpc import StatusCode

from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import mailbox_service_pb2 as pb
from lientuyen.routing.v1.message_pb2 import Delivery, Message, Notice
from lientuyen.routing.v1.receipt_service_pb2 import GetReceiptRequest
from tests.harness import World, eventually, refused

from .routing_env import DISTRICT, Routing

SENDERS = ("facility/01999", "facility/79024")
LONG = hashlib.shake_128(b"a scan").digest(600_000)
OLDER = """
    UPDATE messages SET accept_time = accept_time - $2::text::interval,
    enqueue_time = enqueue_time - $2::text::interval WHERE id = ANY ($1::text[]::uuid[])
"""


@pytest.fixture
async def routing(world: World) -> Routing:
    return await Routing(world).start(sweep_seconds=0.2)


async def older(routing: Routing, age: str, *names: str) -> None:
    """Let these messages have been sent *age* earlier: `4 days 23 hours`."""
    await routing.rows(OLDER, [name.rpartition("/")[2] for name in names], age)


async def notices(routing: Routing, count: int) -> list[tuple[int, str]]:
    """Return the first notices that the sender gets: what happened, and to which message."""
    async with routing.receiving("facility/01999") as inbox:
        deliveries = [await inbox.next(20) for _ in range(count)]
        for delivery in deliveries:
            await routing.acknowledge(delivery, "facility/01999")
    told = [Notice.FromString(delivery.body) for delivery in deliveries]
    return [(notice.event, notice.subject) for notice in told]


async def whole(routing: Routing, delivery: Delivery) -> bytes:
    if delivery.inlined:
        return delivery.body
    request = pb.DownloadMessageRequest(name=delivery.message.name)
    stream = routing.mailbox("facility/79999").DownloadMessage(request)
    return b"".join([part.chunk async for part in stream])


async def test_one_that_was_offline_for_almost_thirty_days_gets_everything_whole_and_in_order(
    routing: Routing,
):
    bodies = [LONG, *(f"{number}".encode() for number in range(9))]
    sent = {
        caller: [(await routing.send(body, caller=caller)).message.name for body in bodies]
        for caller in SENDERS
    }
    everything = [name for names in sent.values() for name in names]
    await older(routing, "29 days 23 hours", *everything)
    # Told of, and not given up: both are looked for in one round.
    await eventually(lambda: _noticed(routing, len(everything)))
    got: dict[str, list[tuple[str, bytes]]] = {caller: [] for caller in SENDERS}

    async with routing.receiving() as inbox:
        for _ in everything:
            delivery = await inbox.next(20)
            caller = f"facility/{delivery.message.sender[-5:]}"
            got[caller].append((delivery.message.name, await whole(routing, delivery)))
            await routing.acknowledge(delivery)

    assert got == {caller: list(zip(names, bodies, strict=True)) for caller, names in sent.items()}


async def _noticed(routing: Routing, count: int) -> bool:
    rows = await routing.rows("SELECT state FROM messages WHERE notice_time IS NOT NULL")
    return [row["state"] for row in rows] == ["accepted"] * count


async def test_the_sender_is_told_at_five_days_and_not_before_and_at_thirty_and_not_before(routing: Routing):
    names = [(await routing.send(f"{number}".encode())).message.name for number in range(4)]
    ages = ("4 days 23 hours", "5 days 1 minute", "29 days 23 hours", "30 days 1 minute")
    for age, name in zip(ages, names, strict=True):
        await older(routing, age, name)

    told = await notices(routing, 3)
    states = [(await routing.get(name)).state for name in names]

    assert sorted(told) == sorted(
        [
            (Notice.EVENT_MESSAGE_UNCOLLECTED, names[1]),
            (Notice.EVENT_MESSAGE_UNCOLLECTED, names[2]),
            (Notice.EVENT_MESSAGE_DEAD, names[3]),
        ]
    )
    assert states == [Message.STATE_ACCEPTED] * 3 + [Message.STATE_DEAD]
    assert not (await routing.get(names[0])).HasField("notice_time")


async def test_what_died_unread_is_replayed_whole_though_its_body_is_older_than_bodies_are_kept(
    routing: Routing,
):
    name = (await routing.send(LONG)).message.name
    finished = (await routing.send(b"done", caller="facility/79024")).message.name
    async with routing.receiving() as inbox:
        for delivery in await inbox.take(2):
            if delivery.message.name == finished:
                await routing.acknowledge(delivery)
    await routing.rows(
        "UPDATE messages SET state = 'accepted', lease_token = NULL, lease_stream = NULL,"
        " lease_expire_time = NULL WHERE state = 'leased'"
    )
    await older(routing, "90 days", name, finished)
    await eventually(lambda: routing.rows("SELECT FROM messages WHERE remove_time IS NOT NULL"))
    await eventually(lambda: routing.rows("SELECT FROM messages WHERE state = 'dead'"))

    replay = pb.ReplayDeadLettersRequest(request_id=str(uuid4()), sender=DISTRICT)
    await routing.mailbox().ReplayDeadLetters(replay)
    async with routing.receiving() as inbox:
        delivery = await inbox.next(20)
        body = await whole(routing, delivery)

    assert (delivery.message.name, body == LONG) == (name, True)


async def test_a_long_body_ends_by_rule_and_its_receipts_and_states_stay(routing: Routing):
    sent = await routing.send(LONG)
    async with routing.receiving() as inbox:
        done = await routing.acknowledge(await inbox.next())
    stopped = await routing.send(LONG)
    async with routing.receiving() as inbox:
        await routing.reject(await inbox.next())
    await routing.mailbox().StopMessage(
        pb.StopMessageRequest(request_id=str(uuid4()), name=stopped.message.name)
    )
    waiting = await routing.send(LONG)
    await older(routing, "61 days", sent.message.name, stopped.message.name)

    await eventually(lambda: _bodies_of(routing, 1))
    refusal = await refused(
        routing.mailbox().DownloadMessage(pb.DownloadMessageRequest(name=sent.message.name))
    )
    receipts = [
        (await routing.receipts().GetReceipt(GetReceiptRequest(name=receipt.name))).receipt
        for receipt in (sent.receipt, done.receipt, stopped.receipt)
    ]

    assert (refusal.code, refusal.reason) == (StatusCode.FAILED_PRECONDITION, reasons.BODY_REMOVED.name)
    assert receipts == [sent.receipt, done.receipt, stopped.receipt]
    assert (await routing.get(sent.message.name)).state == Message.STATE_ACKNOWLEDGED
    async with routing.receiving() as inbox:
        assert await whole(routing, await inbox.next()) == LONG
    assert waiting.message.size_bytes == len(LONG)


async def _bodies_of(routing: Routing, count: int) -> bool:
    rows = await routing.rows("SELECT DISTINCT message_id FROM pieces")
    return len(rows) == count

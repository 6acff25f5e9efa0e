"""Pairs of sender and recipient in one mailbox: each in its own order, none waiting for another."""

import asyncio
from uuid import uuid4

import pytest

from lientuyen.routing.v1 import mailbox_service_pb2 as pb
from lientuyen.routing.v1.message_pb2 import Delivery, Message
from tests.harness import World, eventually

from .routing_env import Routing

STUCK = "facility/01999"
HELD = "SELECT count(*) FROM messages WHERE state = 'leased'"


@pytest.fixture
async def routing(world: World) -> Routing:
    return await Routing(world).start()


def hospitals(routing: Routing, count: int) -> list[str]:
    """Let the directory know *count* more hospitals, whose codes lie around that of the stuck one."""
    codes = [f"{number:02}888" for number in range(count)]
    for code in codes:
        routing.identity.add_facility(code)
    return [f"facility/{code}" for code in codes]


async def send_many(routing: Routing, caller: str, count: int) -> list[str]:
    return [(await routing.send(f"{number}".encode(), caller=caller)).message.name for number in range(count)]


def by_sender(deliveries: list[Delivery]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for delivery in deliveries:
        names.setdefault(delivery.message.sender.rpartition("/")[2], []).append(delivery.message.name)
    return names


async def test_a_pair_that_nobody_acknowledges_leaves_room_for_every_other(routing: Routing):
    await send_many(routing, STUCK, 40)
    async with routing.receiving(outstanding=16) as inbox:
        await inbox.next()
        await eventually(lambda: routing.rows(f"{HELD} HAVING count(*) >= 14"))
        others = hospitals(routing, 30)
        sent = {(await routing.send(caller=other)).message.name for other in others}
        got = set()
        while got < sent:
            delivery = await inbox.next()
            if delivery.message.name in sent:
                got.add(delivery.message.name)
                await routing.acknowledge(delivery)
        (row,) = await routing.rows(HELD)

    assert row["count"] == 14


async def test_a_message_that_kills_its_receiver_each_time_keeps_no_other_pair_waiting(routing: Routing):
    await send_many(routing, STUCK, 3)
    others = hospitals(routing, 12)
    waiting = {(await routing.send(caller=other)).message.name for other in others}
    crashes = 0
    while waiting:
        async with routing.receiving(outstanding=1, lease=1) as inbox:
            while waiting:
                delivery = await inbox.next(20)
                if delivery.message.name not in waiting:
                    crashes += 1
                    break
                waiting.remove(delivery.message.name)
                await routing.acknowledge(delivery)

    assert crashes <= 2


async def test_after_two_failures_a_pair_comes_one_by_one_until_its_head_is_done(routing: Routing):
    sent = await send_many(routing, STUCK, 20)
    for _ in range(2):
        async with routing.receiving(outstanding=16, lease=1) as crashing:
            await crashing.take(14)
    async with routing.receiving(outstanding=16) as inbox:
        head = await inbox.next(20)
        alone = await inbox.nothing()
        await routing.acknowledge(head)
        rest = await inbox.take(14)

    assert (head.message.name, head.message.attempts, alone) == (sent[0], 3, True)
    assert [delivery.message.name for delivery in rest] == sent[1:15]


async def test_many_pairs_and_receivers_are_served_each_in_its_order_beside_one_that_is_stuck(
    routing: Routing,
):
    await send_many(routing, STUCK, 30)
    others = hospitals(routing, 9)
    sent = {other.rpartition("/")[2]: await send_many(routing, other, 8) for other in others}
    got: list[Delivery] = []

    async def receive() -> None:
        async with routing.receiving(outstanding=3) as inbox:
            while len(got) < 9 * 8:
                try:
                    delivery = await inbox.next(1.5)
                except TimeoutError:
                    return
                if delivery.message.sender.endswith("01999"):
                    continue
                got.append(delivery)
                await routing.acknowledge(delivery)

    await asyncio.gather(*(receive() for _ in range(4)))

    assert by_sender(got) == sent


async def test_fifty_receivers_on_two_replicas_get_each_message_once_and_each_sender_in_its_order(
    world: World, routing: Routing
):
    other = await Routing(world).start(database_url=routing.running.settings.database_url)
    sent = {
        caller.rpartition("/")[2]: await send_many(routing, caller, 6) for caller in hospitals(routing, 20)
    }
    got: list[Delivery] = []

    async def receive(replica: Routing) -> None:
        async with replica.receiving(outstanding=2) as inbox:
            while len(got) < 20 * 6:
                try:
                    delivery = await inbox.next(2)
                except TimeoutError:
                    continue
                got.append(delivery)
                await replica.acknowledge(delivery)

    await asyncio.gather(*(receive(replica) for replica in (routing, other) for _ in range(25)))

    assert by_sender(got) == sent


async def test_a_replayed_message_takes_the_end_of_its_own_line(routing: Routing):
    first, *_ = sent = await send_many(routing, STUCK, 3)
    other = await routing.send(caller="facility/79024")
    async with routing.receiving(outstanding=1) as inbox:
        refused = await inbox.next()
        while refused.message.name != first:
            await routing.acknowledge(refused)
            refused = await inbox.next()
        await routing.reject(refused)
    await routing.mailbox().ReplayMessage(pb.ReplayMessageRequest(request_id=str(uuid4()), name=first))
    last = await routing.send(b"last", caller=STUCK)

    async with routing.receiving() as inbox:
        got = [await inbox.next() for _ in range(4)]
        if other.message.name in {delivery.message.name for delivery in got}:
            got.append(await inbox.next())

    assert by_sender(got)["01999"] == [*sent[1:], first, last.message.name]


async def test_where_the_head_of_a_pair_is_held_the_rest_waits_and_other_pairs_go_on(routing: Routing):
    sent = await send_many(routing, STUCK, 2)
    async with routing.receiving(outstanding=1) as slow:
        await slow.next()
        async with routing.receiving(outstanding=2) as quick:
            for number in range(5):
                other = await routing.send(f"{number}".encode(), caller="facility/79024")
                delivery = await quick.next()
                assert delivery.message.name == other.message.name
                await routing.acknowledge(delivery)
            second = await routing.get(sent[1])

    assert (second.state, second.attempts) == (Message.STATE_ACCEPTED, 0)

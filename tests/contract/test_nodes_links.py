"""A link between nodes that breaks, and a node that dies: nothing is lost, doubled or reordered."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from lientuyen.routing.v1.message_pb2 import Message
from tests.e2e.wires import Wire
from tests.harness import World, eventually

from .nodes_env import Node, start_nodes

SENDERS, RECIPIENTS = ("01999", "01929"), ("79024", "79999")
EACH = 12


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with Wire("") as wire:
        yield wire


@pytest.fixture
async def nodes(world: World, wire: Wire) -> list[Node]:
    return await start_nodes(world, {"north": SENDERS, "south": RECIPIENTS}, {"south": wire})


async def _send_all(north: Node, pause: float) -> dict[tuple[str, str], list[str]]:
    """Send as many messages of each pair, and return their names in the order in which they were taken."""
    sent: dict[tuple[str, str], list[str]] = {}

    async def send(sender: str, recipient: str) -> None:
        names = sent.setdefault((sender, recipient), [])
        for number in range(EACH):
            names.append((await north.send(sender, recipient, f"{number}".encode() * 40_000)).name)
            await asyncio.sleep(pause)

    await asyncio.gather(*(send(sender, recipient) for sender in SENDERS for recipient in RECIPIENTS))
    return sent


async def _receive_all(south: Node, code: str) -> list[tuple[str, str]]:
    """Take all that comes for a facility; return sender and name of each, as they were taken."""
    taken: list[tuple[str, str]] = []
    async with south.receiving(code, max_outstanding=16) as inbox:
        while len(taken) < EACH * len(SENDERS):
            delivery = await inbox.next(50)
            taken.append((delivery.message.sender[-5:], delivery.message.name))
            await south.acknowledge(delivery)
        assert await inbox.nothing(1.0)
    return taken


async def _all_settled(north: Node) -> bool:
    rows = await north.rows("routing", "SELECT count(*) FROM messages WHERE state <> 'acknowledged'")
    return bool(rows[0][0] == 0)


async def _judge(nodes: list[Node], sent: dict[tuple[str, str], list[str]]) -> None:
    north, south = nodes
    received = await asyncio.gather(*(_receive_all(south, code) for code in RECIPIENTS))
    for recipient, taken in zip(RECIPIENTS, received, strict=True):
        for sender in SENDERS:
            names = [name for code, name in taken if code == sender]
            numbers = [sent[sender, recipient].index(name) for name in names]
            assert numbers == list(range(EACH))
    await eventually(lambda: _all_settled(north))


@pytest.mark.parametrize("fault", ["drop", "deaf", "frozen", "cut"])
async def test_a_link_that_breaks_under_load_loses_doubles_and_reorders_nothing(
    nodes: list[Node], wire: Wire, fault: str
) -> None:
    async def disturb() -> None:
        for _ in range(6):
            await asyncio.sleep(0.15)
            if fault != "drop":
                setattr(wire, fault, True)
                await asyncio.sleep(0.3)
            if fault in ("drop", "deaf", "cut"):
                wire.drop()
            if fault != "drop":
                setattr(wire, fault, False)

    sent, _ = await asyncio.gather(_send_all(nodes[0], 0.05), disturb())
    await _judge(nodes, sent)


@pytest.mark.parametrize("victim", [0, 1])
async def test_a_node_that_dies_amid_relaying_loses_doubles_and_reorders_nothing(
    nodes: list[Node], victim: int
) -> None:
    node = nodes[victim]
    sent = await _send_all(nodes[0], 0)
    database = node.running["routing"].settings.database_url
    await node.running["routing"].server.stop(0)
    await node.start_routing(database_url=database)
    await _judge(nodes, sent)


async def test_what_was_sent_while_a_node_was_down_waits_in_line(nodes: list[Node], wire: Wire) -> None:
    north, south = nodes
    wire.cut = True
    wire.drop()
    sent = await _send_all(north, 0)
    assert not await south.rows("routing", "SELECT FROM messages")
    first = sent["01999", "79024"][0]
    state = (await north.get(first, "01999")).state
    assert state in (Message.STATE_ACCEPTED, Message.STATE_LEASED)
    wire.cut = False
    await _judge(nodes, sent)


async def test_two_replicas_that_both_hold_the_link_double_and_reorder_nothing(nodes: list[Node]) -> None:
    north, _ = nodes
    database = north.running["routing"].settings.database_url
    rival = Node.twin(north)
    await rival.start_routing(database_url=database, federation_address="")

    async def fight() -> None:
        with suppress(asyncio.CancelledError):
            while True:  # no replica keeps the link: each takes it from the other, again and again
                await north.rows("routing", "UPDATE node_links SET hold_expire_time = 'epoch'")
                await asyncio.sleep(0.05)

    fighting = asyncio.create_task(fight())
    try:
        sent = await _send_all(north, 0.05)
        await _judge(nodes, sent)
    finally:
        fighting.cancel()
        await fighting

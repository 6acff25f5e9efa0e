"""A facility that moves from node to node: what waits goes on in order, and home again."""

import asyncio

import pytest

from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1.mailbox_service_pb2 import (
    ReceiveMessagesRequest,
    ReplayMessageRequest,
    StopMessageRequest,
)
from lientuyen.routing.v1.mailbox_service_pb2_grpc import MailboxServiceStub
from lientuyen.routing.v1.message_pb2 import Message, Notice
from tests.harness import World, eventually, refused

from .nodes_env import FACILITIES, OPERATOR, Node, key, start_nodes

SENDER, MOVING = "01999", "79024"


@pytest.fixture
async def nodes(world: World) -> list[Node]:
    return await start_nodes(world, {"north": [SENDER], "south": [MOVING], "east": ["48999"]})


async def _move(nodes: list[Node], home: Node, to: str) -> None:
    """Move the facility, and let every node know at once what they would have told one another."""
    entry = await home.move(MOVING, to)
    for node in nodes:
        await node.accepts([entry])
        await eventually(lambda node=node: _knows(node, to))  # type: ignore[misc]


async def _knows(node: Node, home: str) -> bool:
    """Whether the routing of *node* knows where the facility lives now."""
    rows = await node.rows(
        "routing",
        "SELECT node FROM facility_homes WHERE facility = $1 ORDER BY version DESC LIMIT 1",
        f"{FACILITIES}{MOVING}",
    )
    return bool(rows and rows[0][0] == home)


async def _take_all(node: Node, count: int) -> list[str]:
    names = []
    async with node.receiving(MOVING, max_outstanding=16) as inbox:
        for _ in range(count):
            delivery = await inbox.next(50)
            names.append(delivery.message.name)
            await node.acknowledge(delivery)
        assert await inbox.nothing(0.7)
    return names


async def _acknowledged(node: Node, name: str) -> bool:
    return (await node.get(name, SENDER)).state == Message.STATE_ACKNOWLEDGED


async def test_what_waits_at_the_old_node_goes_on_to_the_new_one_in_order(nodes: list[Node]) -> None:
    north, south, east = nodes
    before = [(await north.send(SENDER, MOVING, f"{n}".encode())).name for n in range(8)]
    await eventually(lambda: _arrived(south, 8))
    await _move(nodes, south, "east")
    after = [(await north.send(SENDER, MOVING, f"{n}".encode())).name for n in range(8)]
    assert await _take_all(east, 16) == before + after
    for name in (before[0], before[-1], after[-1]):
        await eventually(lambda name=name: _acknowledged(north, name))  # type: ignore[misc]
    nodes_on_the_way = {receipt.node for receipt in await north.receipts(before[0], SENDER)}
    assert nodes_on_the_way == {f"//identity.lientuyen/nodes/{name}" for name in ("north", "south", "east")}


async def test_a_facility_that_comes_home_finds_what_waited_elsewhere(nodes: list[Node]) -> None:
    north, south, _ = nodes
    names = [(await north.send(SENDER, MOVING, f"{n}".encode())).name for n in range(6)]
    await eventually(lambda: _arrived(south, 6))
    await _move(nodes, south, "north")
    names += [(await north.send(SENDER, MOVING, f"{n}".encode())).name for n in range(6)]
    assert await _take_all(north, 12) == names
    for name in names:
        await eventually(lambda name=name: _acknowledged(north, name))  # type: ignore[misc]
    await eventually(lambda: _all_over(south))


async def test_a_facility_that_lives_elsewhere_is_told_where_its_mailbox_is(nodes: list[Node]) -> None:
    _, south, east = nodes
    await _move(nodes, south, "east")
    await asyncio.gather(*(node.running["routing"].db.ping() for node in nodes))
    request = ReceiveMessagesRequest(recipient=f"{FACILITIES}{MOVING}")

    async def told() -> bool:
        call = south.mailbox(MOVING).ReceiveMessages(request)
        try:
            refusal = await asyncio.wait_for(refused(call), 1)
        except TimeoutError:
            return False
        finally:
            call.cancel()
        return (refusal.reason, refusal.metadata["node"]) == (reasons.FACILITY_ELSEWHERE.name, "east")

    await eventually(told)
    async with east.receiving(MOVING) as inbox:
        assert await inbox.nothing(0.5)


async def test_what_its_recipient_rejects_is_dead_at_the_sender_s_node_and_replayed_there(
    nodes: list[Node],
) -> None:
    north, south, _ = nodes
    message = await north.send(SENDER, MOVING, b"unreadable")
    async with south.receiving(MOVING) as inbox:
        delivery = await inbox.next(30)
        await south.reject(delivery, "không đọc được")
    await eventually(lambda: _has_state(north, message.name, Message.STATE_DEAD))
    dead = await north.get(message.name, SENDER)
    assert (dead.dead_reason, dead.dead_note) == (Message.DEAD_REASON_REJECTED, "không đọc được")
    async with north.receiving(SENDER) as inbox:
        told = await inbox.next(30)
        notice = Notice.FromString(told.body)
        assert (notice.event, notice.subject) == (Notice.EVENT_MESSAGE_DEAD, message.name)
        assert await inbox.nothing(0.7)
    operator = south.stub(MailboxServiceStub, "routing", OPERATOR)
    for request in (ReplayMessageRequest, StopMessageRequest):
        method = getattr(operator, request.DESCRIPTOR.name.removesuffix("Request"))
        refusal = await refused(method(request(request_id=key(), name=message.name)))
        assert refusal.reason in (
            reasons.MESSAGE_OF_ANOTHER_NODE.name,
            reasons.MESSAGE_STATE.name,
        )
    replaying = ReplayMessageRequest(request_id=key(), name=message.name)
    await north.mailbox(SENDER).ReplayMessage(replaying)
    async with south.receiving(MOVING) as inbox:
        delivery = await inbox.next(30)
        assert (delivery.message.name, delivery.body) == (message.name, b"unreadable")
        await south.acknowledge(delivery)
    await eventually(lambda: _acknowledged(north, message.name))


async def _has_state(node: Node, name: str, state: Message.State) -> bool:
    return (await node.get(name, SENDER)).state == state


async def _arrived(node: Node, count: int) -> bool:
    return bool((await node.rows("routing", "SELECT count(*) FROM arrivals"))[0][0] == count)


async def _all_over(node: Node) -> bool:
    waiting = "SELECT count(*) FROM messages WHERE state NOT IN ('acknowledged', 'stopped')"
    return bool((await node.rows("routing", waiting))[0][0] == 0)


async def test_what_comes_by_two_ways_is_there_once_and_both_are_told(nodes: list[Node]) -> None:
    """The answer to a handover was lost, and the facility moved: both nodes bring the same message on."""
    north, south, east = nodes
    message = await north.send(SENDER, MOVING, b"x" * 600_000)
    await eventually(lambda: _arrived(south, 1))
    database = north.running["routing"].settings.database_url
    await north.running["routing"].server.stop(0)
    await _move([south, east], south, "east")
    await eventually(lambda: _arrived(east, 1))
    await north.accepts(await south.entries())
    await north.rows("routing", "DELETE FROM handovers")
    await north.start_routing(database_url=database)
    north.forget_channels()
    await eventually(lambda: _arrived(east, 2))
    assert await _take_all(east, 1) == [message.name]
    await eventually(lambda: _acknowledged(north, message.name))
    await eventually(lambda: _all_over(south))

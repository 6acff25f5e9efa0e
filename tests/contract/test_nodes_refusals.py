"""What another node does not take: later, behind its elders; or never, and the sender is told why."""

import pytest

from lientuyen.identity.v1.facility_pb2 import Facility
from lientuyen.routing.v1.message_pb2 import Message, Notice
from lientuyen.routing.v1.node_status_service_pb2 import ListNodeLinksRequest
from lientuyen.routing.v1.node_status_service_pb2_grpc import NodeStatusServiceStub
from tests.harness import World, eventually

from .nodes_env import NODES, OPERATOR, Node, start_nodes

SENDER, OTHER, RECIPIENT, CLOSED = "01999", "01929", "79024", "79999"


@pytest.fixture
async def nodes(world: World) -> list[Node]:
    return await start_nodes(world, {"north": [SENDER, OTHER], "south": [RECIPIENT, CLOSED]})


async def test_a_full_mailbox_holds_its_sender_s_messages_up_and_nobody_else_s(nodes: list[Node]) -> None:
    north, south = nodes
    database = south.running["routing"].settings.database_url
    await south.running["routing"].server.stop(0)
    await south.start_routing(database_url=database, share_messages=2, reserved_messages=0)
    south.forget_channels()
    names = [(await north.send(SENDER, RECIPIENT, f"{n}".encode())).name for n in range(6)]
    await eventually(lambda: _arrived(south, 2))
    other = (await north.send(OTHER, RECIPIENT, b"other")).name
    await eventually(lambda: _arrived(south, 3))
    taken: list[str] = []
    async with south.receiving(RECIPIENT) as inbox:
        while len(taken) < 7:
            delivery = await inbox.next(60)
            taken.append(delivery.message.name)
            await south.acknowledge(delivery)
    assert [name for name in taken if name != other] == names
    assert taken.index(other) < 6


async def test_what_will_never_be_taken_is_dead_and_its_sender_is_told_why(nodes: list[Node]) -> None:
    north, south = nodes
    await south.lists(CLOSED, state=Facility.STATE_CLOSED)
    message = await north.send(SENDER, CLOSED, b"to nobody")
    behind = await north.send(SENDER, RECIPIENT, b"to somebody")
    await eventually(lambda: _has_state(north, message.name, Message.STATE_DEAD))
    dead = await north.get(message.name, SENDER)
    assert dead.dead_reason == Message.DEAD_REASON_REJECTED
    assert dead.dead_note.startswith("south: ")
    assert "ngừng hoạt động" in dead.dead_note
    async with north.receiving(SENDER) as inbox:
        notice = Notice.FromString((await inbox.next(30)).body)
        assert (notice.event, notice.subject) == (Notice.EVENT_MESSAGE_DEAD, message.name)
    async with south.receiving(RECIPIENT) as inbox:
        assert (await inbox.next(30)).message.name == behind.name


async def test_operators_see_how_each_link_stands_and_what_waits(nodes: list[Node]) -> None:
    north, south = nodes
    status = north.stub(NodeStatusServiceStub, "routing", OPERATOR)

    async def stands() -> bool:
        links = (await status.ListNodeLinks(ListNodeLinksRequest())).node_links
        return [(link.node, link.standing) for link in links] == [(f"{NODES}south", True)]

    await eventually(stands)
    await south.running["routing"].server.stop(0)

    async def waits() -> bool:
        link = (await status.ListNodeLinks(ListNodeLinksRequest())).node_links[0]
        return not link.standing and link.address == south.link

    await eventually(waits)


async def _arrived(node: Node, count: int) -> bool:
    return bool((await node.rows("routing", "SELECT count(*) FROM arrivals"))[0][0] == count)


async def _has_state(node: Node, name: str, state: Message.State) -> bool:
    return (await node.get(name, SENDER)).state == state

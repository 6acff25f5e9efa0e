"""A system of another make: one message of a pair at a time, again until it is taken, or refused."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from chassis.errors import Unavailable
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.identity.v1 import node_service_pb2 as pb
from lientuyen.identity.v1.node_pb2 import Node as NodePb
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1.message_pb2 import Message as MessagePb
from services.routing.model.messages import Message
from services.routing.peers.transports import Handover, TransportRefused
from tests.harness import World, eventually

from .nodes_env import Node, key

SENDER, OTHER, AXIS = "01999", "01929", "79024"


class FakeAxis:
    """An axis that takes a message at the second try, refuses what says so, and has each for good."""

    keeps_order = False
    is_up = True

    async def run(self) -> None:
        await asyncio.Event().wait()

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes]] = []
        self.under_way: Counter[str] = Counter()
        self.most_at_once = 0
        self._tried: set[str] = set()

    async def deliver(self, message: Message, body: AsyncIterator[bytes]) -> Handover:
        sender = message.sender.rpartition("/")[2]
        self.under_way[sender] += 1
        self.most_at_once = max(self.most_at_once, self.under_way[sender])
        try:
            content = b"".join([piece async for piece in body])
            await asyncio.sleep(0.01)
            if content == b"refuse":
                raise TransportRefused(reasons.RECIPIENT_UNKNOWN, "không có cơ sở này")
            if message.name not in self._tried:
                self._tried.add(message.name)
                raise Unavailable(chassis_reasons.PEER_UNAVAILABLE, peer="axis")
            self.taken.append((sender, content))
            return Handover(reference=f"MGD-{len(self.taken)}", receipt=b"<ok/>", is_final=True)
        finally:
            self.under_way[sender] -= 1

    async def close(self) -> None:
        return None


@pytest.fixture
def axis() -> FakeAxis:
    return FakeAxis()


@pytest.fixture
async def north(world: World, axis: FakeAxis) -> Node:
    """A node that knows an axis of another make, where one facility lives by the axis's own word."""
    node = await Node(world, "north").start_identity()
    operator = Node(world, "axis")
    await node.lists(SENDER, OTHER, AXIS)
    await node.knows(node)
    entry = operator.entry(kind=NodePb.KIND_BATCH_API, address="https://axis.test/batch")
    await node.nodes.RegisterNode(pb.RegisterNodeRequest(request_id=key(), node=entry))
    for code in (SENDER, OTHER, AXIS):
        await node.move(code)
    await node.move(AXIS, "axis")
    await node.start_routing(wiring={"transports": {NodePb.KIND_BATCH_API: lambda _: axis}})
    return node


async def test_messages_of_a_pair_go_one_at_a_time_in_order_and_again_until_they_are_taken(
    north: Node, axis: FakeAxis
) -> None:
    names = [(await north.send(SENDER, AXIS, f"{n}".encode())).name for n in range(3)]
    await north.send(OTHER, AXIS, b"other")
    await eventually(lambda: len(axis.taken) == 4)
    assert [body for sender, body in axis.taken if sender == SENDER] == [b"0", b"1", b"2"]
    assert axis.most_at_once == 1
    for name in names:
        await eventually(lambda name=name: _has_state(north, name, MessagePb.STATE_ACKNOWLEDGED))  # type: ignore[misc]
    chain = await north.receipts(names[0], SENDER)
    assert [receipt.foreign for receipt in chain if receipt.foreign] == [b"<ok/>"]


async def test_what_the_axis_refuses_is_dead_with_its_words(north: Node, axis: FakeAxis) -> None:
    message = await north.send(SENDER, AXIS, b"refuse")
    behind = await north.send(SENDER, AXIS, b"next")
    await eventually(lambda: _has_state(north, message.name, MessagePb.STATE_DEAD))
    assert (await north.get(message.name, SENDER)).dead_note == "axis: không có cơ sở này"
    await eventually(lambda: _has_state(north, behind.name, MessagePb.STATE_ACKNOWLEDGED))


async def _has_state(node: Node, name: str, state: MessagePb.State) -> bool:
    return (await node.get(name, SENDER)).state == state

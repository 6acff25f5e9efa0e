"""Messages between nodes: they arrive once and in order, and both nodes can prove it."""

import asyncio
from hashlib import sha256

import pytest

from chassis.trust_domains import TrustDomain
from common.values import timestamp_from_pb
from lientuyen.routing.v1.mailbox_service_pb2 import DownloadMessageRequest
from lientuyen.routing.v1.message_pb2 import Message
from lientuyen.routing.v1.receipt_pb2 import NodeReceipt, Receipt, ReceiptBody
from tests.harness import World, eventually

from .nodes_env import NODES, Node, start_nodes

NORTH, SOUTH = "01999", "79024"


@pytest.fixture
async def nodes(world: World) -> list[Node]:
    return await start_nodes(world, {"north": [NORTH, "01929"], "south": [SOUTH, "79999"]})


async def test_a_message_reaches_a_facility_of_another_node_and_its_end_is_told(nodes: list[Node]) -> None:
    north, south = nodes
    message = await north.send(NORTH, SOUTH, b"<giay/>", correlation="A-1")
    async with south.receiving(SOUTH) as inbox:
        delivery = await inbox.next(30)
        assert (delivery.body, delivery.message.name) == (b"<giay/>", message.name)
        assert delivery.message.correlation == "A-1"
        assert (await north.get(message.name, NORTH)).state == Message.STATE_LEASED
        await south.acknowledge(delivery)
    await eventually(lambda: _has_state(north, message.name, Message.STATE_ACKNOWLEDGED))
    chain = await north.receipts(message.name, NORTH)
    assert [*map(_step, chain)] == [
        ("north", "ACCEPTANCE"),
        ("south", "ACCEPTANCE"),
        ("south", "DELIVERY"),
        ("south", "ACKNOWLEDGEMENT"),
        ("north", "ACKNOWLEDGEMENT"),
    ]
    assert [*map(_step, await south.receipts(message.name, SOUTH))] == [
        ("north", "ACCEPTANCE"),
        ("south", "ACCEPTANCE"),
        ("south", "DELIVERY"),
        ("south", "ACKNOWLEDGEMENT"),
    ]
    for receipt in chain:
        _verify(receipt, {node.name: node for node in nodes})


async def test_a_long_message_crosses_in_pieces_and_whole(nodes: list[Node]) -> None:
    north, south = nodes
    body = bytes(range(256)) * 4096 + b"end"
    message = await north.send(NORTH, SOUTH, body)
    async with south.receiving(SOUTH) as inbox:
        delivery = await inbox.next(30)
        assert (delivery.inlined, delivery.message.size_bytes) == (False, len(body))
        request = DownloadMessageRequest(name=message.name)
        chunks = [chunk.chunk async for chunk in south.mailbox(SOUTH).DownloadMessage(request)]
    assert sha256(b"".join(chunks)).digest() == message.sha256


async def test_the_order_of_each_pair_is_kept_and_pairs_do_not_wait_for_each_other(
    nodes: list[Node],
) -> None:
    north, south = nodes
    names = [(await north.send(NORTH, SOUTH, f"{n}".encode())).name for n in range(30)]
    others = [(await north.send("01929", SOUTH, f"{n}".encode())).name for n in range(30)]
    received = []
    async with south.receiving(SOUTH, max_outstanding=100) as inbox:
        for _ in range(60):
            delivery = await inbox.next(30)
            received.append(delivery.message.name)
            await south.acknowledge(delivery)
    assert [name for name in received if name in names] == names
    assert [name for name in received if name in others] == others
    await eventually(lambda: _has_state(north, names[-1], Message.STATE_ACKNOWLEDGED))
    await eventually(lambda: _has_state(north, others[-1], Message.STATE_ACKNOWLEDGED, "01929"))


async def test_messages_cross_both_ways_at_once(nodes: list[Node]) -> None:
    north, south = nodes
    await asyncio.gather(
        *(north.send(NORTH, SOUTH, b"there") for _ in range(10)),
        *(south.send(SOUTH, NORTH, b"back") for _ in range(10)),
    )
    async with south.receiving(SOUTH) as inbox:
        assert {(await inbox.next(30)).body for _ in range(10)} == {b"there"}
    async with north.receiving(NORTH) as inbox:
        assert {(await inbox.next(30)).body for _ in range(10)} == {b"back"}


async def _has_state(node: Node, name: str, state: Message.State, sender: str = NORTH) -> bool:
    return (await node.get(name, sender)).state == state


def _step(receipt: NodeReceipt) -> tuple[str, str]:
    body = ReceiptBody.FromString(receipt.receipt.body)
    return receipt.node.removeprefix(NODES), ReceiptBody.Kind.Name(body.kind).removeprefix("KIND_")


def _verify(receipt: NodeReceipt, nodes: dict[str, Node]) -> None:
    """Raise unless a signing certificate of the receipt's own node signed it."""
    node, body = nodes[receipt.node.removeprefix(NODES)], ReceiptBody.FromString(receipt.receipt.body)
    TrustDomain(node.trust_domain, (node.certificate,)).verify_signed_by(
        "service/routing",
        receipt.receipt.body,
        receipt.receipt.signature,
        receipt.receipt.certificate,
        Receipt.Algorithm.Name(receipt.receipt.algorithm).removeprefix("ALGORITHM_").lower(),
        timestamp_from_pb(body.accept_time),
    )

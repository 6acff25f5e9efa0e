"""Who may speak on which port: trust domains do not make one another's names."""

from collections.abc import Sequence

import pytest
from grpc import StatusCode

from chassis.tls import TlsFolder
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import node_link_service_pb2 as pb
from lientuyen.routing.v1.mailbox_service_pb2_grpc import MailboxServiceStub
from lientuyen.routing.v1.message_pb2 import Message
from lientuyen.routing.v1.node_link_service_pb2_grpc import NodeLinkServiceStub
from lientuyen.routing.v1.receipt_pb2 import Receipt, ReceiptBody
from tests.harness import World, eventually, refused

from .nodes_env import FACILITIES, Node, channel_to, start_nodes
from .routing_env import upload

NORTH, SOUTH = "01999", "79024"


@pytest.fixture
async def nodes(world: World) -> list[Node]:
    return await start_nodes(world, {"north": [NORTH], "south": [SOUTH, "79999"], "east": ["48999"]})


async def _ready(node: Node, tls: TlsFolder) -> bool:
    """Whether the holder of *tls* may open a stream to *node*."""
    call = NodeLinkServiceStub(channel_to(node, node.link, tls)).Relay()
    async for response in call:
        call.cancel()
        return bool(response.HasField("ready"))
    return False


async def test_the_routing_of_a_known_node_may_speak_and_nobody_else_of_it(nodes: list[Node]) -> None:
    north, south, _ = nodes
    assert await _ready(south, north.pki.folder("service/routing", north.trust_domain))
    for other in ("service/identity", "operator/an", f"facility/{NORTH}", "node/north"):
        stub = NodeLinkServiceStub(channel_to(south, south.link, north.pki.folder(other, north.trust_domain)))
        assert (await refused(stub.Relay())).reason == chassis_reasons.CALLER_UNKNOWN.name


async def test_the_authority_of_one_node_cannot_make_the_name_of_another(
    nodes: list[Node], world: World
) -> None:
    _, south, east = nodes
    forged = east.forge(world.folder / "forged", "service/routing", "north.lientuyen.test")
    stub = NodeLinkServiceStub(channel_to(south, south.link, TlsFolder(forged)))
    assert (await refused(stub.Relay())).reason == chassis_reasons.CALLER_UNKNOWN.name
    ours = east.forge(world.folder / "ours", "service/routing", south.trust_domain)
    stub = NodeLinkServiceStub(channel_to(south, south.link, TlsFolder(ours)))
    assert (await refused(stub.Relay())).reason == chassis_reasons.CALLER_UNKNOWN.name


async def test_a_certificate_of_no_node_does_not_connect(nodes: list[Node], world: World) -> None:
    south = nodes[1]
    stranger = Node(world, "stranger")
    tls = stranger.pki.folder("service/routing", "north.lientuyen.test")
    refusal = await refused(NodeLinkServiceStub(channel_to(south, south.link, tls)).Relay())
    assert (refusal.code, refusal.reason) == (StatusCode.UNAVAILABLE, "")


async def test_our_own_callers_are_nobody_on_the_port_for_nodes(nodes: list[Node]) -> None:
    south = nodes[1]
    tls = south.pki.folder("service/routing", south.trust_domain)
    refusal = await refused(NodeLinkServiceStub(channel_to(south, south.link, tls)).Relay())
    assert refusal.code == StatusCode.UNAVAILABLE or refusal.reason == chassis_reasons.CALLER_UNKNOWN.name


async def test_another_trust_domain_is_refused_on_the_service_s_own_port(nodes: list[Node]) -> None:
    north, south, _ = nodes
    tls = north.pki.folder("service/routing", north.trust_domain)
    address = south.running["routing"].address
    refusal = await refused(NodeLinkServiceStub(channel_to(south, address, tls)).Relay())
    assert (refusal.code, refusal.reason) == (StatusCode.UNAVAILABLE, "")


async def test_the_port_for_nodes_serves_nothing_else(nodes: list[Node]) -> None:
    north, south, _ = nodes
    channel = channel_to(south, south.link, north.pki.folder("service/routing", north.trust_domain))
    refusal = await refused(MailboxServiceStub(channel).SendMessage(upload(b"x")))
    assert refusal.code == StatusCode.UNIMPLEMENTED


async def test_whoever_answers_at_a_node_s_address_must_be_certified_by_it(
    nodes: list[Node], world: World
) -> None:
    """East stands where south is said to be, with the name of south's routing by its own authority."""
    north, south, east = nodes
    await south.running["routing"].server.stop(0)
    forged = east.forge(world.folder / "south", "service/routing", south.trust_domain)
    await world.start(
        "routing",
        tls_dir=forged,
        trust_domain=south.trust_domain,
        node="south",
        identity_address=east.running["identity"].address,
        federation_address=south.link,
    )
    database = north.running["routing"].settings.database_url
    await north.running["routing"].server.stop(0)
    await north.rows("routing", "UPDATE node_links SET standing = false, hold_expire_time = 'epoch'")
    await north.start_routing(database_url=database)
    north.forget_channels()
    message = await north.send(NORTH, SOUTH)
    # What was sent afterwards to a node that proves itself has arrived, and this has not left.
    other = await north.send(NORTH, "48999")
    await eventually(lambda: _handed_over(north, other))
    assert not await _handed_over(north, message)
    assert await north.rows("routing", "SELECT FROM node_links WHERE node = 'south' AND NOT standing")


async def _handed_over(node: Node, message: Message) -> bool:
    message_id = message.name.rpartition("/")[2]
    return bool(await node.rows("routing", "SELECT FROM handovers WHERE message_id = $1", message_id))


async def _offer(south: Node, east: Node, message: Message, receipt: Receipt) -> pb.RelayRefused:
    """Let east bring south a message of north's, with that receipt; return the refusal."""
    header = pb.RelayHeader(
        ordinal=1,
        message=message.name,
        sender=f"{FACILITIES}{NORTH}",
        recipient=f"{FACILITIES}79999",
        kind=Message.KIND_DOCUMENT,
        media_type="text/plain",
        size_bytes=message.size_bytes,
        sha256=message.sha256,
        enqueue_time=message.accept_time,
        origin="//identity.lientuyen/nodes/north",
    )
    header.receipt.node = header.origin
    header.receipt.receipt.CopyFrom(receipt)
    requests: Sequence[pb.RelayRequest] = [
        pb.RelayRequest(header=header),
        pb.RelayRequest(chunk=b"x" * message.size_bytes),
    ]
    tls = east.pki.folder("service/routing", east.trust_domain)
    call = NodeLinkServiceStub(channel_to(south, south.link, tls)).Relay(iter(requests))
    async for response in call:
        if response.HasField("refused"):
            refused: pb.RelayRefused = response.refused
            return refused
    raise AssertionError("it was not refused")


async def test_a_node_cannot_bring_what_its_sender_s_node_did_not_accept(nodes: list[Node]) -> None:
    """The receipt of another message, of another recipient, by another's hand: none proves anything."""
    north, south, east = nodes
    message = await north.send(NORTH, SOUTH, b"x")
    real = (await north.receipts(message.name, NORTH))[0].receipt
    refusal = await _offer(south, east, message, real)  # to a recipient that it does not name
    assert (refusal.reason, refusal.final) == (reasons.ORIGIN_UNPROVEN.name, True)
    own = await east.send("48999", SOUTH, b"x")
    forged = (await east.receipts(own.name, "48999"))[0].receipt
    body = ReceiptBody.FromString(real.body)
    body.recipient = f"{FACILITIES}79999"
    forged.body = body.SerializeToString(deterministic=True)
    assert (await _offer(south, east, message, forged)).reason == reasons.ORIGIN_UNPROVEN.name

"""The nodes of the exchange and the directory: who registers, who moves a facility, what is believed."""

import pytest
from grpc import StatusCode

from lientuyen.identity.v1 import error_reasons as reasons
from lientuyen.identity.v1 import node_service_pb2 as pb
from lientuyen.identity.v1.facility_service_pb2 import GetFacilityRequest
from lientuyen.identity.v1.facility_service_pb2_grpc import FacilityServiceStub
from tests.harness import World, refused

from .nodes_env import FACILITIES, NODES, Node, body_of, key


@pytest.fixture
async def north(world: World) -> Node:
    return await _node(world, "north")


@pytest.fixture
async def south(world: World) -> Node:
    return await _node(world, "south")


async def _node(world: World, name: str) -> Node:
    node = await Node(world, name).start_identity()
    await node.lists("01999", "79024")
    return node


async def _acquainted(*nodes: Node) -> None:
    for node in nodes:
        await node.knows(*nodes)


async def test_a_node_is_registered_listed_and_changed(north: Node, south: Node) -> None:
    await _acquainted(north)
    await north.knows(south, address="south.test:7443")
    listed = (await north.nodes.ListNodes(pb.ListNodesRequest())).nodes
    assert [(node.name, node.here) for node in listed] == [(f"{NODES}north", True), (f"{NODES}south", False)]
    changed = south.entry(address="south.test:8443", etag=listed[1].etag)
    await north.nodes.UpdateNode(pb.UpdateNodeRequest(request_id=key(), node=changed))
    got = (await north.nodes.GetNode(pb.GetNodeRequest(name=f"{NODES}south"))).node
    assert got.address == "south.test:8443"
    stale = await refused(north.nodes.UpdateNode(pb.UpdateNodeRequest(request_id=key(), node=changed)))
    assert stale.code == StatusCode.ABORTED


async def test_a_node_with_a_known_trust_domain_or_without_an_authority_is_refused(
    north: Node, south: Node
) -> None:
    await _acquainted(north)
    twice = south.entry(trust_domain=north.trust_domain)
    refusal = await refused(north.nodes.RegisterNode(pb.RegisterNodeRequest(request_id=key(), node=twice)))
    assert (refusal.code, refusal.reason) == (StatusCode.ALREADY_EXISTS, reasons.NODE_REGISTERED.name)
    broken = south.entry(ca_certificates=[b"no certificate", south.certificate])
    refusal = await refused(north.nodes.RegisterNode(pb.RegisterNodeRequest(request_id=key(), node=broken)))
    assert refusal.reason == reasons.NODE_INVALID.name
    assert refusal.fields == ["node.ca_certificates[0]"]


async def test_a_facility_moves_by_its_homes_word_and_each_node_follows(north: Node, south: Node) -> None:
    await _acquainted(north, south)
    taken_in = await north.move("01999")
    assert await south.accepts([taken_in]) == ["ACCEPTED"]
    released = await north.move("01999", "south")
    assert [body_of(entry).version for entry in (taken_in, released)] == [1, 2]
    assert await south.accepts([taken_in, released]) == ["KNOWN", "ACCEPTED"]
    for node in (north, south):
        facilities = node.stub(FacilityServiceStub, "identity")
        got = await facilities.GetFacility(GetFacilityRequest(name=f"{FACILITIES}01999"))
        assert got.facility.node == "south"
    refusal = await refused(
        north.nodes.MoveFacility(
            pb.MoveFacilityRequest(request_id=key(), facility=f"{FACILITIES}01999", node=f"{NODES}north")
        )
    )
    assert (refusal.reason, refusal.metadata["node"]) == (reasons.FACILITY_ELSEWHERE.name, "south")
    back = await south.move("01999", "north")
    assert await north.accepts([back]) == ["ACCEPTED"]


async def test_a_later_list_of_facilities_does_not_undo_a_home(north: Node) -> None:
    await _acquainted(north)
    await north.move("01999")
    await north.lists("01999", "79024")
    facilities = north.stub(FacilityServiceStub, "identity")
    got = await facilities.GetFacility(GetFacilityRequest(name=f"{FACILITIES}01999"))
    assert got.facility.node == "north"


async def test_a_claim_without_a_release_is_refused_and_told(north: Node, south: Node) -> None:
    await _acquainted(north, south)
    ours = await north.move("01999")
    claim = await south.move("01999")
    assert await north.accepts([claim]) == ["NOT_RELEASED"]
    assert await south.accepts([ours]) == ["NOT_RELEASED"]


async def test_an_entry_that_its_signer_did_not_sign_is_unproven(north: Node, south: Node) -> None:
    await _acquainted(north, south)
    entry = await south.move("79024")
    flipped = type(entry)()
    flipped.CopyFrom(entry)
    flipped.signature = (
        bytes([entry.signature[0], entry.signature[1], entry.signature[2] ^ 1]) + (entry.signature[3:])
    )
    other = type(entry)()
    other.CopyFrom(await north.move("01999"))
    other.body = entry.body  # south's word, by north's hand
    assert await north.accepts([flipped, other, entry]) == ["UNPROVEN", "UNPROVEN", "ACCEPTED"]


async def test_versions_come_in_their_order(north: Node, south: Node) -> None:
    await _acquainted(north, south)
    first = await north.move("01999")
    second = await north.move("01999", "south")
    assert await south.accepts([second]) == ["EARLY"]
    assert await south.accepts([first, second]) == ["ACCEPTED", "ACCEPTED"]
    assert [entry.sequence for entry in await south.entries()] == [1, 2]

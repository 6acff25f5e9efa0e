"""Nodes, and entries of the directory of facilities."""

from datetime import datetime

from google.protobuf.message import DecodeError

from common.names import IDENTITY, facility_name, last_part
from common.values import timestamp_to_pb
from lientuyen.identity.v1 import node_pb2 as pb
from lientuyen.type.v1 import facility_node_pb2

from ..model.nodes import FacilityNode, Node
from .values import to_pb_enum


def node_name(node: str) -> str:
    """Return the full name of a node; empty for none."""
    return f"{IDENTITY}nodes/{node}" if node else ""


def node_from_pb(message: pb.Node) -> Node:
    return Node(
        id=last_part(message.name),
        display_name=message.display_name,
        kind=message.kind,
        trust_domain=message.trust_domain,
        ca_certificates=tuple(message.ca_certificates),
        address=message.address,
    )


def node_to_pb(node: Node, here: str) -> pb.Node:
    """Return *node* as the node *here* tells of it."""
    return pb.Node(
        name=node_name(node.id),
        display_name=node.display_name,
        kind=to_pb_enum(pb.Node.Kind, node.kind),
        trust_domain=node.trust_domain,
        ca_certificates=node.ca_certificates,
        address=node.address,
        here=node.id == here,
        update_time=timestamp_to_pb(node.update_time),
        etag=str(node.version),
    )


def entry_body(facility: str, node: str, signer: str, version: int, now: datetime) -> bytes:
    """Return what is signed."""
    body = facility_node_pb2.FacilityNodeBody(
        facility=facility_name(facility),
        node=node_name(node),
        signer=node_name(signer),
        version=version,
        sign_time=timestamp_to_pb(now),
    )
    return body.SerializeToString(deterministic=True)


def entry_from_pb(message: facility_node_pb2.FacilityNode) -> tuple[FacilityNode, datetime] | None:
    """Return the entry, whatever it is worth, and when it says it was signed; None when it says nothing."""
    body = facility_node_pb2.FacilityNodeBody()
    try:
        body.ParseFromString(message.body)
    except DecodeError:
        return None
    if not body.facility or not body.node or not body.signer or body.version < 1:
        return None
    entry = FacilityNode(
        facility=last_part(body.facility),
        version=body.version,
        node=last_part(body.node),
        signer=last_part(body.signer),
        body=message.body,
        signature=message.signature,
        certificate=message.certificate,
        algorithm=message.algorithm,
    )
    try:
        return entry, body.sign_time.ToDatetime(tzinfo=None)
    except ValueError:
        return None


def entry_to_pb(entry: FacilityNode) -> facility_node_pb2.FacilityNode:
    return facility_node_pb2.FacilityNode(
        body=entry.body,
        signature=entry.signature,
        certificate=entry.certificate,
        algorithm=entry.algorithm,
        sequence=entry.sequence,
    )

"""
The nodes of the exchange and where facilities live, as identity has it: asked every few seconds, kept here.

While identity is away what was known last holds, over restarts too; nodes alone have to be asked for once.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

from chassis.db import Database
from chassis.errors import ServiceError
from chassis.peers import Peer
from chassis.trust_domains import TrustDomain
from common.names import last_part
from lientuyen.identity.v1 import node_pb2
from lientuyen.identity.v1 import node_service_pb2 as pb
from lientuyen.identity.v1.node_service_pb2_grpc import NodeServiceStub
from lientuyen.type.v1.facility_node_pb2 import FacilityNode, FacilityNodeBody

from . import store
from .model import Node, NodeKind

PAGE_SIZE: Final = 500


class NodeDirectory:
    """*here* is this node's name; empty where there is one node only, and nothing is asked."""

    def __init__(self, db: Database, identity: Peer, here: str, interval_s: float) -> None:
        self.here = here
        self.nodes: dict[str, Node] = {}
        self._db = db
        self._identity = identity
        self._stub = NodeServiceStub(identity.channel)
        self._interval_s = interval_s
        self._own: TrustDomain | None = None
        # Where each facility that does not live here lives, and everywhere that any has lived.
        self._elsewhere: dict[str, str] = {}
        self._homes: dict[str, set[str]] = {}
        self._sequence = 0
        self._followers: list[Callable[[], None]] = []

    def follow(self, changed: Callable[[], None]) -> None:
        """Call *changed* whenever something else is known."""
        self._followers.append(changed)

    def elsewhere(self, facility: str) -> str:
        """Return the node that *facility* (full name) lives on; empty when that is here, or not known."""
        return self._elsewhere.get(facility, "")

    def was_home(self, facility: str, node: str) -> bool:
        """Tell whether *facility* lives on *node*, or has lived there."""
        return node in self._homes.get(facility, ())

    def domains(self) -> Mapping[str, TrustDomain]:
        """Return the trust domains of the other nodes of our make, by name."""
        return {
            node.id: TrustDomain(node.trust_domain, node.authorities)
            for node in self.nodes.values()
            if node.kind == NodeKind.LIENTUYEN
        }

    def domain_of(self, node: str) -> TrustDomain | None:
        return self._own if node == self.here else self.domains().get(node)

    async def run(self) -> None:
        async with self._db.connection() as tx:
            self._learn([tuple(row) for row in await store.list_homes(tx)])
        while True:
            with suppress(ServiceError):  # identity is away: what is known holds
                await self.refresh()
            await asyncio.sleep(self._interval_s)

    async def refresh(self) -> None:
        """Ask identity what has changed."""
        if self.here:
            changed = await self._refresh_nodes()
            changed |= await self._refresh_homes()
            for follower in self._followers if changed else ():
                follower()

    async def _refresh_nodes(self) -> bool:
        token, listed = "", list[node_pb2.Node]()
        while True:
            request = pb.ListNodesRequest(page_size=PAGE_SIZE, page_token=token)
            response = await self._identity.ask(self._stub.ListNodes, request)
            listed += response.nodes
            token = response.next_page_token
            if not token:
                break
        before = self.nodes
        self.nodes = {node.id: node for node in map(_node, listed) if node.id != self.here}
        for node in map(_node, listed):
            if node.id == self.here:
                self._own = TrustDomain(node.trust_domain, node.authorities)
        return self.nodes != before

    async def _refresh_homes(self) -> bool:
        has_changed = False
        while True:
            request = pb.ListFacilityNodesRequest(after_sequence=self._sequence, page_size=PAGE_SIZE)
            response = await self._identity.ask(self._stub.ListFacilityNodes, request)
            rows = [_home(entry) for entry in response.facility_nodes]
            if not rows:
                return has_changed
            async with self._db.transaction() as tx:
                names = ("facility", "version", "node", "sequence")
                await store.put_homes(tx, [dict(zip(names, row, strict=True)) for row in rows])
            self._learn(rows)
            has_changed = True

    def _learn(self, rows: list[tuple[str, int, str, int]]) -> None:
        """Take in facility, version, node and sequence of entries, each facility's in their order."""
        for facility, _, node, sequence in rows:
            self._homes.setdefault(facility, set()).add(node)
            self._sequence = max(self._sequence, sequence)
            if node == self.here:
                self._elsewhere.pop(facility, None)
            else:
                self._elsewhere[facility] = node


def _node(message: node_pb2.Node) -> Node:
    return Node(
        last_part(message.name),
        message.kind,
        message.trust_domain,
        tuple(message.ca_certificates),
        message.address,
    )


def _home(entry: FacilityNode) -> tuple[str, int, str, int]:
    body = FacilityNodeBody.FromString(entry.body)
    return body.facility, body.version, last_part(body.node), entry.sequence

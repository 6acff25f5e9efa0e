"""A relay for each other node: begun, ended and replaced as the directory has it; and what they tell of."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import grpc

from chassis import telemetry
from chassis.background import BackgroundTasks
from chassis.db import Database
from chassis.errors import ServiceError
from chassis.logs import log
from chassis.peers import Peer
from lientuyen.identity.v1 import node_service_pb2
from lientuyen.identity.v1.node_service_pb2_grpc import NodeServiceStub
from lientuyen.routing.v1 import node_link_service_pb2 as pb

from ..peers.transports import Transport
from . import store
from .directory import NodeDirectory
from .model import Node
from .relay import Relay

# Seconds between two readings of another node's directory, and between two counts of what waits.
DIRECTORY_INTERVAL_S: Final = 30.0
DIRECTORY_TIMEOUT_S: Final = 20.0
DEPTH_INTERVAL_S: Final = 15.0

if TYPE_CHECKING:
    from lientuyen.routing.v1.node_link_service_pb2_grpc import NodeLinkServiceAsyncStub

Outcome = node_service_pb2.AcceptFacilityNodesResponse.Outcome


@dataclass(slots=True)
class Running:
    node: Node
    relay: Relay
    tasks: BackgroundTasks


class Relays:
    """*transport_to* makes the transport to a node; *relay_of* the relay that uses it."""

    def __init__(
        self,
        db: Database,
        directory: NodeDirectory,
        transport_to: Callable[[Node], Transport | None],
        relay_of: Callable[[Node, Transport], Relay],
    ) -> None:
        self._db = db
        self._directory = directory
        self._transport_to = transport_to
        self._relay_of = relay_of
        self._running: dict[str, Running] = {}
        self._changed = asyncio.Event()
        self._depths: list[tuple[str, int, float]] = []
        directory.follow(self._changed.set)

    def arrived(self, recipient: str) -> None:
        """Say that something may wait for *recipient*, wherever that lives."""
        running = self._running.get(self._directory.elsewhere(recipient))
        if running is not None:
            running.relay.arrived(recipient)

    async def run(self) -> None:
        self._watch()
        try:
            while True:
                self._changed.clear()
                await self._reconcile()
                await self._measure()
                with suppress(TimeoutError):
                    async with asyncio.timeout(DEPTH_INTERVAL_S):
                        await self._changed.wait()
        finally:
            for name in list(self._running):
                await self._end(name)

    async def _reconcile(self) -> None:
        wanted = {node.id: node for node in self._directory.nodes.values() if node.address}
        for name, running in list(self._running.items()):
            if wanted.get(name) != running.node:
                await self._end(name)
        for name, node in wanted.items():
            if name not in self._running:
                self._begin(node)

    def _begin(self, node: Node) -> None:
        transport = self._transport_to(node)
        if transport is None:
            return
        relay = self._relay_of(node, transport)
        tasks = BackgroundTasks(relay.run)
        tasks.start()
        self._running[node.id] = Running(node, relay, tasks)

    async def _end(self, name: str) -> None:
        running = self._running.pop(name)
        await running.tasks.stop()
        await running.relay.transport.close()

    async def _measure(self) -> None:
        with suppress(ServiceError):
            async with self._db.connection() as tx:
                rows = await store.get_depths(tx, self._directory.here)
            self._depths = [
                (node, depth, (now - oldest).total_seconds()) for node, depth, oldest, now in rows
            ]

    def _watch(self) -> None:
        telemetry.gauge(
            "lientuyen.node_link.state",
            lambda: [(int(is_up), {"node": name}) for name, is_up in self.states().items()],
            description="1 while the stream to another node stands.",
        )
        telemetry.gauge(
            "lientuyen.node_link.depth",
            lambda: [(depth, {"node": node}) for node, depth, _ in self._depths],
            unit="{message}",
            description="Messages that wait for another node.",
        )
        telemetry.gauge(
            "lientuyen.node_link.oldest.age",
            lambda: [(age, {"node": node}) for node, _, age in self._depths],
            unit="s",
            description="How long the oldest of them has waited.",
        )

    def states(self) -> dict[str, bool]:
        """Return of each node with a link whether it stands."""
        return {name: running.relay.transport.is_up for name, running in self._running.items()}


class DirectoryExchange:
    """Reads other nodes' directories over their links, and brings identity what they signed."""

    def __init__(self, db: Database, directory: NodeDirectory, identity: Peer) -> None:
        self._db = db
        self._directory = directory
        self._identity = identity
        self._stub = NodeServiceStub(identity.channel)
        self._read: dict[str, int] = {}

    async def visit(self, node: str, stub: "NodeLinkServiceAsyncStub") -> None:
        while True:
            try:
                await self._exchange(node, stub)
            except (grpc.aio.AioRpcError, ServiceError) as error:
                log.info("a node's directory was not read", node=node, fault=type(error).__name__)
            await asyncio.sleep(DIRECTORY_INTERVAL_S)

    async def _exchange(self, node: str, stub: "NodeLinkServiceAsyncStub") -> None:
        has_new = False
        while True:
            request = pb.GetDirectoryRequest(after_sequence=self._read.get(node, 0))
            response = await stub.GetDirectory(request, timeout=DIRECTORY_TIMEOUT_S)
            if not response.facility_nodes:
                break
            accepting = node_service_pb2.AcceptFacilityNodesRequest(
                request_id=str(uuid4()), facility_nodes=response.facility_nodes
            )
            outcomes = (await self._identity.ask(self._stub.AcceptFacilityNodes, accepting)).outcomes
            has_new |= Outcome.OUTCOME_ACCEPTED in outcomes
            settled = [outcome != Outcome.OUTCOME_EARLY for outcome in outcomes]
            count = settled.index(False) if False in settled else len(settled)
            if count:
                self._read[node] = response.facility_nodes[count - 1].sequence
            if count < len(settled):
                break  # what is missing between comes from another node, or later
        if has_new:
            await self._directory.refresh()

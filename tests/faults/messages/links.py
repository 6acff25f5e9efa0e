"""
Two nodes with wires between them, for the rows that break the link: two hospitals live at each.

The nodes run in this process, each with its own trust domain and databases (`tests/contract/nodes_env.py`);
what is tried is the way between them.
"""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc

from laptop.postgres_cluster import Cluster
from lientuyen_client.running_stack import Stack

from ...contract.nodes_env import start_nodes
from ...databases import Databases, Templates
from ...e2e.wires import Wire
from ...harness import Pki, World
from ..calls import Channels
from ..mailbox_workers import HOSPITALS
from ..site import Site

HOMES = {"north": HOSPITALS[:1] + HOSPITALS[2:3], "south": HOSPITALS[1:2] + HOSPITALS[3:]}

# Who sends to whom across the link.
ACROSS = tuple(
    pair for here in HOMES["north"] for there in HOMES["south"] for pair in ((here, there), (there, here))
)

# The data of a row need not survive a power cut: here the way between nodes is broken, not the database.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "300"}


class NodeChannels(Channels):
    """The channels of hospitals, each to the node where it lives."""

    def __init__(self, nodes: dict[str, Any]) -> None:
        super().__init__(Stack({}, Path()))
        self._nodes = nodes

    def stub(self, kind: Callable[[grpc.aio.Channel], Any], service: str, identity: str) -> Any:
        return self._nodes[identity.rpartition("/")[2]].stub(kind, service, identity)

    async def close(self) -> None:
        """Leave the channels open: they end with the nodes."""


@dataclass(frozen=True)
class Nodes(Site):
    """Two nodes: *by_hospital* says which is whose."""

    by_hospital: dict[str, Any] = field(default_factory=dict)

    def channels(self) -> Channels:
        return NodeChannels(self.by_hospital)

    async def recover(self) -> None:
        """Make the link whole; the nodes never stopped."""
        for wire in self.wires.values():
            wire.cut = wire.deaf = wire.frozen = False
            wire.delay_s = 0.0


@asynccontextmanager
async def running_nodes(folder: Path) -> AsyncIterator[Nodes]:
    """Run two nodes that know each other, with a wire in the way to each."""
    cluster = Cluster(folder / "cluster", options=FAST)
    cluster.start()
    databases = Databases(Templates(cluster))
    world = World(databases, Pki(folder / "pki"), folder / "world")
    world.folder.mkdir()
    try:
        async with Wire("") as to_south, Wire("") as to_north:
            ends = {"south": to_south, "north": to_north}
            nodes = await start_nodes(world, HOMES, ends)
            by_hospital = {code: node for node in nodes for code in HOMES[node.name]}
            wires = {("north", "south"): to_south, ("south", "north"): to_north}
            yield Nodes(folder, {}, wires, by_hospital=by_hospital)
            await world.close()
    finally:
        cluster.stop()
        shutil.rmtree(folder / "cluster", ignore_errors=True)

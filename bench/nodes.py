"""
A message's way from one node to another: sent at the north, relayed, received and acknowledged at the south.

    python -m bench nodes

Each node is an identity and a routing, in a trust domain of its own, with databases of its own on one
PostgreSQL; they know one another and where every hospital lives.  Records and pharmacy take no part.
"""

import asyncio
import socket
import sys
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import grpc
from cryptography.hazmat.primitives.serialization import Encoding
from rich.table import Table

from chassis.encryption import make_key
from chassis.migrate import upgrade
from laptop.authority import Authority, issue, issue_signing, make_ca
from laptop.postgres_cluster import Cluster
from lientuyen.identity.v1 import facility_service_pb2 as facilities
from lientuyen.identity.v1 import node_pb2
from lientuyen.identity.v1 import node_service_pb2 as nodes_pb
from lientuyen.identity.v1.facility_pb2 import Facility
from lientuyen.identity.v1.facility_service_pb2_grpc import FacilityServiceStub
from lientuyen.identity.v1.node_service_pb2_grpc import NodeServiceStub
from lientuyen.type.v1.facility_node_pb2 import FacilityNode
from lientuyen_client.client import credentials
from lientuyen_client.demo.people import check_taken, single_batch

from . import people
from .calling import Job
from .figures import Figure, Slice, figure, number, spent
from .processes import Clients, backends, clients_of, cpu_seconds
from .reports import Place, ReportResult, report
from .site import SIZED, BenchFailed, end, environment

HOMES: Final[Mapping[str, Sequence[str]]] = {
    "north": people.BENCH_HOSPITALS[:64],
    "south": people.FAR_HOSPITALS,
}
SERVICES: Final = ("identity", "routing")
HOST: Final = "127.0.0.1"

PAIRS: Final = (1, 16, 64)
SLICES, SLICE_S, WARM_UP_S = 6, 2.0, 2.0

START_TIMEOUT_S: Final = 60

# Seconds until both know where everybody lives: each looks into its directory every few seconds.
LEARN_S: Final = 12.0


@dataclass
class Node:
    """One node: where its authority, keys and databases are, and what of it runs."""

    name: str
    home: Path
    cluster: Cluster
    authority: Authority
    federation: str
    addresses: dict[str, str]
    pids: dict[str, int]

    @classmethod
    def make(cls, name: str, home: Path, cluster: Cluster) -> "Node":
        return cls(name, home, cluster, make_ca(home / name / "ca"), f"{HOST}:{_free_port()}", {}, {})

    @property
    def trust_domain(self) -> str:
        return f"{self.name}.lientuyen.test"

    def folder(self, identity: str) -> Path:
        """Return the TLS folder of *identity*, issued once: `tls/north-facility-91000`."""
        folder = self.home / "tls" / f"{self.name}-{identity.replace('/', '-', 1)}"
        if not folder.exists():
            issue(self.authority, folder, identity, trust_domain=self.trust_domain)
        return folder

    def settings(self, service: str) -> dict[str, str]:
        """Return the environment of a service: all that its prefix begins."""
        tls, keys = self.folder(f"service/{service}"), self.home / self.name / "keys" / service
        issue_signing(self.authority, tls, f"service/{service}", trust_domain=self.trust_domain)
        make_key(keys)
        database = f"{self.name}_{service}"
        self.cluster.create(database)
        more = {"IDENTITY_ADDRESS": self.addresses["identity"]} if service == "routing" else {}
        settings = {
            "DATABASE_URL": self.cluster.url(database),
            "LISTEN": f"{HOST}:0",
            "TLS_DIR": str(tls),
            "SIGNING_DIR": str(tls),
            "KEYS_DIR": str(keys),
            "TRUST_DOMAIN": self.trust_domain,
            "RESERVE_MIB": "4",
            "NODE": self.name,
            **({"FEDERATION_ADDRESS": self.federation} if service == "routing" else {}),
            **more,
        }
        return {**environment(), **{f"{service.upper()}_{name}": value for name, value in settings.items()}}

    @asynccontextmanager
    async def running(self, service: str) -> AsyncIterator[None]:
        """Run a service inside the block."""
        settings = self.settings(service)
        await asyncio.to_thread(upgrade, f"services.{service}", settings[f"{service.upper()}_DATABASE_URL"])
        with (self.home / f"{self.name}-{service}.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", f"services.{service}"),
                env=settings,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        assert process.stdout is not None
        try:
            line = await asyncio.wait_for(process.stdout.readline(), START_TIMEOUT_S)
            if not line:
                raise BenchFailed(f"{service} of {self.name} did not start")
            self.pids[service], self.addresses[service] = process.pid, line.decode().split()[-1]
            yield
        finally:
            await end(process, 20)

    @asynccontextmanager
    async def directory(self) -> AsyncIterator[grpc.aio.Channel]:
        """Lend a channel to its identity, as its operator."""
        folder = self.folder("operator/dev")
        async with grpc.aio.secure_channel(self.addresses["identity"], credentials(folder)) as channel:
            yield channel

    def entry(self) -> node_pb2.Node:
        """Return what the others know of it."""
        return node_pb2.Node(
            name=f"//identity.lientuyen/nodes/{self.name}",
            display_name=f"Nút {self.name}",
            kind=node_pb2.Node.KIND_LIENTUYEN,
            trust_domain=self.trust_domain,
            ca_certificates=[self.authority.certificate.public_bytes(Encoding.DER)],
            address=self.federation,
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@report
async def nodes(place: Place) -> ReportResult:
    """Messages of 1 KB from one node to another, sent, received, acknowledged, by 1, 16 and 64 pairs."""
    async with AsyncExitStack() as closing:
        cluster = closing.enter_context(Cluster(place.home / "postgres", options=SIZED))
        north, south = (Node.make(name, place.home, cluster) for name in HOMES)
        for node in (north, south):
            await closing.enter_async_context(node.running("identity"))
        await _introduce(north, south)
        for node in (north, south):
            await closing.enter_async_context(node.running("routing"))
            for code in HOMES[node.name]:
                node.folder(f"facility/{code}")
        await asyncio.sleep(LEARN_S)
        addresses = {node.name: node.addresses["routing"] for node in (north, south)}
        job = Job(str(place.home / "tls"), addresses, "", 1, process=0, processes=1)
        calling = await closing.enter_async_context(clients_of(job))
        postmaster = int((place.home / "postgres" / "pg" / "postmaster.pid").read_text().split()[0])
        figures = [await _measure(calling, (north, south), postmaster, pairs, place) for pairs in PAIRS]
    problems = [f"{each.conditions}: {each.failures}" for each in figures if each.errors or not each.calls]
    return ReportResult([_table(figures)], {"figures": [asdict(each) for each in figures]}, problems)


async def _introduce(*known: Node) -> None:
    """Let the nodes know one another, and where every hospital lives, by entries that its home signed."""
    entries: list[FacilityNode] = []
    for node in known:
        async with node.directory() as channel:
            await _list_hospitals(channel)
            stub = NodeServiceStub(channel)
            for other in known:
                request = nodes_pb.RegisterNodeRequest(request_id=_key(), node=other.entry())
                await stub.RegisterNode(request)
            entries += await asyncio.gather(*(_move(stub, node, code) for code in HOMES[node.name]))
    for node in known:
        async with node.directory() as channel:
            accept = nodes_pb.AcceptFacilityNodesRequest(request_id=_key(), facility_nodes=entries)
            await NodeServiceStub(channel).AcceptFacilityNodes(accept)


async def _list_hospitals(channel: grpc.aio.Channel) -> None:
    rows = [
        facilities.FacilityRow(
            code=code,
            display_name=f"Bệnh viện Mẫu {code}",
            kind=Facility.KIND_HOSPITAL,
            level=Facility.LEVEL_BASIC,
            node=name,
            state=Facility.STATE_ACTIVE,
        )
        for name, codes in HOMES.items()
        for code in codes
    ]
    batches = single_batch(facilities.ImportFacilitiesRequest, rows)
    await check_taken(FacilityServiceStub(channel).ImportFacilities(batches))


async def _move(stub: Any, node: Node, code: str) -> FacilityNode:
    """Take a hospital in; return the signed entry."""
    request = nodes_pb.MoveFacilityRequest(
        request_id=_key(),
        facility=f"//identity.lientuyen/facilities/{code}",
        node=f"//identity.lientuyen/nodes/{node.name}",
    )
    moved: nodes_pb.MoveFacilityResponse = await stub.MoveFacility(request)
    return moved.facility_node


def _key() -> str:
    return str(uuid.uuid4())


async def _measure(
    calling: Clients, known: Sequence[Node], postmaster: int, pairs: int, place: Place
) -> Figure:
    slices: list[Slice] = []
    with place.console.status(f"{pairs} pairs …"):
        await calling.slice("exchange_between_nodes", WARM_UP_S, callers=pairs, persons=1)
        for _ in range(SLICES):
            before = _cpu(calling, known, postmaster)
            taken = await calling.slice("exchange_between_nodes", SLICE_S, callers=pairs, persons=1)
            after = _cpu(calling, known, postmaster)
            slices.append(replace(taken, cpu={name: after[name] - before.get(name, 0.0) for name in after}))
    return figure("between nodes", f"{pairs} pairs", slices, {})


def _cpu(calling: Clients, known: Sequence[Node], postmaster: int) -> dict[str, float]:
    services = {f"{service} {node.name}": [pid] for node in known for service, pid in node.pids.items()}
    everybody = {"client": calling.pids, **services, **backends(postmaster)}
    return {name: cpu_seconds(pids) for name, pids in everybody.items()}


def _table(figures: Sequence[Figure]) -> Table:
    drawn = Table(title="from node to node: messages of 1 KB", show_lines=True)
    for head in ("pairs", "a second", "p50 ms", "p99 ms", "µs CPU", "errors"):
        drawn.add_column(head, justify="right", no_wrap=True)
    for each in figures:
        drawn.add_row(
            each.conditions.split()[0],
            number(each.calls_per_second),
            number(each.p50_ms),
            number(each.p99_ms),
            spent({"all": sum(each.cpu_us.values()), **each.cpu_us}),
            str(each.errors),
        )
    return drawn

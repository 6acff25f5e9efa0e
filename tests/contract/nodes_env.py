"""What the tests of many nodes share: nodes of identity and routing, in trust domains of their own."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import asyncpg
import grpc
from cryptography.hazmat.primitives.serialization import Encoding

from chassis.tls import TlsFolder, server_name
from laptop.authority import issue, issue_signing
from lientuyen.identity.v1 import facility_service_pb2, node_pb2, person_service_pb2
from lientuyen.identity.v1 import node_service_pb2 as pb
from lientuyen.identity.v1.facility_service_pb2_grpc import FacilityServiceStub
from lientuyen.identity.v1.node_service_pb2_grpc import NodeServiceStub
from lientuyen.identity.v1.person_service_pb2_grpc import PersonServiceStub
from lientuyen.routing.v1.mailbox_service_pb2 import (
    GetMessageRequest,
    ReceiveMessagesRequest,
    RejectMessageRequest,
)
from lientuyen.routing.v1.mailbox_service_pb2_grpc import MailboxServiceStub
from lientuyen.routing.v1.message_pb2 import Delivery, Message
from lientuyen.routing.v1.receipt_pb2 import NodeReceipt
from lientuyen.routing.v1.receipt_service_pb2 import GetReceiptChainRequest
from lientuyen.routing.v1.receipt_service_pb2_grpc import ReceiptServiceStub
from lientuyen.type.v1.facility_node_pb2 import FacilityNode, FacilityNodeBody
from tests.e2e.wires import Wire
from tests.harness import Pki, Running, World

from .identity_env import TREATMENT, facility_row, person_row
from .routing_env import Inbox, acknowledgement, upload

T = TypeVar("T")
OPERATOR = "operator/an"
NO_WIRES: Mapping[str, Wire] = {}
NODES, FACILITIES = "//identity.lientuyen/nodes/", "//identity.lientuyen/facilities/"


class Node:
    """One node: its authority, its identity and its routing, as far as they were started."""

    def __init__(self, world: World, name: str) -> None:
        self.world, self.name = world, name
        self.trust_domain = f"{name}.lientuyen.test"
        self.pki = Pki(world.folder / name)
        self.running: dict[str, Running] = {}
        self.link = world.nowhere()
        # Where others find it: a test may put a proxy between.
        self.address = self.link
        self._channels: dict[tuple[str, str], grpc.aio.Channel] = {}

    @classmethod
    def twin(cls, node: "Node") -> "Node":
        """Return another replica of *node*, whose routing may be started beside the first."""
        twin = cls(node.world, node.name)
        twin.running = {"identity": node.running["identity"]}
        return twin

    async def start_identity(self) -> "Node":
        signing = self._signing("service/identity")
        await self._start("identity", node=self.name, signing_dir=signing)
        return self

    async def start_routing(self, **settings: Any) -> "Node":
        """Start its routing, which looks often; its federation port is where it was before."""
        more = {
            "node": self.name,
            "signing_dir": self._signing("service/routing"),
            "identity_address": self.running["identity"].address,
            "federation_address": self.link,
            "poll_seconds": 0.3,
            "directory_seconds": 0.3,
            **settings,
        }
        await self._start("routing", **more)
        return self

    async def _start(self, service: str, **settings: Any) -> Running:
        tls = self.pki.folder(f"service/{service}", self.trust_domain).path
        running = await self.world.start(service, tls_dir=tls, trust_domain=self.trust_domain, **settings)
        self.running[service] = running
        return running

    def _signing(self, identity: str) -> Path:
        folder = self.pki.path / "signing" / identity
        issue_signing(self.pki.ca, folder, identity, trust_domain=self.trust_domain)
        return folder

    @property
    def certificate(self) -> bytes:
        """The certificate of its authority, DER."""
        return self.pki.ca.certificate.public_bytes(Encoding.DER)

    def entry(self, **more: Any) -> node_pb2.Node:
        values = {
            "name": f"{NODES}{self.name}",
            "display_name": f"Nút {self.name}",
            "kind": node_pb2.Node.KIND_LIENTUYEN,
            "trust_domain": self.trust_domain,
            "ca_certificates": [self.certificate],
            "address": self.address,
        }
        return node_pb2.Node(**{**values, **more})

    def stub(self, stub_class: Callable[[grpc.aio.Channel], T], service: str, caller: str = OPERATOR) -> T:
        key = (service, caller)
        if key not in self._channels:
            tls = self.pki.folder(caller, self.trust_domain).read()
            credentials = grpc.ssl_channel_credentials(tls.ca, tls.key, tls.certificate)
            options = (("grpc.use_local_subchannel_pool", 1),)
            channel = grpc.aio.secure_channel(self.running[service].address, credentials, options=options)
            self.world.ending(channel.close)
            self._channels[key] = channel
        return stub_class(self._channels[key])

    def forget_channels(self) -> None:
        """Call what was started anew where it is now."""
        self._channels.clear()

    @property
    def nodes(self) -> Any:
        return self.stub(NodeServiceStub, "identity")

    async def knows(self, *others: "Node", **more: Any) -> None:
        """Register *others*."""
        for other in others:
            await self.nodes.RegisterNode(pb.RegisterNodeRequest(request_id=key(), node=other.entry(**more)))

    async def lists(self, *codes: str, **more: Any) -> None:
        """Import facilities, which the Ministry's list has of the whole country."""
        batch = facility_service_pb2.ImportFacilitiesRequest(
            request_id=key(), first_row=1, rows=[facility_row(code, **more) for code in codes]
        )
        async for _ in self.stub(FacilityServiceStub, "identity").ImportFacilities(iter([batch])):
            pass

    async def person(self, **more: Any) -> str:
        """Import a person into its register and return the full name that it has for them."""
        batch = person_service_pb2.ImportPersonsRequest(
            request_id=key(), first_row=1, rows=[person_row(**more)]
        )
        async for _ in self.stub(PersonServiceStub, "identity", "authority/bhxh").ImportPersons(
            iter([batch])
        ):
            pass
        request = person_service_pb2.FindPersonRequest(
            personal_id=more.get("personal_id", "001485000016"), access=TREATMENT
        )
        persons = self.stub(PersonServiceStub, "identity", "authority/bhxh")
        return (await persons.FindPerson(request)).person.name

    async def move(self, code: str, node: str = "") -> FacilityNode:
        """Take a facility in, or move it to another node."""
        request = pb.MoveFacilityRequest(
            request_id=key(), facility=f"{FACILITIES}{code}", node=f"{NODES}{node or self.name}"
        )
        return (await self.nodes.MoveFacility(request)).facility_node

    async def entries(self) -> list[FacilityNode]:
        return list((await self.nodes.ListFacilityNodes(pb.ListFacilityNodesRequest())).facility_nodes)

    async def accepts(self, entries: Iterable[FacilityNode]) -> list[str]:
        """Bring entries; return what became of each: `ACCEPTED`."""
        response = await self.nodes.AcceptFacilityNodes(
            pb.AcceptFacilityNodesRequest(request_id=key(), facility_nodes=entries)
        )
        Outcome = pb.AcceptFacilityNodesResponse.Outcome
        return [Outcome.Name(one).removeprefix("OUTCOME_") for one in response.outcomes]

    def mailbox(self, code: str) -> Any:
        return self.stub(MailboxServiceStub, "routing", f"facility/{code}")

    async def send(self, sender: str, recipient: str, body: bytes = b"<x/>", **more: Any) -> Message:
        """Send *body* from a facility of this node to one of any; the codes say which."""
        header = {"sender": f"{FACILITIES}{sender}", "recipient": f"{FACILITIES}{recipient}", **more}
        return (await self.mailbox(sender).SendMessage(upload(body, **header))).message

    @asynccontextmanager
    async def receiving(self, code: str, **more: Any) -> AsyncIterator[Inbox]:
        """Hold a stream open on the mailbox of a facility of this node."""
        request = ReceiveMessagesRequest(recipient=f"{FACILITIES}{code}", **more)
        call = self.mailbox(code).ReceiveMessages(request)
        yield Inbox(call)
        call.cancel()

    async def acknowledge(self, delivery: Delivery) -> None:
        code = delivery.message.recipient.rpartition("/")[2]
        await self.mailbox(code).AcknowledgeMessage(acknowledgement(delivery))

    async def reject(self, delivery: Delivery, reason: str) -> None:
        request = RejectMessageRequest(
            request_id=key(), name=delivery.message.name, lease_token=delivery.lease_token, reason=reason
        )
        await self.mailbox(delivery.message.recipient.rpartition("/")[2]).RejectMessage(request)

    async def get(self, name: str, code: str) -> Message:
        return (await self.mailbox(code).GetMessage(GetMessageRequest(name=name))).message

    async def receipts(self, name: str, code: str) -> list[NodeReceipt]:
        receipts = self.stub(ReceiptServiceStub, "routing", f"facility/{code}")
        return list((await receipts.GetReceiptChain(GetReceiptChainRequest(name=name))).receipts)

    async def rows(self, service: str, statement: str, *arguments: object) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.running[service].settings.database_url)
        try:
            return await connection.fetch(statement, *arguments)
        finally:
            await connection.close()

    def forge(self, folder: Path, identity: str, trust_domain: str) -> Path:
        """Issue, by this node's authority, a TLS folder in another *trust_domain*."""
        issue(self.pki.ca, folder, identity, trust_domain=trust_domain)
        return folder


async def start_nodes(
    world: World, homes: Mapping[str, Sequence[str]], wires: Mapping[str, Wire] = NO_WIRES, **settings: Any
) -> list[Node]:
    """Start nodes that know one another, and where the facilities in *homes* live: codes by node.

    The others find the nodes of *wires* at the ends of those.
    """
    nodes = [await Node(world, name).start_identity() for name in homes]
    for node in nodes:
        if wire := wires.get(node.name):
            wire.target, node.address = node.link, wire.address
    codes = [code for home in homes.values() for code in home]
    for node in nodes:
        await node.lists(*codes)
        await node.knows(*nodes)
    entries = [await node.move(code) for node in nodes for code in homes[node.name]]
    for node in nodes:
        await node.accepts(entries)
        await node.start_routing(**settings)
    return nodes


def channel_to(node: Node, address: str, tls: TlsFolder, service: str = "routing") -> grpc.aio.Channel:
    """Return a channel to *address* of *node*, as the holder of *tls*, whose roots are those of *node*."""
    own = tls.read()
    credentials = grpc.ssl_channel_credentials(authority_of(node), own.key, own.certificate)
    options = (
        ("grpc.ssl_target_name_override", server_name(service, node.trust_domain)),
        ("grpc.use_local_subchannel_pool", 1),
    )
    channel = grpc.aio.secure_channel(address, credentials, options=options)
    node.world.ending(channel.close)
    return channel


def authority_of(node: Node) -> bytes:
    return (node.pki.path / "ca" / "ca.crt").read_bytes()


def key() -> str:
    return str(uuid4())


def body_of(entry: FacilityNode) -> FacilityNodeBody:
    return FacilityNodeBody.FromString(entry.body)

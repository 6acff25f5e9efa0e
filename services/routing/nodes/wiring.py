"""The links to other nodes, wired.  Nothing of it runs where this node has no name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from chassis.db import Database
from chassis.encryption import Encryptor
from chassis.federation import FederationPort
from chassis.peers import Peer
from chassis.server import OPTIONS, Server
from chassis.tls import TlsFolder
from lientuyen.routing.v1.node_link_service_pb2_grpc import add_NodeLinkServiceServicer_to_server

from ..access import FEDERATION_RULES
from ..convert.messages import FOREIGN
from ..model.receipts import Kind
from ..peers.facility_directory import FacilityDirectory
from ..peers.transports import Transport
from ..service.delivery_clearance import DeliveryClearance
from ..service.mailbox_writer import MailboxWriter
from ..service.notifier import Notifier
from ..service.referral_outcomes import ReferralOutcomes
from ..settings import Settings
from .arrivals import Arrivals
from .directory import NodeDirectory
from .enclosures import Enclosures
from .headers import Headers
from .link import NodeLink
from .link_service import NodeLinkService
from .model import Node, NodeKind
from .outcomes import Outcomes
from .persons import Persons
from .relay import Relay
from .relays import DirectoryExchange, Relays

# Bytes of one message of a stream between nodes: a chunk of 1 MiB, and its neighbours.
TRANSPORT_BYTES: Final = 4 * 1024 * 1024

# How messages leave for systems of another make, by the kind of the node.
Transports = Mapping[int, Callable[[Node], Transport | None]]


@dataclass(frozen=True, slots=True)
class Parts:
    """What the links share with the rest of the service."""

    settings: Settings
    db: Database
    encryptor: Encryptor
    writer: MailboxWriter
    notifier: Notifier
    facilities: FacilityDirectory
    clearance: DeliveryClearance
    identity: Peer
    directory: NodeDirectory
    transports: Transports


def add_nodes(server: Server, parts: Parts) -> FederationPort | None:
    """Let *server* speak to other nodes; return the port where they connect, None without one."""
    settings, directory = parts.settings, parts.directory
    if not settings.node:
        return None
    outcomes = Outcomes(parts.db, parts.writer, parts.notifier, directory)
    enclosures = Enclosures(parts.writer, directory, ReferralOutcomes(parts.encryptor, parts.writer))
    relays = _relays(parts, outcomes, enclosures)
    parts.notifier.follow(relays.arrived)
    server.background(directory.run)
    server.background(relays.run)
    if not settings.federation_address:
        return None
    arrivals = Arrivals(
        parts.db,
        parts.encryptor,
        parts.writer,
        parts.notifier,
        parts.facilities,
        directory,
        Persons(parts.identity, parts.encryptor),
        enclosures,
    )
    service = NodeLinkService(
        arrivals, outcomes, parts.notifier, parts.identity, poll_interval_s=settings.poll_seconds
    )
    options = (*OPTIONS, ("grpc.max_receive_message_length", TRANSPORT_BYTES))
    port = FederationPort(
        settings.federation_address,
        TlsFolder(settings.tls_dir),
        directory.domains,
        FEDERATION_RULES,
        server.record_refusal,
        options,
    )
    port.add(add_NodeLinkServiceServicer_to_server, service)
    server.federate(port)
    return port


def _relays(parts: Parts, outcomes: Outcomes, enclosures: Enclosures) -> Relays:
    settings = parts.settings
    headers = Headers(parts.db, Persons(parts.identity, parts.encryptor), enclosures, settings.node)
    exchange = DirectoryExchange(parts.db, parts.directory, parts.identity)

    def transport_to(node: Node) -> Transport | None:
        if node.kind != NodeKind.LIENTUYEN:
            make = parts.transports.get(node.kind)
            return make(node) if make is not None else None
        tls = TlsFolder(settings.tls_dir)
        return NodeLink(node, tls, headers.header, outcomes.take_in, exchange.visit)

    def relay_of(node: Node, transport: Transport) -> Relay:
        return Relay(
            node.id,
            transport,
            parts.db,
            parts.encryptor,
            parts.notifier,
            outcomes,
            parts.clearance,
            receipt_kind=Kind.ACCEPTANCE if node.kind == NodeKind.LIENTUYEN else FOREIGN,
            poll_interval_s=settings.poll_seconds,
        )

    return Relays(parts.db, parts.directory, transport_to, relay_of)

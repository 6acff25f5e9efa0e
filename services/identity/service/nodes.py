"""NodeService: the nodes of the exchange, and which facility lives on which."""

from datetime import UTC

from chassis import audit
from chassis.db import Database, Transaction
from chassis.db_clock import db_now
from chassis.errors import AlreadyExists, Conflict, FailedPrecondition, InvalidArgument, NotFound
from chassis.idempotency import Idempotency, idempotent
from chassis.logs import log
from chassis.pagination import Paginator
from chassis.signing import KeyPair, Unverified, read_pair
from chassis.trust_domains import TrustDomain
from common.names import last_part
from lientuyen.identity.v1 import error_reasons as reasons
from lientuyen.identity.v1 import node_pb2
from lientuyen.identity.v1 import node_service_pb2 as pb
from lientuyen.identity.v1.node_service_pb2_grpc import NodeServiceServicer
from lientuyen.type.v1.facility_node_pb2 import FacilityNode as FacilityNodePb

from ..convert.nodes import entry_body, entry_from_pb, entry_to_pb, node_from_pb, node_name, node_to_pb
from ..convert.values import to_pb_enum
from ..model.nodes import FacilityNode, Node, Outcome, judge, node_faults
from ..settings import Settings
from ..store import facilities
from ..store import nodes as store

# Who signs the directory of a node.
SIGNER = "service/identity"


class NodeService(NodeServiceServicer):
    def __init__(
        self, db: Database, idempotency: Idempotency, paginator: Paginator, settings: Settings
    ) -> None:
        self._db = db
        self._idempotency = idempotency
        self._paginator = paginator
        self._here = settings.node
        self._signing_dir = settings.signing_dir

    @idempotent(pb.RegisterNodeResponse)
    async def RegisterNode(self, request: pb.RegisterNodeRequest, tx: Transaction) -> pb.RegisterNodeResponse:
        node, is_new = await store.insert_node(tx, _checked(request.node))
        if not is_new:
            raise AlreadyExists(reasons.NODE_REGISTERED, name=node_name(node.id))
        await audit.record(tx, subject=node_name(node.id), access=None)
        return pb.RegisterNodeResponse(node=node_to_pb(node, self._here))

    @idempotent(pb.UpdateNodeResponse)
    async def UpdateNode(self, request: pb.UpdateNodeRequest, tx: Transaction) -> pb.UpdateNodeResponse:
        node = _checked(request.node)
        standing = await store.get_node(tx, node.id)
        if standing is None or standing.trust_domain != node.trust_domain:
            raise NotFound(reasons.NODE_NOT_FOUND, name=request.node.name)
        etag = request.node.etag
        changed = await store.update_node(tx, node, int(etag) if etag.isdecimal() else 0 if not etag else -1)
        if changed is None:
            raise Conflict(reasons.ETAG_STALE, name=request.node.name)
        await audit.record(tx, subject=request.node.name, access=None)
        return pb.UpdateNodeResponse(node=node_to_pb(changed, self._here))

    async def GetNode(self, request: pb.GetNodeRequest, context: object) -> pb.GetNodeResponse:
        async with self._db.connection() as tx:
            node = await store.get_node(tx, last_part(request.name))
        if node is None:
            raise NotFound(reasons.NODE_NOT_FOUND, name=request.name)
        return pb.GetNodeResponse(node=node_to_pb(node, self._here))

    async def ListNodes(self, request: pb.ListNodesRequest, context: object) -> pb.ListNodesResponse:
        page = self._paginator.open(request)
        async with self._db.connection() as tx:
            rows = await store.list_nodes(tx, str(page.position[0]) if page.position else "", page.limit)
        rows, next_page_token = page.close(rows, key=lambda node: [node.id])
        messages = [node_to_pb(node, self._here) for node in rows]
        return pb.ListNodesResponse(nodes=messages, next_page_token=next_page_token)

    @idempotent(pb.MoveFacilityResponse)
    async def MoveFacility(self, request: pb.MoveFacilityRequest, tx: Transaction) -> pb.MoveFacilityResponse:
        facility, node = last_part(request.facility), last_part(request.node)
        pair = self._signing_pair()
        if await facilities.get_facility(tx, facility) is None:
            raise NotFound(reasons.FACILITY_NOT_FOUND, name=request.facility)
        if await store.get_node(tx, node) is None:
            raise NotFound(reasons.NODE_NOT_FOUND, name=request.node)
        await store.lock_directory(tx)
        home = await store.get_home(tx, facility)
        standing = home.node if home else node
        if standing != self._here:
            raise FailedPrecondition(reasons.FACILITY_ELSEWHERE, facility=request.facility, node=standing)
        if home is None or home.node != node:
            home = await self._sign(tx, pair, facility, node, home.version + 1 if home else 1)
            await audit.record(tx, subject=request.facility, access=None)
        return pb.MoveFacilityResponse(facility_node=entry_to_pb(home))

    async def _sign(
        self, tx: Transaction, pair: KeyPair, facility: str, node: str, version: int
    ) -> FacilityNode:
        body = entry_body(facility, node, self._here, version, await db_now(tx))
        entry = FacilityNode(
            facility, version, node, self._here, body, pair.sign(body), pair.certificate, pair.algorithm
        )
        await store.insert_entry(tx, entry)
        return entry

    def _signing_pair(self) -> KeyPair:
        """Return what this node signs its directory with; read each time, for an issuer renews it."""
        if self._signing_dir is None or not self._here:
            raise FailedPrecondition(reasons.NODE_UNNAMED)
        return read_pair(self._signing_dir / "signing.crt", self._signing_dir / "signing.key")

    async def ListFacilityNodes(
        self, request: pb.ListFacilityNodesRequest, context: object
    ) -> pb.ListFacilityNodesResponse:
        page = self._paginator.open(request)
        after = int(str(page.position[0])) if page.position else request.after_sequence
        async with self._db.connection() as tx:
            rows = await store.list_entries(tx, after, page.limit)
        rows, next_page_token = page.close(rows, key=lambda entry: [entry.sequence])
        return pb.ListFacilityNodesResponse(
            facility_nodes=map(entry_to_pb, rows), next_page_token=next_page_token
        )

    @idempotent(pb.AcceptFacilityNodesResponse)
    async def AcceptFacilityNodes(
        self, request: pb.AcceptFacilityNodesRequest, tx: Transaction
    ) -> pb.AcceptFacilityNodesResponse:
        await store.lock_directory(tx)
        domains = {
            node.id: TrustDomain(node.trust_domain, node.ca_certificates)
            for node in await store.list_nodes(tx)
        }
        outcomes = [await _accept(tx, message, domains) for message in request.facility_nodes]
        Enum = pb.AcceptFacilityNodesResponse.Outcome
        return pb.AcceptFacilityNodesResponse(outcomes=[to_pb_enum(Enum, outcome) for outcome in outcomes])


async def _accept(tx: Transaction, message: FacilityNodePb, domains: dict[str, TrustDomain]) -> Outcome:
    entry = _proven(message, domains)
    if entry is None:
        return Outcome.UNPROVEN
    outcome = judge(entry, await store.get_home(tx, entry.facility))
    if outcome is Outcome.ACCEPTED:
        await store.insert_entry(tx, entry)
    elif outcome is Outcome.NOT_RELEASED:
        log.warning(
            "a node claims a facility that its home has not released",
            facility=entry.facility,
            signer=entry.signer,
        )
    return outcome


def _proven(message: FacilityNodePb, domains: dict[str, TrustDomain]) -> FacilityNode | None:
    """Return the entry in *message*; None unless the node that it names as its signer signed it."""
    read = entry_from_pb(message)
    if read is None or read[0].signer not in domains or read[0].node not in domains:
        return None
    entry, sign_time = read
    try:
        domains[entry.signer].verify_signed_by(
            SIGNER,
            entry.body,
            entry.signature,
            entry.certificate,
            entry.algorithm,
            sign_time.replace(tzinfo=UTC),
        )
    except Unverified as error:
        log.warning("an entry of the directory is not proven", signer=entry.signer, fault=str(error))
        return None
    return entry


def _checked(message: node_pb2.Node) -> Node:
    if faults := node_faults(message.ca_certificates):
        raise InvalidArgument(reasons.NODE_INVALID, violations=faults, count=str(len(faults)))
    return node_from_pb(message)

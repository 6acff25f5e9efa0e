"""NodeStatusService: how it stands with the other nodes, for operators."""

from chassis.db import Database
from chassis.pagination import Paginator
from common.values import timestamp_to_pb
from lientuyen.routing.v1 import node_status_service_pb2 as pb
from lientuyen.routing.v1.node_status_service_pb2_grpc import NodeStatusServiceServicer

from ..convert.messages import node_name
from . import store
from .directory import NodeDirectory


class NodeStatusService(NodeStatusServiceServicer):
    def __init__(self, db: Database, paginator: Paginator, directory: NodeDirectory) -> None:
        self._db = db
        self._paginator = paginator
        self._directory = directory

    async def ListNodeLinks(
        self, request: pb.ListNodeLinksRequest, context: object
    ) -> pb.ListNodeLinksResponse:
        page = self._paginator.open(request)
        after = str(page.position[0]) if page.position else ""
        async with self._db.connection() as tx:
            links = await store.list_links(tx)
            depths = {
                node: (depth, oldest)
                for node, depth, oldest, _ in await store.get_depths(tx, self._directory.here)
            }
        nodes = sorted(node for node in self._directory.nodes if node > after)[: page.limit]
        rows, token = page.close(nodes, key=lambda node: [node])
        listed = [self._link(node, links, depths) for node in rows]
        return pb.ListNodeLinksResponse(node_links=listed, next_page_token=token)

    def _link(self, node: str, links: store.Links, depths: store.Depths) -> pb.NodeLink:
        standing, change_time = links.get(node, (False, None))
        waiting, oldest = depths.get(node, (0, None))
        return pb.NodeLink(
            node=node_name(node),
            address=self._directory.nodes[node].address,
            standing=standing,
            change_time=timestamp_to_pb(change_time),
            waiting=waiting,
            oldest_time=timestamp_to_pb(oldest),
        )

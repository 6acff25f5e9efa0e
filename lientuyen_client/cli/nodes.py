"""`lientuyen nodes`: the nodes of the exchange, whether each link stands, and what waits for it."""

from lientuyen.identity.v1.node_pb2 import Node
from lientuyen.identity.v1.node_service_pb2 import ListNodesRequest
from lientuyen.routing.v1.node_status_service_pb2 import ListNodeLinksRequest, NodeLink

from ..client import Client, connect
from ..clock import local
from .common import As, AsJson, out, print_json, run
from .failures import DONE

KINDS = {Node.KIND_LIENTUYEN: "nút Liên Tuyến", Node.KIND_BATCH_API: "hệ thống khác (API theo lô)"}


def nodes(caller: As = "operator/dev", as_json: AsJson = False) -> None:
    """Liệt kê các nút liên thông: đường truyền có thông không, bao nhiêu thông điệp đang chờ."""
    run(show(caller, as_json=as_json))


async def show(caller: str, *, as_json: bool) -> int:
    async with connect(caller) as client:
        listed, links = await list_nodes(client), await list_links(client)
    for node in listed:
        link = links.get(node.name, NodeLink())
        if as_json:
            print_json(as_object(node, link))
        else:
            print_node(node, link)
    if not listed and not as_json:
        out.print("chưa có nút nào được đăng ký")
    return DONE


async def list_nodes(client: Client) -> list[Node]:
    request, listed = ListNodesRequest(page_size=500), list[Node]()
    while True:
        page = await client.nodes.ListNodes(request)
        listed += page.nodes
        if not page.next_page_token:
            return listed
        request.page_token = page.next_page_token


async def list_links(client: Client) -> dict[str, NodeLink]:
    request, links = ListNodeLinksRequest(page_size=500), dict[str, NodeLink]()
    while True:
        page = await client.node_links.ListNodeLinks(request)
        links |= {link.node: link for link in page.node_links}
        if not page.next_page_token:
            return links
        request.page_token = page.next_page_token


def print_node(node: Node, link: NodeLink) -> None:
    out.print(f"[bold]{node.name.rpartition('/')[2]}[/]  {node.display_name}  [dim]{node.trust_domain}[/]")
    if node.here:
        out.print("    nút này")
        return
    out.print(f"    {KINDS.get(node.kind, '')}, {node.address or 'chưa có địa chỉ'}: {state_of(link)}")
    if link.waiting:
        since = f"{local(link.oldest_time):%d/%m/%Y %H:%M}"
        out.print(f"    {link.waiting} thông điệp đang chờ, sớm nhất từ {since}")


def state_of(link: NodeLink) -> str:
    if not link.HasField("change_time"):
        return "[yellow]chưa kết nối lần nào[/]"
    since = f"{local(link.change_time):%d/%m/%Y %H:%M}"
    return f"[green]thông từ {since}[/]" if link.standing else f"[red]mất kết nối từ {since}[/]"


def as_object(node: Node, link: NodeLink) -> dict[str, object]:
    return {
        "name": node.name,
        "display_name": node.display_name,
        "kind": Node.Kind.Name(node.kind),
        "trust_domain": node.trust_domain,
        "address": node.address,
        "here": node.here,
        "standing": link.standing,
        "since": link.change_time.ToJsonString() if link.HasField("change_time") else "",
        "waiting": link.waiting,
        "oldest": link.oldest_time.ToJsonString() if link.HasField("oldest_time") else "",
    }

"""
The story of three nodes: a province, North and South; a referral over a cut link, and a message.

A district hospital refers its patient to Bạch Mai while the link to North is cut, and writes to Chợ Rẫy.
Each node has a register, databases and an authority of its own.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from google.protobuf.message import Message as ProtobufMessage

from lientuyen.identity.v1 import node_service_pb2 as nodes_pb
from lientuyen.identity.v1 import person_service_pb2 as persons
from lientuyen.identity.v1.node_pb2 import Node as NodePb
from lientuyen.routing.v1 import mailbox_service_pb2 as mailbox
from lientuyen.routing.v1 import node_status_service_pb2 as nodes_status
from lientuyen.routing.v1 import receipt_service_pb2 as receipts
from lientuyen.routing.v1 import referral_service_pb2 as referrals
from lientuyen.routing.v1.message_pb2 import Delivery, Message
from lientuyen.routing.v1.receipt_pb2 import ReceiptBody
from lientuyen.routing.v1.referral_pb2 import Referral
from lientuyen.type.v1.access_pb2 import AccessContext
from lientuyen.type.v1.facility_node_pb2 import FacilityNode

from ..receipt_verification import verify
from ..retrying_calls import with_request_id
from ..running_stack import Stack
from . import people
from .journey import DOCTOR, NURSE, Cast, care, digest, expect
from .links import Link

M = TypeVar("M", bound=ProtobufMessage)

NORTH, SOUTH, PROVINCE = "north", "south", "province"
TITLES = {NORTH: "Nút miền Bắc", SOUTH: "Nút miền Nam", PROVINCE: "Nút tỉnh"}

DISTRICT, BACH_MAI, CHO_RAY = people.DISTRICT, "01929", "79024"
HOMES = {PROVINCE: (DISTRICT,), NORTH: (BACH_MAI,), SOUTH: (CHO_RAY, people.PROVINCIAL)}
NODES, FACILITIES = "//identity.lientuyen/nodes/", "//identity.lientuyen/facilities/"

# A loaded machine may take its time; this is how long we look before we call it lost.
PATIENCE_S = 90.0
POLL_INTERVAL_S = 0.3


@dataclass
class Exchange:
    """The nodes that run, by name, and what the steps leave for one another."""

    casts: dict[str, Cast]
    links: dict[str, Link]
    homes: dict[str, Path]
    person: str = ""
    referral: Referral = field(default_factory=Referral)
    message: Message = field(default_factory=Message)

    @classmethod
    async def open(cls, stacks: dict[str, tuple[Stack, Path]]) -> "Exchange":
        links = {name: Link(stack.addresses["federation"]) for name, (stack, _) in stacks.items()}
        for link in links.values():
            await link.open()
        casts = {name: Cast(stack) for name, (stack, _) in stacks.items()}
        return cls(casts, links, {name: home for name, (_, home) in stacks.items()})

    async def close(self) -> None:
        for cast in self.casts.values():
            await cast.close()
        for link in self.links.values():
            await link.close()

    def authority(self, node: str) -> bytes:
        """The certificate of a node's authority, PEM."""
        return (self.homes[node] / "ca" / "ca.crt").read_bytes()


Step = Callable[[Exchange], Awaitable[str]]


async def acquaint(exchange: Exchange) -> None:
    """Let operators register the nodes with one another, and each home say who lives there."""
    entries: list[FacilityNode] = []
    for here, cast in exchange.casts.items():
        operator = cast("operator/dev").nodes
        for name in exchange.casts:
            address = "" if name == here else exchange.links[name].address
            node = NodePb(
                name=f"{NODES}{name}",
                display_name=TITLES[name],
                kind=NodePb.KIND_LIENTUYEN,
                trust_domain=f"{name}.lientuyen.test",
                ca_certificates=[_der(exchange.authority(name))],
                address=address,
            )
            await operator.RegisterNode(_numbered(nodes_pb.RegisterNodeRequest(node=node)))
        for code in HOMES[here]:
            moving = nodes_pb.MoveFacilityRequest(facility=f"{FACILITIES}{code}", node=f"{NODES}{here}")
            entries.append((await operator.MoveFacility(_numbered(moving))).facility_node)
    for cast in exchange.casts.values():
        bringing = nodes_pb.AcceptFacilityNodesRequest(facility_nodes=entries)
        await cast("operator/dev").nodes.AcceptFacilityNodes(_numbered(bringing))
    await _until(lambda: _links_stand(exchange))


async def known(exchange: Exchange) -> str:
    """See that every link of every node stands."""
    expect(await _links_stand(exchange), "all links must stand")
    return ", ".join(f"{TITLES[name]} ({name}.lientuyen.test)" for name in exchange.casts)


async def cut_link(exchange: Exchange) -> str:
    exchange.links[NORTH].cut()
    return "đường truyền tới nút miền Bắc bị cắt"


async def refer(exchange: Exchange) -> str:
    """Refer the patient to Bạch Mai: taken, durably, though nobody can be told yet."""
    hospital = exchange.casts[PROVINCE](f"facility/{DISTRICT}")
    request = persons.FindPersonRequest(personal_id=people.PATIENT_ID, access=care(NURSE))
    exchange.person = (await hospital.persons.FindPerson(request)).person.name
    referral = Referral(
        person=exchange.person,
        sender=f"{FACILITIES}{DISTRICT}",
        recipient=f"{FACILITIES}{BACH_MAI}",
        slip_number="DEMO-3N",
        diagnosis={"system": "ICD-10", "code": "I21.9"},
    )
    creating = referrals.CreateReferralRequest(
        referral=referral, slip=b"<PhieuChuyen/>", slip_media_type="application/xml"
    )
    exchange.referral = (await hospital.referrals.CreateReferral(_numbered(creating))).referral
    expect(exchange.referral.state == Referral.STATE_ISSUED, "the referral must be issued")
    return f"{exchange.referral.name.rpartition('/')[2]}: đã cấp, chờ ở nút tỉnh"


async def send(exchange: Exchange) -> str:
    """Write to Chợ Rẫy, whose link stands: what waits for North holds nobody else up."""
    hospital, body = exchange.casts[PROVINCE](f"facility/{DISTRICT}"), "Xin hội chẩn".encode()
    header = mailbox.MessageHeader(
        sender=f"{FACILITIES}{DISTRICT}",
        recipient=f"{FACILITIES}{CHO_RAY}",
        kind=Message.KIND_DOCUMENT,
        media_type="text/plain; charset=utf-8",
    )
    reply = await hospital.mailbox.SendMessage(_upload(header, body))
    exchange.message = reply.message
    delivery = await _take(exchange, SOUTH, CHO_RAY)
    expect(delivery.body == body, "South must deliver what was sent")
    await _until(lambda: _is_acknowledged(exchange, exchange.message.name))
    return f"{len(body)} byte, Chợ Rẫy đã nhận; biên nhận: {await _chain(exchange, exchange.message.name)}"


async def heal_link(exchange: Exchange) -> str:
    waiting = await _state(exchange)
    expect(waiting in (Referral.STATE_ISSUED,), "the slip must wait while the link is cut")
    exchange.links[NORTH].heal()
    return "đường truyền thông trở lại; phiếu tự đi tiếp"


async def receive(exchange: Exchange) -> str:
    delivery = await _take(exchange, NORTH, BACH_MAI)
    expect(delivery.message.about == exchange.referral.name, "the slip must come with its referral")
    expect(delivery.message.person not in ("", exchange.person), "North must find her in its own register")
    attested = verify(delivery.receipt, exchange.authority(NORTH))
    expect(attested.sha256 == digest(delivery.body), "the signature must be over this slip")
    accepting = referrals.AcceptReferralRequest(name=exchange.referral.name)
    hospital = exchange.casts[NORTH](f"facility/{BACH_MAI}")
    await hospital.referrals.AcceptReferral(_numbered(accepting))
    return "Bạch Mai nhận phiếu, tìm thấy người bệnh trong sổ của nút mình, và chấp nhận"


async def sender_sees(exchange: Exchange) -> str:
    await _until(lambda: _has_state(exchange, Referral.STATE_ACCEPTED))
    return f"đã chấp nhận; biên nhận: {await _chain(exchange, exchange.referral.message)}"


STEPS: list[tuple[str, str, Step]] = [
    ("operator", "Three nodes know one another (ba nút)", known),
    ("operator", "The link to North is cut (đứt đường truyền)", cut_link),
    (DISTRICT, "A referral to Bạch Mai, in the North (phiếu chuyển)", refer),
    (DISTRICT, "A message to Chợ Rẫy, in the South (thông điệp)", send),
    ("operator", "The link is healed (thông đường truyền)", heal_link),
    (BACH_MAI, "The receiver verifies and accepts (nơi nhận)", receive),
    (DISTRICT, "The sender sees it, with both nodes' receipts", sender_sees),
]


def _numbered(request: M) -> M:
    with_request_id(request)
    return request


async def _upload(header: mailbox.MessageHeader, body: bytes) -> AsyncIterator[mailbox.SendMessageRequest]:
    yield mailbox.SendMessageRequest(header=header)
    yield mailbox.SendMessageRequest(chunk=body)


def _der(pem: bytes) -> bytes:
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)


async def _until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await condition():  # noqa: ASYNC110  another process makes it true
            await asyncio.sleep(POLL_INTERVAL_S)


async def _links_stand(exchange: Exchange) -> bool:
    for cast in exchange.casts.values():
        request = nodes_status.ListNodeLinksRequest()
        links = (await cast("operator/dev").node_links.ListNodeLinks(request)).node_links
        if len(links) != len(exchange.casts) - 1 or not all(link.standing for link in links):
            return False
    return True


async def _take(exchange: Exchange, node: str, code: str) -> Delivery:
    """Collect the next message of a facility, and acknowledge it."""
    hospital = exchange.casts[node](f"facility/{code}")
    stream = hospital.mailbox.ReceiveMessages(mailbox.ReceiveMessagesRequest(recipient=f"{FACILITIES}{code}"))
    async with asyncio.timeout(PATIENCE_S):
        delivery = (await anext(aiter(stream))).delivery
    acknowledging = mailbox.AcknowledgeMessageRequest(
        name=delivery.message.name, lease_token=delivery.lease_token
    )
    await hospital.mailbox.AcknowledgeMessage(_numbered(acknowledging))
    return delivery


async def _is_acknowledged(exchange: Exchange, name: str) -> bool:
    hospital = exchange.casts[PROVINCE](f"facility/{DISTRICT}")
    message = (await hospital.mailbox.GetMessage(mailbox.GetMessageRequest(name=name))).message
    return message.state == Message.STATE_ACKNOWLEDGED


async def _state(exchange: Exchange) -> Referral.State:
    access = care(DOCTOR, AccessContext.LEGAL_BASIS_OWN_RECORD)
    request = referrals.GetReferralRequest(name=exchange.referral.name, access=access)
    hospital = exchange.casts[PROVINCE](f"facility/{DISTRICT}")
    return (await hospital.referrals.GetReferral(request)).referral.state


async def _has_state(exchange: Exchange, state: Referral.State) -> bool:
    return await _state(exchange) == state


async def _chain(exchange: Exchange, name: str) -> str:
    """Verify every receipt of a message by the authority of its own node; say which there are."""
    hospital, steps = exchange.casts[PROVINCE](f"facility/{DISTRICT}"), []
    await _until(lambda: _is_acknowledged(exchange, name))
    reply = await hospital.receipts.GetReceiptChain(receipts.GetReceiptChainRequest(name=name))
    for each in reply.receipts:
        node = each.node.removeprefix(NODES)
        body = verify(each.receipt, exchange.authority(node))
        steps.append(f"{node} {WORDS.get(body.kind, '')}".strip())
    expect(len({step.partition(" ")[0] for step in steps}) == 2, "both nodes must have signed")
    return ", ".join(steps)


WORDS = {
    ReceiptBody.KIND_ACCEPTANCE: "tiếp nhận",
    ReceiptBody.KIND_ACKNOWLEDGEMENT: "xác nhận đã nhận",
}

"""A provincial axis as a far node, through the relay and the adapter that is shipped, over HTTPS."""

import json
import ssl
from pathlib import Path
from typing import Any

import pytest
from grpc import StatusCode

from lientuyen.identity.v1 import node_service_pb2
from lientuyen.identity.v1.node_pb2 import Node as NodePb
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1.consultation_pb2 import Consultation
from lientuyen.routing.v1.consultation_service_pb2 import RequestConsultationRequest
from lientuyen.routing.v1.consultation_service_pb2_grpc import ConsultationServiceStub
from lientuyen.routing.v1.message_pb2 import Message, Notice
from lientuyen.routing.v1.node_link_service_pb2_grpc import NodeLinkServiceStub
from lientuyen.routing.v1.node_status_service_pb2 import ListNodeLinksRequest, NodeLink
from lientuyen.routing.v1.node_status_service_pb2_grpc import NodeStatusServiceStub
from lientuyen.routing.v1.record_request_pb2 import RecordRequest
from lientuyen.routing.v1.record_request_service_pb2 import RequestRecordsRequest
from lientuyen.routing.v1.record_request_service_pb2_grpc import RecordRequestServiceStub
from lientuyen.routing.v1.referral_pb2 import Referral
from lientuyen.routing.v1.referral_service_pb2 import CreateReferralRequest
from lientuyen.routing.v1.referral_service_pb2_grpc import ReferralServiceStub
from lientuyen_client.cli.nodes import state_of
from services.routing.adapters import batch_api
from services.routing.adapters.batch_account import TOKEN_PATH
from tests.fake_axis import CODE_FIELD, ORGANIZATION, PASSWORD, USERNAME, FakeAxis
from tests.harness import World, eventually, refused
from tests.metrics import Observed

from .identity_env import TREATMENT, access
from .nodes_env import FACILITIES, NODES, OPERATOR, Node, channel_to, key

SENDER, OTHER, THERE, NEIGHBOUR = "01999", "01929", "79024", "79999"
AXIS = "truc-ha-noi"
EMERGENCY = access(basis="EMERGENCY", reason="bất tỉnh")
DOSSIER = "<GIAMDINHHS><MA_LK>%d</MA_LK></GIAMDINHHS>"


class Site:
    """A node, and an axis where two facilities live."""

    def __init__(self, world: World) -> None:
        self.node, self.authority, self.axis = Node(world, "north"), Node(world, AXIS), FakeAxis()
        self.folder = world.folder / "adapters"

    def account(self, **account: Any) -> None:
        self.folder.mkdir(exist_ok=True)
        chosen = {"username": USERNAME, "organization": ORGANIZATION, "timeout_seconds": 5.0, **account}
        (self.folder / f"{AXIS}.json").write_text(json.dumps(chosen), encoding="utf8")
        (self.folder / f"{AXIS}.password").write_text(PASSWORD, encoding="utf8")

    async def start(self, **account: Any) -> None:
        await self.axis.start(server_context(self.authority))
        self.account(**account)
        node = await self.node.start_identity()
        await node.lists(SENDER, OTHER, THERE, NEIGHBOUR)
        await node.knows(node)
        entry = self.authority.entry(kind=NodePb.KIND_BATCH_API, address=self.axis.url)
        await node.nodes.RegisterNode(node_service_pb2.RegisterNodeRequest(request_id=key(), node=entry))
        for code in (SENDER, OTHER, THERE, NEIGHBOUR):
            await node.move(code)
        for code in (THERE, NEIGHBOUR):
            await node.move(code, AXIS)
        await self.route()

    async def route(self, **settings: Any) -> None:
        await self.node.start_routing(adapters_dir=self.folder, **settings)

    async def restart(self) -> None:
        """Stop routing as a crash would, and start it again on its database."""
        routing = self.node.running["routing"]
        await routing.server.stop(0)
        await self.route(database_url=routing.settings.database_url)
        self.node.forget_channels()

    async def restart_axis(self) -> None:
        await self.axis.start(server_context(self.authority))

    async def send(self, number: int, sender: str = SENDER, recipient: str = THERE) -> str:
        return (await self.node.send(sender, recipient, dossier(number))).name

    async def ended(self, name: str, state: Message.State = Message.STATE_ACKNOWLEDGED) -> Message:
        async def has_ended() -> Message | None:
            message = await self.node.get(name, SENDER)
            return message if message.state == state else None

        message = await eventually(has_ended)
        assert message is not None
        return message

    async def link(self) -> NodeLink:
        status = self.node.stub(NodeStatusServiceStub, "routing", OPERATOR)

        async def listed() -> list[NodeLink]:
            return list((await status.ListNodeLinks(ListNodeLinksRequest())).node_links)

        (link,) = await eventually(listed)  # once routing has read the directory
        assert link.node == f"{NODES}{AXIS}"
        return link

    async def stands(self) -> bool:
        return (await self.link()).standing

    async def is_down(self) -> bool:
        return not await self.stands()

    async def dead_of_notice(self) -> Message:
        """Return the message that its sender's next notice tells to be dead."""
        async with self.node.receiving(SENDER) as inbox:
            notice = Notice.FromString((await inbox.next(30)).body)
        assert notice.event == Notice.EVENT_MESSAGE_DEAD
        return await self.node.get(notice.subject, SENDER)


def server_context(authority: Node) -> ssl.SSLContext:
    folder: Path = authority.pki.folder("service/identity", authority.trust_domain).path
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "tls.crt", folder / "tls.key")
    return context


def dossier(number: int) -> bytes:
    return (DOSSIER % number).encode()


@pytest.fixture
def empty(world: World) -> Site:
    site = Site(world)
    world.ending(site.axis.stop)
    return site


@pytest.fixture
async def site(empty: Site) -> Site:
    await empty.start(code_field=CODE_FIELD)
    return empty


async def test_dossiers_reach_the_axis_once_and_in_order_and_their_sender_has_its_receipt(site: Site) -> None:
    names = [await site.send(number) for number in range(5)]
    other = (await site.node.send(OTHER, THERE, b"<other/>")).name
    await site.send(7, recipient=NEIGHBOUR)
    for name in names:
        await site.ended(name)
    await eventually(lambda: len(site.axis.files) == 7)

    there = [file for file in site.axis.files if file.code in {name.rpartition("/")[2] for name in names}]
    assert [file.content for file in there] == [dossier(number) for number in range(5)]
    assert {file.facility for file in there} == {SENDER}
    assert [file.facility for file in site.axis.files if file.code == other.rpartition("/")[2]] == [OTHER]
    for name, file in zip(names, there, strict=True):
        assert await transactions(site, name) == [file.transaction]


async def transactions(site: Site, name: str) -> list[str]:
    """Return the transaction codes of what the axis answered of a message, as its sender sees it."""
    chain = await site.node.receipts(name, SENDER)
    (proof,) = [receipt for receipt in chain if receipt.foreign]
    assert proof.node == f"{NODES}{AXIS}"
    return [result["maGiaoDich"] for result in json.loads(proof.foreign)["fileResults"]]


async def test_of_files_that_went_together_each_has_a_receipt_of_its_own(site: Site) -> None:
    site.axis.held.clear()
    first = await site.send(0)
    await eventually(lambda: "/api/kcb/xml/qd3176/guiHoSoXml" in site.axis.paths)
    together = [await site.send(1, recipient=NEIGHBOUR), await site.send(2)]
    site.axis.held.set()

    for name in (first, *together):
        await site.ended(name)

    by_code = {file.code: file.transaction for file in site.axis.files}
    for name in (first, *together):
        assert await transactions(site, name) == [by_code[name.rpartition("/")[2]]]


async def test_a_file_that_the_axis_refuses_is_dead_and_its_sender_is_told_the_code(site: Site) -> None:
    site.axis.refused.add(dossier(0))
    refused, behind = await site.send(0), await site.send(1)

    dead = await site.dead_of_notice()

    assert (dead.name, dead.dead_reason) == (refused, Message.DEAD_REASON_REJECTED)
    assert dead.dead_note == f"{AXIS}: Hệ thống nhận từ chối tệp, mã 205."
    await site.ended(behind)


async def test_what_is_sent_while_the_axis_is_down_waits_and_operators_see_it(site: Site) -> None:
    await eventually(site.stands)
    assert state_of(await site.link()).startswith("[green]thông")
    await site.axis.stop()
    names = [await site.send(number) for number in range(3)]
    await eventually(site.is_down)
    assert state_of(await site.link()).startswith("[red]mất kết nối")
    await eventually(lambda: waiting(site, 3))

    await site.restart_axis()

    for name in names:
        await site.ended(name)
    assert [file.content for file in site.axis.files] == [dossier(number) for number in range(3)]
    await eventually(site.stands)


async def waiting(site: Site, count: int) -> bool:
    return (await site.link()).waiting >= count - 1  # one may be in the relay's hand


async def test_an_axis_that_lets_us_in_is_seen_to_stand_before_the_first_file(
    empty: Site, monkeypatch: pytest.MonkeyPatch, observed: Observed
) -> None:
    monkeypatch.setattr(batch_api, "FIRST_SIGN_IN_S", 0.2)
    monkeypatch.setattr(batch_api, "LONGEST_SIGN_IN_S", 0.2)
    monkeypatch.setattr("services.routing.adapters.batch_client.ACCOUNT_PAUSE_S", 0.0)
    empty.axis.mode = "account"
    await empty.start()
    await eventually(lambda: TOKEN_PATH in empty.axis.paths)
    assert await empty.is_down()
    assert states(observed) == {AXIS: 0}

    empty.axis.mode = "well"

    await eventually(empty.stands)
    assert states(observed) == {AXIS: 1}
    assert not empty.axis.files


@pytest.fixture
def observed() -> Any:
    observed = Observed()
    observed.start("routing")
    yield observed
    observed.stop()


def states(observed: Observed) -> dict[str, int]:
    return {point.attributes["node"]: point.value for point in observed.points("lientuyen.node_link.state")}


async def test_a_reply_that_is_lost_leaves_one_file_where_the_axis_takes_our_code(site: Site) -> None:
    site.axis.mode = "lost"
    names = [await site.send(number) for number in range(3)]

    for name in names:
        await site.ended(name)

    assert [file.content for file in site.axis.files] == [dossier(number) for number in range(3)]
    assert await transactions(site, names[0]) == ["GD-1"]


async def test_a_restart_amid_a_file_leaves_one_where_the_axis_takes_our_code(site: Site) -> None:
    site.axis.mode = "silent"
    name = await site.send(0)
    await eventually(lambda: len(site.axis.files) == 1)

    await site.restart()

    await site.ended(name)
    assert [file.content for file in site.axis.files] == [dossier(0)]


async def test_a_reply_that_is_lost_may_leave_two_files_where_the_axis_takes_no_code_which_is_logged(
    empty: Site, capfd: pytest.CaptureFixture[str]
) -> None:
    await empty.start()
    empty.axis.mode = "lost"
    name = await empty.send(0)

    await empty.ended(name)

    assert [file.content for file in empty.axis.files] == [dossier(0)] * 2
    assert capfd.readouterr().err.count("a far system may have a file twice") == 1


async def test_a_token_that_ends_is_renewed_and_nothing_is_lost(site: Site) -> None:
    await site.ended(await site.send(0))
    count = len(site.axis.tokens)
    site.axis.valid.clear()

    await site.ended(await site.send(1))

    assert len(site.axis.tokens) == count + 1
    assert len(site.axis.files) == 2


async def test_an_account_that_is_brought_later_is_taken_up_without_a_restart(
    empty: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.routing.nodes.relays.DEPTH_INTERVAL_S", 0.3)
    await empty.start()
    routing = empty.node.running["routing"]
    await routing.server.stop(0)
    (empty.folder / f"{AXIS}.json").unlink()
    await empty.route(database_url=routing.settings.database_url)
    empty.node.forget_channels()
    name = await empty.send(0)
    assert not empty.axis.files

    empty.account()

    await empty.ended(name)


async def test_referrals_do_not_go_to_an_axis_and_their_sender_is_told(site: Site) -> None:
    referral = Referral(
        person=await site.node.person(),
        sender=f"{FACILITIES}{SENDER}",
        recipient=f"{FACILITIES}{THERE}",
        slip_number="12",
        diagnosis={"system": "ICD-10", "code": "I21.9"},
    )
    request = CreateReferralRequest(
        request_id=key(), referral=referral, slip=b"<slip/>", slip_media_type="application/xml"
    )
    await site.node.stub(ReferralServiceStub, "routing", f"facility/{SENDER}").CreateReferral(request)

    await refused_there(site, Message.KIND_REFERRAL)


async def test_record_requests_do_not_go_to_an_axis_and_their_sender_is_told(site: Site) -> None:
    asking = RecordRequest(
        person=await site.node.person(),
        requester=f"{FACILITIES}{SENDER}",
        holder=f"{FACILITIES}{THERE}",
        scope="xét nghiệm",
    )
    request = RequestRecordsRequest(request_id=key(), record_request=asking, access=EMERGENCY)
    requests = site.node.stub(RecordRequestServiceStub, "routing", f"facility/{SENDER}")

    refusal = await refused(requests.RequestRecords(request))

    assert (refusal.code, refusal.reason) == (StatusCode.FAILED_PRECONDITION, reasons.KIND_STAYS_HERE.name)
    assert not site.axis.files


async def test_consultations_do_not_go_to_an_axis_and_their_sender_is_told(site: Site) -> None:
    consultation = Consultation(
        person=await site.node.person(),
        requester=f"{FACILITIES}{SENDER}",
        consultant=f"{FACILITIES}{THERE}",
        practitioner="000123/HNO-GPHN",
        speciality="Thần kinh",
    )
    request = RequestConsultationRequest(
        request_id=key(),
        consultation=consultation,
        question=b"<question/>",
        question_media_type="application/xml",
        access=TREATMENT,
    )
    consultations = site.node.stub(ConsultationServiceStub, "routing", f"facility/{SENDER}")

    refusal = await refused(consultations.RequestConsultation(request))

    assert (refusal.code, refusal.reason) == (StatusCode.FAILED_PRECONDITION, reasons.KIND_STAYS_HERE.name)
    assert not site.axis.files


async def refused_there(site: Site, kind: Message.Kind) -> None:
    dead = await site.dead_of_notice()
    assert (dead.kind, dead.dead_reason) == (kind, Message.DEAD_REASON_REJECTED)
    assert dead.dead_note == f"{AXIS}: {batch_api.NOT_THERE}"
    assert not site.axis.files


async def test_a_document_that_is_no_xml_is_refused_to_its_sender(site: Site) -> None:
    await site.node.send(SENDER, THERE, b"%PDF-1.7", media_type="application/pdf")

    dead = await site.dead_of_notice()

    assert dead.dead_note == f"{AXIS}: {batch_api.NOT_XML}"
    assert not site.axis.files


async def test_the_authority_of_an_axis_certifies_no_node(site: Site) -> None:
    """It is that of a web server, whoever else it certifies: nobody comes in where nodes connect."""
    await eventually(site.stands)
    tls = site.authority.pki.folder("service/routing", site.authority.trust_domain)
    refusal = await refused(NodeLinkServiceStub(channel_to(site.node, site.node.link, tls)).Relay())
    assert (refusal.code, refusal.reason) == (StatusCode.UNAVAILABLE, "")

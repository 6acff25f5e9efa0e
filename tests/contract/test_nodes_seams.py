"""Where messages between nodes meet what else routing does with messages."""

from typing import Any
from uuid import UUID

import pytest

from lientuyen.routing.v1 import consultation_service_pb2 as consultations_pb
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1.consultation_pb2 import Consultation
from lientuyen.routing.v1.consultation_service_pb2_grpc import ConsultationServiceStub
from lientuyen.routing.v1.mailbox_service_pb2 import ReplayDeadLettersRequest
from lientuyen.routing.v1.message_pb2 import Message, Notice
from lientuyen.routing.v1.receipt_service_pb2 import GetReceiptRequest
from lientuyen.routing.v1.receipt_service_pb2_grpc import ReceiptServiceStub
from lientuyen.routing.v1.record_request_pb2 import RecordRequest
from lientuyen.routing.v1.record_request_service_pb2 import RequestRecordsRequest
from lientuyen.routing.v1.record_request_service_pb2_grpc import RecordRequestServiceStub
from tests.harness import World, eventually, refused

from .identity_env import access
from .nodes_env import FACILITIES, Node, key, start_nodes

SENDER, MOVING, FAR = "01929", "01999", "79024"
EMERGENCY = access(basis="EMERGENCY", reason="bất tỉnh khi đến")


@pytest.fixture
async def nodes(world: World) -> list[Node]:
    return await start_nodes(world, {"north": [SENDER, MOVING], "south": [FAR]})


async def _move(nodes: list[Node], home: Node, to: str) -> None:
    entry = await home.move(MOVING, to)
    for node in nodes:
        await node.accepts([entry])
        await eventually(lambda node=node: _knows(node, to))  # type: ignore[misc]


async def _knows(node: Node, home: str) -> bool:
    """Whether the routing of *node* knows where the facility lives now."""
    newest = "SELECT node FROM facility_homes WHERE facility = $1 ORDER BY version DESC LIMIT 1"
    rows = await node.rows("routing", newest, f"{FACILITIES}{MOVING}")
    return bool(rows and rows[0][0] == home)


async def _has_state(node: Node, name: str, state: Message.State) -> bool:
    return (await node.get(name, SENDER)).state == state


def _requests(node: Node, code: str) -> Any:
    return node.stub(RecordRequestServiceStub, "routing", f"facility/{code}")


def _asking(person: str, requester: str, holder: str) -> RequestRecordsRequest:
    asking = RecordRequest(
        person=person,
        requester=f"{FACILITIES}{requester}",
        holder=f"{FACILITIES}{holder}",
        scope="xét nghiệm",
    )
    return RequestRecordsRequest(request_id=key(), record_request=asking, access=EMERGENCY)


async def test_who_asks_for_what_cannot_cross_is_told_at_once(nodes: list[Node]) -> None:
    north = nodes[0]
    person = await north.person()
    refusal = await refused(_requests(north, MOVING).RequestRecords(_asking(person, MOVING, FAR)))
    assert (refusal.reason, refusal.metadata["node"]) == (reasons.KIND_STAYS_HERE.name, "south")
    consultation = Consultation(
        person=person,
        requester=f"{FACILITIES}{SENDER}",
        consultant=f"{FACILITIES}{FAR}",
        practitioner="000123/GPHN",
        speciality="tim mạch",
    )
    asking = consultations_pb.RequestConsultationRequest(
        request_id=key(),
        consultation=consultation,
        question=b"?",
        question_media_type="text/plain",
        access=EMERGENCY,
    )
    stub = north.stub(ConsultationServiceStub, "routing", f"facility/{SENDER}")
    refusal = await refused(stub.RequestConsultation(asking))
    assert (refusal.reason, refusal.metadata["node"]) == (reasons.KIND_STAYS_HERE.name, "south")
    assert not await north.rows("routing", "SELECT FROM messages")


async def test_what_cannot_cross_is_dead_when_its_recipient_has_moved(nodes: list[Node]) -> None:
    north = nodes[0]
    person = await north.person()
    await _requests(north, SENDER).RequestRecords(_asking(person, SENDER, MOVING))
    await _move(nodes, north, "south")
    async with north.receiving(SENDER) as inbox:
        notice = Notice.FromString((await inbox.next(40)).body)
    assert notice.event == Notice.EVENT_MESSAGE_DEAD
    dead = await north.get(notice.subject, SENDER)
    assert dead.dead_note == f"south: {reasons.KIND_STAYS_HERE.vi}"
    assert not await nodes[1].rows("routing", "SELECT FROM arrivals")


async def test_an_answer_whose_ground_is_gone_does_not_follow_its_requester_to_another_node(
    nodes: list[Node],
) -> None:
    north, south = nodes
    person = await north.person()
    asked = (await _requests(north, MOVING).RequestRecords(_asking(person, MOVING, SENDER))).record_request
    more = {"kind": Message.KIND_RECORD_RESPONSE, "about": asked.name, "person": person}
    answer = await north.send(SENDER, MOVING, b"<records/>", **more)
    await north.rows("routing", "UPDATE record_requests SET state = 'stopped'")
    await _move(nodes, north, "south")
    behind = await north.send(SENDER, MOVING, b"another matter")
    async with south.receiving(MOVING) as inbox:
        assert (await inbox.next(40)).message.name == behind.name
    assert await _has_state(north, answer.name, Message.STATE_STOPPED)


async def test_a_message_that_came_home_is_delivered_by_receipt_and_replayed_with_the_others(
    nodes: list[Node],
) -> None:
    north, south = nodes
    await _move(nodes, north, "south")
    message = await north.send(SENDER, MOVING, b"there and back")
    await eventually(lambda: _arrived(south, message.name))
    assert not (await north.get(message.name, SENDER)).HasField("lease_time")
    await _move(nodes, south, "north")
    await eventually(lambda: _arrived(north, message.name))
    async with north.receiving(MOVING) as inbox:
        await north.reject(await inbox.next(30), "không đọc được")
    stub = north.stub(ReceiptServiceStub, "routing", f"facility/{SENDER}")
    await stub.GetReceipt(GetReceiptRequest(name=f"{message.name}/receipts/delivery"))
    replaying = ReplayDeadLettersRequest(request_id=key(), sender=f"{FACILITIES}{SENDER}")
    replayed = (await north.mailbox(SENDER).ReplayDeadLetters(replaying)).messages
    assert [each.name for each in replayed] == [message.name]


async def _arrived(node: Node, name: str) -> bool:
    rows = await node.rows("routing", "SELECT FROM arrivals WHERE message_id::text = $1", name[-36:])
    return bool(rows)


async def test_a_node_settles_nothing_that_was_never_for_it(nodes: list[Node]) -> None:
    north, south = nodes
    ours = await north.send(SENDER, MOVING, b"stays here")
    theirs = await north.send(SENDER, FAR, b"goes")
    await eventually(lambda: _arrived(south, theirs.name))
    for statement in (
        "UPDATE messages SET id = $1 WHERE id = $2",
        "UPDATE arrivals SET message_id = $1 WHERE message_id = $2",
        "UPDATE receipts SET message_id = $1 WHERE message_id = $2",
    ):
        await south.rows("routing", statement, UUID(ours.name[-36:]), UUID(theirs.name[-36:]))
    lying = "UPDATE messages SET state = 'acknowledged', acknowledge_time = now()"
    await south.rows("routing", lying)
    await eventually(lambda: _confirmed(south))
    assert await _has_state(north, ours.name, Message.STATE_ACCEPTED)


async def _confirmed(node: Node) -> bool:
    return bool(await node.rows("routing", "SELECT FROM arrivals WHERE confirm_time IS NOT NULL"))


# A disk that cannot be written, and a sequence, which no rollback sets back, that counts the tries.
BREAK = (
    "CREATE SEQUENCE tries",
    """
    CREATE FUNCTION break() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM nextval('tries');
        RAISE 'broken' USING ERRCODE = '58030';
    END $$
    """,
    """
    CREATE TRIGGER broken BEFORE UPDATE ON messages FOR EACH ROW
    WHEN (NEW.state = 'acknowledged') EXECUTE FUNCTION break()
    """,
)


async def test_an_outcome_that_could_not_be_written_down_is_settled_on_the_same_stream(
    nodes: list[Node],
) -> None:
    north, south = nodes
    message = await north.send(SENDER, FAR, b"acknowledged meanwhile")
    for statement in BREAK:
        await north.rows("routing", statement)
    async with south.receiving(FAR) as inbox:
        await south.acknowledge(await inbox.next(30))
    await eventually(lambda: _was_tried(north))
    await north.rows("routing", "DROP TRIGGER broken ON messages")
    await eventually(lambda: _has_state(north, message.name, Message.STATE_ACKNOWLEDGED))


async def _was_tried(node: Node) -> bool:
    return bool((await node.rows("routing", "SELECT is_called FROM tries"))[0][0])


async def test_a_kind_of_receipt_of_a_newer_release_hides_no_other(nodes: list[Node]) -> None:
    north, south = nodes
    message = await north.send(SENDER, FAR, b"goes")
    await eventually(lambda: _arrived(south, message.name))
    newer = "INSERT INTO far_receipts (message_id, node, kind, receipt) VALUES ($1, 'east', 'newer', '')"
    await south.rows("routing", newer, UUID(message.name[-36:]))
    async with south.receiving(FAR) as inbox:
        await south.acknowledge(await inbox.next(30))
    await eventually(lambda: _has_state(north, message.name, Message.STATE_ACKNOWLEDGED))

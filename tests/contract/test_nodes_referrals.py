"""Referrals between nodes: issued at one, decided at the other, seen at both; each has its own register."""

from typing import TYPE_CHECKING, Any

import pytest

from lientuyen.routing.v1 import referral_service_pb2 as pb
from lientuyen.routing.v1.message_pb2 import Message, Notice
from lientuyen.routing.v1.referral_pb2 import Referral
from lientuyen.routing.v1.referral_service_pb2_grpc import ReferralServiceStub
from lientuyen.type.v1.access_pb2 import AccessContext
from tests.harness import World, eventually

from .nodes_env import FACILITIES, Node, key, start_nodes

if TYPE_CHECKING:
    from lientuyen.routing.v1.referral_service_pb2_grpc import ReferralServiceAsyncStub

DISTRICT, CENTRAL = "01999", "79024"
ACCESS = AccessContext(
    practitioner="000123/GPHN",
    purpose=AccessContext.PURPOSE_TREATMENT,
    legal_basis=AccessContext.LEGAL_BASIS_OWN_RECORD,
)


@pytest.fixture
async def nodes(world: World) -> list[Node]:
    return await start_nodes(world, {"province": [DISTRICT], "north": [CENTRAL]})


def _referrals(node: Node, code: str) -> "ReferralServiceAsyncStub":
    return node.stub(ReferralServiceStub, "routing", f"facility/{code}")


async def _issue(node: Node, person: str) -> Referral:
    referral = Referral(
        person=person,
        sender=f"{FACILITIES}{DISTRICT}",
        recipient=f"{FACILITIES}{CENTRAL}",
        slip_number="12",
        diagnosis={"system": "ICD-10", "code": "I21.9"},
    )
    request = pb.CreateReferralRequest(
        request_id=key(), referral=referral, slip=b"<slip/>", slip_media_type="application/xml"
    )
    return (await _referrals(node, DISTRICT).CreateReferral(request)).referral


async def _get(node: Node, code: str, name: str) -> Referral:
    request = pb.GetReferralRequest(name=name, access=ACCESS)
    return (await _referrals(node, code).GetReferral(request)).referral


async def _has_state(node: Node, code: str, name: str, state: Referral.State) -> bool:
    return (await _get(node, code, name)).state == state


async def _collect(node: Node, code: str) -> Message:
    async with node.receiving(code) as inbox:
        delivery = await inbox.next(30)
        await node.acknowledge(delivery)
        return delivery.message


async def _notices(node: Node, code: str, count: int) -> list[Notice]:
    notices = []
    async with node.receiving(code) as inbox:
        for _ in range(count):
            delivery = await inbox.next(30)
            notices.append(Notice.FromString(delivery.body))
            await node.acknowledge(delivery)
    return notices


async def test_a_referral_is_decided_at_the_recipient_s_node_and_seen_at_the_sender_s(
    nodes: list[Node],
) -> None:
    province, north = nodes
    here, there = await province.person(), await north.person()
    assert here != there
    issued = await _issue(province, here)
    message = await _collect(north, CENTRAL)
    assert (message.about, message.person) == (issued.name, there)
    arrived = await _get(north, CENTRAL, issued.name)
    assert (arrived.person, arrived.diagnosis.code, arrived.state) == (
        there,
        "I21.9",
        Referral.STATE_DELIVERED,
    )
    await eventually(lambda: _has_state(province, DISTRICT, issued.name, Referral.STATE_DELIVERED))
    central = _referrals(north, CENTRAL)
    await central.AcceptReferral(pb.AcceptReferralRequest(request_id=key(), name=issued.name))
    await eventually(lambda: _has_state(province, DISTRICT, issued.name, Referral.STATE_ACCEPTED))
    await central.CompleteReferral(pb.CompleteReferralRequest(request_id=key(), name=issued.name))
    await eventually(lambda: _has_state(province, DISTRICT, issued.name, Referral.STATE_COMPLETED))
    assert (await _get(province, DISTRICT, issued.name)).person == here
    events = [notice.event for notice in await _notices(province, DISTRICT, 2)]
    assert events == [Notice.EVENT_REFERRAL_ACCEPTED, Notice.EVENT_REFERRAL_COMPLETED]


async def test_a_declined_referral_says_why_at_the_sender_s_node(nodes: list[Node]) -> None:
    province, north = nodes
    issued = await _issue(province, await province.person())
    await _collect(north, CENTRAL)
    declining = pb.DeclineReferralRequest(request_id=key(), name=issued.name, reason="hết giường")
    await _referrals(north, CENTRAL).DeclineReferral(declining)
    await eventually(lambda: _has_state(province, DISTRICT, issued.name, Referral.STATE_DECLINED))
    assert (await _get(province, DISTRICT, issued.name)).note == "hết giường"


async def test_a_cancellation_reaches_the_other_node_unless_the_patient_is_there(nodes: list[Node]) -> None:
    province, north = nodes
    issued = await _issue(province, await province.person())
    await _collect(north, CENTRAL)
    await eventually(lambda: _has_state(province, DISTRICT, issued.name, Referral.STATE_DELIVERED))
    cancelling = pb.CancelReferralRequest(request_id=key(), name=issued.name, reason="nhầm")
    await _referrals(province, DISTRICT).CancelReferral(cancelling)
    await eventually(lambda: _has_state(north, CENTRAL, issued.name, Referral.STATE_CANCELLED))
    assert (await _notices(north, CENTRAL, 1))[0].event == Notice.EVENT_REFERRAL_CANCELLED


async def test_who_cancels_what_was_accepted_meanwhile_is_told_that_it_lives(nodes: list[Node]) -> None:
    """The link is down while both decide: the recipient's word holds."""
    province, north = nodes
    issued = await _issue(province, await province.person())
    await _collect(north, CENTRAL)
    await eventually(lambda: _has_state(province, DISTRICT, issued.name, Referral.STATE_DELIVERED))
    database = province.running["routing"].settings.database_url
    await province.running["routing"].server.stop(0)
    await _referrals(north, CENTRAL).AcceptReferral(
        pb.AcceptReferralRequest(request_id=key(), name=issued.name)
    )
    federation = north.link
    await north.running["routing"].server.stop(0)
    await province.start_routing(database_url=database)
    province.forget_channels()
    cancelling = pb.CancelReferralRequest(request_id=key(), name=issued.name, reason="nhầm")
    await _referrals(province, DISTRICT).CancelReferral(cancelling)
    assert north.link == federation
    await north.start_routing(database_url=north.running["routing"].settings.database_url)
    north.forget_channels()
    await eventually(lambda: _has_state(province, DISTRICT, issued.name, Referral.STATE_ACCEPTED))
    assert await _has_state(north, CENTRAL, issued.name, Referral.STATE_ACCEPTED)
    events = {notice.event for notice in await _notices(province, DISTRICT, 2)}
    assert events == {Notice.EVENT_REFERRAL_ACCEPTED, Notice.EVENT_REFERRAL_CHANGE_REFUSED}


@pytest.mark.parametrize(
    "other",
    [
        {"personal_id": "001485000024", "old_id": "", "social_insurance_number": ""},
        {"full_name": "Lê Thị Khác", "birth_date": {"year": 1950, "month": 1, "day": 2}},
    ],
    ids=["nobody has the number", "another person has it"],
)
async def test_nothing_is_filed_under_another_person(nodes: list[Node], other: dict[str, Any]) -> None:
    province, north = nodes
    await north.person(**other)
    issued = await _issue(province, await province.person())
    message = await _collect(north, CENTRAL)
    assert message.person == ""
    assert (await _get(north, CENTRAL, issued.name)).person == ""
    sealed = (await north.rows("routing", "SELECT person FROM arrivals"))[0][0]
    assert sealed
    assert b"001485000016" not in sealed
    accepting = pb.AcceptReferralRequest(request_id=key(), name=issued.name)
    await _referrals(north, CENTRAL).AcceptReferral(accepting)
    await eventually(lambda: _has_state(province, DISTRICT, issued.name, Referral.STATE_ACCEPTED))
    assert not await north.rows("routing", "SELECT FROM audit WHERE subject = ''")

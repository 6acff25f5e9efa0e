"""What a referral says at both nodes, also when sender and recipient decided at the same time."""

from typing import TYPE_CHECKING

import pytest

from lientuyen.routing.v1 import referral_service_pb2 as pb
from lientuyen.routing.v1.message_pb2 import Message, Notice
from lientuyen.routing.v1.referral_pb2 import Referral, ReferralOutcome
from lientuyen.routing.v1.referral_service_pb2_grpc import ReferralServiceStub
from tests.harness import World, eventually

from .nodes_env import FACILITIES, Node, key, start_nodes
from .test_nodes_referrals import ACCESS

if TYPE_CHECKING:
    from lientuyen.routing.v1.referral_service_pb2_grpc import ReferralServiceAsyncStub

DISTRICT, CENTRAL, OTHER = "01999", "79024", "79999"


@pytest.fixture
async def nodes(world: World) -> list[Node]:
    return await start_nodes(world, {"province": [DISTRICT], "north": [CENTRAL, OTHER]})


def _referrals(node: Node, code: str) -> "ReferralServiceAsyncStub":
    return node.stub(ReferralServiceStub, "routing", f"facility/{code}")


async def _issue(node: Node, person: str, recipient: str = CENTRAL) -> Referral:
    referral = Referral(
        person=person,
        sender=f"{FACILITIES}{DISTRICT}",
        recipient=f"{FACILITIES}{recipient}",
        slip_number="12",
        diagnosis={"system": "ICD-10", "code": "I21.9"},
        practitioner="000123/GPHN",
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


async def test_the_recipient_sees_who_referred_and_the_sender_what_became_of_the_patient(
    nodes: list[Node],
) -> None:
    province, north = nodes
    await north.person()
    issued = await _issue(province, await province.person())
    await _collect(north, CENTRAL)
    arrived = await _get(north, CENTRAL, issued.name)
    assert (arrived.practitioner, arrived.step) == ("000123/GPHN", issued.step)
    central = _referrals(north, CENTRAL)
    await central.AcceptReferral(pb.AcceptReferralRequest(request_id=key(), name=issued.name))
    await central.UseReferral(pb.UseReferralRequest(request_id=key(), name=issued.name, encounter="LT9"))
    completing = pb.CompleteReferralRequest(
        request_id=key(), name=issued.name, outcome=ReferralOutcome(summary="Đặt stent, ổn định.")
    )
    completed = (await central.CompleteReferral(completing)).referral
    await eventually(lambda: _has_state(province, DISTRICT, issued.name, Referral.STATE_COMPLETED))
    seen = await _get(province, DISTRICT, issued.name)
    assert seen.outcome == completed.outcome
    assert (seen.encounter, seen.use_time) == (completed.encounter, completed.use_time)
    assert seen.practitioner == "000123/GPHN"


async def test_a_slip_issued_anew_for_what_was_accepted_meanwhile_stops_no_mail(nodes: list[Node]) -> None:
    """Both decide at once; the word of the recipient comes when another referral carries the slip."""
    province, north = nodes
    issued = await _issue(province, await province.person())
    await _collect(north, CENTRAL)
    await eventually(lambda: _has_state(province, DISTRICT, issued.name, Referral.STATE_DELIVERED))
    database = province.running["routing"].settings.database_url
    await province.running["routing"].server.stop(0)
    accepting = pb.AcceptReferralRequest(request_id=key(), name=issued.name)
    await _referrals(north, CENTRAL).AcceptReferral(accepting)
    there = north.running["routing"].settings.database_url
    await north.running["routing"].server.stop(0)
    await province.start_routing(database_url=database)
    province.forget_channels()
    cancelling = pb.CancelReferralRequest(request_id=key(), name=issued.name, reason="nhầm")
    await _referrals(province, DISTRICT).CancelReferral(cancelling)
    again = await _issue(province, issued.person, OTHER)
    assert again.name != issued.name
    await north.start_routing(database_url=there)
    north.forget_channels()
    letter = await north.send(CENTRAL, DISTRICT, b"another matter")
    events, names = set[int](), set[str]()
    async with province.receiving(DISTRICT) as inbox:
        while letter.name not in names or Notice.EVENT_REFERRAL_CHANGE_REFUSED not in events:
            delivery = await inbox.next(40)
            names.add(delivery.message.name)
            if delivery.message.kind == Message.KIND_NOTICE:
                events.add(Notice.FromString(delivery.body).event)
            await province.acknowledge(delivery)
    assert Notice.EVENT_REFERRAL_ACCEPTED in events
    assert await _has_state(north, CENTRAL, issued.name, Referral.STATE_ACCEPTED)

"""
Record requests of three real services: identity decides, records tells what it holds, routing asks the rest.

A hospital of the south (79999) asks for the records of somebody who was treated in the north (01999) and at
a hospital (01929) whose dossier tells of HIV.
"""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from grpc import StatusCode

from lientuyen.identity.v1 import consent_pb2, consent_service_pb2, person_pb2
from lientuyen.identity.v1.facility_pb2 import Facility
from lientuyen.records.v1 import dossier_service_pb2 as submission
from lientuyen.records.v1 import held_record_service_pb2
from lientuyen.records.v1.held_record_service_pb2_grpc import HeldRecordServiceStub
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import record_request_service_pb2 as pb
from lientuyen.routing.v1.message_pb2 import Message
from lientuyen.routing.v1.record_request_pb2 import RecordRequest
from lientuyen.type.v1.date_pb2 import Date
from tests.contract.identity_env import TREATMENT, Identity, access, facility_row, key
from tests.contract.record_requests_env import state, states
from tests.contract.records_env import NUMBER, Records
from tests.contract.routing_env import FACILITIES, Routing
from tests.harness import World, refused
from tests.samples import files

SOUTH, NORTH, CLINIC = "facility/79999", "facility/01999", "facility/01929"
EVERYTHING = [consent_pb2.DATA_CLASS_CARE, consent_pb2.DATA_CLASS_HIV]
OTHER_CLASSES = [consent_pb2.DATA_CLASS_MENTAL_HEALTH, consent_pb2.DATA_CLASS_REPRODUCTIVE_HEALTH]
SILENT = f"{FACILITIES}01929"


@dataclass
class Node:
    """The three services, and the person of the samples, whom the register knows."""

    identity: Identity
    records: Records
    routing: Routing
    person: str

    async def request(self, basis: str = "CONSENT", **given: Any) -> pb.GetRecordRequestResponse:
        """Ask, and look at once."""
        return await self.look(await self.ask(basis, **given))

    async def ask(self, basis: str = "CONSENT", request_id: str = "", **given: Any) -> RecordRequest:
        wanted = {"person": self.person, "requester": f"{FACILITIES}79999", "scope": "phim CT", **given}
        request = pb.RequestRecordsRequest(
            request_id=request_id or key(),
            record_request=RecordRequest(**wanted),
            access=access(basis=basis, reason="" if basis == "CONSENT" else "bất tỉnh khi đến"),
        )
        return (await self.routing.record_requests(SOUTH).RequestRecords(request)).record_request

    async def look(self, request: RecordRequest) -> pb.GetRecordRequestResponse:
        question = pb.GetRecordRequestRequest(name=request.name, access=TREATMENT)
        return await self.routing.record_requests(SOUTH).GetRecordRequest(question)

    async def consent(self, *classes: Any) -> consent_pb2.Consent:
        return await self.identity.consent(self.person, SOUTH, data_classes=classes)

    async def withdraw(self, consent: consent_pb2.Consent) -> None:
        request = consent_service_pb2.WithdrawConsentRequest(request_id=key(), name=consent.name)
        await self.identity.consents(SOUTH).WithdrawConsent(request)


@pytest.fixture
async def node(world: World) -> Node:
    identity = await Identity(world).start()
    address = identity.running.address
    records = await Records(world).start(identity_address=address)
    routing = await Routing(world).start(identity_address=address, records_address=records.running.address)
    person = await identity.person(
        personal_id=NUMBER,
        old_id="",
        social_insurance_number="",
        full_name="Trần Thị Mẫu",
        birth_date=Date(year=1985, month=3, day=12),
        sex=person_pb2.SEX_FEMALE,
    )
    await records.submit(files.DOSSIER)
    await records.submit(of_the_clinic(), CLINIC)
    return Node(identity, records, routing, person.name)


def of_the_clinic() -> bytes:
    """A dossier of another hospital whose main diagnosis is HIV."""
    sample = files.sample().everywhere("MA_LK", "CLINIC-1").everywhere("MA_CSKCB", "01929")
    sample.facility = "01929"
    return sample.set("XML1", 1, "MA_BENH_CHINH", "B20").bytes()


def asked_by(response: pb.GetRecordRequestResponse) -> set[str]:
    """The codes of who is asked."""
    return {holder.facility.rpartition("/")[2] for holder in response.record_request.holders}


async def test_what_is_held_is_told_at_once_and_whoever_has_seen_the_person_is_asked(node: Node):
    await node.consent(*EVERYTHING)
    response = await node.request()
    request = response.record_request
    async with node.routing.receiving(NORTH) as inbox:
        delivery = await inbox.next()

    assert {held.facility for held in response.held_encounters} == {f"{FACILITIES}01999", SILENT}
    assert all(held.dossier.startswith("//records.lientuyen/dossiers/") for held in response.held_encounters)
    assert max(held.result_count for held in response.held_encounters) > 0
    assert {holder.facility for holder in request.holders} == {f"{FACILITIES}01999", SILENT}
    assert (state(request), list(response.unreachable)) == ("REQUESTED", [])
    assert RecordRequest.FromString(delivery.body).holder == f"{FACILITIES}01999"


async def test_neither_the_list_nor_who_is_asked_tells_of_what_is_withheld(node: Node):
    """A dossier that is awaited may be of what is withheld: where she checked in is told to nobody else."""
    await node.identity.fill_directory([facility_row("01930")])
    checking_in = submission.SubmitCheckInRequest(
        request_id=key(), content=files.CHECK_IN.replace(b"<MA_CSKCB>01999", b"<MA_CSKCB>01930")
    )
    await node.records.dossiers("facility/01930").SubmitCheckIn(checking_in)
    await node.consent(consent_pb2.DATA_CLASS_CARE)
    ordinary = await node.request()
    await node.consent(*EVERYTHING, *OTHER_CLASSES)
    everything = await node.request()

    assert [held.facility for held in ordinary.held_encounters] == [f"{FACILITIES}01999"]
    assert asked_by(ordinary) == {"01999"}
    assert asked_by(everything) == {"01999", "01929", "01930"}


async def test_the_days_that_are_asked_about_bound_both(node: Node):
    await node.consent(*EVERYTHING)
    day, before = Date(year=2026, month=11, day=20), Date(year=2026, month=11, day=19)
    there = await node.request(records_since=day, records_until=day)
    nothing = await node.request(records_until=before)
    wrong = await refused(node.request(records_since=day, records_until=before))

    assert len(there.held_encounters) == 2
    assert (len(nothing.held_encounters), state(nothing.record_request)) == (0, "FULFILLED")
    assert (wrong.reason, wrong.metadata["field"]) == (
        reasons.DAY_INVALID.name,
        "record_request.records_until",
    )


async def test_a_hospital_that_is_closed_is_shown_as_unreachable(node: Node):
    await node.consent(*EVERYTHING)
    await node.identity.fill_directory([facility_row("01929", state=Facility.STATE_CLOSED)])
    request = await node.ask()

    assert dict(zip((h.facility for h in request.holders), states(request), strict=True)) == {
        f"{FACILITIES}01999": "ASKED",
        SILENT: "UNREACHABLE",
    }


async def test_a_consent_that_is_withdrawn_stops_what_is_under_way(node: Node):
    """Asked, one part sent and not yet fetched: then the person changes her mind."""
    consent = await node.consent(consent_pb2.DATA_CLASS_CARE)
    request_id = str(uuid4())
    request = await node.ask(request_id=request_id)
    before = await node.look(request)
    async with node.routing.receiving(NORTH) as inbox:
        await node.routing.acknowledge(await inbox.next(), NORTH)
        part = await node.routing.send(
            caller=NORTH,
            recipient=f"{FACILITIES}79999",
            kind=Message.KIND_RECORD_RESPONSE,
            about=request.name,
        )
        await node.withdraw(consent)
        fulfilment = pb.FulfilRecordRequestRequest(
            request_id=key(), name=request.name, message=part.message.name
        )
        late = await refused(node.routing.record_requests(NORTH).FulfilRecordRequest(fulfilment))
        (notice,) = await inbox.take(1)
    again = await node.ask(request_id=request_id)
    found = await node.look(request)
    async with node.routing.receiving(SOUTH) as inbox:
        stopped = await inbox.next()
        assert await inbox.nothing()

    assert (late.code, late.reason) == (
        StatusCode.FAILED_PRECONDITION,
        reasons.RECORD_REQUEST_STOPPED.name,
    )
    assert notice.message.kind == stopped.message.kind == Message.KIND_NOTICE
    assert (state(found.record_request), list(found.held_encounters)) == ("STOPPED", [])
    assert len(before.held_encounters) == 1
    assert again == request
    ((message,),) = await node.routing.rows("SELECT state FROM messages WHERE kind = 'record_response'")
    assert message == "stopped"


async def test_an_emergency_asks_without_a_consent_and_is_reviewed(node: Node):
    response = await node.request(basis="EMERGENCY")
    rows = await node.identity.rows("SELECT reason, facility FROM emergency_accesses")

    assert [held.facility for held in response.held_encounters] == [f"{FACILITIES}01999"]
    assert [tuple(row) for row in rows] == [("bất tỉnh khi đến", "79999")]


@pytest.mark.parametrize(("basis", "decision"), [("CONSENT", "NO_CONSENT"), ("OWN_RECORD", "NOT_OWN_RECORD")])
async def test_who_may_not_ask_is_told_why(node: Node, basis: str, decision: str):
    refusal = await refused(node.request(basis=basis))

    assert (refusal.reason, refusal.metadata["decision"]) == (
        reasons.RECORD_REQUEST_NOT_ALLOWED.name,
        decision,
    )


async def test_the_person_sees_for_whom_routing_looked(node: Node):
    await node.consent(consent_pb2.DATA_CLASS_CARE)
    await node.request()

    seen = [row for row in await node.records.audit(node.person) if "ListHeldRecords" in row[1]]

    assert {*seen} == {(f"{SOUTH} via service/routing", "HeldRecordService/ListHeldRecords", True, False)}


async def test_a_facility_does_not_ask_records_by_itself(node: Node):
    question = held_record_service_pb2.ListHeldRecordsRequest(
        person=node.person, reader=f"{FACILITIES}79999", access=TREATMENT
    )

    refusal = await refused(node.records.stub(HeldRecordServiceStub, SOUTH).ListHeldRecords(question))

    assert refusal.code == StatusCode.PERMISSION_DENIED

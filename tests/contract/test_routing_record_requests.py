"""Record requests over a real channel: asked on a stated ground, answered by a message or declined."""

from typing import Any
from uuid import uuid4

import pytest
from grpc import StatusCode

from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import record_request_service_pb2 as pb
from lientuyen.routing.v1.message_pb2 import Message, Notice
from lientuyen.routing.v1.record_request_pb2 import RecordRequest
from lientuyen.type.v1.access_pb2 import AccessContext
from tests.contract.routing_env import CONSENTED, DISTRICT, PERSON, PROVINCE, Routing
from tests.harness import World, refused

EMERGENCY = AccessContext(
    practitioner="000123/GPHN",
    purpose=AccessContext.PURPOSE_TREATMENT,
    legal_basis=AccessContext.LEGAL_BASIS_EMERGENCY,
    reason="unconscious on arrival",
)
HOLDER = "facility/79999"


@pytest.fixture
async def routing(world: World) -> Routing:
    return await Routing(world).start()


async def asked(routing: Routing, access: AccessContext = CONSENTED, **given: Any) -> RecordRequest:
    wanted = {"person": PERSON, "requester": DISTRICT, "holder": PROVINCE, "scope": "CT of 2026", **given}
    answer = await routing.record_requests().RequestRecords(
        pb.RequestRecordsRequest(
            request_id=str(uuid4()), record_request=RecordRequest(**wanted), access=access
        )
    )
    return answer.record_request


def fulfilment(request: RecordRequest, message: str) -> pb.FulfilRecordRequestRequest:
    return pb.FulfilRecordRequestRequest(request_id=str(uuid4()), name=request.name, message=message)


def declining(request: RecordRequest) -> pb.DeclineRecordRequestRequest:
    return pb.DeclineRecordRequestRequest(request_id=str(uuid4()), name=request.name, reason="no such study")


async def test_the_holder_gets_the_request_with_its_ground_and_answers_with_a_message(routing: Routing):
    request = await asked(routing)
    async with routing.receiving(HOLDER) as inbox:
        delivery = await inbox.next()
        await routing.acknowledge(delivery)
    records = await routing.send(
        b"<records/>", caller=HOLDER, sender=PROVINCE, recipient=DISTRICT, kind=Message.KIND_RECORD_RESPONSE
    )
    stub = routing.record_requests(HOLDER)
    done = (await stub.FulfilRecordRequest(fulfilment(request, records.message.name))).record_request
    late = await refused(stub.DeclineRecordRequest(declining(request)))
    async with routing.receiving("facility/01999") as inbox:
        answer, notice = await inbox.take(2)

    assert delivery.message.kind == Message.KIND_RECORD_REQUEST
    assert RecordRequest.FromString(delivery.body) == request
    assert request.access == CONSENTED
    assert (done.state, done.message) == (
        RecordRequest.STATE_FULFILLED,
        records.message.name,
    )
    assert (late.reason, late.metadata["state"]) == (reasons.RECORD_REQUEST_STATE.name, "FULFILLED")
    assert answer.body == b"<records/>"
    assert Notice.FromString(notice.body).event == Notice.EVENT_RECORDS_SENT


async def test_a_holder_declines_and_the_requester_is_told(routing: Routing):
    request = await asked(routing)
    done = await routing.record_requests(HOLDER).DeclineRecordRequest(declining(request))
    async with routing.receiving("facility/01999") as inbox:
        notice = Notice.FromString((await inbox.next()).body)
    found = await routing.record_requests().GetRecordRequest(
        pb.GetRecordRequestRequest(name=request.name, access=CONSENTED)
    )

    assert (notice.event, notice.subject) == (
        Notice.EVENT_RECORDS_DECLINED,
        request.name,
    )
    assert found.record_request == done.record_request
    assert (found.record_request.state, found.record_request.note) == (
        RecordRequest.STATE_DECLINED,
        "no such study",
    )


async def test_only_a_message_from_the_holder_to_the_requester_answers(routing: Routing):
    request = await asked(routing)
    foreign = await routing.send(b"x")

    refusal = await refused(
        routing.record_requests(HOLDER).FulfilRecordRequest(fulfilment(request, foreign.message.name))
    )

    assert (refusal.code, refusal.reason) == (StatusCode.INVALID_ARGUMENT, reasons.ANSWER_FOREIGN.name)


async def test_an_emergency_is_flagged_for_review(routing: Routing):
    await asked(routing, EMERGENCY)

    rows = await routing.rows("SELECT reason, flagged FROM audit")

    assert [tuple(row) for row in rows] == [("unconscious on arrival", True)]


async def test_strangers_and_forged_requesters_are_refused(routing: Routing):
    request = await asked(routing)
    stranger = routing.record_requests("facility/79024")

    refusals = [
        await refused(
            stranger.GetRecordRequest(pb.GetRecordRequestRequest(name=request.name, access=CONSENTED))
        ),
        await refused(stranger.DeclineRecordRequest(declining(request))),
        await refused(routing.record_requests().DeclineRecordRequest(declining(request))),
        await refused(asked(routing, requester=PROVINCE, holder=DISTRICT)),
        await refused(asked(routing, holder=DISTRICT)),
    ]

    assert [one.reason for one in refusals] == [
        *[reasons.RECORD_REQUEST_DENIED.name] * 3,
        chassis_reasons.FACILITY_MISMATCH.name,
        reasons.REQUEST_TO_SELF.name,
    ]

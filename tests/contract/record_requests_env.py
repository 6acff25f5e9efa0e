"""What the tests of record requests share: asking, answering, and looking."""

from typing import Any
from uuid import uuid4

from lientuyen.routing.v1 import record_request_service_pb2 as pb
from lientuyen.routing.v1.mailbox_service_pb2 import SendMessageResponse
from lientuyen.routing.v1.message_pb2 import Message, Notice
from lientuyen.routing.v1.record_request_pb2 import RecordRequest
from lientuyen.type.v1.access_pb2 import AccessContext
from tests.contract.routing_env import CHO_RAY, CONSENTED, DISTRICT, PERSON, PROVINCE, Inbox, Routing

REQUESTER, HOLDER, OTHER_HOLDER = "facility/01999", "facility/79999", "facility/79024"
BOTH = [RecordRequest.Holder(facility=PROVINCE), RecordRequest.Holder(facility=CHO_RAY)]


async def ask(
    routing: Routing, access: AccessContext = CONSENTED, *, request_id: str = "", **given: Any
) -> pb.RequestRecordsResponse:
    """Ask the two hospitals, or whom *given* names, for the records of the person."""
    wanted = {"person": PERSON, "requester": DISTRICT, "scope": "CT of 2026", "holders": BOTH, **given}
    request = pb.RequestRecordsRequest(
        request_id=request_id or str(uuid4()), record_request=RecordRequest(**wanted), access=access
    )
    return await routing.record_requests().RequestRecords(request)


async def asked(routing: Routing, **given: Any) -> RecordRequest:
    return (await ask(routing, **given)).record_request


async def answer(
    routing: Routing, request: RecordRequest, holder: str = HOLDER, body: bytes = b"<records/>"
) -> SendMessageResponse:
    """Send a part of the records, naming the request."""
    return await routing.send(
        body,
        caller=holder,
        recipient=DISTRICT,
        kind=Message.KIND_RECORD_RESPONSE,
        about=request.name,
        person=PERSON,
    )


async def fulfil(
    routing: Routing, request: RecordRequest, message: str, holder: str = HOLDER
) -> RecordRequest:
    fulfilment = pb.FulfilRecordRequestRequest(request_id=str(uuid4()), name=request.name, message=message)
    return (await routing.record_requests(holder).FulfilRecordRequest(fulfilment)).record_request


async def decline(routing: Routing, request: RecordRequest, holder: str = HOLDER) -> RecordRequest:
    refusal = pb.DeclineRecordRequestRequest(
        request_id=str(uuid4()), name=request.name, reason="no such study"
    )
    return (await routing.record_requests(holder).DeclineRecordRequest(refusal)).record_request


async def cancel(routing: Routing, request: RecordRequest, caller: str = REQUESTER) -> RecordRequest:
    cancellation = pb.CancelRecordRequestRequest(
        request_id=str(uuid4()), name=request.name, reason="transferred"
    )
    return (await routing.record_requests(caller).CancelRecordRequest(cancellation)).record_request


async def look(
    routing: Routing, request: RecordRequest, caller: str = REQUESTER
) -> pb.GetRecordRequestResponse:
    question = pb.GetRecordRequestRequest(name=request.name, access=CONSENTED)
    return await routing.record_requests(caller).GetRecordRequest(question)


def states(request: RecordRequest) -> list[str]:
    """The states of the holders, without their prefix, in the order of their naming."""
    return [RecordRequest.Holder.State.Name(each.state).removeprefix("STATE_") for each in request.holders]


def state(request: RecordRequest) -> str:
    return RecordRequest.State.Name(request.state).removeprefix("STATE_")


async def events(inbox: Inbox, count: int) -> list[str]:
    """The events of the next notices."""
    notices = [Notice.FromString(delivery.body) for delivery in await inbox.take(count)]
    return [Notice.Event.Name(notice.event).removeprefix("EVENT_") for notice in notices]


async def states_of_messages(routing: Routing, kind: str) -> list[str]:
    """The states of all messages of a kind (`record_request`), by their recipient."""
    rows = await routing.rows("SELECT state FROM messages WHERE kind = $1 ORDER BY recipient, sequence", kind)
    return [row["state"] for row in rows]

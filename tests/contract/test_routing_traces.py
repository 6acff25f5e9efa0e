"""A message and its trace: who receives, acknowledges, rejects or downloads it shows there, whoever calls."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from grpc import StatusCode
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind
from opentelemetry.trace import StatusCode as SpanStatus

from lientuyen.routing.v1 import mailbox_service_pb2 as pb
from tests.contract.routing_env import Routing, acknowledgement, name_of, upload
from tests.harness import World, eventually, refused
from tests.metrics import Observed, attributes

DESTINATION = "facilities/{facility}"
PROVINCE = name_of("facility/79999")

LogLines = Callable[[str], list[dict[str, object]]]


@pytest.fixture
async def routing(world: World, observed: Observed) -> Routing:
    return await Routing(world).start()


async def ended(observed: Observed, suffix: str) -> ReadableSpan:
    """Return the one span whose name ends so, once it has ended."""
    (span,) = await eventually(lambda: observed.spans(suffix))
    return span


def trace_id(span: ReadableSpan) -> str:
    assert span.context is not None
    return f"{span.context.trace_id:032x}"


def linked_traces(span: ReadableSpan) -> set[str]:
    return {f"{link.context.trace_id:032x}" for link in span.links}


async def send_and_receive(routing: Routing) -> tuple[str, Any]:
    """Send a message in a trace of its own; return that trace's id and the delivery."""
    trace = uuid4().hex
    parent = (("traceparent", f"00-{trace}-{uuid4().hex[:16]}-01"),)
    await routing.mailbox().SendMessage(upload(b"x"), metadata=parent)
    async with routing.receiving() as inbox:
        return trace, await inbox.next()


@pytest.mark.parametrize(
    ("operation", "kind"),
    [("acknowledge", "settle"), ("reject", "settle"), ("download", "receive")],
)
async def test_what_becomes_of_a_message_shows_in_its_trace_and_is_linked_to_it(
    routing: Routing, observed: Observed, operation: str, kind: str
):
    trace, delivery = await send_and_receive(routing)
    if operation == "acknowledge":
        await routing.acknowledge(delivery)
    elif operation == "reject":
        await routing.reject(delivery)
    else:
        download = pb.DownloadMessageRequest(name=delivery.message.name)
        assert [reply async for reply in routing.mailbox("facility/79999").DownloadMessage(download)]

    call = await ended(observed, f"/{operation.capitalize()}Message")
    moment = await ended(observed, f"{operation} {DESTINATION}")
    assert trace_id(call) != trace
    assert linked_traces(call) == {trace}
    assert (trace_id(moment), linked_traces(moment)) == (trace, {trace_id(call)})
    assert moment.kind is SpanKind.CLIENT
    assert attributes(moment) == {
        "messaging.system": "lientuyen.mailbox",
        "messaging.operation.name": operation,
        "messaging.operation.type": kind,
        "messaging.destination.name": "facilities/79999",
        "messaging.destination.template": DESTINATION,
        "messaging.message.id": delivery.message.name.removeprefix("//routing.lientuyen/"),
    }


async def test_a_delivery_shows_in_the_messages_trace_and_is_linked_to_the_stream(
    routing: Routing, observed: Observed
):
    trace, delivery = await send_and_receive(routing)

    stream = await ended(observed, "/ReceiveMessages")
    moment = await ended(observed, f"receive {DESTINATION}")
    assert (trace_id(moment), linked_traces(moment)) == (trace, {trace_id(stream)})
    assert linked_traces(stream) == {trace}
    assert attributes(moment)["messaging.message.id"] == delivery.message.name.removeprefix(
        "//routing.lientuyen/"
    )


async def test_a_stream_that_its_client_cancels_is_no_error(
    routing: Routing, observed: Observed, log_lines: LogLines
):
    for _ in range(20):
        await routing.send()
    async with routing.receiving(outstanding=20) as inbox:
        await inbox.next()

    span = await ended(observed, "/ReceiveMessages")
    assert attributes(span)["rpc.response.status_code"] == "CANCELLED"
    assert_no_error(span, observed, log_lines)


async def test_a_stream_that_ends_with_its_clients_deadline_is_no_error(
    routing: Routing, observed: Observed, log_lines: LogLines
):
    request = pb.ReceiveMessagesRequest(recipient=PROVINCE)

    refusal = await refused(routing.mailbox("facility/79999").ReceiveMessages(request, timeout=1))

    span = await ended(observed, "/ReceiveMessages")
    assert refusal.code is StatusCode.DEADLINE_EXCEEDED
    assert attributes(span)["rpc.response.status_code"] == "DEADLINE_EXCEEDED"
    assert_no_error(span, observed, log_lines)


def assert_no_error(span: ReadableSpan, observed: Observed, log_lines: LogLines) -> None:
    """Fail when the end of a stream counts as an error in a span, a figure or a log line."""
    assert span.status.status_code is SpanStatus.UNSET
    assert "error.type" not in attributes(span)
    durations = observed.points("rpc.server.call.duration")
    assert [point for point in durations if "error.type" in point.attributes] == []
    assert observed.points("lientuyen.rpc.server.refusals") == []
    assert log_lines("unhandled error") + log_lines("request refused") == []


async def test_a_stream_with_one_answer_carries_the_request_id_of_its_first_message(
    routing: Routing, observed: Observed
):
    messages = list(upload(b"x"))

    await routing.mailbox().SendMessage(iter(messages))

    span = await ended(observed, "/SendMessage")
    assert attributes(span)["lientuyen.request_id"] == messages[0].request_id
    assert attributes(span)["enduser.id"] == "facility/01999"


async def test_a_refused_acknowledgement_says_who_asked_with_which_id_and_why(
    routing: Routing, observed: Observed, log_lines: LogLines
):
    _, delivery = await send_and_receive(routing)
    request = acknowledgement(delivery)

    refusal = await refused(routing.mailbox("facility/79024").AcknowledgeMessage(request))

    span = await ended(observed, "/AcknowledgeMessage")
    (line,) = await eventually(lambda: log_lines("request refused"))
    assert attributes(span)["lientuyen.error.reason"] == refusal.reason
    assert (line["reason"], line["trace_id"]) == (refusal.reason, trace_id(span))
    assert (line["caller"], line["request_id"]) == ("facility/79024", request.request_id)
    assert attributes(span)["enduser.id"] == line["caller"]
    assert attributes(span)["lientuyen.request_id"] == line["request_id"]
    assert observed.spans(f"acknowledge {DESTINATION}") == []

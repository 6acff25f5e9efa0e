"""Events in traces: published and delivered by the conventions, and every line about one with its trace."""

from collections.abc import Callable

import grpc
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind, StatusCode

from chassis import spans
from chassis.db import Database
from chassis.errors import NotFound, Unavailable
from chassis.outbox import RETRY_POLICY
from lientuyen.chassis.v1 import error_reasons as reasons
from tests.contract.outbox_relay import NOTHING_THERE, Receiver, column, is_all, relaying, send
from tests.harness import eventually
from tests.metrics import Observed, attributes

LogLines = Callable[[str], list[dict[str, object]]]


async def publish(db: Database) -> tuple[str, str]:
    """Publish an event in a call; return the call's trace id and the event's id."""
    with spans.server_span("lientuyen.records.v1.DossierService/SubmitDossier", ()) as call:
        trace_id = spans.trace_id()
        (event_id,) = await send(db, b"x")
        call.answered(grpc.StatusCode.OK)
    return trace_id, str(event_id)


def only(spans: list[ReadableSpan]) -> ReadableSpan:
    (span,) = spans
    return span


def ids(span: ReadableSpan) -> tuple[str, int]:
    assert span.context is not None
    return f"{span.context.trace_id:032x}", span.context.span_id


async def test_an_event_is_sent_under_its_call_and_processed_under_what_sent_it(
    db: Database, observed: Observed
):
    trace_id, event_id = await publish(db)
    async with relaying(db, told=Receiver()):
        await eventually(lambda: is_all(db, "done"))

    call, sent, processed = (
        only(observed.spans(name)) for name in ("/SubmitDossier", "send told", "process told")
    )
    assert {ids(span)[0] for span in (call, sent, processed)} == {trace_id}
    assert sent.parent is not None
    assert processed.parent is not None
    assert (sent.parent.span_id, processed.parent.span_id) == (ids(call)[1], ids(sent)[1])
    assert (sent.kind, processed.kind) == (SpanKind.PRODUCER, SpanKind.CONSUMER)
    common = {
        "messaging.system": "lientuyen.outbox",
        "messaging.destination.name": "told",
        "messaging.message.id": event_id,
    }
    assert attributes(sent) == {
        **common,
        "messaging.operation.name": "send",
        "messaging.operation.type": "send",
    }
    assert attributes(processed) == {
        **common,
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
    }


async def test_a_line_about_an_event_that_fails_is_of_its_trace(
    db: Database, observed: Observed, log_lines: LogLines
):
    trace_id, event_id = await publish(db)
    failures = Unavailable(reasons.STORE_UNAVAILABLE), NotFound(NOTHING_THERE, name="Nguyễn Văn A")
    async with relaying(db, told=Receiver(*failures)):
        await eventually(lambda: is_all(db, "dead"))

    retried, given_up = log_lines("event not delivered"), log_lines("event given up")
    first, second = observed.spans("process told")
    assert [line["trace_id"] for line in (*retried, *given_up)] == [trace_id] * 2
    assert [line["event_id"] for line in (*retried, *given_up)] == [event_id] * 2
    assert [int(str(line["span_id"]), 16) for line in (*retried, *given_up)] == [
        ids(first)[1],
        ids(second)[1],
    ]
    assert "Nguyễn" not in str(retried + given_up)
    assert first.status.status_code is second.status.status_code is StatusCode.ERROR
    assert attributes(first)["lientuyen.error.reason"] == reasons.STORE_UNAVAILABLE.name
    assert attributes(second)["error.type"] == "NotFound"


async def test_an_event_of_no_trace_is_delivered_in_one_that_its_lines_name(
    db: Database, observed: Observed, log_lines: LogLines
):
    await send(db, b"x")
    async with relaying(db, retry_policy=RETRY_POLICY, told=Receiver(NotFound(NOTHING_THERE, name="x"))):
        await eventually(lambda: is_all(db, "dead"))

    (line,) = log_lines("event given up")
    assert await column(db, "traceparent") == [""]
    assert line["trace_id"] == ids(only(observed.spans("process told")))[0]

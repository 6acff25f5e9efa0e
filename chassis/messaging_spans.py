"""
The spans of events and messages, by the conventions for messaging (in development).

    send referral.issued          PRODUCER   an event is written into the outbox
    process referral.issued       CONSUMER   it is delivered, in the trace it was written in
    receive facilities/{facility} CLIENT     a message is handed out; also acknowledge, reject,
                                             download; relay and arrive between nodes

A message lives for days, and whoever acknowledges it calls in a trace of its own.  So that its own trace
tells the whole story, each of these leaves a moment there, under what sent it, linked to the call; and
the call is linked to what sent the message (docs/adr/0043).
"""

from contextlib import AbstractContextManager, nullcontext
from typing import Final, Protocol

from opentelemetry import trace
from opentelemetry.trace import Link, Span, SpanKind

from . import telemetry
from .spans import Attributes, remote_context, work_span

OUTBOX: Final = "lientuyen.outbox"
MAILBOX: Final = "lientuyen.mailbox"

# Every facility has its mailbox; a span's name is of all of them.
MAILBOXES: Final = "facilities/{facility}"

# What a receiver does, and the type that the conventions give it.
OPERATION_TYPES: Final = {
    "receive": "receive",
    "download": "receive",
    "acknowledge": "settle",
    "reject": "settle",
    # To another node, and there.
    "relay": "send",
    "arrive": "receive",
}


class SentMessage(Protocol):
    """A message as it is stored, or as it is answered."""

    @property
    def name(self) -> str: ...
    @property
    def recipient(self) -> str: ...
    @property
    def traceparent(self) -> str: ...


def producer_span(topic: str, event_id: str) -> AbstractContextManager[object]:
    """Return the block in which an event is published; none where the trace is not kept."""
    if not trace.get_current_span().is_recording():
        return nullcontext()
    return work_span(f"send {topic}", SpanKind.PRODUCER, _attributes(OUTBOX, "send", "send", topic, event_id))


def consumer_span(topic: str, event_id: str, parent: str) -> AbstractContextManager[Span]:
    """Return the block in which an event is delivered, under its W3C *parent*.

    *parent* is what `traceparent` returned where the event was published; empty begins a trace.
    """
    attributes = _attributes(OUTBOX, "process", "process", topic, event_id)
    return work_span(f"process {topic}", SpanKind.CONSUMER, attributes, remote_context(parent))


def trace_message(operation: str, message: SentMessage) -> None:
    """Note *operation* of the current call (`acknowledge`) in the trace of *message*, and link the two."""
    parent, call = remote_context(message.traceparent), trace.get_current_span()
    sent = trace.get_current_span(parent).get_span_context()
    if not sent.is_valid:
        return
    destination, message_id = _short(message.recipient), _short(message.name)
    attributes = {
        **_attributes(MAILBOX, operation, OPERATION_TYPES[operation], destination, message_id),
        "messaging.destination.template": MAILBOXES,
    }
    moment = telemetry.current().tracer.start_span(
        f"{operation} {MAILBOXES}", parent, SpanKind.CLIENT, attributes, [Link(call.get_span_context())]
    )
    moment.end()
    call.add_link(sent, {"messaging.message.id": message_id})


def _attributes(system: str, operation: str, kind: str, destination: str, message_id: str) -> Attributes:
    return {
        "messaging.system": system,
        "messaging.operation.name": operation,
        "messaging.operation.type": kind,
        "messaging.destination.name": destination,
        "messaging.message.id": message_id,
    }


def _short(name: str) -> str:
    """Return `messages/5b0e…` for `//routing.lientuyen/messages/5b0e…`."""
    return "/".join(name.split("/")[-2:])

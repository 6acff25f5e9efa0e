"""
The spans: one for a call answered, a call made, a request over HTTP, a piece of work.

Those of statements are in `db_spans`, those of events and messages in `messaging_spans`;
docs/telemetry.md lists all of them with what they carry.

Each is a context manager.  None holds a parameter, a message or the text of an
exception, which may be about a patient: what went wrong is a code or the name of
a type (`error.type`).  Where the trace is not kept, the trace id still passes on.

A call that is answered with an error, in a trace that is not kept, is exported
all the same, alone, with `lientuyen.kept_for` = `error`.  Whoever counts spans
and multiplies by the sampling ratio must leave these out.

Attributes follow the conventions that `telemetry.SCHEMA_URL` names: for RPC a release candidate, for
HTTP and databases stable, for messaging in development (opentelemetry.io/docs/specs/semconv).
"""

import asyncio
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import lru_cache
from typing import Final, TypeAlias
from urllib.parse import urlsplit

import grpc
from opentelemetry import context as otel
from opentelemetry import trace
from opentelemetry.metrics import Histogram
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import Span, SpanContext, SpanKind, Status, StatusCode, TraceFlags
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from . import telemetry
from .call_context import current_or_none
from .errors import ServiceError

# Ours, where the conventions have no attribute: the reason of a refusal, as in its `ErrorInfo`, and the
# `request_id` of a write.  Who calls is `enduser.id` (docs/adr/0043).
ERROR_REASON: Final = "lientuyen.error.reason"
REQUEST_ID: Final = "lientuyen.request_id"

# The codes that make a server's span an error: those that are its own fault.
# A client's span is one for every code but OK.
SERVER_ERRORS: Final = frozenset(
    (
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.UNIMPLEMENTED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DATA_LOSS,
    )
)

_W3C: Final = TraceContextTextMapPropagator()
_ERROR: Final = Status(StatusCode.ERROR)
_NO_SPAN: Final[AbstractContextManager[None]] = nullcontext()

Metadata: TypeAlias = Iterable[tuple[str, str | bytes]]
Attributes: TypeAlias = Mapping[str, str | int]


class RpcSpan:
    """The span of a call inside its block: say how it ended with `answered`.

    A block left by an exception without that ends as UNKNOWN, a cancelled one as CANCELLED.
    """

    __slots__ = ("_code", "_failed", "_span", "metadata", "reason")

    def __init__(self, span: Span, metadata: tuple[tuple[str, str], ...]) -> None:
        self._span = span
        self._code: grpc.StatusCode | None = None
        self._failed: bool | None = None
        # Why it was refused, as the contract names it: `ERROR_REASON_PERSON_NOT_FOUND`.
        self.reason = ""
        # What passes the trace on: to be sent with each attempt at the call.
        self.metadata = metadata

    def answered(self, code: grpc.StatusCode, reason: str = "", *, failed: bool | None = None) -> None:
        """Say how the call ended, and why; *failed*, where the code alone does not tell if it is an error."""
        self._code, self.reason, self._failed = code, reason, failed

    def retried(self, attempts: int) -> None:
        """Note how many attempts there were before the last one."""
        self._span.set_attribute("lientuyen.previous_attempts", attempts)

    def code(self, error: BaseException | None) -> grpc.StatusCode:
        if self._code is not None or error is None:
            return self._code or grpc.StatusCode.OK
        cancelled = isinstance(error, asyncio.CancelledError)
        return grpc.StatusCode.CANCELLED if cancelled else grpc.StatusCode.UNKNOWN

    def failed(self, kind: SpanKind, code: grpc.StatusCode) -> bool:
        if self._failed is not None:
            return self._failed
        return code in SERVER_ERRORS if kind is SpanKind.SERVER else code is not grpc.StatusCode.OK

    def details(self) -> Attributes:
        """Return who called, with which `request_id`, and why it was refused, as far as is known."""
        answering = current_or_none()
        details = {ERROR_REASON: self.reason} if self.reason else {}
        if answering is not None:
            details["enduser.id"] = str(answering.caller)
            if answering.request_id:
                details[REQUEST_ID] = answering.request_id
        return details


def server_span(full_method: str, metadata: Metadata) -> AbstractContextManager[RpcSpan]:
    """Return the block in which `lientuyen.identity.v1.PersonService/GetPerson` is answered.

    *metadata* are the call's; its W3C `traceparent` is the parent.
    """
    name, attributes = _method(full_method)
    headers = {key: value for key, value in metadata if key in ("traceparent", "tracestate")}
    # It begins empty, for a call is no part of what ran here before.
    parent = _W3C.extract(headers, otel.Context()) if headers else otel.Context()
    return _rpc_span(SpanKind.SERVER, name, attributes, parent)


def client_span(full_method: str, address: str = "") -> AbstractContextManager[RpcSpan]:
    """Return the block in which *full_method* of the peer at *address* (host:port) is called, and again."""
    name, attributes = _method(full_method)
    return _rpc_span(SpanKind.CLIENT, name, {**attributes, **_server(address)}, otel.get_current())


@contextmanager
def _rpc_span(kind: SpanKind, name: str, attributes: Attributes, parent: otel.Context) -> Iterator[RpcSpan]:
    current = telemetry.current()
    start_ns, began = time.time_ns(), time.perf_counter()
    above = trace.get_current_span(parent)
    # A call for one whose trace is not kept passes on that one's id: if both fail, both are found.
    is_quiet = kind is SpanKind.CLIENT and above.get_span_context().is_valid and not above.is_recording()
    span = above if is_quiet else _start(name, kind, attributes, parent)
    context = trace.set_span_in_context(span, parent)
    call = RpcSpan(span, _injected(context) if kind is SpanKind.CLIENT else ())
    error: BaseException | None = None
    try:
        # A call that is made is not the current span: its answers are read in the block of whoever asked.
        with _attached(context) if kind is SpanKind.SERVER else _NO_SPAN:
            yield call
    except BaseException as escaped:
        error = escaped
        raise
    finally:
        code, is_server = call.code(error), kind is SpanKind.SERVER
        failed = call.failed(kind, code)
        durations = current.server_duration if is_server else current.client_duration
        durations.record(time.perf_counter() - began, _outcome(name, code, failed), context)
        if span.is_recording():
            _end(span, {**_ending(code, failed), **(call.details() if is_server else {})})
        elif failed and is_server:
            ending = {**_ending(code, True), **call.details()}
            _export_alone(span, parent, name, {**attributes, **ending}, start_ns)


class HttpSpan:
    """The span of a request over HTTP inside its block."""

    __slots__ = ("error", "status")

    def __init__(self) -> None:
        self.status, self.error = 0, ""

    def answered(self, status: int) -> None:
        self.status = status

    def failed(self, error: str) -> None:
        """Note that the answer was none, by a word of a closed set."""
        self.error = error

    def ending(self, error: BaseException | None) -> dict[str, str | int]:
        ending: dict[str, str | int] = {"http.response.status_code": self.status} if self.status else {}
        kind = self.error
        if not kind and error is not None:
            cancelled = isinstance(error, asyncio.CancelledError)
            kind = "cancelled" if cancelled else type(error).__qualname__
        if not kind and self.status >= 400:
            kind = str(self.status)
        return {**ending, "error.type": kind} if kind else ending


@contextmanager
def http_span(name: str, method: str, url: str) -> Iterator[HttpSpan]:
    """Hold one request to *url*, of which host and port are recorded, and nothing of path, query or body.

    *name* is ours and constant: `coverage.look_up`.
    """
    address = urlsplit(url)
    attributes: Attributes = {
        "http.request.method": method,
        "server.address": address.hostname or "",
        "server.port": address.port or (443 if address.scheme == "https" else 80),
    }
    span = _start(name, SpanKind.CLIENT, attributes)
    request, began = HttpSpan(), time.perf_counter()
    error: BaseException | None = None
    try:
        yield request
    except BaseException as escaped:
        error = escaped
        raise
    finally:
        ending = request.ending(error)
        histogram: Histogram = telemetry.current().http_duration
        histogram.record(
            time.perf_counter() - began, {**attributes, **ending}, trace.set_span_in_context(span)
        )
        _end(span, ending)


def span(name: str) -> AbstractContextManager[object]:
    """Return a block with a span of its own, where the trace is kept, for work worth seeing apart."""
    if not trace.get_current_span().is_recording():
        return _NO_SPAN
    return work_span(name, SpanKind.INTERNAL, {})


def request_event(name: str, request_id: str, reason: str = "") -> None:
    """Note on the call's span what became of one of its many requests: `request received` or `… refused`."""
    attributes = {REQUEST_ID: request_id, ERROR_REASON: reason}
    trace.get_current_span().add_event(name, {key: value for key, value in attributes.items() if value})


@contextmanager
def work_span(
    name: str, kind: SpanKind, attributes: Attributes, parent: otel.Context | None = None
) -> Iterator[Span]:
    """Hold a block of work; its span fails when an exception leaves it, and that by its type."""
    span = _start(name, kind, attributes, parent)
    try:
        with _attached(trace.set_span_in_context(span, parent)):
            yield span
    except Exception as error:
        fail(span, error)
        raise
    finally:
        span.end()


def fail(span: Span, error: Exception) -> None:
    """Let *span* tell of *error* its type, and its reason when it is one of the contract."""
    span.set_attribute("error.type", type(error).__qualname__)
    if isinstance(error, ServiceError):
        span.set_attribute(ERROR_REASON, error.reason.name)
    span.set_status(_ERROR)


@contextmanager
def _attached(context: otel.Context) -> Iterator[None]:
    token = otel.attach(context)
    try:
        yield
    finally:
        # A streaming handler that is thrown away unfinished ends in another context than it began in.
        if otel.get_current() is context:
            otel.detach(token)


def remote_context(parent: str) -> otel.Context:
    """Return the context of a W3C `traceparent`, as `traceparent` returned it; an empty one for none."""
    return _W3C.extract({"traceparent": parent}, otel.Context())


def traceparent() -> str:
    return dict(_injected(otel.get_current())).get("traceparent", "")


def trace_id() -> str:
    """Return the current trace's id, 32 hex digits; empty outside a trace."""
    context = trace.get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else ""


def _start(name: str, kind: SpanKind, attributes: Attributes, parent: otel.Context | None = None) -> Span:
    """Start a span that will never record the message of an exception."""
    return telemetry.current().tracer.start_span(
        name, parent, kind, attributes, record_exception=False, set_status_on_exception=False
    )


def _injected(context: otel.Context) -> tuple[tuple[str, str], ...]:
    carrier: dict[str, str] = {}
    _W3C.inject(carrier, context)
    return tuple(carrier.items())


# Names come from the contract, or are bounded by it; the cache is only a guard against strangers.
@lru_cache(maxsize=1024)
def _method(full_method: str) -> tuple[str, Attributes]:
    """Return the span's name and first attributes; gRPC itself writes a slash in front of the method."""
    name = full_method.removeprefix("/")
    return name, {"rpc.system.name": "grpc", "rpc.method": name}


@lru_cache(maxsize=64)
def _server(address: str) -> Attributes:
    host, _, port = address.rpartition(":")
    return {"server.address": host.rpartition("/")[2], "server.port": int(port)} if port.isdigit() else {}


@lru_cache(maxsize=4096)
def _outcome(name: str, code: grpc.StatusCode, failed: bool) -> Attributes:
    return {**_method(name)[1], **_ending(code, failed)}


def _ending(code: grpc.StatusCode, failed: bool) -> Attributes:
    ending = {"rpc.response.status_code": code.name}
    return {**ending, "error.type": code.name} if failed else ending


def _end(span: Span, ending: Attributes) -> None:
    span.set_attributes(ending)
    if "error.type" in ending:
        span.set_status(_ERROR)
    span.end()


def _export_alone(span: Span, parent: otel.Context, name: str, attributes: Attributes, start_ns: int) -> None:
    """Export a failed call although its trace is not kept."""
    context, above = span.get_span_context(), trace.get_current_span(parent).get_span_context()
    sampled = SpanContext(
        context.trace_id, context.span_id, False, TraceFlags(TraceFlags.SAMPLED), context.trace_state
    )
    current = telemetry.current()
    current.export(
        ReadableSpan(
            name,
            sampled,
            above if above.is_valid else None,
            current.resource,
            {**attributes, "lientuyen.kept_for": "error"},
            kind=SpanKind.SERVER,
            status=_ERROR,
            start_time=start_ns,
            end_time=time.time_ns(),
            instrumentation_scope=telemetry.SCOPE,
        )
    )

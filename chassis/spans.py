"""
The spans: one for a call answered, a call made, a statement, an event delivered.

Each is a context manager.  None holds a parameter, a message or the text of an
exception, which may be about a patient: what went wrong is a code or the name of
a type (`error.type`).  Where the trace is not kept, a block costs next to nothing
and the trace id still passes on.

A call that is answered with an error, in a trace that is not kept, is exported
all the same, alone, with `lientuyen.kept_for` = `error`.  Whoever counts spans
and multiplies by the sampling ratio must leave these out.

Attributes follow the conventions for RPC (release candidate), databases (stable)
and messaging (in development): opentelemetry.io/docs/specs/semconv.
"""

import asyncio
import time
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from types import TracebackType
from typing import Self

import grpc
from opentelemetry import context as otel
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import Span, SpanContext, SpanKind, Status, StatusCode, TraceFlags
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from .recording import SCOPE, Attributes, Recorder

# The codes that make a server's span an error: those that are its own fault.
# A client's span is one for every code but OK.
SERVER_ERRORS = frozenset(
    (
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.UNIMPLEMENTED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DATA_LOSS,
    )
)

_W3C = TraceContextTextMapPropagator()
_ERROR = Status(StatusCode.ERROR)
_NOTHING: AbstractContextManager[None] = nullcontext()

Metadata = Iterable[tuple[str, str | bytes]]


recorder = Recorder()


class ServerSpan:
    """A call being answered; it is the current span inside the block.

    Say how it ended with `answered`.  A block left by an exception without
    that ends as UNKNOWN, a cancelled one as CANCELLED.
    """

    __slots__ = (
        "_attributes",
        "_began",
        "_code",
        "_context",
        "_name",
        "_parent",
        "_span",
        "_start",
        "_token",
    )

    def __init__(self, full_method: str, metadata: Metadata, known: bool) -> None:
        self._name, self._attributes = _method(full_method) if known else _OTHER
        self._parent = _extracted(metadata)
        self._code: grpc.StatusCode | None = None

    def __enter__(self) -> Self:
        self._start, self._began = time.time_ns(), time.perf_counter()
        self._span = recorder.start_server(self._name, self._attributes, self._parent)
        self._context = trace.set_span_in_context(self._span, self._parent)
        self._token = otel.attach(self._context)
        return self

    def answered(self, code: grpc.StatusCode) -> None:
        """Note the status that the call is answered with."""
        self._code = code

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        code = self._code or _code_of(error)
        failed = code in SERVER_ERRORS
        outcome = _outcome(self._name, code, failed)
        recorder.took(recorder.answered, time.perf_counter() - self._began, outcome, self._span)
        if self._span.is_recording():
            _end(self._span, code, failed)
        elif failed:
            self._keep(code)
        # A streaming handler that is thrown away unfinished ends in another context than it began in.
        if otel.get_current() is self._context:
            otel.detach(self._token)

    def _keep(self, code: grpc.StatusCode) -> None:
        """Export this failed call although its trace is not kept."""
        context, parent = self._span.get_span_context(), trace.get_current_span(self._parent)
        recorder.keep(
            ReadableSpan(
                self._name,
                SpanContext(
                    context.trace_id,
                    context.span_id,
                    False,
                    TraceFlags(TraceFlags.SAMPLED),
                    context.trace_state,
                ),
                parent.get_span_context() if self._parent else None,
                recorder.resource,
                {**self._attributes, **_ending(code, True), "lientuyen.kept_for": "error"},
                kind=SpanKind.SERVER,
                status=_ERROR,
                start_time=self._start,
                end_time=time.time_ns(),
                instrumentation_scope=SCOPE,
            )
        )


class ClientSpan:
    """A call to a peer, with all its attempts.  Send `metadata` with each; end it with `answered`."""

    __slots__ = ("_began", "_code", "_context", "_name", "_span", "metadata")

    def __init__(self, full_method: str, address: str) -> None:
        self._name, attributes = _method(full_method)
        current = trace.get_current_span()
        # Under a call whose trace is not kept there is nothing to add: its own id is passed on.
        if current.get_span_context().is_valid and not current.is_recording():
            self._span = current
        else:
            self._span = recorder.start(self._name, SpanKind.CLIENT, {**attributes, **_server(address)})
        self._code: grpc.StatusCode | None = None
        self._context = trace.set_span_in_context(self._span)
        self.metadata = _injected(self._context)

    def __enter__(self) -> Self:
        self._began = time.perf_counter()
        return self

    def answered(self, code: grpc.StatusCode) -> None:
        """Note the status that the peer answered with."""
        self._code = code

    def retried(self, attempts: int) -> None:
        """Note how many attempts there were before the last one."""
        self._span.set_attribute("lientuyen.previous_attempts", attempts)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        code = self._code or _code_of(error)
        failed = code is not grpc.StatusCode.OK
        outcome = _outcome(self._name, code, failed)
        recorder.took(recorder.asked, time.perf_counter() - self._began, outcome, self._span)
        if self._span.is_recording():
            _end(self._span, code, failed)


class Block:
    """A span around a block of work; failed when an exception leaves it, and that by its type."""

    __slots__ = ("_context", "_span", "_token")

    def __init__(self, span: Span, context: otel.Context | None = None) -> None:
        self._span = span
        self._context = trace.set_span_in_context(span, context)

    def __enter__(self) -> Span:
        self._token = otel.attach(self._context)
        return self._span

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None and self._span.is_recording() and not isinstance(error, asyncio.CancelledError):
            self._fail(error)
        self._span.end()
        if otel.get_current() is self._context:
            otel.detach(self._token)

    def _fail(self, error: BaseException) -> None:
        # PostgreSQL's own code for what went wrong, where there is one.
        sqlstate = getattr(error, "sqlstate", None)
        if isinstance(sqlstate, str):
            self._span.set_attribute("db.response.status_code", sqlstate)
        self._span.set_attribute("error.type", sqlstate or type(error).__qualname__)
        self._span.set_status(_ERROR)


def server_span(full_method: str, metadata: Metadata, *, known: bool = True) -> ServerSpan:
    """Return the block in which `lientuyen.identity.v1.PersonService/GetPerson` is answered.

    *metadata* are the call's; its W3C `traceparent` is the parent.  *known* is
    False for a method that nobody serves: its name, which a stranger chose, is not recorded.
    """
    return ServerSpan(full_method, metadata, known)


def client_span(full_method: str, address: str = "") -> ClientSpan:
    """Return the block in which *full_method* of the peer at *address* (host:port) is called."""
    return ClientSpan(full_method, address)


def db_span(operation: str, summary: str, namespace: str) -> AbstractContextManager[object]:
    """Return the block in which a statement runs: `SELECT`, `SELECT persons`, and the database's name.

    The statement's text and its parameters are not recorded.
    """
    if not trace.get_current_span().is_recording():
        return _NOTHING
    attributes = {
        "db.system.name": "postgresql",
        "db.namespace": namespace,
        "db.operation.name": operation,
        "db.query.summary": summary,
    }
    return Block(recorder.start(summary, SpanKind.CLIENT, attributes))


def consumer_span(name: str, parent: str) -> AbstractContextManager[Span]:
    """Return the block in which an event is delivered (`process referral.issued`), under its W3C *parent*.

    *parent* is what `traceparent` returned where the event was published; empty begins a trace.
    """
    context = _W3C.extract({"traceparent": parent}, otel.Context())
    attributes = {"messaging.system": "lientuyen.outbox", "messaging.operation.type": "process"}
    return Block(recorder.start(name, SpanKind.CONSUMER, attributes, context), context)


def span(name: str) -> AbstractContextManager[object]:
    """Return a block with a span of its own, where the trace is kept, for work worth seeing apart."""
    if not trace.get_current_span().is_recording():
        return _NOTHING
    return Block(recorder.start(name, SpanKind.INTERNAL, {}))


def traceparent() -> str:
    """Return the current span as a W3C `traceparent`, to be stored with an event; empty outside a trace."""
    carrier: dict[str, str] = {}
    _W3C.inject(carrier)
    return carrier.get("traceparent", "")


def trace_id() -> str:
    """Return the current trace's id, 32 hex digits; empty outside a trace."""
    context = trace.get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else ""


def _extracted(metadata: Metadata) -> otel.Context:
    """Return the context a call came with; it begins empty, for a call is no part of what ran here before."""
    headers = {key: value for key, value in metadata if key in ("traceparent", "tracestate")}
    return _W3C.extract(headers, otel.Context()) if headers else otel.Context()


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


_OTHER: tuple[str, Attributes] = ("grpc", {"rpc.system.name": "grpc", "rpc.method": "_OTHER"})


@lru_cache(maxsize=64)
def _server(address: str) -> Attributes:
    """Return the peer's host and port as attributes."""
    host, _, port = address.rpartition(":")
    return {"server.address": host.rpartition("/")[2], "server.port": int(port)} if port.isdigit() else {}


@lru_cache(maxsize=4096)
def _outcome(name: str, code: grpc.StatusCode, failed: bool) -> Attributes:
    """Return the attributes of a duration."""
    method = "_OTHER" if name == _OTHER[0] else name
    return {"rpc.system.name": "grpc", "rpc.method": method, **_ending(code, failed)}


def _ending(code: grpc.StatusCode, failed: bool) -> Attributes:
    ending = {"rpc.response.status_code": code.name}
    return {**ending, "error.type": code.name} if failed else ending


def _end(span: Span, code: grpc.StatusCode, failed: bool) -> None:
    span.set_attributes(_ending(code, failed))
    if failed:
        span.set_status(_ERROR)
    span.end()


def _code_of(error: BaseException | None) -> grpc.StatusCode:
    """Return how a block ended that was not told."""
    if error is None:
        return grpc.StatusCode.OK
    return grpc.StatusCode.CANCELLED if isinstance(error, asyncio.CancelledError) else grpc.StatusCode.UNKNOWN

"""
One call: a request id where the contract wants one, a deadline, a span, typed errors.

`RetryingStub(stub)` has the stub's methods, which do all four.  The request id is
written into the request itself, so that sending the same message again is a safe
retry; a call with one answer that nobody answered is sent again here, for longer
than a service takes to restart.
"""

import time
import uuid
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.message import Message
from opentelemetry import propagate, trace
from opentelemetry.trace import SpanKind, Status, StatusCode
from tenacity import AsyncRetrying, retry_if_exception, stop_before_delay, wait_exponential_jitter

from .errors import from_rpc

# What a call may take when the caller says nothing.  Streams may last.
DEFAULT_TIMEOUT_S = 15.0


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Seconds over which a call that nobody answered is sent again, and before the next attempt.

    The delay is doubled each time up to a bound, with a bit of chance, so that the clients of a
    service do not come all at once.
    """

    retry_for_s: float = 10.0
    first_delay_s: float = 0.3
    max_delay_s: float = 2.0


RETRY_POLICY = RetryPolicy()

# Seconds that an attempt must have: with less a service refuses.
MIN_ATTEMPT_S = 0.15

tracer = trace.get_tracer("lientuyen_client")


def with_request_id(request: Message) -> Message:
    """Give *request* a fresh `request_id` where it has such a field and none yet."""
    if "request_id" in request.DESCRIPTOR.fields_by_name and not request.request_id:  # type: ignore[attr-defined]
        request.request_id = str(uuid.uuid4())  # type: ignore[attr-defined]
    return request


@contextmanager
def client_span(path: str, peer: str) -> Iterator[list[tuple[str, str]]]:
    name = path.lstrip("/")
    attributes = {"rpc.system.name": "grpc", "rpc.method": name}
    span = tracer.start_span(name, kind=SpanKind.CLIENT, attributes=attributes)
    carrier: dict[str, str] = {}
    propagate.inject(carrier, trace.set_span_in_context(span))
    try:
        yield list(carrier.items())
        span.set_attribute("rpc.response.status_code", "OK")
    except grpc.aio.AioRpcError as error:
        span.set_attribute("rpc.response.status_code", error.code().name)
        span.set_status(Status(StatusCode.ERROR))
        raise from_rpc(error, peer) from error
    finally:
        span.end()


async def with_first_request_id(requests: AsyncIterable[Message]) -> AsyncIterator[Message]:
    first = True
    async for request in requests:
        yield with_request_id(request) if first else request
        first = False


async def until_closed(stream: Any) -> AsyncIterator[Message]:
    """Pass *stream* on; cancel the call when the reader leaves early."""
    try:
        async for reply in stream:
            yield reply
    finally:
        stream.cancel()


# A server that stops cancels the calls that reached it and that it had not begun.  Our own cancelling
# raises CancelledError, so that this code is always the other side's.
UNANSWERED_CODES = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)


def is_unanswered(error: BaseException) -> bool:
    return isinstance(error, grpc.aio.AioRpcError) and error.code() in UNANSWERED_CODES


def attempts(timeout: float | None, policy: RetryPolicy) -> AsyncRetrying:
    """Return the attempts at a call that may take *timeout* seconds; the last one's error is the call's.

    gRPC's own retries would end a call whose next attempt comes too late with a bare
    DEADLINE_EXCEEDED, and forget who did not answer.
    """
    retry_for = policy.retry_for_s
    if timeout is not None:
        retry_for = min(retry_for, max(0.0, timeout - MIN_ATTEMPT_S))
    first_delay = policy.first_delay_s
    return AsyncRetrying(
        retry=retry_if_exception(is_unanswered),
        wait=wait_exponential_jitter(multiplier=first_delay, max=policy.max_delay_s, jitter=first_delay),
        stop=stop_before_delay(retry_for),
        reraise=True,
    )


async def call_with_retries(
    method: Any,
    request: Message,
    timeout: float | None,
    metadata: list[tuple[str, str]],
    policy: RetryPolicy,
) -> Message:
    end = None if timeout is None else time.monotonic() + timeout
    async for attempt in attempts(timeout, policy):
        with attempt:
            remaining = None if end is None else end - time.monotonic()
            reply: Message = await method(request, timeout=remaining, metadata=metadata)
            return reply
    raise AssertionError("an attempt answers or raises")


def unary_unary(
    path: str, method: Any, policy: RetryPolicy = RETRY_POLICY, *, peer: str = ""
) -> Callable[..., Any]:
    async def call(request: Message, *, timeout: float | None = DEFAULT_TIMEOUT_S) -> Message:
        with client_span(path, peer) as metadata:
            return await call_with_retries(method, with_request_id(request), timeout, metadata, policy)

    return call


def stream_unary(path: str, method: Any, *, peer: str = "") -> Callable[..., Any]:
    async def call(requests: AsyncIterable[Message], *, timeout: float | None = None) -> Message:
        with client_span(path, peer) as metadata:
            reply: Message = await method(with_first_request_id(requests), timeout=timeout, metadata=metadata)
            return reply

    return call


def unary_stream(path: str, method: Any, *, peer: str = "") -> Callable[..., Any]:
    async def call(request: Message, *, timeout: float | None = None) -> AsyncIterator[Message]:
        with client_span(path, peer) as metadata:
            stream = method(with_request_id(request), timeout=timeout, metadata=metadata)
            async for reply in until_closed(stream):
                yield reply

    return call


def stream_stream(path: str, method: Any, *, peer: str = "") -> Callable[..., Any]:
    async def call(
        requests: AsyncIterable[Message], *, timeout: float | None = None
    ) -> AsyncIterator[Message]:
        with client_span(path, peer) as metadata:
            stream = method(with_first_request_id(requests), timeout=timeout, metadata=metadata)
            async for reply in until_closed(stream):
                yield reply

    return call


WRAPPERS: list[tuple[type, Callable[..., Callable[..., Any]]]] = [
    (grpc.aio.UnaryUnaryMultiCallable, unary_unary),
    (grpc.aio.StreamUnaryMultiCallable, stream_unary),
    (grpc.aio.UnaryStreamMultiCallable, unary_stream),
    (grpc.aio.StreamStreamMultiCallable, stream_stream),
]


class RetryingStub:
    """A stub's methods, each with request ids, a deadline, retries, a span and typed errors.

    *service* is the contract's; *peer* is who is called (`records`), to be named when it is silent.
    """

    def __init__(self, stub: object, service: str, peer: str = "") -> None:
        for name, method in vars(stub).items():
            wrapper = next(wrapper for kind, wrapper in WRAPPERS if isinstance(method, kind))
            setattr(self, name, wrapper(f"{service}/{name}", method, peer=peer))

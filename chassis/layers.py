"""
What every call passes on its way to a handler, in this order:

    traced      one server span and one duration, whatever becomes of the call
    translated  errors become statuses; a bug tells the caller nothing
    bounded     the caller's deadline, or the rule's; refuse what cannot be done in time
    admitted    the certificate names a caller, the rule admits it; refusals are logged
    validated   the bytes are a message, the message keeps the rules of the contract, and the ground
                it gives for reading is one that the caller can have

Errors are outside the deadline, or a timeout would leave as UNKNOWN; access is before
validation, so that who may not call learns nothing of the request.  What waits for nothing
is a plain function: every coroutine on the way is paid for each time the call goes on.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import grpc
from google.protobuf.message import DecodeError, Message

from lientuyen.chassis.v1 import error_reasons as reasons

from . import db, spans
from .access import Rule, caller_of
from .call_context import Call, Caller, caller, enter, trace_id
from .deadline import MIN_WORK, Limit, Limits, reply_margin
from .errors import (
    DETAILS_KEY,
    DeadlineExceeded,
    Internal,
    InvalidArgument,
    PermissionDenied,
    ServiceError,
    Unauthenticated,
    Unavailable,
    Unimplemented,
    Violation,
    to_status,
)
from .legal_basis import check_legal_basis
from .logs import log
from .validate import check

# How long the row of a refusal may take, in seconds, and never more than half of what is
# left of the call: the refusal itself must still be told.
REFUSAL_ROW = 1.0

# Less than this left, in seconds, and a client is told not to try again (gRFC A6): one that waits for
# its next attempt until its time is over reports DEADLINE_EXCEEDED, and forgets what we answered.
ROOM_FOR_ANOTHER = 0.5
NOT_AGAIN = ("grpc-retry-pushback-ms", "-1")

# The longest that one call may take, in seconds, whatever deadline its caller set: a bulk upload
# over a slow line.  (A stream without an end has no deadline unless its caller sets one.)
LONGEST = 3600.0

# The URIs among the certificate's subject alternative names, as grpc gives them.  (What it calls
# the peer's identities are the names of all types together, or the common name.)
URIS = "peer_uri"


@dataclass(frozen=True, slots=True)
class Method:
    """A method as it is served: its names, its rule, and the handler that answers it (None: unbuilt)."""

    name: str
    full_name: str
    rule: Rule | None
    handler: "grpc.RpcMethodHandler[Any, Any] | None"
    # Whether it runs until the client goes or the server stops.
    endless: bool = False


class Exchange:
    """One call on its way through the layers.  `request` is bytes until it is validated, then a message."""

    __slots__ = ("code", "context", "deadline", "limit", "method", "request")

    def __init__(self, method: Method, request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> None:
        self.method = method
        self.request = request
        self.context = context
        self.deadline: float | None = None
        self.limit: Limit | None = None
        self.code = grpc.StatusCode.OK


Rest: TypeAlias = Callable[[Exchange], Awaitable[Any]]


class Layers:
    """The layers of one server.

    *record_refusal* writes the row of a refusal, in a transaction of its own.
    """

    def __init__(
        self, trust_domain: str, record_refusal: Callable[[Exchange, PermissionDenied], Awaitable[None]]
    ) -> None:
        self._trust_domain = trust_domain
        self._record_refusal = record_refusal
        self._limits = Limits()
        self._endless: set[Limit] = set()
        self.draining = False

    async def guarded(self, exchange: Exchange) -> Any:
        """Answer a call of the contract: traced, translated, bounded, admitted, validated."""
        metadata = exchange.context.invocation_metadata() or ()
        with spans.server_span(exchange.method.full_name, metadata) as span:
            try:
                return await self._translated(exchange, self._admitted)
            except asyncio.CancelledError:
                exchange.code = grpc.StatusCode.CANCELLED
                raise
            finally:
                span.answered(exchange.code)

    async def open(self, exchange: Exchange) -> Any:
        """Answer health or reflection: open to any certificate of the authority, while draining too."""
        return await self._translated(exchange, parsed)

    async def _translated(self, exchange: Exchange, rest: Rest) -> Any:
        """Answer what escapes with a status.  The end of a call (AbortError, CancelledError) passes."""
        try:
            with self._bounded(exchange):
                return await rest(exchange)
        except grpc.aio.AbortError:
            raise
        except Exception as error:
            refusal = self._refusal(exchange, error)
        finally:
            if exchange.method.endless and exchange.limit is not None:
                self._endless.discard(exchange.limit)
        exchange.code = refusal.code
        status = to_status(refusal)
        trailers: tuple[tuple[str, str | bytes], ...] = ((DETAILS_KEY, status.SerializeToString()),)
        if refusal.code is grpc.StatusCode.UNAVAILABLE and _no_time_again(exchange):
            trailers += (NOT_AGAIN,)
        return await exchange.context.abort(refusal.code, status.message, trailers)

    def _bounded(self, exchange: Exchange) -> Limit:
        """Return the block that ends in time to answer; that of an endless call, when the server stops."""
        left = cast("float | None", exchange.context.time_remaining())
        if left is None and exchange.method.rule is not None:
            left = exchange.method.rule.deadline
        if left is not None:
            left = min(left, LONGEST)
            if left < MIN_WORK:
                raise DeadlineExceeded(reasons.DEADLINE_SPENT)
            left -= reply_margin(left)
            exchange.deadline = time.monotonic() + left
        exchange.limit = self._limits.within(left)
        if exchange.method.endless:
            self._endless.add(exchange.limit)
        return exchange.limit

    def _refusal(self, exchange: Exchange, error: Exception) -> ServiceError:
        """Return what to answer for *error*."""
        if isinstance(error, ServiceError):
            return error
        if isinstance(error, TimeoutError) and exchange.limit is not None and exchange.limit.expired:
            if exchange.method.endless and self.draining:
                return Unavailable(reasons.DRAINING)
            return DeadlineExceeded(reasons.DEADLINE_SPENT)
        return bug(error, exchange.method.full_name)

    def end_endless(self) -> None:
        """End every endless call now, with Unavailable(DRAINING): its client asks another replica."""
        for limit in list(self._endless):
            limit.expire()

    async def _admitted(self, exchange: Exchange) -> Any:
        """Answer a caller we know, by a method whose rule admits it.  Default deny."""
        if self.draining:
            raise Unavailable(reasons.DRAINING)
        method, asking = exchange.method, self._caller(exchange.context)
        if asking is None:
            log.warning("a certificate names no caller", peer=exchange.context.peer())
            raise Unauthenticated(reasons.CALLER_UNKNOWN)
        enter(Call(method.name, method.full_name, asking, exchange.deadline))
        try:
            if method.rule is None or not method.rule.admits(asking):
                raise PermissionDenied(reasons.METHOD_DENIED, method=method.name)
            _validated(exchange)
            return await answered(exchange)
        except PermissionDenied as refusal:
            await self._record(exchange, refusal)
            raise

    def _caller(self, context: grpc.aio.ServicerContext[Any, Any]) -> Caller | None:
        """Return whom the one URI of the certificate names; no other name in it is anybody."""
        known = cast(Mapping[str, Sequence[bytes]], context.auth_context())
        return caller_of(known.get(URIS, ()), self._trust_domain)

    async def _record(self, exchange: Exchange, refusal: PermissionDenied) -> None:
        """Leave a row of *refusal*.  A store that is down must not turn a refusal into anything else."""
        left = exchange.deadline - time.monotonic() if exchange.deadline is not None else REFUSAL_ROW
        try:
            async with asyncio.timeout(min(REFUSAL_ROW, left / 2)):
                await self._record_refusal(exchange, refusal)
        except Exception as error:
            log.error(
                "a refusal left no row in the access log",
                method=exchange.method.full_name,
                reason=refusal.reason.name,
                error=type(error).__qualname__,
            )


def _no_time_again(exchange: Exchange) -> bool:
    """Whether the caller has too little time left to wait and try again."""
    return exchange.deadline is not None and exchange.deadline - time.monotonic() < ROOM_FOR_ANOTHER


def bug(error: Exception, method: str) -> ServiceError:
    """Return what to answer for *error*, which nobody meant to escape *method*.

    A fault of the driver is what `db.translated` says of it: a lost connection
    is no bug.  All else is logged as its type and its frames, without its message.
    """
    if type(error).__module__.partition(".")[0] == "asyncpg":
        known = db.translated(error)
        if isinstance(known, ServiceError):
            return known
    log.error("unhandled error", method=method, code=_code(error), exc_info=error)
    return Internal(reasons.INTERNAL, trace_id=trace_id())


def _code(error: Exception) -> str:
    """Return the code that a peer or the database gave with *error*, or an empty string."""
    if isinstance(error, grpc.aio.AioRpcError):
        return error.code().name
    return str(getattr(error, "sqlstate", None) or "")


def _validated(exchange: Exchange) -> None:
    """Make messages of the bytes and hold each to the contract; a stream, one by one as they come."""
    handler = exchange.method.handler
    if handler is None:
        raise Unimplemented(reasons.METHOD_UNBUILT, method=exchange.method.name)
    if handler.request_streaming:
        exchange.request = _each_checked(exchange.request, handler.request_deserializer)
    else:
        exchange.request = _message(exchange.request, handler.request_deserializer)
        _check(exchange.request)


async def parsed(exchange: Exchange) -> Any:
    """Answer what is not of our contract and carries no rules."""
    handler = exchange.method.handler
    assert handler is not None
    if handler.request_streaming:
        exchange.request = _each(exchange.request, handler.request_deserializer)
    else:
        exchange.request = _message(exchange.request, handler.request_deserializer)
    return await answered(exchange)


async def answered(exchange: Exchange) -> bytes | None:
    """Run the handler.  Return its one answer as bytes, or write its stream of them."""
    handler, context = exchange.method.handler, exchange.context
    assert handler is not None
    answer = _behaviour(handler)(exchange.request, context)
    if not handler.response_streaming:
        serialize: Callable[[Any], bytes] = handler.response_serializer or bytes
        return serialize(await answer)
    if not hasattr(answer, "__aiter__"):  # a handler that writes to the context by itself
        await answer
        return None
    async with aclosing(answer) as messages:
        async for message in messages:
            await context.write(message)
    return None


def _behaviour(handler: "grpc.RpcMethodHandler[Any, Any]") -> Callable[..., Any]:
    """Return the one function of *handler* that is set."""
    kinds = (handler.unary_unary, handler.unary_stream, handler.stream_unary, handler.stream_stream)
    return next(kind for kind in kinds if kind is not None)


Deserialize: TypeAlias = Callable[[bytes], Any] | None


def _message(wire: bytes, deserialize: Deserialize) -> Any:
    """Return the message in *wire*; what is none is the caller's fault, like any other."""
    if deserialize is None:
        return wire
    try:
        return deserialize(wire)
    except DecodeError as error:
        fault = Violation("", "wire", "is not a message of this type", "Không đúng kiểu dữ liệu.")
        raise InvalidArgument(reasons.FIELDS_INVALID, violations=[fault]) from error


async def _each(requests: AsyncIterator[bytes], deserialize: Deserialize) -> AsyncIterator[Any]:
    async for wire in requests:
        yield _message(wire, deserialize)


async def _each_checked(requests: AsyncIterator[bytes], deserialize: Deserialize) -> AsyncIterator[Message]:
    async for wire in requests:
        message = _message(wire, deserialize)
        _check(message)
        yield message


def _check(message: Message) -> None:
    """Hold *message* to the rules of the contract, and its ground to what the caller can have."""
    check(message)
    check_legal_basis(message, caller())

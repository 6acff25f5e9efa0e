"""
What every call passes on its way to a handler, in this order:

    traced      one server span and one duration, whatever becomes of the call
    translated  errors become statuses; a bug tells the caller nothing
    bounded     the caller's deadline, or the rule's; refuse what cannot be done in time
    admitted    the certificate names a caller, the rule admits it; refusals are logged
    validated   the bytes are a message, the message keeps the rules of the contract, and the ground
                it gives for reading is one that the caller can have

A layer is an async function of the exchange and of the rest of the way.  Errors
are outside the deadline, or a timeout would leave as UNKNOWN; access is before
validation, so that who may not call learns nothing of the request.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import grpc
from google.protobuf.message import DecodeError, Message

from lientuyen.chassis.v1 import error_reasons as why

from . import db, spans
from .access import Rule, caller_of
from .call import Call, Caller, caller, enter, trace_id
from .deadline import MIN_WORK, Limit, Limits, reply_margin
from .errors import (
    DETAILS_KEY,
    DeadlineExceeded,
    ExchangeError,
    Internal,
    InvalidArgument,
    PermissionDenied,
    Unauthenticated,
    Unavailable,
    Unimplemented,
    Violation,
    to_status,
)
from .grounds import check_grounds
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

    __slots__ = ("code", "context", "deadline", "method", "request")

    def __init__(self, method: Method, request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> None:
        self.method = method
        self.request = request
        self.context = context
        self.deadline: float | None = None
        self.code = grpc.StatusCode.OK


Proceed: TypeAlias = Callable[[Exchange], Awaitable[Any]]
Layer: TypeAlias = Callable[[Exchange, Proceed], Awaitable[Any]]


def composed(layers: Sequence[Layer], innermost: Proceed) -> Proceed:
    """Return the one function that takes an exchange through *layers*, outermost first."""
    for layer in reversed(layers):
        innermost = _around(layer, innermost)
    return innermost


def _around(layer: Layer, proceed: Proceed) -> Proceed:
    return lambda exchange: layer(exchange, proceed)


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

    @property
    def guarded(self) -> Sequence[Layer]:
        """What a method of the contract passes."""
        return (self.traced, self.translated, self.bounded, self.admitted, self.validated)

    @property
    def open(self) -> Sequence[Layer]:
        """What health and reflection pass: open to any certificate of the authority, while draining too."""
        return (self.translated, self.bounded, parsed)

    async def traced(self, exchange: Exchange, proceed: Proceed) -> Any:
        """Put one server span around the rest, a child of the caller's."""
        metadata = exchange.context.invocation_metadata() or ()
        with spans.server_span(exchange.method.full_name, metadata) as span:
            try:
                return await proceed(exchange)
            except asyncio.CancelledError:
                exchange.code = grpc.StatusCode.CANCELLED
                raise
            finally:
                span.answered(exchange.code)

    async def translated(self, exchange: Exchange, proceed: Proceed) -> Any:
        """Answer what escapes with a status.  The end of a call (AbortError, CancelledError) passes."""
        try:
            return await proceed(exchange)
        except grpc.aio.AbortError:
            raise
        except ExchangeError as error:
            refusal = error
        except Exception as error:
            refusal = bug(error, exchange.method.full_name)
        exchange.code = refusal.code
        status = to_status(refusal)
        trailers: tuple[tuple[str, str | bytes], ...] = ((DETAILS_KEY, status.SerializeToString()),)
        if refusal.code is grpc.StatusCode.UNAVAILABLE and _no_time_again(exchange):
            trailers += (NOT_AGAIN,)
        return await exchange.context.abort(refusal.code, status.message, trailers)

    async def bounded(self, exchange: Exchange, proceed: Proceed) -> Any:
        """End the rest in time to answer: `DeadlineExceeded`; an endless one, when the server stops."""
        left = cast("float | None", exchange.context.time_remaining())
        if left is None and exchange.method.rule is not None:
            left = exchange.method.rule.deadline
        if left is not None:
            left = min(left, LONGEST)
            if left < MIN_WORK:
                raise DeadlineExceeded(why.DEADLINE_SPENT)
            left -= reply_margin(left)
            exchange.deadline = time.monotonic() + left
        limit = self._limits.within(left)
        try:
            with limit:
                if not exchange.method.endless:
                    return await proceed(exchange)
                return await self._until_drained(limit, exchange, proceed)
        except TimeoutError as error:
            if not limit.expired:
                raise
            if exchange.method.endless and self.draining:
                raise Unavailable(why.DRAINING) from error
            raise DeadlineExceeded(why.DEADLINE_SPENT) from error

    async def _until_drained(self, limit: Limit, exchange: Exchange, proceed: Proceed) -> Any:
        self._endless.add(limit)
        try:
            return await proceed(exchange)
        finally:
            self._endless.discard(limit)

    def end_endless(self) -> None:
        """End every endless call now, with Unavailable(DRAINING): its client asks another replica."""
        for limit in list(self._endless):
            limit.expire()

    async def admitted(self, exchange: Exchange, proceed: Proceed) -> Any:
        """Let in a caller we know, to a method whose rule admits it.  Default deny."""
        if self.draining:
            raise Unavailable(why.DRAINING)
        method, asking = exchange.method, self._caller(exchange.context)
        if asking is None:
            log.warning("a certificate names no caller", peer=exchange.context.peer())
            raise Unauthenticated(why.CALLER_UNKNOWN)
        enter(Call(method.name, method.full_name, asking, exchange.deadline))
        try:
            if method.rule is None or not method.rule.admits(asking):
                raise PermissionDenied(why.METHOD_DENIED, method=method.name)
            return await proceed(exchange)
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

    async def validated(self, exchange: Exchange, proceed: Proceed) -> Any:
        """Make messages of the bytes and hold each to the contract; a stream, one by one as they come."""
        handler = exchange.method.handler
        if handler is None:
            raise Unimplemented(why.METHOD_UNBUILT, method=exchange.method.name)
        if handler.request_streaming:
            exchange.request = _each_checked(exchange.request, handler.request_deserializer)
        else:
            exchange.request = _message(exchange.request, handler.request_deserializer)
            _check(exchange.request)
        return await proceed(exchange)


def _no_time_again(exchange: Exchange) -> bool:
    """Whether the caller has too little time left to wait and try again."""
    return exchange.deadline is not None and exchange.deadline - time.monotonic() < ROOM_FOR_ANOTHER


def bug(error: Exception, method: str) -> ExchangeError:
    """Return what to answer for *error*, which nobody meant to escape *method*.

    A fault of the driver is what `db.translated` says of it: a lost connection
    is no bug.  All else is logged as its type and its frames, without its message.
    """
    if type(error).__module__.partition(".")[0] == "asyncpg":
        known = db.translated(error)
        if isinstance(known, ExchangeError):
            return known
    log.error("unhandled error", method=method, code=_code(error), exc_info=error)
    return Internal(why.INTERNAL, trace_id=trace_id())


def _code(error: Exception) -> str:
    """Return the code that a peer or the database gave with *error*, or an empty string."""
    if isinstance(error, grpc.aio.AioRpcError):
        return error.code().name
    return str(getattr(error, "sqlstate", None) or "")


async def parsed(exchange: Exchange, proceed: Proceed) -> Any:
    """Make messages of the bytes; for methods that are not of our contract and carry no rules."""
    handler = exchange.method.handler
    assert handler is not None
    if handler.request_streaming:
        exchange.request = _each(exchange.request, handler.request_deserializer)
    else:
        exchange.request = _message(exchange.request, handler.request_deserializer)
    return await proceed(exchange)


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
        raise InvalidArgument(why.FIELDS_INVALID, violations=[fault]) from error


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
    check_grounds(message, caller())

"""
What every call passes on its way to a handler: one `grpc.aio.ServerInterceptor`.

`MethodHandler.__call__` reads top to bottom:

    span              one server span and one duration, whatever becomes of the call
    errors to status  a refusal becomes its status; a bug tells the caller nothing
    deadline          the caller's, or the rule's; refuse what cannot be done in time
    identify          the certificate names a caller, who goes to the span and every log line, as does the
                      `request_id` of what is asked
    turn              wait for one while many calls are in work; each caller in its turn (docs/adr/0046)
    admit             the rule admits the caller; refusals are logged
    parse, validate   the bytes are a message, the message keeps the rules of the contract and its texts
                      hide nothing, its names are made full, its legal basis is the caller's to claim
    run               the servicer's method

Errors are outside the deadline, or a timeout would leave as UNKNOWN; access is before validation,
so that who may not call learns nothing of the request.  Messages are read and written in here, so
that one that cannot be read, or an answer that cannot be written, does not leave as UNKNOWN with its
text.  A method is wrapped at its first call and kept (docs/adr/0011).
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, aclosing, contextmanager, nullcontext
from typing import Any, Final, TypeAlias, cast

import grpc
from google.protobuf.message import Message

from lientuyen.chassis.v1 import error_reasons as reasons

from . import spans
from .access import ANYONE, Rule, allow, caller_of
from .call_context import Call, Caller, caller, enter, identify
from .connections import Connections
from .db_errors import StaleStatement, translated
from .deadline import MIN_WORK, reply_margin
from .errors import (
    DETAILS_KEY,
    DeadlineExceeded,
    Internal,
    PermissionDenied,
    ServiceError,
    Unauthenticated,
    Unavailable,
    Unimplemented,
    to_status,
)
from .legal_basis import check_legal_basis
from .logs import log
from .refusals import leaves_row, note_refusal, without_frames
from .resource_names import make_full
from .rpc_handlers import Context, Handler, behaviour_of, message_of, rpc_handler
from .texts import strike_out
from .turns import Turn, Turns
from .validate import check

# Their methods are no part of our contract, and carry no patient data: open to
# any certificate of the authority.  Watch and reflection run until the client goes.
OPEN_SERVICES: Final = ("grpc.health.v1.", "grpc.reflection.")
ENDLESS_METHODS: Final = frozenset({"Watch", "ServerReflectionInfo"})
OPEN, OPEN_ENDLESS = Rule(frozenset(), deadline=1.0), Rule(frozenset(), deadline=None)
OPEN_TO_CALLERS: Final = allow(ANYONE, deadline=1.0)

# How long the row of a refusal may take, and never more than half of what is left of the
# call: the refusal itself must still be told.
REFUSAL_ROW_TIMEOUT_S: Final = 1.0

# Less than this left, and a client is told not to try again (gRFC A6): one that waits for its next
# attempt until its time is over reports DEADLINE_EXCEEDED, and forgets what we answered.
MIN_RETRY_TIME_S: Final = 0.5
NO_RETRY: Final = ("grpc-retry-pushback-ms", "-1")

# Bytes of one request message, unless a service says otherwise.  What is larger goes as a stream of chunks.
MAX_REQUEST_BYTES: Final = 4 * 1024 * 1024

# What spans and figures call a method that nobody serves (OpenTelemetry, RPC): clients make up names.
OTHER: Final = "_OTHER"

# The longest that one call may take, whatever deadline its caller set: a bulk upload over a slow line.
# (A stream without an end has no deadline unless its caller sets one.)
MAX_CALL_S: Final = 3600.0

# The URIs among the certificate's subject alternative names, as grpc gives them.  (What it calls
# the peer's identities are the names of all types together, or the common name.)
CERTIFICATE_URIS: Final = "peer_uri"

RecordRefusal: TypeAlias = Callable[[ServiceError, object], Awaitable[None]]


class ServerInterceptor(grpc.aio.ServerInterceptor):
    """The interceptor of one server.  Nothing is reachable but through it.

    *name_caller* tells whom a certificate names, where that is not of *trust_domain*.
    *unimplemented* are the methods that the contract has and the code has not, by full name.
    *record_refusal* writes the row of a refusal of a request, in a transaction of its own.
    """

    def __init__(
        self,
        trust_domain: str,
        rules: Mapping[str, Rule],
        unimplemented: Mapping[str, str],
        record_refusal: RecordRefusal,
        max_request: int = MAX_REQUEST_BYTES,
        turns: Turns | None = None,
        name_caller: Callable[[Context], Caller | None] | None = None,
    ) -> None:
        self.name_caller = name_caller or (lambda context: _caller(context, trust_domain))
        self.record_refusal = record_refusal
        self.max_request = max_request
        self.turns = turns or Turns()
        self.connections = Connections()
        self.is_draining = False
        # The calls under way: those without an end, and the others.
        self.endless: set[asyncio.Timeout] = set()
        self.ending: set[asyncio.Timeout] = set()
        self._rules = rules
        self._unimplemented = unimplemented
        self._handlers: dict[str, Handler] = {}

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable["Handler | None"]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler:
        """Return the wrapped handler of the called method."""
        path = handler_call_details.method
        handler = self._handlers.get(path)
        if handler is None:
            handler = await continuation(handler_call_details)
            name = path.removeprefix("/")
            if handler is None and name not in self._unimplemented:
                return rpc_handler(UnknownMethod(self, name).__call__, None)  # not kept under its name
            handler = self._handlers[path] = self._wrapped(name, handler)
        return handler

    def end_endless_calls(self) -> None:
        """End every endless call now, with Unavailable(DRAINING): its client asks another replica."""
        self._end(self.endless)

    def end_calls(self) -> None:
        """End every other call too, while that can still be told: gRPC cancels without a word."""
        self._end(self.ending)

    def _end(self, calls: set[asyncio.Timeout]) -> None:
        for timeout in tuple(calls):
            if not timeout.expired():  # one that is ending by itself takes no other end
                timeout.reschedule(asyncio.get_running_loop().time())

    def _wrapped(self, full_name: str, handler: "Handler | None") -> Handler:
        service, _, name = full_name.partition("/")
        if full_name.startswith(OPEN_SERVICES):
            rule: Rule | None = OPEN_ENDLESS if name in ENDLESS_METHODS else OPEN
        else:
            rule = self._rules.get(f"{service.rpartition('.')[2]}/{name}")
        inner = None if full_name in self._unimplemented else handler
        return rpc_handler(MethodHandler(self, full_name, rule, inner).__call__, inner)


class MethodHandler:
    """One method behind the interceptor: its names, its rule, and its handler (None: unimplemented)."""

    def __init__(
        self, interceptor: ServerInterceptor, full_name: str, rule: Rule | None, handler: "Handler | None"
    ) -> None:
        service, _, name = full_name.partition("/")
        self.name = f"{service.rpartition('.')[2]}/{name}"
        self.full_name = full_name
        self._interceptor = interceptor
        self._rule = rule
        self._handler = handler
        self._is_open = full_name.startswith(OPEN_SERVICES)
        # Whether it runs until the client goes or the server stops.
        self._is_endless = rule is not None and rule.deadline is None
        self._is_stream = handler is not None and (handler.request_streaming or handler.response_streaming)

    async def __call__(self, wire: Any, context: Context) -> Any:
        """Answer one call; *wire* is its request as bytes, or a stream of them."""
        deadline: float | None = None
        timeout: asyncio.Timeout | None = None
        request: object = None
        with self._span(context) as span, Turn(self._interceptor.turns) as turn:
            try:
                deadline = self._deadline(context)
                async with _timeout_at(deadline) as timeout:
                    with self._under_way(timeout):
                        asking = self._identify(context, deadline)
                        if asking is not None:
                            await turn.take(asking, deadline, is_stream=self._is_stream)
                            self._admit(asking)
                        request = self._parse(wire)
                        self._validate(request)
                        return await self._run(request, context)
            except grpc.aio.AbortError:
                raise
            except Exception as error:
                refusal = self._translate(error, timeout, deadline)
            if leaves_row(refusal):
                await self._record(refusal, request, deadline)
            self._note(refusal, span, timeout)
            wire = request = None  # gRPC keeps this frame, by the error that ends the call
            return await _abort(context, without_frames(refusal), deadline)

    def _span(self, context: Context) -> AbstractContextManager[spans.RpcSpan | None]:
        """Return the block of the call's span; health and reflection have none."""
        if self._is_open:
            return nullcontext()
        return spans.server_span(self.full_name, context.invocation_metadata() or ())

    def _deadline(self, context: Context) -> float | None:
        """Return when the work must end, in time to answer, on the clock of `time.monotonic()`."""
        left = cast("float | None", context.time_remaining())
        if left is None and self._rule is not None:
            left = self._rule.deadline
        if left is None:
            return None
        left = min(left, MAX_CALL_S)
        if left < MIN_WORK:
            raise DeadlineExceeded(reasons.DEADLINE_SPENT)
        return time.monotonic() + left - reply_margin(left)

    @contextmanager
    def _under_way(self, timeout: asyncio.Timeout) -> Iterator[None]:
        """Let the call be ended when the server stops."""
        calls = self._interceptor.endless if self._is_endless else self._interceptor.ending
        calls.add(timeout)
        try:
            yield
        finally:
            calls.discard(timeout)

    def _identify(self, context: Context, deadline: float | None) -> Caller | None:
        """Return who calls, None where everybody may; refuse a caller whom we do not know."""
        self._interceptor.connections.called_on(context.peer())
        if self._is_open:
            return None
        if self._interceptor.is_draining:
            raise Unavailable(reasons.DRAINING)
        asking = self._interceptor.name_caller(context)
        if asking is None:
            log.warning("a certificate names no caller", peer=context.peer())
            raise Unauthenticated(reasons.CALLER_UNKNOWN)
        enter(Call(self.name, self.full_name, asking, deadline))
        return asking

    def _admit(self, asking: Caller) -> None:
        """Refuse a caller whom the rule does not admit (default deny), or who has another kind's code."""
        if self._rule is None or not self._rule.admits(asking):
            raise PermissionDenied(reasons.METHOD_DENIED, method=self.name)
        asking.code  # noqa: B018 (raises)

    def _parse(self, wire: Any) -> Any:
        """Return the request; of a stream its messages as they come, each held to the contract."""
        handler = self._handler
        if handler is None:
            raise Unimplemented(reasons.METHOD_UNBUILT, method=self.name)
        if handler.request_streaming:
            return self._each(wire, handler)
        message = message_of(wire, handler.request_deserializer, self._interceptor.max_request)
        identify(message)
        return message

    async def _each(self, requests: AsyncIterator[bytes], handler: Handler) -> AsyncIterator[Any]:
        async for wire in requests:
            message = message_of(wire, handler.request_deserializer, self._interceptor.max_request)
            request_id = identify(message)
            # A stream of answers is of many writes, and whoever works on one of them identifies it again.
            if request_id and handler.response_streaming:
                spans.request_event("request received", request_id)
            self._validate(message)
            yield message

    def _validate(self, request: object) -> None:
        """Refuse a message that breaks a rule, or whose legal basis the caller cannot claim.

        The names in it are full from here on, and numbers of people are struck out of words of staff.
        """
        if isinstance(request, Message) and not self._is_open:
            check(request)
            make_full(request)
            strike_out(request)
            check_legal_basis(request, caller())

    async def _run(self, request: Any, context: Context) -> bytes | None:
        """Run the handler.  Return its one answer as bytes, or write its stream of them."""
        handler = self._handler
        assert handler is not None
        behaviour = behaviour_of(handler)
        if not handler.response_streaming:
            serialize: Callable[[Any], bytes] = handler.response_serializer or bytes
            try:
                return serialize(await behaviour(request, context))
            except StaleStatement:  # a migration came between: its statements are prepared anew
                if handler.request_streaming:
                    raise  # the requests have been read
                return serialize(await behaviour(request, context))
        answer = behaviour(request, context)
        if not hasattr(answer, "__aiter__"):  # a handler that writes to the context by itself
            await answer
            return None
        async with aclosing(answer) as messages:
            async for message in messages:
                await context.write(message)
        return None

    def _translate(
        self, error: Exception, timeout: asyncio.Timeout | None, deadline: float | None
    ) -> ServiceError:
        if isinstance(error, ServiceError):
            return error
        if isinstance(error, TimeoutError) and timeout is not None and timeout.expired():
            if self._interceptor.is_draining and (deadline is None or time.monotonic() < deadline):
                return Unavailable(reasons.DRAINING)
            return DeadlineExceeded(reasons.DEADLINE_SPENT)
        return bug(error, self.full_name)

    def _note(
        self, refusal: ServiceError, span: spans.RpcSpan | None, timeout: asyncio.Timeout | None
    ) -> None:
        """Tell of *refusal* in the span, the figures and the log.

        An endless call that has come to its time, or that is asked to go elsewhere, has done all it was
        meant to: no error, and no refusal.
        """
        if span is None:
            return
        is_over = self._is_endless and timeout is not None and timeout.expired()
        is_usual_end = is_over and isinstance(refusal, DeadlineExceeded | Unavailable)
        span.answered(refusal.code, refusal.reason.name, failed=False if is_usual_end else None)
        if not is_usual_end:
            note_refusal(refusal, self.full_name)

    async def _record(self, refusal: ServiceError, request: object, deadline: float | None) -> None:
        """Leave a row of *refusal*.  A store that is down must not turn a refusal into anything else."""
        left = deadline - time.monotonic() if deadline is not None else 2 * REFUSAL_ROW_TIMEOUT_S
        try:
            async with asyncio.timeout(min(REFUSAL_ROW_TIMEOUT_S, left / 2)):
                await self._interceptor.record_refusal(refusal, request)
        except Exception as error:
            log.error(
                "a refusal left no row in the access log",
                method=self.full_name,
                reason=refusal.reason.name,
                error=type(error).__qualname__,
            )


class UnknownMethod(MethodHandler):
    """A method that nobody serves: a caller of the trust domain is told so; its name is not kept."""

    def __init__(self, interceptor: ServerInterceptor, path: str) -> None:
        super().__init__(interceptor, OTHER, OPEN_TO_CALLERS, None)
        self._path = path

    def _parse(self, wire: Any) -> Any:
        raise Unimplemented(reasons.METHOD_UNKNOWN, method=self._path)


def _timeout_at(deadline: float | None) -> asyncio.Timeout:
    """Return the block that ends at *deadline*, on the clock of `time.monotonic()`."""
    left = None if deadline is None else deadline - time.monotonic()
    return asyncio.timeout(left)


def _caller(context: Context, trust_domain: str) -> Caller | None:
    """Return whom the one URI of the certificate names; no other name in it is anybody."""
    names = cast(Mapping[str, Sequence[bytes]], context.auth_context())
    return caller_of(names.get(CERTIFICATE_URIS, ()), trust_domain)


async def _abort(context: Context, refusal: ServiceError, deadline: float | None) -> Any:
    status = to_status(refusal, spans.trace_id())
    trailers: tuple[tuple[str, str | bytes], ...] = ((DETAILS_KEY, status.SerializeToString()),)
    no_time = deadline is not None and deadline - time.monotonic() < MIN_RETRY_TIME_S
    if refusal.code is grpc.StatusCode.UNAVAILABLE and no_time:
        trailers += (NO_RETRY,)
    return await context.abort(refusal.code, status.message, trailers)


def bug(error: Exception, method: str) -> ServiceError:
    """Return what to answer for *error*, which nobody meant to escape *method*.

    A fault of the driver is what `db_errors` says of it: a lost connection
    is no bug.  All else is logged as its type and its frames, without its message.
    """
    if type(error).__module__.partition(".")[0] == "asyncpg":
        known = translated(error)
        if isinstance(known, ServiceError):
            return known
    log.error("unhandled error", method=method, code=_code(error), exc_info=error)
    return Internal(reasons.INTERNAL, trace_id=spans.trace_id())


def _code(error: Exception) -> str:
    if isinstance(error, grpc.aio.AioRpcError):
        return error.code().name
    return str(getattr(error, "sqlstate", None) or "")

"""
Calling another service: what it refuses comes back typed, what it leaves unanswered is `Unavailable`.

    identity = Peer("identity", settings.identity_address, TlsFolder(settings.tls_dir))
    stub = EligibilityServiceStub(identity.channel)
    answer = await identity.ask(stub.CheckEligibility, request)

A call takes what is left of our own deadline.  It is tried again, at most twice,
when the peer was UNAVAILABLE or stopped before it began, and for no other reason;
every write carries a `request_id`, so trying again does nothing twice.  A peer that
left five calls running unanswered is not asked for a second; then one call tries.

While we wait for a peer others have our call's turn (`turns`).  A peer has so many questions of ours at
once; beyond that callers come in turn, so that one who floods us does not flood it.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

import grpc
from google.protobuf.message import Message
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt
from tenacity.stop import stop_base
from tenacity.wait import wait_random_exponential

from lientuyen.chassis.v1 import error_reasons as reasons

from .breaker import Breaker, CircuitOpen
from .call_context import current_or_none
from .deadline import remaining, reply_margin
from .errors import DeadlineExceeded, ServiceError, Unavailable, from_status
from .fair_semaphore import FairSemaphore
from .logs import log
from .renewing_channel import CERTIFICATE_POLL_INTERVAL_S, RenewingChannel
from .spans import RpcSpan, client_span
from .texts import make_plain
from .tls import TlsFolder
from .turns import elsewhere

Q = TypeVar("Q")
A = TypeVar("A")

# How long a call may take when we have no deadline: work in the background.
DEFAULT_TIMEOUT_S = 10.0

# Attempts at one call, the first included; and the bounds of the random wait before another.
MAX_ATTEMPTS = 3
MIN_WAIT_S, MAX_WAIT_S = 0.05, 0.4

# So many calls in a row unanswered, and the peer is left alone for so long.
BREAKER_FAILURES = 5
BREAKER_RECOVERY_S = 1.0

# Questions to one peer at once: enough to keep it busy, and few enough for it to answer others meanwhile.
MAX_QUESTIONS = 16

# A peer that was given less time than this is not blamed for the silence.
MIN_FAIR_TIME_S = 1.0

# A peer that stops cancels the calls that reached it and that it had not begun.  Our own cancelling
# raises CancelledError, so that this code is always the peer's; it tells nothing of its health.
_UNTOLD = (grpc.StatusCode.CANCELLED,)
_NOT_BEGUN = (grpc.StatusCode.UNAVAILABLE, *_UNTOLD)
_SILENT = (*_NOT_BEGUN, grpc.StatusCode.DEADLINE_EXCEEDED)


# Words in what gRPC says of a server whose certificate is not trusted, or not of the service meant.
_UNPROVEN = ("CERTIFICATE_VERIFY_FAILED", "Verification Check failed")


class Peer:
    """Another service, by the *name* our errors and logs give it, at *address* (host:port, or a gRPC target).

    *channel* is for making stubs, once; they stay good when certificates
    change.  An empty address is a peer this deployment does not have: never available.
    """

    def __init__(
        self,
        name: str,
        address: str,
        tls: TlsFolder,
        *,
        recovery_s: float = BREAKER_RECOVERY_S,
        certificate_poll_s: float = CERTIFICATE_POLL_INTERVAL_S,
    ) -> None:
        self.name = name
        self.channel = RenewingChannel(name, address, tls, certificate_poll_s)
        self._address = address
        self._breaker = Breaker(BREAKER_FAILURES, recovery_s)
        self._questions = FairSemaphore(MAX_QUESTIONS)

    async def close(self) -> None:
        await self.channel.close()

    async def ask(
        self,
        method: "grpc.aio.UnaryUnaryMultiCallable[Q, A]",
        request: Q,
        *,
        timeout: float = DEFAULT_TIMEOUT_S,
    ) -> A:
        """Return the peer's answer, within what is left of our deadline; *timeout* seconds if we have none.

        Raises what the peer refused with, as its type and with the peer's reason;
        Unavailable(PEER_UNAVAILABLE) when it did not answer; DeadlineExceeded
        when there is no time left to ask.  A status of another make is a bug,
        ours or the peer's, and leaves as it is.  What is not seen in a text of *request*, which may come
        from a hospital's file, is taken out of it.
        """
        async with elsewhere(), self._question():
            end = _end(timeout)
            if isinstance(request, Message):
                make_plain(request)
            with self._calling(_path(method), end) as span:
                answer: A = await _retrying(_attempt, method, request, end=end, span=span)
                return answer

    async def stream(
        self, method: Callable[..., Any], requests: object, *, timeout: float = DEFAULT_TIMEOUT_S
    ) -> AsyncIterator[Any]:
        """Yield the answers of a streaming *method* to *requests*, one message or an iterator of them.

        Errors are those of `ask`; nothing is tried again, for part of it may have been done.
        """
        end = _end(timeout)
        with self._calling(_path(method), end) as span:
            answers = method(requests, timeout=end - time.monotonic(), metadata=span.metadata)
            try:
                async for answer in answers:
                    yield answer
            finally:
                answers.cancel()

    @asynccontextmanager
    async def _question(self) -> AsyncIterator[None]:
        """Hold one of the questions that this peer may be asked at once; whoever asks us comes in turn."""
        call = current_or_none()
        asking = None if call is None else call.caller
        with self._named():
            await self._questions.acquire(asking)
        try:
            yield
        finally:
            self._questions.release(asking)

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Let a call that is ended because our own time is over say whom it waited for."""
        try:
            yield
        except asyncio.CancelledError:
            if remaining() != 0:
                raise
            raise Unavailable(reasons.PEER_UNAVAILABLE, peer=self.name) from None

    @contextmanager
    def _calling(self, path: str, end: float) -> Iterator[RpcSpan]:
        """Hold one call: may it be made, its span, what it tells of the peer, its error as ours."""
        seconds = end - time.monotonic()
        if not self._address:
            raise Unavailable(reasons.PEER_UNAVAILABLE, peer=self.name)
        try:
            with self._named(), self._breaker.attempt(), client_span(path, self._address) as span:
                try:
                    yield span
                except grpc.aio.AioRpcError as error:
                    span.answered(error.code())
                    self._note_impostor(error)
                    typed = from_status(error)
                    if _tells_of_another(typed):
                        self._record(grpc.StatusCode.OK, seconds)
                    else:
                        self._record(error.code(), seconds)
                    raise self._translated(error, typed) from error
                self._record(grpc.StatusCode.OK, seconds)
        except CircuitOpen:
            raise Unavailable(reasons.PEER_UNAVAILABLE, peer=self.name) from None

    def _record(self, code: grpc.StatusCode, seconds: float) -> None:
        """Tell the breaker what became of a call that was given so many *seconds*."""
        if code in _UNTOLD or (code is grpc.StatusCode.DEADLINE_EXCEEDED and seconds < MIN_FAIR_TIME_S):
            return
        failed = code in _SILENT
        changed = self._breaker.record(failed=failed)
        if failed and not self._breaker.is_closed:
            log.warning("a peer does not answer and is left alone", peer=self.name, code=code.name)
        elif changed:
            log.info("a peer answers again", peer=self.name)

    def _note_impostor(self, error: grpc.aio.AioRpcError) -> None:
        """Tell the operator when there is an answer at the peer's address, but not the peer's own."""
        if any(words in (error.details() or "") for words in _UNPROVEN):
            log.error("a peer cannot prove who it is", peer=self.name, at=self._address)

    def _translated(self, error: grpc.aio.AioRpcError, typed: ServiceError | None) -> Exception:
        """Return *error* as ours: silence of the peer, or of whom it asked, its typed refusal, or itself."""
        if typed is not None and _tells_of_another(typed):
            return typed
        chassis = typed is None or typed.reason.domain == reasons.PEER_UNAVAILABLE.domain
        if error.code() in _SILENT and chassis:
            return Unavailable(reasons.PEER_UNAVAILABLE, peer=self.name)
        return typed or error


def _tells_of_another(typed: ServiceError | None) -> bool:
    """Tell whether a peer says that another was silent: it has answered, and that one is to be named."""
    return (
        typed is not None and typed.reason.name == reasons.PEER_UNAVAILABLE.name and "peer" in typed.metadata
    )


async def _attempt(method: Callable[..., Any], request: object, *, end: float, span: RpcSpan) -> Any:
    return await method(request, timeout=end - time.monotonic(), metadata=span.metadata)


def _end(timeout: float) -> float:
    """Return when a call must have ended, on the clock of `time.monotonic()`.

    A margin earlier than we must: so that it is we who say that the peer did not answer.
    """
    left = remaining()
    seconds = timeout if left is None else left - reply_margin(left)
    if seconds <= 0:
        raise DeadlineExceeded(reasons.DEADLINE_SPENT)
    return time.monotonic() + seconds


def _path(method: object) -> str:
    """Return `/package.Service/Method` of a stub's method."""
    path = getattr(method, "path", None) or getattr(method, "_method", "")
    return path.decode() if isinstance(path, bytes) else str(path)


def _is_unavailable(error: BaseException) -> bool:
    return isinstance(error, grpc.aio.AioRpcError) and error.code() in _NOT_BEGUN


class _OutOfTime(stop_base):
    """Stops when the next attempt would begin after the call must have ended."""

    def __call__(self, retry_state: RetryCallState) -> bool:
        return time.monotonic() + retry_state.upcoming_sleep >= float(retry_state.kwargs["end"])


def _note_retry(state: RetryCallState) -> None:
    span: RpcSpan = state.kwargs["span"]
    span.retried(state.attempt_number)


# One for all calls: what it remembers of a call is in that call's own RetryCallState.
_retrying = AsyncRetrying(
    sleep=asyncio.sleep,
    stop=stop_after_attempt(MAX_ATTEMPTS) | _OutOfTime(),
    wait=wait_random_exponential(multiplier=MIN_WAIT_S * 2, max=MAX_WAIT_S, min=MIN_WAIT_S),
    retry=retry_if_exception(_is_unavailable),
    before_sleep=_note_retry,
    reraise=True,
)

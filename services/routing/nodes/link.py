"""
The link to another node of ours: one stream, opened again for ever, with a window of unanswered messages.

Whatever was given to `deliver` before the stream broke, and is not answered, fails then, sent or not; so
nothing that was asked for later goes before what has to be asked for again.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, Final

import grpc

from chassis.errors import ServiceError, Unavailable, from_status
from chassis.logs import log
from chassis.renewing_channel import OPTIONS
from chassis.tls import TlsFolder, server_name
from chassis.trust_domains import TrustDomain
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import node_link_service_pb2 as pb
from lientuyen.routing.v1.node_link_service_pb2_grpc import NodeLinkServiceStub
from lientuyen.type.v1.reason import Reason

from ..model.messages import Message
from ..peers.transports import Handover, TransportRefused
from .model import Node, Pauses

# Seconds: for the far side to say that the stream stands, for a link that is down to come back while a
# message waits, for one piece to leave, and for the answer to a message that has left.
READY_TIMEOUT_S: Final = 10.0
STANDING_TIMEOUT_S: Final = 20.0
WRITE_TIMEOUT_S: Final = 30.0
ANSWER_TIMEOUT_S: Final = 60.0

# Before what became of a message is tried again to be written down.
SETTLE_PAUSE_S: Final = 2.0

# A link that stood for so many seconds has failed for the first time when it breaks.
STEADY_S: Final = 10.0

REASONS: Final = {
    reason.name: reason
    for module in (reasons, chassis_reasons)
    for reason in vars(module).values()
    if isinstance(reason, Reason)
}

# How a stream that broke shows itself.
BROKEN: Final = (grpc.aio.AioRpcError, grpc.aio.UsageError, asyncio.InvalidStateError, TimeoutError)

Header = Callable[[Message], Awaitable[pb.RelayHeader]]
OnOutcome = Callable[[str, pb.RelayOutcome], Awaitable[None]]
Visit = Callable[[str, Any], Coroutine[Any, Any, None]]
Call = Any


class NodeLink:
    """A transport.  *visit* is called with the stub while the link stands, again and again."""

    keeps_order = True

    def __init__(
        self, node: Node, tls: TlsFolder, header: Header, on_outcome: OnOutcome, visit: Visit
    ) -> None:
        self.node = node
        self._tls = tls
        self._header = header
        self._on_outcome = on_outcome
        self._visit = visit
        self._call: Call | None = None
        self._standing = asyncio.Event()
        self._sending = asyncio.Lock()
        # What was asked for before the last break has another number than this.
        self._generation = 0
        # Of each pair the generation of its messages under way, and how many they are.
        self._pairs: dict[tuple[str, str], tuple[int, int]] = {}
        self._ordinal = 0
        self._unanswered: dict[int, asyncio.Future[pb.RelayResponse]] = {}
        self._settling: set[asyncio.Task[None]] = set()
        self._pauses = Pauses()

    @property
    def is_up(self) -> bool:
        return self._standing.is_set()

    async def deliver(self, message: Message, body: AsyncIterator[bytes]) -> Handover:
        with self._under_way(message) as generation:
            async with self._sending:
                await self._require(generation)
                header = await self._header(message)
                with self._breaking(generation):
                    answer = await self._send(header, body)
            with self._breaking(generation):
                async with asyncio.timeout(ANSWER_TIMEOUT_S):
                    response = await answer
            return self._read_answer(message, response)

    @contextmanager
    def _under_way(self, message: Message) -> Iterator[int]:
        """Give the generation that *message* is of: of those of its pair before it, while they are under way.

        So none goes when an earlier one that was asked for before a break has yet to hear that it failed.
        """
        pair = message.sender, message.recipient
        generation, count = self._pairs.get(pair, (self._generation, 0))
        self._pairs[pair] = generation, count + 1
        try:
            yield generation
        finally:
            generation, count = self._pairs.pop(pair)
            if count > 1:
                self._pairs[pair] = generation, count - 1

    @contextmanager
    def _breaking(self, generation: int) -> Iterator[None]:
        """Open the stream again when what is in the block fails: half a body may be on it."""
        try:
            yield
        except BaseException as error:
            if generation == self._generation:
                self._break()
            if isinstance(error, BROKEN):
                raise self._silence() from error
            raise

    async def _require(self, generation: int) -> None:
        """Wait until the stream stands, unless another had to be opened since *generation*."""
        try:
            async with asyncio.timeout(STANDING_TIMEOUT_S if generation == self._generation else 0):
                await self._standing.wait()
        except TimeoutError:
            if generation == self._generation:
                self._generation += 1  # whoever waits behind need not wait as long
            raise self._silence() from None
        if generation != self._generation:
            raise self._silence()

    async def _send(
        self, header: pb.RelayHeader, body: AsyncIterator[bytes]
    ) -> asyncio.Future[pb.RelayResponse]:
        call = self._call
        if call is None:
            raise self._silence()
        self._ordinal += 1
        header.ordinal = self._ordinal
        answer: asyncio.Future[pb.RelayResponse] = asyncio.get_running_loop().create_future()
        self._unanswered[self._ordinal] = answer
        await self._write(call, pb.RelayRequest(header=header))
        async for piece in body:
            await self._write(call, pb.RelayRequest(chunk=piece))
        return answer

    async def _write(self, call: Call, request: pb.RelayRequest) -> None:
        async with asyncio.timeout(WRITE_TIMEOUT_S):
            await call.write(request)

    def _read_answer(self, message: Message, response: pb.RelayResponse) -> Handover:
        if response.HasField("accepted"):
            receipt = response.accepted.receipt.receipt
            return Handover(reference=message.name, receipt=receipt.SerializeToString())
        reason = REASONS.get(response.refused.reason, chassis_reasons.PEER_UNAVAILABLE)
        if response.refused.final:
            raise TransportRefused(reason)
        raise Unavailable(reason, peer=self.node.id)

    def _silence(self) -> ServiceError:
        return Unavailable(chassis_reasons.PEER_UNAVAILABLE, peer=self.node.id)

    async def run(self) -> None:
        """Keep the stream open, for ever."""
        while True:
            began = asyncio.get_running_loop().time()
            try:
                await self._stand()
            except (grpc.aio.AioRpcError, ServiceError, TimeoutError, OSError, ValueError) as error:
                log.warning("a node does not answer", node=self.node.id, fault=_fault(error))
            finally:
                self._break()
            if asyncio.get_running_loop().time() - began > STEADY_S:
                self._pauses.forget(self.node.id)
            await asyncio.sleep(self._pauses.next(self.node.id))

    async def _stand(self) -> None:
        async with self._channel() as channel:
            stub = NodeLinkServiceStub(channel)
            call = stub.Relay()
            try:
                responses = aiter(call)
                async with asyncio.timeout(READY_TIMEOUT_S):
                    await anext(responses, None)
                self._call = call
                self._standing.set()
                log.info("a node answers", node=self.node.id)
                visiting = asyncio.create_task(self._visit(self.node.id, stub))
                try:
                    await self._listen(call, responses)
                finally:
                    visiting.cancel()
                    await asyncio.gather(visiting, return_exceptions=True)
            finally:
                call.cancel()

    async def _listen(self, call: Call, responses: AsyncIterator[pb.RelayResponse]) -> None:
        async for response in responses:
            if response.HasField("outcome"):
                self._begin_settling(call, response.outcome)
                continue
            part = response.accepted if response.HasField("accepted") else response.refused
            answer = self._unanswered.pop(part.ordinal, None)
            if answer is not None and not answer.done():
                answer.set_result(response)

    def _begin_settling(self, call: Call, outcome: pb.RelayOutcome) -> None:
        task = asyncio.create_task(self._settle(call, outcome))
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)

    async def _settle(self, call: Call, outcome: pb.RelayOutcome) -> None:
        """Settle, and confirm; what fails is tried again while the stream stands, and told on the next."""
        while not await self._is_settled(outcome):
            await asyncio.sleep(SETTLE_PAUSE_S)
            if self._call is not call:
                return
        confirmation = pb.RelayConfirmation(message=outcome.message)
        with suppress(*BROKEN):
            async with self._sending:
                await self._write(call, pb.RelayRequest(confirmation=confirmation))

    async def _is_settled(self, outcome: pb.RelayOutcome) -> bool:
        try:
            await self._on_outcome(self.node.id, outcome)
        except ServiceError as error:
            log.info("what became of a message could not be written down", reason=error.reason.name)
            return False
        return True

    def _break(self) -> None:
        """Let all that was asked for fail; the stream is opened again."""
        call, self._call = self._call, None
        if call is None:
            return
        self._generation += 1
        self._standing.clear()
        call.cancel()
        unanswered, self._unanswered = self._unanswered, {}
        for answer in unanswered.values():
            if not answer.done():
                answer.set_exception(self._silence())
                answer.exception()  # it may be nobody's any more

    @asynccontextmanager
    async def _channel(self) -> AsyncIterator[grpc.aio.Channel]:
        """Hold a connection to the routing that that node's own authorities certify, and to nobody else."""
        domain = TrustDomain(self.node.trust_domain, self.node.authorities)
        own = self._tls.read()
        credentials = grpc.ssl_channel_credentials(domain.pem, own.key, own.certificate)
        name = server_name("routing", domain.name)
        options = (*OPTIONS, ("grpc.ssl_target_name_override", name), ("grpc.default_authority", name))
        channel = grpc.aio.secure_channel(self.node.address, credentials, options=options)
        try:
            yield channel
        finally:
            await channel.close()

    async def close(self) -> None:
        self._break()
        for task in self._settling:
            task.cancel()


def _fault(error: BaseException) -> str:
    if isinstance(error, grpc.aio.AioRpcError):
        typed = from_status(error)
        return typed.reason.name if typed is not None else error.code().name
    return type(error).__name__

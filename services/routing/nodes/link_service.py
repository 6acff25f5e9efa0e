"""NodeLinkService: the far end of the stream of another node, which hands us messages."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final

from chassis import call_context
from chassis.errors import InvalidArgument, ServiceError, Unavailable
from chassis.logs import log
from chassis.peers import Peer
from common.names import id_of
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.identity.v1 import node_service_pb2
from lientuyen.identity.v1.node_service_pb2_grpc import NodeServiceStub
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import node_link_service_pb2 as pb
from lientuyen.routing.v1.node_link_service_pb2_grpc import NodeLinkServiceServicer

from ..service.notifier import Notifier
from .arrivals import FINAL, Arrivals
from .outcomes import Outcomes

# Answers that wait to be written, and outcomes told and not confirmed; then no more is read, or told.
MAX_ANSWERS: Final = 128
MAX_UNCONFIRMED: Final = 100

DIRECTORY_PAGE: Final = 500

# Between two looks for outcomes that were announced.
OUTCOME_PAUSE_S: Final = 0.02

Requests = AsyncIterator[pb.RelayRequest]
Answers = asyncio.Queue[pb.RelayResponse]


class StreamMalformed(InvalidArgument):
    """What comes is not what a stream consists of: where the next message begins cannot be told."""


class NodeLinkService(NodeLinkServiceServicer):
    def __init__(
        self,
        arrivals: Arrivals,
        outcomes: Outcomes,
        notifier: Notifier,
        identity: Peer,
        *,
        poll_interval_s: float,
    ) -> None:
        self._arrivals = arrivals
        self._outcomes = outcomes
        self._notifier = notifier
        self._identity = identity
        self._nodes = NodeServiceStub(identity.channel)
        self._poll_interval_s = poll_interval_s
        # The newest stream of each node: an older one is of a connection that it has given up.
        self._newest: dict[str, asyncio.Task[None]] = {}

    async def Relay(self, request_iterator: Requests, context: object) -> AsyncIterator[pb.RelayResponse]:
        node = call_context.require_node()
        answers: Answers = asyncio.Queue(MAX_ANSWERS)
        stream = _Stream(node, self._arrivals, self._outcomes, answers)
        yield pb.RelayResponse(ready=pb.RelayReady())
        reading = asyncio.create_task(stream.read(request_iterator))
        telling = asyncio.create_task(self._tell(stream))
        older = self._newest.get(node)
        if older is not None:
            older.cancel()
        self._newest[node] = reading
        try:
            async for answer in _until_end(answers, reading):
                yield answer
        finally:
            if self._newest.get(node) is reading:
                del self._newest[node]
            for task in (reading, telling):
                task.cancel()
            await asyncio.gather(reading, telling, return_exceptions=True)

    async def _tell(self, stream: "_Stream") -> None:
        """Tell what became of messages, as it becomes known."""
        with self._notifier.watch() as news:
            while True:
                news.clear()
                with suppress(ServiceError):  # the database is away
                    await stream.tell()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._poll_interval_s):
                        await news.wait()
                        await asyncio.sleep(OUTCOME_PAUSE_S)

    async def GetDirectory(self, request: pb.GetDirectoryRequest, context: object) -> pb.GetDirectoryResponse:
        page = node_service_pb2.ListFacilityNodesRequest(
            after_sequence=request.after_sequence, page_size=DIRECTORY_PAGE
        )
        response = await self._identity.ask(self._nodes.ListFacilityNodes, page)
        return pb.GetDirectoryResponse(facility_nodes=response.facility_nodes)


class _Stream:
    """One stream of *node*: what it brought, and what it was told."""

    def __init__(self, node: str, arrivals: Arrivals, outcomes: Outcomes, answers: Answers) -> None:
        self._node = node
        self._arrivals = arrivals
        self._outcomes = outcomes
        self._answers = answers
        # Pairs of which a message was not taken: the message that has to come first.
        self._blocked: dict[tuple[str, str], str] = {}
        self._unconfirmed: set[str] = set()

    async def read(self, requests: Requests) -> None:
        async for request in requests:
            part = request.WhichOneof("part")
            if part == "header":
                await self._take(request.header, requests)
            elif part == "confirmation":
                await self._confirm(request.confirmation)
            else:
                raise StreamMalformed(reasons.UPLOAD_MALFORMED)

    async def _take(self, header: pb.RelayHeader, requests: Requests) -> None:
        body, pair = self._body(header, requests), (header.sender, header.recipient)
        answer: pb.RelayResponse
        try:
            if self._blocked.get(pair, header.message) != header.message:
                answer = _refused(header, reasons.OUT_OF_TURN.name, final=False)
            else:
                receipt = await self._arrivals.take(self._node, header, body)
                accepted = pb.RelayAccepted(ordinal=header.ordinal, receipt=receipt)
                answer = pb.RelayResponse(accepted=accepted)
                self._blocked.pop(pair, None)
        except StreamMalformed:
            raise
        except ServiceError as error:
            answer = self._refuse(header, error)
        except Exception as error:  # a fault of ours, at this message: the others go on
            log.error("a message of another node could not be taken", node=self._node, exc_info=error)
            answer = self._refuse(header, Unavailable(chassis_reasons.INTERNAL))
        async for _ in body:  # the rest of one that was not read to its end
            pass
        await self._answers.put(answer)

    def _refuse(self, header: pb.RelayHeader, error: ServiceError) -> pb.RelayResponse:
        is_final, pair = isinstance(error, FINAL), (header.sender, header.recipient)
        log.warning(
            "a message of another node was not taken",
            node=self._node,
            reason=error.reason.name,
            final=is_final,
        )
        if is_final:
            self._blocked.pop(pair, None)
        else:
            self._blocked[pair] = header.message
        return _refused(header, error.reason.name, final=is_final)

    async def _body(self, header: pb.RelayHeader, requests: Requests) -> AsyncIterator[bytes]:
        """Yield the chunks of one message; between them the caller may confirm."""
        left = header.size_bytes
        while left > 0:
            request = await anext(requests, None)
            if request is None or request.HasField("header") or len(request.chunk) > left:
                raise StreamMalformed(reasons.UPLOAD_MALFORMED)
            if request.HasField("confirmation"):
                await self._confirm(request.confirmation)
                continue
            left -= len(request.chunk)
            yield request.chunk

    async def _confirm(self, confirmation: pb.RelayConfirmation) -> None:
        with suppress(ServiceError):  # it is told again
            await self._outcomes.confirmed(self._node, id_of(confirmation.message))
        self._unconfirmed.discard(confirmation.message)

    async def tell(self) -> None:
        for outcome in await self._outcomes.list_untold(self._node, MAX_UNCONFIRMED):
            if outcome.message not in self._unconfirmed:
                self._unconfirmed.add(outcome.message)
                await self._answers.put(pb.RelayResponse(outcome=outcome))


def _refused(header: pb.RelayHeader, reason: str, *, final: bool) -> pb.RelayResponse:
    return pb.RelayResponse(refused=pb.RelayRefused(ordinal=header.ordinal, reason=reason, final=final))


async def _until_end(answers: Answers, reading: asyncio.Task[None]) -> AsyncIterator[pb.RelayResponse]:
    """Yield answers until the requests have ended; an error of reading them is raised."""
    while True:
        getting = asyncio.create_task(answers.get())
        try:
            await asyncio.wait([getting, reading], return_when=asyncio.FIRST_COMPLETED)
            if getting.done():
                yield getting.result()
                continue
        finally:
            getting.cancel()
        if reading.cancelled():
            return
        reading.result()
        if answers.empty():
            return

"""
A caller who keeps every call that was answered, to make it again byte for byte or otherwise.

    class RecordedRouting(RecordedCalls, Routing): ...
"""

from collections.abc import AsyncIterator, Awaitable, Iterator
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.message import Message

from services.unimplemented import UNIMPLEMENTED
from tests.harness import ServiceUnderTest, World
from tests.shape.contract import methods

# What is served on the port for other nodes alone: its messages carry ids of their own.
OF_NODES = "NodeLinkService"

# The full name of each write of the contract, by that of its request.
WRITES = {
    f"{method.full.rpartition('.')[0]}.{method.request.name}": method.full
    for method in methods()
    if not method.reads and method.full not in UNIMPLEMENTED and method.service != OF_NODES
}


PATHS = {f"{method.full.rpartition('.')[0]}.{method.request.name}": method.full for method in methods()}


def writes_of(service: str) -> set[str]:
    """The full names of the writes that *service* does; the `chassis` has some in every service."""
    return {full for full in WRITES.values() if full.startswith(f"lientuyen.{service}.")}


@dataclass(slots=True)
class Call:
    """One call that was answered: who made it, what was sent, what came back."""

    caller: str
    method: str
    requests: list[Message]
    responses: list[Message]


class RecordedCalls(ServiceUnderTest):
    """Wraps the stubs of a service that a test calls."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.calls: list[Call] = []

    @property
    def writes(self) -> list[Call]:
        """The calls that wrote something."""
        return [call for call in self.calls if call.method in WRITES.values()]

    def channel_of(self, caller: str) -> grpc.aio.Channel:
        """Return the channel on which the stubs of *caller* call."""
        return super().stub(lambda channel: channel, caller)

    def stub(self, stub_class: Any, caller: str = "facility/01999") -> Any:
        return _RecordingStub(super().stub(stub_class, caller), caller, self.calls)


class _RecordingStub:
    def __init__(self, stub: Any, caller: str, calls: list[Call]) -> None:
        self._stub, self._caller, self._calls = stub, caller, calls

    def __getattr__(self, method: str) -> Any:
        call = getattr(self._stub, method)

        def run(request: Any) -> Any:
            record = Call(self._caller, "", [], [])
            if isinstance(request, Message):
                record.requests.append(request)
            else:
                request = _kept(request, record.requests)
            answer = call(request)
            if isinstance(answer, Awaitable):
                return self._one(answer, record)
            return answer if record.requests else self._each(answer, record)

        return run

    async def _one(self, answer: Awaitable[Message], record: Call) -> Message:
        record.responses.append(await answer)
        self._keep(record)
        return record.responses[0]

    async def _each(self, answers: AsyncIterator[Message], record: Call) -> AsyncIterator[Message]:
        async for answer in answers:
            record.responses.append(answer)
            yield answer
        self._keep(record)

    def _keep(self, record: Call) -> None:
        record.method = PATHS[record.requests[0].DESCRIPTOR.full_name]
        self._calls.append(record)


async def _kept(requests: Any, kept: list[Message]) -> AsyncIterator[Message]:
    if isinstance(requests, Iterator):
        requests = _in_turn(requests)
    async for request in requests:
        kept.append(request)
        yield request


async def _in_turn(requests: Iterator[Message]) -> AsyncIterator[Message]:
    for request in requests:
        yield request


async def repeated(channel: grpc.aio.Channel, call: Call) -> list[Message]:
    """Return what is answered when the bytes of *call* are sent again."""
    requests = (request.SerializeToString() for request in call.requests)
    again: Any = channel.stream_stream(f"/{call.method}")(requests)
    kind = type(call.responses[0])
    return [kind.FromString(answer) async for answer in again]

"""
A caller who keeps every write that was accepted, to make it again byte for byte.

    class RecordedRouting(RecordedWrites, Routing): ...
"""

from collections.abc import AsyncIterator, Awaitable, Iterator
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.message import Message

from services.unimplemented import UNIMPLEMENTED
from tests.harness import Running, ServiceUnderTest, World
from tests.shape.contract import methods

# The full name of each write of the contract, by that of its request.
WRITES = {
    f"{method.full.rpartition('.')[0]}.{method.request.name}": method.full
    for method in methods()
    if not method.reads and method.full not in UNIMPLEMENTED
}


def writes_of(service: str) -> set[str]:
    """The full names of the writes that *service* does; the `chassis` has some in every service."""
    return {full for full in WRITES.values() if full.startswith(f"lientuyen.{service}.")}


@dataclass(slots=True)
class Write:
    """One accepted write: who made it, what was sent, what was answered."""

    caller: str
    method: str
    requests: list[Message]
    responses: list[Message]


class RecordedWrites(ServiceUnderTest):
    """Wraps the stubs of a service that a test calls."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.writes: list[Write] = []

    def stub(self, stub_class: Any, caller: str = "facility/01999") -> Any:
        return _RecordingStub(super().stub(stub_class, caller), caller, self.writes)


class _RecordingStub:
    def __init__(self, stub: Any, caller: str, writes: list[Write]) -> None:
        self._stub, self._caller, self._writes = stub, caller, writes

    def __getattr__(self, method: str) -> Any:
        call = getattr(self._stub, method)

        def run(request: Any) -> Any:
            write = Write(self._caller, "", [], [])
            if not isinstance(request, Message):
                request = _kept(request, write.requests)
            elif request.DESCRIPTOR.full_name not in WRITES:
                return call(request)
            else:
                write.requests.append(request)
            answer = call(request)
            if not isinstance(answer, Awaitable):
                return self._each(answer, write)
            return self._one(answer, write)

        return run

    async def _one(self, answer: Awaitable[Message], write: Write) -> Message:
        write.responses.append(await answer)
        self._keep(write)
        return write.responses[0]

    async def _each(self, answers: AsyncIterator[Message], write: Write) -> AsyncIterator[Message]:
        async for answer in answers:
            write.responses.append(answer)
            yield answer
        self._keep(write)

    def _keep(self, write: Write) -> None:
        method = WRITES.get(write.requests[0].DESCRIPTOR.full_name)
        if method:
            write.method = method
            self._writes.append(write)


async def _kept(requests: Any, kept: list[Message]) -> AsyncIterator[Message]:
    if isinstance(requests, Iterator):
        requests = _in_turn(requests)
    async for request in requests:
        kept.append(request)
        yield request


async def _in_turn(requests: Iterator[Message]) -> AsyncIterator[Message]:
    for request in requests:
        yield request


async def repeated(world: World, target: Running, write: Write) -> list[Message]:
    """Return what *target* answers when the bytes of *write* are sent again."""
    channel = world.channel(target, write.caller)
    call: Any = channel.stream_stream(f"/{write.method}")(
        request.SerializeToString() for request in write.requests
    )
    kind = type(write.responses[0])
    try:
        return [kind.FromString(answer) async for answer in call]
    except grpc.aio.AioRpcError as error:
        raise AssertionError(f"{write.method} was refused: {error.details()}") from error

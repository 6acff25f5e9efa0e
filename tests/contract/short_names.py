"""
A caller who writes every name short, and holds each answer to full ones.

    class ShortRouting(ShortNames, Routing): ...
"""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

from google.protobuf.message import Message

from lientuyen.type.v1.resource_pb2 import resource
from tests.harness import ServiceUnderTest

SERVICE = re.compile(r"^//[a-z]+\.lientuyen/")


class ShortNames(ServiceUnderTest):
    """Wraps the stubs of a service that a test calls."""

    def stub(self, stub_class: Any, caller: str = "facility/01999") -> Any:
        return ShortStub(super().stub(stub_class, caller))


class ShortStub:
    """A stub whose requests hold short names.  The names in unary answers are checked."""

    def __init__(self, stub: Any) -> None:
        self._stub = stub

    def __getattr__(self, method: str) -> Any:
        call = getattr(self._stub, method)

        def run(request: Any, **options: Any) -> Any:
            if not isinstance(request, Message):
                return call(_each(request), **options)
            answer = call(shortened(request), **options)
            return answer if isinstance(answer, AsyncIterator) or hasattr(answer, "read") else checked(answer)

        return run


async def _each(requests: Any) -> AsyncIterator[Message]:
    if isinstance(requests, AsyncIterator):
        async for request in requests:
            yield shortened(request)
    else:
        for request in requests:
            yield shortened(request)


async def checked(call: Any) -> Any:
    answer = await call
    assert [name for name in names_in(answer) if not SERVICE.match(name)] == []
    return answer


def shortened(message: Message) -> Message:
    """Return *message* with every name in it short."""
    copy = type(message)()
    copy.CopyFrom(message)
    for holder, field in _names(copy):
        value = getattr(holder, field.name)
        if field.is_repeated:
            value[:] = [SERVICE.sub("", name) for name in value]
        else:
            setattr(holder, field.name, SERVICE.sub("", value))
    return copy


def names_in(message: Message) -> Iterator[str]:
    """Every name that *message* holds, in itself or within."""
    for holder, field in _names(message):
        value = getattr(holder, field.name)
        yield from value if field.is_repeated else [value]


def _names(message: Message) -> Iterator[tuple[Message, Any]]:
    for field, value in message.ListFields():
        if field.GetOptions().Extensions[resource]:
            yield message, field
        elif field.message_type is not None and not field.message_type.GetOptions().map_entry:
            for inner in value if field.is_repeated else [value]:
                yield from _names(inner)

"""
The client for programs without an event loop.

    with connect_blocking("facility/01999") as client:
        reply = client.persons.FindPerson(FindPersonRequest(…))

The same attributes and the same calls; a thread runs the loop.  Answers of
streams are plain iterators, and requests of streams are plain iterables.
"""

import asyncio
import inspect
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from types import TracebackType
from typing import Any, Self

from .client import STUBS, Client, connect
from .running_stack import Stack


class BlockingClient:
    def __init__(self, identity: str, stack: Stack | None) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="lientuyen", daemon=True)
        self._thread.start()
        self._client: Client = self._wait(self._open(identity, stack))

    def __getattr__(self, name: str) -> Any:
        if name not in STUBS:
            raise AttributeError(name)
        return BlockingStub(getattr(self._client, name), self._wait)

    async def _open(self, identity: str, stack: Stack | None) -> Client:
        return connect(identity, stack)

    def _wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def close(self) -> None:
        self._wait(self._client.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class BlockingStub:
    def __init__(self, methods: object, wait: Callable[[Coroutine[Any, Any, Any]], Any]) -> None:
        self._methods, self._wait = methods, wait

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._methods, name)

        def call(request: Any, **options: Any) -> Any:
            reply = method(request if hasattr(request, "DESCRIPTOR") else as_async(request), **options)
            return self._drain(reply) if inspect.isasyncgen(reply) else self._wait(reply)

        return call

    def _drain(self, replies: AsyncIterator[Any]) -> Iterator[Any]:
        while (reply := self._wait(next_or_none(replies))) is not None:
            yield reply


async def next_or_none(replies: AsyncIterator[Any]) -> Any:
    return await anext(replies, None)


async def as_async(requests: Iterable[Any]) -> AsyncIterator[Any]:
    for request in requests:
        yield request


def connect_blocking(identity: str, stack: Stack | None = None) -> BlockingClient:
    return BlockingClient(identity, stack)

"""
The exchange for programs without an event loop.

    with connect_blocking("facility/01999") as exchange:
        reply = exchange.persons.FindPerson(FindPersonRequest(…))

The same attributes and the same calls; a thread runs the loop.  Idempotency of
streams are plain iterators, and requests of streams are plain iterables.
"""

import asyncio
import inspect
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from types import TracebackType
from typing import Any, Self

from . import stack as stacks
from .exchange import STUBS, Exchange, connect


class BlockingExchange:
    """The four services, each call waiting for its answer."""

    def __init__(self, identity: str, stack: stacks.Stack | None) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="lientuyen", daemon=True)
        self._thread.start()
        self._exchange: Exchange = self._wait(self._open(identity, stack))

    def __getattr__(self, name: str) -> Any:
        if name not in STUBS:
            raise AttributeError(name)
        return BlockingMethods(getattr(self._exchange, name), self._wait)

    async def _open(self, identity: str, stack: stacks.Stack | None) -> Exchange:
        return connect(identity, stack)

    def _wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def close(self) -> None:
        """Close the channels and stop the thread."""
        self._wait(self._exchange.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class BlockingMethods:
    """A stub's methods, each waiting for its answer."""

    def __init__(self, methods: object, wait: Callable[[Coroutine[Any, Any, Any]], Any]) -> None:
        self._methods, self._wait = methods, wait

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._methods, name)

        def call(request: Any, **options: Any) -> Any:
            asked = method(as_async(request) if not hasattr(request, "DESCRIPTOR") else request, **options)
            if inspect.isasyncgen(asked):
                return self._drain(asked)
            return self._wait(asked)

        return call

    def _drain(self, idempotency: AsyncIterator[Any]) -> Iterator[Any]:
        while (reply := self._wait(next_or_none(idempotency))) is not None:
            yield reply


async def next_or_none(idempotency: AsyncIterator[Any]) -> Any:
    return await anext(idempotency, None)


async def as_async(requests: Iterable[Any]) -> AsyncIterator[Any]:
    for request in requests:
        yield request


def connect_blocking(identity: str, stack: stacks.Stack | None = None) -> BlockingExchange:
    """Return the exchange for a program without an event loop; see `connect`."""
    return BlockingExchange(identity, stack)

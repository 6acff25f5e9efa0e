"""A stream that stays open, its requests answered in any order: who sends one waits for its answer."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from .calling import Wires

Open = Callable[[AsyncIterator[Any]], AsyncIterator[Any]]


class OpenStream:
    """One stream; *answered* tells the `request_id` that an answer is to."""

    def __init__(self, wires: Wires, open_stream: Open, answered: Callable[[Any], str], depth: int) -> None:
        self._requests: asyncio.Queue[Any] = asyncio.Queue(depth)
        self._answered = answered
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self._reading = asyncio.create_task(self._read(open_stream(self._written())))
        wires.closing(self._close)

    @property
    def is_broken(self) -> bool:
        """Whether nobody answers here any more."""
        return self._reading.done()

    async def send(self, request: Any, timeout: float) -> Any:
        """Send *request* and return its answer; TimeoutError when there is none within *timeout* seconds."""
        coming = asyncio.get_running_loop().create_future()
        self._waiting[request.request_id] = coming
        await self._requests.put(request)
        return await asyncio.wait_for(coming, timeout)

    async def _written(self) -> AsyncIterator[Any]:
        while True:
            yield await self._requests.get()

    async def _read(self, answers: AsyncIterator[Any]) -> None:
        try:
            async for answer in answers:
                waiting = self._waiting.pop(self._answered(answer), None)
                if waiting is not None and not waiting.done():
                    waiting.set_result(answer)
        except Exception as error:
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_exception(error)

    async def _close(self) -> None:
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)


def opened(
    wires: Wires, key: object, open_stream: Open, answered: Callable[[Any], str], *, depth: int
) -> OpenStream:
    """Return the open stream called *key*; another when the last one broke.

    *depth* requests may wait to be written.
    """

    def make() -> OpenStream:
        return OpenStream(wires, open_stream, answered, depth)

    stream = wires.make_once(key, make)
    if stream.is_broken:
        wires.forget(key)
        stream = wires.make_once(key, make)
    return stream

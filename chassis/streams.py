"""Answering a stream of requests as they come, several at a time."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from typing import Any, TypeVar

from .call_context import identify
from .turns import of_message

Q = TypeVar("Q")
A = TypeVar("A")


async def answer_stream(
    requests: AsyncIterator[Q],
    answer: Callable[[Q], Coroutine[Any, Any, A]],
    *,
    max_concurrency: int,
    in_order: bool = False,
    size: Callable[[Q], int] = lambda _: 0,
    max_bytes: int = 1,
) -> AsyncIterator[A]:
    """Yield what *answer* makes of each request as soon as it is done, or *in_order* of the requests.

    Each is answered in a task of its own, in a turn of its own, under the `request_id` of its request.

    At most *max_concurrency* are in work, or done and not yet sent; and none more is read while those
    have *max_bytes* bytes by *size*, so that who sends waits.  The next request and the answers
    are waited for together: a client may send one and wait for its answer before it sends another.
    An error of either ends the rest.
    """
    running: dict[asyncio.Task[A], int] = {}
    arriving: asyncio.Task[list[Q]] | None = asyncio.create_task(_next(requests))
    are_more = True

    async def answer_identified(request: Q) -> A:
        identify(request)
        async with of_message():
            return await answer(request)

    def begin_arrived() -> None:
        nonlocal arriving, are_more
        if arriving is not None and arriving.done() and len(running) < max_concurrency:
            new = arriving.result()
            running.update(
                {asyncio.create_task(answer_identified(request)): size(request) for request in new}
            )
            arriving, are_more = None, bool(new)
        if arriving is None and are_more and sum(running.values()) < max_bytes:
            arriving = asyncio.create_task(_next(requests))

    try:
        while running or arriving:
            awaited: list[asyncio.Task[Any]] = [*running][:1] if in_order else [*running]
            if arriving and len(running) < max_concurrency:
                awaited.append(arriving)
            await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
            while (task := _finished(running, in_order)) is not None:
                del running[task]
                if arriving is not None and arriving.done() and arriving.exception() is None:
                    begin_arrived()  # so that it is worked on while the caller has this answer
                yield task.result()
            begin_arrived()
    finally:
        for left in (*running, arriving):
            if left is not None:
                left.cancel()


def _finished(running: Iterable[asyncio.Task[A]], in_order: bool) -> asyncio.Task[A] | None:
    candidates = [*running][:1] if in_order else running
    return next((task for task in candidates if task.done()), None)


async def _next(requests: AsyncIterator[Q]) -> list[Q]:
    """Return the next request; nothing at the end."""
    try:
        return [await anext(requests)]
    except StopAsyncIteration:
        return []

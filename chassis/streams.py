"""Answering a stream of requests as the answers come, several at a time."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")


async def answers_as_done(
    requests: AsyncIterator[Q], answer: Callable[[Q], Coroutine[Any, Any, A]], *, at_once: int
) -> AsyncIterator[A]:
    """Yield what *answer* makes of each request as soon as it is done, at most *at_once* in work.

    The next request and the answers are waited for together: a client may send one
    and wait for its answer before it sends another.  An error of either ends the rest.
    """
    running: set[asyncio.Task[A]] = set()
    arriving: asyncio.Task[list[Q]] | None = asyncio.create_task(_next(requests))
    try:
        while running or arriving:
            awaited: list[asyncio.Task[Any]] = [*running]
            if arriving and len(running) < at_once:
                awaited.append(arriving)
            done, _ = await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
            for task in running & done:
                running.remove(task)
                yield task.result()
            if arriving in done:
                new = arriving.result()
                running |= {asyncio.create_task(answer(request)) for request in new}
                arriving = asyncio.create_task(_next(requests)) if new else None
    finally:
        for left in (*running, arriving):
            if left is not None:
                left.cancel()


async def answers_in_order(
    requests: AsyncIterator[Q], answer: Callable[[Q], Coroutine[Any, Any, A]], *, at_once: int
) -> AsyncIterator[A]:
    """Yield what *answer* makes of each request, in their order, at most *at_once* in work or unsent.

    As in `answers_as_done` nobody is kept waiting for a next request, and an error ends the rest.
    """
    running: deque[asyncio.Task[A]] = deque()
    arriving: asyncio.Task[list[Q]] | None = asyncio.create_task(_next(requests))
    try:
        while running or arriving:
            awaited: list[asyncio.Task[Any]] = [running[0]] if running else []
            if arriving and len(running) < at_once:
                awaited.append(arriving)
            done, _ = await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
            if arriving in done:
                new = arriving.result()
                running.extend(asyncio.create_task(answer(request)) for request in new)
                arriving = asyncio.create_task(_next(requests)) if new else None
            while running and running[0].done():
                yield running.popleft().result()
    finally:
        for left in (*running, arriving):
            if left is not None:
                left.cancel()


async def _next(requests: AsyncIterator[Q]) -> list[Q]:
    try:
        return [await anext(requests)]
    except StopAsyncIteration:
        return []

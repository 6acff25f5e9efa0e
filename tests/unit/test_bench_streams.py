"""An open stream of the bench: each request has its own answer, whatever the order."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

from bench.calling import Job, Wires
from bench.streams import opened


def wires() -> Wires:
    return Wires(Job("", {}, "", 1, process=0, processes=1))


def answered(answer: Any) -> str:
    return str(answer.request_id)


async def in_twos(requests: AsyncIterator[Any]) -> AsyncIterator[Any]:
    """Answer two requests at a time, the second first."""
    async for first in requests:
        yield await anext(requests)
        yield first


async def test_answers_that_come_in_another_order_find_who_asked():
    stream = opened(wires(), "key", in_twos, answered, depth=4)
    asked = [SimpleNamespace(request_id=str(number)) for number in range(4)]

    assert await asyncio.gather(*(stream.send(request, 5) for request in asked)) == asked


async def test_a_stream_that_broke_fails_who_waits_and_is_opened_anew():
    opening = 0

    async def breaking(requests: AsyncIterator[Any]) -> AsyncIterator[Any]:
        nonlocal opening
        opening += 1
        request = await anext(requests)
        if opening == 1:
            raise ConnectionError("gone")
        yield request

    shared, request = wires(), SimpleNamespace(request_id="1")

    with pytest.raises(ConnectionError):
        await opened(shared, "key", breaking, answered, depth=4).send(request, 5)

    assert await opened(shared, "key", breaking, answered, depth=4).send(request, 5) is request

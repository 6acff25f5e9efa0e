"""A stream of requests is answered as the answers come."""

import asyncio
from collections.abc import AsyncIterator, Iterable

import pytest

from chassis.streams import answer_stream


async def each(numbers: Iterable[int]) -> AsyncIterator[int]:
    for number in numbers:
        yield number


async def doubled(number: int) -> int:
    await asyncio.sleep(0)
    return 2 * number


async def test_every_request_is_answered():
    answers = [one async for one in answer_stream(each(range(20)), doubled, max_concurrency=4)]

    assert sorted(answers) == list(range(0, 40, 2))


async def test_no_request_is_no_answer():
    assert [one async for one in answer_stream(each([]), doubled, max_concurrency=4)] == []


async def test_a_client_that_waits_for_each_answer_before_it_sends_again_is_answered():
    sent: asyncio.Queue[int] = asyncio.Queue()

    async def requests() -> AsyncIterator[int]:
        for _ in range(3):
            yield await sent.get()

    sent.put_nowait(1)
    answers = []
    async with asyncio.timeout(5):
        async for answer in answer_stream(requests(), doubled, max_concurrency=4):
            answers.append(answer)
            sent.put_nowait(answer)

    assert answers == [2, 4, 8]


async def test_no_more_than_so_many_are_worked_on_at_once():
    busy, most = 0, 0

    async def slow(number: int) -> int:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        await asyncio.sleep(0.001)
        busy -= 1
        return number

    assert len([one async for one in answer_stream(each(range(20)), slow, max_concurrency=3)]) == 20
    assert most == 3


async def test_an_error_ends_the_stream_and_what_was_begun():
    cancelled = []

    async def answer(number: int) -> int:
        if number == 2:
            raise ValueError
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(number)
            raise
        return number

    with pytest.raises(ValueError):
        await anext(answer_stream(each([1, 2]), answer, max_concurrency=4))
    await asyncio.sleep(0)

    assert cancelled == [1]


async def test_answers_in_order_wait_for_those_before():
    async def slow_at_first(number: int) -> int:
        await asyncio.sleep(0.02 if number == 0 else 0)
        return number

    answers = answer_stream(each(range(6)), slow_at_first, max_concurrency=3, in_order=True)

    assert [answer async for answer in answers] == list(range(6))

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


async def test_what_is_done_is_sent_before_an_error_of_the_requests_ends_the_rest():
    failed = asyncio.Event()

    async def requests() -> AsyncIterator[int]:
        yield 1
        await failed.wait()
        raise ValueError

    async def answer(number: int) -> int:
        failed.set()
        return number

    answers = answer_stream(requests(), answer, max_concurrency=4)

    assert await anext(answers) == 1
    with pytest.raises(ValueError):
        await anext(answers)


async def test_the_next_request_is_worked_on_while_the_caller_has_an_answer():
    begun: list[int] = []

    async def answer(number: int) -> int:
        begun.append(number)
        return number

    answers = answer_stream(each(range(9)), answer, max_concurrency=2, in_order=True)
    for number in range(3):
        assert await anext(answers) == number
        for _ in range(5):
            await asyncio.sleep(0)
        assert begun[-1] > number

    await answers.aclose()

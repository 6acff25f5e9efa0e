"""Slots that are shared in turn by those who wait for them."""

import asyncio
from collections.abc import Awaitable

import pytest

from chassis.fair_semaphore import FairSemaphore


def run(work: Awaitable[object]) -> None:
    async def main() -> None:
        await work

    asyncio.run(main())


async def waiting(semaphore: FairSemaphore, order: list[str], who: str) -> None:
    await semaphore.acquire(who)
    order.append(who)


def test_a_place_that_is_free_is_taken_without_waiting():
    semaphore = FairSemaphore(4)

    assert [semaphore.try_acquire(who) for who in "aaab"] == [True, True, True, True]
    assert not semaphore.try_acquire("c")
    semaphore.release("b")
    assert semaphore.try_acquire("c")


def test_one_caller_never_takes_all_the_places():
    semaphore = FairSemaphore(8)

    taken = sum(semaphore.try_acquire("flood") for _ in range(100))

    assert taken == 6
    assert semaphore.try_acquire("other")


def test_callers_that_wait_come_in_turn_however_many_calls_each_has():
    async def scene() -> None:
        semaphore, order = FairSemaphore(1), []
        await semaphore.acquire("first")
        tasks = [asyncio.create_task(waiting(semaphore, order, who)) for who in "aaaaabbc"]
        await asyncio.sleep(0)
        assert semaphore.waiting == 8
        holder = "first"
        for _ in tasks:
            semaphore.release(holder)
            await asyncio.sleep(0)
            holder = order[-1]
        assert order == ["a", "b", "c", "a", "b", "a", "a", "a"]

    run(scene())


def test_of_those_who_wait_the_one_with_the_fewest_places_is_next():
    async def scene() -> None:
        semaphore, order = FairSemaphore(4), []
        for who in ("flood", "flood", "flood", "first"):
            await semaphore.acquire(who)
        tasks = [asyncio.create_task(waiting(semaphore, order, who)) for who in ("flood", "flood", "b", "c")]
        await asyncio.sleep(0)
        for holder in ("flood", "flood", "first", "b"):
            semaphore.release(holder)
            await asyncio.sleep(0)
        await asyncio.gather(*tasks)
        assert order[:2] == ["b", "c"]

    run(scene())


@pytest.mark.parametrize("after_the_place_came", [False, True])
def test_a_cancelled_wait_holds_no_place(after_the_place_came: bool):
    async def scene() -> None:
        semaphore, order = FairSemaphore(1), []
        await semaphore.acquire("first")
        gone = asyncio.create_task(waiting(semaphore, order, "gone"))
        stays = asyncio.create_task(waiting(semaphore, order, "stays"))
        await asyncio.sleep(0)
        if after_the_place_came:
            semaphore.release("first")
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        if not after_the_place_came:
            semaphore.release("first")
        await asyncio.wait_for(stays, 5)
        semaphore.release("stays")
        assert order == ["stays"]
        assert semaphore.waiting == 0
        assert semaphore.try_acquire("anybody")

    run(scene())

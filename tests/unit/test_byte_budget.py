"""Large things in work: bounded in bytes, in all and for one caller, and in turn."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from chassis.byte_budget import ByteBudget
from chassis.errors import ResourceExhausted
from lientuyen.chassis.v1 import error_reasons as reasons


def run(scene: Coroutine[Any, Any, None]) -> None:
    asyncio.run(scene)


class Holder:
    """Who holds a part of *budget* from when its turn comes until `leave`."""

    def __init__(self, budget: ByteBudget, key: str, size: int) -> None:
        self.entered = False
        self._leaving = asyncio.Event()
        self.task = asyncio.create_task(self._hold(budget, key, size))

    async def _hold(self, budget: ByteBudget, key: str, size: int) -> None:
        async with budget.hold(key, size):
            self.entered = True
            await self._leaving.wait()

    async def leave(self) -> None:
        self._leaving.set()
        await self.task
        await settle()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_so_many_bytes_are_in_work_and_no_more():
    async def scene() -> None:
        budget = ByteBudget(100, max_waiting=1000)
        holders = [Holder(budget, key, 50) for key in "abc"]
        await settle()
        assert [holder.entered for holder in holders] == [True, True, False]
        assert (budget.held, budget.waiting) == (100, 50)
        await holders[0].leave()
        assert holders[2].entered

    run(scene())


def test_one_caller_takes_three_quarters_at_most_and_a_larger_thing_all_of_that_alone():
    async def scene() -> None:
        budget = ByteBudget(100, max_waiting=1000)
        huge, small = Holder(budget, "flood", 5000), Holder(budget, "flood", 1)
        other = Holder(budget, "other", 25)
        await settle()
        assert (huge.entered, small.entered, other.entered) == (True, False, True)
        await huge.leave()
        assert small.entered

    run(scene())


def test_callers_that_wait_come_in_turn_however_much_each_wants():
    async def scene() -> None:
        budget, order = ByteBudget(100, max_waiting=1000), list[str]()

        async def take(key: str) -> None:
            async with budget.hold(key, 75):
                order.append(key)
                await asyncio.sleep(0)

        first = Holder(budget, "first", 75)
        await settle()
        tasks = [asyncio.create_task(take(key)) for key in "aaaabbc"]
        await settle()
        await first.leave()
        await asyncio.gather(*tasks)
        assert order == ["a", "b", "c", "a", "b", "a", "a"]

    run(scene())


def test_nobody_small_passes_one_that_needs_more_room():
    async def scene() -> None:
        budget = ByteBudget(100, max_waiting=1000)
        first = Holder(budget, "a", 60)
        large, small = Holder(budget, "b", 70), Holder(budget, "c", 10)
        await settle()
        assert (large.entered, small.entered) == (False, False)
        await first.leave()
        assert (large.entered, small.entered) == (True, True)

    run(scene())


def test_what_waits_is_bounded_in_all_and_for_one_caller():
    async def scene() -> None:
        budget = ByteBudget(100, max_waiting=100)
        holders = [Holder(budget, key, 50) for key in "abcc"]  # two in work, one waits, one is too much
        await settle()
        with pytest.raises(ResourceExhausted) as refusal:
            await holders[3].task
        assert refusal.value.reason == reasons.TOO_MANY_BYTES
        assert refusal.value.metadata["retry_after_seconds"].isdecimal()
        waiting = Holder(budget, "d", 50)
        await settle()
        assert budget.waiting == 100
        with pytest.raises(ResourceExhausted):
            await Holder(budget, "e", 1).task
        for holder in (*holders[:3], waiting):
            await holder.leave()
        assert (budget.held, budget.waiting) == (0, 0)

    run(scene())


def test_one_that_is_cancelled_in_the_moment_of_its_turn_is_passed():
    async def scene() -> None:
        budget = ByteBudget(100, max_waiting=1000)
        first, gone, stays = (Holder(budget, key, 75) for key in "abc")
        await settle()
        first.task.cancel()  # it gives its part back …
        gone.task.cancel()  # … before this one has heard that it is cancelled
        await settle()
        assert stays.entered
        await stays.leave()
        assert (budget.held, budget.waiting) == (0, 0)

    run(scene())


@pytest.mark.parametrize("after_the_turn_came", [False, True])
def test_a_cancelled_wait_holds_nothing(after_the_turn_came: bool):
    async def scene() -> None:
        budget = ByteBudget(100, max_waiting=1000)
        first, gone, stays = (Holder(budget, key, 75) for key in "abc")
        await settle()
        if after_the_turn_came:
            first._leaving.set()
            await asyncio.sleep(0)
        gone.task.cancel()
        await asyncio.gather(gone.task, return_exceptions=True)
        await first.leave()
        assert stays.entered
        await stays.leave()
        assert (budget.held, budget.waiting) == (0, 0)

    run(scene())

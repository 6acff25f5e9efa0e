"""Blocks that must end in time: as `asyncio.timeout` ends them, by one timer for all."""

import asyncio
import time

import pytest

from chassis import deadline
from chassis.deadline import STEP, Limits

LONG = 30.0


async def test_a_block_whose_time_is_over_ends_with_a_timeout():
    limit = Limits().within(0.02)
    with pytest.raises(TimeoutError), limit:
        await asyncio.sleep(LONG)
    assert limit.expired


async def test_it_does_not_end_before_its_time():
    began = time.monotonic()
    with pytest.raises(TimeoutError), Limits().within(0.05):
        await asyncio.sleep(LONG)
    assert time.monotonic() - began >= 0.05


async def test_one_that_was_over_in_time_is_left_alone():
    limits = Limits()
    with limits.within(0.001):
        pass
    await asyncio.sleep(5 * STEP)
    assert asyncio.current_task().cancelling() == 0


async def test_nobody_looks_when_nothing_can_end_any_more(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(deadline, "LOOKS", 1)
    limits = Limits()
    with limits.within(LONG):
        await asyncio.sleep(3 * STEP)
        assert limits._due
    await asyncio.sleep(5 * STEP)
    assert not limits._due
    with pytest.raises(TimeoutError), limits.within(0.01):  # and again when something can
        await asyncio.sleep(LONG)


async def test_many_limits_each_end_their_own():
    limits = Limits()

    async def work(seconds: float, limit: float | None) -> str:
        try:
            with limits.within(limit):
                await asyncio.sleep(seconds)
        except TimeoutError:
            return "late"
        return "done"

    told = await asyncio.gather(work(LONG, 0.03), work(0.06, LONG), work(LONG, 0.01), work(0.05, None))
    assert told == ["late", "done", "late", "done"]


async def test_the_inner_of_two_ends_alone():
    limits = Limits()
    with limits.within(LONG) as outer, pytest.raises(TimeoutError), limits.within(0.01):
        await asyncio.sleep(LONG)
    assert not outer.expired


async def test_who_is_cancelled_from_outside_is_cancelled():
    async def work() -> None:
        with Limits().within(LONG):
            await asyncio.sleep(LONG)

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_cancelled_from_outside_and_over_at_once_is_cancelled():
    limit = Limits().within(None)

    async def work() -> None:
        with limit:
            await asyncio.sleep(LONG)

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    limit.expire()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_one_without_an_end_ends_when_told_also_before_it_began():
    for early in (True, False):
        limit = Limits().within(None)
        if early:
            limit.expire()
        else:
            asyncio.get_running_loop().call_later(0.01, limit.expire)
        with pytest.raises(TimeoutError), limit:
            await asyncio.sleep(LONG)


async def test_an_error_of_the_block_is_its_own():
    with pytest.raises(ValueError, match="mine"), Limits().within(LONG):
        raise ValueError("mine")

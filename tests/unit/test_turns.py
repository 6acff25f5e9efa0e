"""How many may be open, who passes, and what becomes of the turn of a call that waits for somebody."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import cast

import pytest

from chassis import turns as module
from chassis.allowances import Allowance
from chassis.byte_budget import ByteBudget
from chassis.call_context import Call, Caller, calling
from chassis.db import Database
from chassis.errors import ResourceExhausted
from chassis.gcra import Rate
from chassis.rate_limiter import RateLimiter
from chassis.streams import answer_stream
from chassis.turns import COMPANY_S, MIN_OPEN_EACH, Turn, Turns, elsewhere
from lientuyen.chassis.v1 import error_reasons as reasons
from tests.harness import eventually

FLOOD, OTHER, RECORDS = Caller("facility", "01999"), Caller("facility", "01929"), Caller("service", "records")


async def take(turns: Turns, caller: Caller, release: asyncio.Event) -> None:
    with Turn(turns) as turn:
        await turn.take(caller, time.monotonic() + 60, is_stream=False)
        await release.wait()


async def limit_of(turns: Turns, caller: Caller) -> str:
    """Return which limit a call of *caller*'s breaks; fails when it waits instead."""
    with pytest.raises(ResourceExhausted) as error:
        await asyncio.wait_for(take(turns, caller, asyncio.Event()), 0.5)
    return error.value.metadata["limit"]


async def test_what_is_open_is_bounded_and_leaves_room_for_others(capfd: pytest.CaptureFixture[str]):
    turns, release = Turns(1, max_open=40), asyncio.Event()
    flood = [asyncio.create_task(take(turns, FLOOD, release)) for _ in range(40)]
    await asyncio.sleep(0)
    assert turns.open[FLOOD] == 20  # half of what is free, as it grows

    full = await limit_of(turns, FLOOD)
    others = [asyncio.create_task(take(turns, OTHER, release)) for _ in range(MIN_OPEN_EACH)]
    await asyncio.sleep(0)
    turns.report()
    release.set()
    results = await asyncio.gather(*flood, *others, return_exceptions=True)

    assert full == "waiting"
    assert sum(isinstance(result, ResourceExhausted) for result in results) == 20
    assert results[40:] == [None] * MIN_OPEN_EACH
    line = capfd.readouterr().err
    assert '"event": "a caller has too many calls"' in line
    assert '"refused": 21' in line


async def test_our_own_services_wait_for_nobody():
    turns, release = Turns(1), asyncio.Event()
    held = asyncio.create_task(take(turns, FLOOD, release))
    await asyncio.sleep(0)

    with Turn(turns) as turn:
        await turn.take(RECORDS, None, is_stream=False)
    release.set()
    await held

    assert turns.calls.try_acquire(OTHER)


async def test_a_caller_has_most_turns_alone_and_a_few_beside_others(monkeypatch: pytest.MonkeyPatch):
    now = 1000.0
    monkeypatch.setattr(module.time, "monotonic", lambda: now)
    turns = Turns(16, 3)

    def taken_of_twenty() -> int:
        turns.enter(FLOOD)
        return sum(turns.calls.try_acquire(FLOOD) for _ in range(20))

    turns.enter(OTHER)
    beside = taken_of_twenty()
    now += COMPANY_S + 1
    alone = taken_of_twenty()

    assert (beside, beside + alone) == (3, 12)
    assert turns.calls.try_acquire(OTHER)


async def test_a_call_that_comes_back_is_the_first_of_its_own():
    turns, order = Turns(1), []
    answered, told = asyncio.Event(), asyncio.Event()

    async def asking() -> None:
        with Turn(turns) as turn:
            await turn.take(FLOOD, None, is_stream=False)
            async with elsewhere():
                await answered.wait()
            order.append("back")

    async def working(name: str, release: asyncio.Event) -> None:
        with Turn(turns) as turn:
            await turn.take(FLOOD, None, is_stream=False)
            order.append(name)
            await release.wait()

    async with asyncio.TaskGroup() as calls:
        calls.create_task(asking())
        await asyncio.sleep(0)
        calls.create_task(working("meanwhile", told))
        calls.create_task(working("next", told))
        await asyncio.sleep(0)
        answered.set()
        await asyncio.sleep(0)
        told.set()

    assert order == ["meanwhile", "back", "next"]
    assert is_idle(turns)


async def test_tasks_of_a_call_that_wait_for_several_take_one_turn_again():
    turns = Turns(1)

    async def wait_elsewhere() -> None:
        async with elsewhere():
            await asyncio.sleep(0)

    with Turn(turns) as turn:
        await turn.take(FLOOD, None, is_stream=False)
        await asyncio.gather(*(wait_elsewhere() for _ in range(5)))
        assert turns.calls.held_by(FLOOD) == 1

    assert is_idle(turns)


async def fail_elsewhere(error: BaseException) -> None:
    async with elsewhere():
        await asyncio.sleep(0)
        raise error


@pytest.mark.parametrize("error", [ConnectionError(), asyncio.CancelledError()])
async def test_after_an_error_a_call_goes_on_before_its_time_is_over(error: BaseException):
    turns, release = Turns(1), asyncio.Event()
    with Turn(turns) as turn:
        await turn.take(FLOOD, None, is_stream=False)
        other = asyncio.create_task(take(turns, OTHER, release))
        call = Call("Echo/Say", "test.Echo/Say", FLOOD, time.monotonic() + 1)
        with calling(call), pytest.raises(type(error)):
            await fail_elsewhere(error)
        assert (turns.calls.held_by(FLOOD), turns.calls.held_by(OTHER)) == (1, 1)
        assert not turns.calls.try_acquire(OTHER)
    release.set()
    await other

    assert is_idle(turns)


async def test_a_message_of_a_stream_takes_a_turn_and_the_stream_none():
    turns, release = Turns(1), asyncio.Event()
    held = asyncio.create_task(take(turns, OTHER, release))
    await asyncio.sleep(0)
    worked: list[int] = []

    async def requests() -> AsyncIterator[int]:
        for number in range(3):
            yield number

    async def answer(number: int) -> int:
        assert turns.calls.held_by(FLOOD) == 1
        worked.append(number)
        return number

    with Turn(turns) as turn:
        await turn.take(FLOOD, None, is_stream=True)
        answers = asyncio.ensure_future(anext(stream := answer_stream(requests(), answer, max_concurrency=3)))
        await eventually(lambda: turns.calls.waiting_of(FLOOD) == 3)
        assert not worked
        release.set()
        assert [await answers, *[number async for number in stream]] == [0, 1, 2]
    await held

    assert is_idle(turns)


async def test_who_waits_for_bytes_keeps_no_turn_from_who_holds_them():
    """Else who holds them, back from a peer, waits for the turn of who waits for them."""
    turns, budget, answered = Turns(1), ByteBudget(40, max_waiting=400), asyncio.Event()

    async def submit() -> None:
        with Turn(turns) as turn:
            await turn.take(FLOOD, None, is_stream=False)
            async with budget.hold(FLOOD, 30), elsewhere():
                await answered.wait()

    async with asyncio.timeout(20), asyncio.TaskGroup() as calls:
        for _ in range(4):
            calls.create_task(submit())
        await eventually(lambda: budget.waiting == 90)
        answered.set()

    assert not budget.held
    assert is_idle(turns)


async def test_who_goes_while_waiting_for_bytes_or_then_for_a_turn_leaves_nothing_held():
    turns, budget, release = Turns(1), ByteBudget(40, max_waiting=400), asyncio.Event()

    async def submit() -> None:
        with Turn(turns) as turn:
            await turn.take(FLOOD, None, is_stream=False)
            async with budget.hold(FLOOD, 30):
                await release.wait()

    async with budget.hold(FLOOD, 30):
        waiting, back = [asyncio.create_task(submit()) for _ in range(2)]
        await eventually(lambda: budget.waiting == 60)
        other = asyncio.create_task(take(turns, OTHER, release))
        await eventually(lambda: turns.calls.held_by(OTHER) == 1)
        waiting.cancel()
    await eventually(lambda: turns.calls.waiting_of(FLOOD) == 1)  # it has its bytes, and no turn
    back.cancel()
    await asyncio.wait([waiting, back])
    release.set()
    await other

    assert (budget.held, budget.waiting) == (0, 0)
    assert is_idle(turns)


async def test_a_question_of_a_stream_that_waits_for_its_look_up_keeps_no_turn():
    rate = Allowance(Rate(0.3, 1), None)
    limiter = RateLimiter(cast(Database, None), hospital=rate, limit_reached=reasons.TOO_MANY_CALLS)
    turns, release = Turns(1), asyncio.Event()
    release.set()

    async def ask() -> None:
        with Turn(turns) as turn, calling(Call("Echo/Say", "test.Echo/Say", FLOOD)):
            await turn.take(FLOOD, None, is_stream=False)
            async with limiter.admit(patient=True):
                pass

    await ask()
    waiting = asyncio.create_task(ask())
    await eventually(lambda: turns.open)
    await take(turns, OTHER, release)

    assert not waiting.done()
    await waiting
    assert is_idle(turns)


def is_idle(turns: Turns) -> bool:
    nobody_holds = not (
        turns.calls.held_by(FLOOD)
        or turns.calls.held_by(OTHER)
        or turns.waiting
        or turns.begun.held_by(FLOOD)
    )
    return nobody_holds and not turns.open and not turns.streams and turns.calls.try_acquire("anybody")

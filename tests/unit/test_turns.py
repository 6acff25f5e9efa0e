"""How many may wait for a turn, and how an exempt caller passes."""

import asyncio
import time

import pytest

from chassis.call_context import Caller
from chassis.errors import ResourceExhausted
from chassis.turns import MIN_WAITING_EACH, Turn, Turns

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


async def test_what_waits_is_bounded_and_shared_among_those_who_wait(capfd: pytest.CaptureFixture[str]):
    turns, release = Turns(1, max_waiting=40), asyncio.Event()
    flood = [asyncio.create_task(take(turns, FLOOD, release)) for _ in range(41)]
    await asyncio.sleep(0)
    assert turns.calls.waiting_of(FLOOD) == 20  # forty by the bound, in two parts: one for who comes next

    full = await limit_of(turns, FLOOD)
    others = [asyncio.create_task(take(turns, OTHER, release)) for _ in range(MIN_WAITING_EACH)]
    await asyncio.sleep(0)
    turns.report()
    release.set()
    results = await asyncio.gather(*flood, *others, return_exceptions=True)

    assert full == "waiting"
    assert sum(isinstance(result, ResourceExhausted) for result in results) == 20
    assert results[41:] == [None] * MIN_WAITING_EACH
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

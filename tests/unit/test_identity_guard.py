"""The allowances of look-ups, and the places that are shared in turn.  Time is an argument."""

import asyncio
from collections.abc import Awaitable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.model.guard import SHARES, Account, Allowance, Rate, allowances
from services.identity.service.turns import Turns

HOSPITAL = Allowance(lookups=Rate(50, 500), misses=Rate(0.5, 100))


def test_a_rested_bucket_gives_its_burst_and_then_its_rate():
    account = Account(Allowance(Rate(10, 3), None))

    at_once = [account.take(100.0)[0] == 0 for _ in range(5)]
    wait, limit = account.take(100.0)

    assert at_once == [True, True, True, False, False]
    assert (round(wait, 6), limit) == (0.1, "lookups")
    assert account.take(100.0 + wait)[0] == 0
    assert account.take(100.0 + wait)[0] > 0


@given(
    per_second=st.floats(0.01, 1000),
    burst=st.integers(1, 1000),
    steps=st.lists(st.floats(0, 100), min_size=1, max_size=200),
)
def test_no_span_of_time_gives_more_than_the_burst_and_the_rate(
    per_second: float, burst: int, steps: list[float]
):
    account, now, taken = Account(Allowance(Rate(per_second, burst), None)), 1000.0, []
    for step in steps:
        now += step
        if account.take(now)[0] == 0:
            taken.append(now)

    for first, began in enumerate(taken):
        for last in range(first, len(taken)):
            most = burst + (taken[last] - began) * per_second
            assert last - first + 1 <= most + 1e-3


@given(per_second=st.floats(0.01, 1000), burst=st.integers(1, 1000), used=st.integers(0, 2000))
def test_who_waits_as_long_as_told_is_admitted(per_second: float, burst: int, used: int):
    account = Account(Allowance(Rate(per_second, burst), None))
    for _ in range(used):
        account.take(5.0)

    wait, _ = account.take(5.0)

    assert wait == 0 or account.take(5.0 + wait + 1e-6)[0] == 0


def test_misses_run_out_long_before_hits_and_block_both_until_they_are_waited_for():
    account = Account(HOSPITAL)
    for _ in range(100):
        assert account.take(10.0)[0] == 0
        account.miss(10.0)

    wait, limit = account.take(10.0)

    assert (round(wait, 6), limit) == (2.0, "misses")
    assert account.is_over(10.0)
    assert account.take(12.0)[0] == 0
    assert not account.is_over(12.0)


@pytest.mark.parametrize(("under_way", "wait"), [(3, 2.0), (4, 3.0), (5, 3.0), (400, 3.0)])
def test_misses_under_way_at_once_are_a_debt_of_one_burst_at_most_that_is_waited_for(
    under_way: int, wait: float
):
    account = Account(Allowance(Rate(50, 500), Rate(1, 2)))
    for _ in range(under_way):
        account.miss(0.0)

    assert account.take(0.0) == (wait, "misses")
    assert account.take(wait - 0.5)[1] == "misses"
    assert account.take(wait)[0] == 0


def test_what_is_urgent_is_limited_by_the_look_ups_only():
    account = Account(Allowance(Rate(1, 3), Rate(1, 2)))
    for _ in range(10):
        account.miss(0.0)

    assert account.take(0.0)[1] == "misses"
    assert [account.take(0.0, urgent=True) for _ in range(4)] == [(0.0, "lookups")] * 3 + [(1.0, "lookups")]


def test_a_stream_leaves_a_part_of_the_burst_to_the_desk():
    account = Account(Allowance(Rate(1, 8), None))

    streamed = sum(account.take(0.0, spared=0.25)[0] == 0 for _ in range(20))
    desk = sum(account.take(0.0)[0] == 0 for _ in range(20))

    assert (streamed, desk) == (6, 2)


def test_an_account_says_nothing_only_when_forgetting_it_gives_nothing_away():
    account = Account(HOSPITAL)
    assert account.says_nothing(0.0)

    account.take(10.0)
    account.miss(10.0)

    assert not account.says_nothing(11.9)
    assert account.says_nothing(12.1)


def test_each_kind_of_caller_has_its_share_and_services_are_never_refused_for_misses():
    given_to = allowances(HOSPITAL)

    assert set(given_to) == set(SHARES)
    assert given_to["facility"] == HOSPITAL
    assert given_to["service"].misses is None
    assert given_to["authority"].lookups == Rate(2000, 20_000)
    assert all(one.lookups.burst >= 1 for one in given_to.values())


def run(work: Awaitable[object]) -> None:
    async def main() -> None:
        await work

    asyncio.run(main())


async def waiting(turns: Turns, order: list[str], who: str) -> None:
    await turns.enter(who)
    order.append(who)


def test_a_place_that_is_free_is_taken_without_waiting():
    turns = Turns(4)

    assert [turns.try_enter(who) for who in "aaab"] == [True, True, True, True]
    assert not turns.try_enter("c")
    turns.leave("b")
    assert turns.try_enter("c")


def test_one_caller_never_takes_all_the_places():
    turns = Turns(8)

    taken = sum(turns.try_enter("flood") for _ in range(100))

    assert taken == 6
    assert turns.try_enter("other")


def test_callers_that_wait_come_in_turn_however_many_calls_each_has():
    async def scene() -> None:
        turns, order = Turns(1), []
        await turns.enter("first")
        tasks = [asyncio.create_task(waiting(turns, order, who)) for who in "aaaaabbc"]
        await asyncio.sleep(0)
        assert turns.waiting == 8
        holder = "first"
        for _ in tasks:
            turns.leave(holder)
            await asyncio.sleep(0)
            holder = order[-1]
        assert order == ["a", "b", "c", "a", "b", "a", "a", "a"]

    run(scene())


@pytest.mark.parametrize("after_the_place_came", [False, True])
def test_a_cancelled_wait_holds_no_place(after_the_place_came: bool):
    async def scene() -> None:
        turns, order = Turns(1), []
        await turns.enter("first")
        gone = asyncio.create_task(waiting(turns, order, "gone"))
        stays = asyncio.create_task(waiting(turns, order, "stays"))
        await asyncio.sleep(0)
        if after_the_place_came:
            turns.leave("first")
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        if not after_the_place_came:
            turns.leave("first")
        await asyncio.wait_for(stays, 5)
        turns.leave("stays")
        assert order == ["stays"]
        assert turns.waiting == 0
        assert turns.try_enter("anybody")

    run(scene())

"""Questions asked together: each gets its own answer, and no other's trouble."""

import asyncio
import time
from collections.abc import Sequence

import pytest

from chassis.batching import Together
from chassis.call_context import Call, Caller, calling, current_or_none
from chassis.errors import DeadlineExceeded, Unavailable
from lientuyen.chassis.v1 import error_reasons as reasons


class Store:
    """Answers twice the question, when it is let; -1 is poison."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.open = asyncio.Event()

    async def run(self, questions: Sequence[int]) -> list[int]:
        self.batches.append(list(questions))
        await self.open.wait()
        if -1 in questions:
            raise ValueError("poison")
        return [2 * one for one in questions]


@pytest.fixture
def store() -> Store:
    return Store()


async def asked(together: Together[int, int], *questions: int) -> list[asyncio.Task[int]]:
    """Ask, and return when every question is on its way or waits."""
    tasks = [asyncio.create_task(together.ask(one)) for one in questions]
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


async def test_what_comes_meanwhile_goes_together_and_each_gets_its_own(store: Store):
    together = Together("test", store.run, at_once=1, most=4)
    first = await asked(together, 1)
    rest = await asked(together, 2, 3, 4, 5, 6, 7)

    store.open.set()

    assert await asyncio.gather(*first, *rest) == [2, 4, 6, 8, 10, 12, 14]
    assert store.batches == [[1], [2, 3, 4, 5], [6, 7]]


async def test_at_most_so_many_batches_are_under_way(store: Store):
    together = Together("test", store.run, at_once=2, most=4)
    tasks = [task for one in range(5) for task in await asked(together, one)]

    assert store.batches == [[0], [1]]
    store.open.set()
    await asyncio.gather(*tasks)

    assert store.batches == [[0], [1], [2, 3, 4]]


async def test_what_comes_right_after_a_batch_waits_for_company(store: Store):
    store.open.set()
    together = Together("test", store.run, each=0.2, apart=0.2)
    first = await asked(together, 1)
    second = await asked(together, 2)
    third = await asked(together, 3)

    assert await asyncio.gather(*first, *second, *third) == [2, 4, 6]
    assert store.batches == [[1], [2, 3]]


async def test_a_whole_batch_waits_for_nothing(store: Store):
    store.open.set()
    together = Together("test", store.run, most=2, each=60, apart=60)
    tasks = await asked(together, 1)
    tasks += await asked(together, 2, 3)
    tasks += await asked(together, 4, 5)

    async with asyncio.timeout(5):
        assert await asyncio.gather(*tasks) == [2, 4, 6, 8, 10]
    assert store.batches == [[1], [2, 3], [4, 5]]


async def test_what_is_left_of_a_crowd_waits_for_company_again(store: Store):
    store.open.set()
    together = Together("test", store.run, most=2, each=60, apart=60)
    tasks = await asked(together, 1)
    tasks += await asked(together, 2, 3, 4)
    await asyncio.gather(*tasks[:3])

    assert not tasks[3].done()
    tasks += await asked(together, 5)
    async with asyncio.timeout(5):
        assert await asyncio.gather(*tasks[3:]) == [8, 10]
    assert store.batches == [[1], [2, 3], [4, 5]]


async def test_a_poisoned_question_fails_alone(store: Store):
    together = Together("test", store.run, at_once=1)
    tasks = await asked(together, 0)
    tasks += await asked(together, 1, -1, 2)

    store.open.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)

    assert [answers[0], answers[1], answers[3]] == [0, 2, 4]
    assert isinstance(answers[2], ValueError)


async def test_a_store_that_does_not_answer_fails_all_and_is_not_asked_again():
    calls = 0

    async def run(questions: Sequence[int]) -> list[int]:
        nonlocal calls
        calls += 1
        await asyncio.sleep(0)
        raise Unavailable(reasons.STORE_UNAVAILABLE)

    together = Together("test", run, at_once=1)
    tasks = await asked(together, 1)
    tasks += await asked(together, 2, 3)
    answers = await asyncio.gather(*tasks, return_exceptions=True)

    assert [type(one) for one in answers] == [Unavailable] * 3
    assert calls <= 2


async def test_who_goes_away_is_left_out_and_takes_nobody_along(store: Store):
    together = Together("test", store.run, at_once=1)
    first = await asked(together, 1)
    waiting = await asked(together, 2, 3)

    first[0].cancel()
    waiting[0].cancel()
    store.open.set()

    assert await waiting[1] == 6
    assert store.batches == [[1], [3]]


async def test_a_batch_ends_when_the_last_of_it_gave_up(store: Store):
    together = Together("test", store.run, at_once=1)
    hospital = Caller("facility", "01999")

    with calling(Call("S/M", "x.S/M", hospital, time.monotonic() + 0.02)):
        hung = await asked(together, 1)
    with pytest.raises(DeadlineExceeded):
        await hung[0]
    store.open.set()

    assert await together.ask(2) == 4


async def test_too_many_that_wait_are_sent_away(store: Store):
    together = Together("test", store.run, at_once=1, room=2)
    tasks = await asked(together, 1)
    tasks += await asked(together, 2, 3)

    with pytest.raises(Unavailable):
        await together.ask(4)
    store.open.set()

    assert await asyncio.gather(*tasks) == [2, 4, 6]


async def test_the_work_runs_in_nobody_s_call():
    async def run(questions: Sequence[int]) -> list[int]:
        assert current_or_none() is None
        return list(questions)

    with calling(Call("S/M", "x.S/M", Caller("facility", "01999"))):
        assert await Together("test", run).ask(1) == 1


async def test_who_asks_as_soon_as_another_is_answered_is_not_forgotten(store: Store):
    together = Together("test", store.run, at_once=1)
    store.open.set()

    async def again_and_again() -> list[int]:
        return [await together.ask(one) for one in range(50)]

    async with asyncio.timeout(5):
        answers = await asyncio.gather(*(again_and_again() for _ in range(3)))

    assert answers == [[2 * one for one in range(50)]] * 3

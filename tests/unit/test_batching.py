"""Questions loaded in batches: each gets its own answer, and no other's trouble."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from chassis import telemetry
from chassis.batching import MAX_IDLE_TURNS, Batcher
from chassis.call_context import Call, Caller, calling, current_or_none
from chassis.errors import DeadlineExceeded, Unavailable
from chassis.spans import server_span
from lientuyen.chassis.v1 import error_reasons as reasons

SAMPLED = (("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),)


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


def made(run: Callable[[Sequence[int]], Awaitable[list[int]]], **limits: int) -> Batcher[int, int]:
    return Batcher("test", run, summary="SELECT things", namespace="test", **limits)


async def loaded(batcher: Batcher[int, int], *questions: int) -> list[asyncio.Task[int]]:
    """Load, and return when every question is on its way or waits."""
    tasks = [asyncio.create_task(batcher.load(one)) for one in questions]
    for _ in range(MAX_IDLE_TURNS + 5):
        await asyncio.sleep(0)
    return tasks


async def test_what_comes_meanwhile_goes_together_and_each_gets_its_own(store: Store):
    batcher = made(store.run, max_batch=4)
    first = await loaded(batcher, 1)
    rest = await loaded(batcher, 2, 3, 4, 5, 6, 7)

    store.open.set()

    assert await asyncio.gather(*first, *rest) == [2, 4, 6, 8, 10, 12, 14]
    assert store.batches == [[1], [2, 3, 4, 5], [6, 7]]


async def test_one_batch_is_under_way_at_a_time(store: Store):
    batcher = made(store.run, max_batch=4)
    tasks = [task for question in range(5) for task in await loaded(batcher, question)]

    assert store.batches == [[0]]
    store.open.set()
    await asyncio.gather(*tasks)

    assert store.batches == [[0], [1, 2, 3, 4]]


async def test_what_the_loop_reads_before_it_rests_goes_along_and_a_full_batch_goes_at_once(store: Store):
    batcher = made(store.run, max_batch=3)
    first = [asyncio.create_task(batcher.load(1))]
    await asyncio.sleep(0)
    first += [asyncio.create_task(batcher.load(2)), asyncio.create_task(batcher.load(3))]
    rest = await loaded(batcher, 4, 5)

    store.open.set()

    assert await asyncio.gather(*first, *rest) == [2, 4, 6, 8, 10]
    assert store.batches == [[1, 2, 3], [4, 5]]


async def test_nothing_waits_for_company(store: Store):
    store.open.set()
    batcher = made(store.run)

    async with asyncio.timeout(5):
        assert [await batcher.load(question) for question in (1, 2, 3)] == [2, 4, 6]
    assert store.batches == [[1], [2], [3]]


async def test_the_trace_tells_the_wait_and_the_statement_apart(store: Store):
    exporter = InMemorySpanExporter()
    telemetry.setup("identity", exporter=exporter)
    batcher = made(store.run)
    first = await loaded(batcher, 1)
    with server_span("x.S/M", SAMPLED):
        second = await loaded(batcher, 2)
        await asyncio.sleep(0.02)
        store.open.set()
        await asyncio.gather(*first, *second)
    telemetry.shutdown()

    wait, statement, call = exporter.get_finished_spans()
    assert (wait.name, statement.name) == ("wait for batch", "SELECT things")
    assert wait.parent == statement.parent == call.context
    assert (statement.attributes or {})["lientuyen.batch.size"] == 1
    assert wait.end_time == statement.start_time
    assert (wait.end_time or 0) - (wait.start_time or 0) > 15_000_000


async def test_a_poisoned_question_fails_alone(store: Store):
    batcher = made(store.run)
    tasks = await loaded(batcher, 0)
    tasks += await loaded(batcher, 1, -1, 2)

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

    batcher = made(run)
    tasks = await loaded(batcher, 1)
    tasks += await loaded(batcher, 2, 3)
    answers = await asyncio.gather(*tasks, return_exceptions=True)

    assert [type(one) for one in answers] == [Unavailable] * 3
    assert calls <= 2


async def test_who_goes_away_is_left_out_and_takes_nobody_along(store: Store):
    batcher = made(store.run)
    first = await loaded(batcher, 1)
    waiting = await loaded(batcher, 2, 3)

    first[0].cancel()
    waiting[0].cancel()
    store.open.set()

    assert await waiting[1] == 6
    assert store.batches == [[1], [3]]


async def test_a_batch_ends_when_the_last_of_it_gave_up(store: Store):
    batcher = made(store.run)
    hospital = Caller("facility", "01999")

    with calling(Call("S/M", "x.S/M", hospital, time.monotonic() + 0.02)):
        hung = await loaded(batcher, 1)
    with pytest.raises(DeadlineExceeded):
        await hung[0]
    store.open.set()

    assert await batcher.load(2) == 4


async def test_too_many_that_wait_are_sent_away(store: Store):
    batcher = made(store.run, max_queue=2)
    tasks = await loaded(batcher, 1)
    tasks += await loaded(batcher, 2, 3)

    with pytest.raises(Unavailable):
        await batcher.load(4)
    store.open.set()

    assert await asyncio.gather(*tasks) == [2, 4, 6]


async def test_the_work_runs_in_nobody_s_call():
    async def run(questions: Sequence[int]) -> list[int]:
        assert current_or_none() is None
        return list(questions)

    with calling(Call("S/M", "x.S/M", Caller("facility", "01999"))):
        assert await made(run).load(1) == 1


async def test_who_asks_as_soon_as_another_is_answered_is_not_forgotten(store: Store):
    batcher = made(store.run)
    store.open.set()

    async def again_and_again() -> list[int]:
        return [await batcher.load(one) for one in range(50)]

    async with asyncio.timeout(5):
        answers = await asyncio.gather(*(again_and_again() for _ in range(3)))

    assert answers == [[2 * one for one in range(50)]] * 3


async def test_nobody_is_asked_for_those_who_have_all_gone_away(store: Store):
    batcher = made(store.run)
    first = await loaded(batcher, 1)
    waiting = await loaded(batcher, 2, 3)

    for task in waiting:
        task.cancel()
    store.open.set()
    await asyncio.gather(*first)
    await loaded(batcher)

    assert store.batches == [[1]]

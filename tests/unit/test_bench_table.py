"""The figures of a bench: percentiles, ratios, the table, the conditions line."""

import asyncio
import io
import json
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bench import figures
from bench.calling import Caller, Job, Wires, run_slice
from bench.catalogue import MODULES
from bench.figures import Ratio, Slice
from bench.loads import LOADS, Call, Load, conditions, need
from bench.outcome import Outcome, verdict
from bench.records import dossier
from bench.runner import floors_of


def drawn(*lines: figures.Figure) -> str:
    out = Console(file=io.StringIO(), width=140, record=True)
    out.print(figures.table(lines))
    return out.export_text()


def measured(name: str = "load", calls: int = 100, seconds: float = 1.0, **more) -> figures.Figure:
    slices = [Slice(seconds, [0.001 * (number + 1) for number in range(calls)], **more)]
    floors = {"echo": [Slice(1.0, [0.001] * 400)], "insert": [Slice(2.0, [0.001] * 400)]}
    return figures.figure(name, "conditions [here].", slices, floors)


def test_a_percentile_is_a_value_that_was_measured():
    values = [5.0, 1.0, 4.0, 2.0, 3.0]

    assert [figures.percentile(values, percent) for percent in (1, 20, 50, 99, 100)] == [1, 1, 3, 5, 5]


def test_of_nothing_there_is_no_percentile():
    assert figures.percentile([], 50) is None


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.1, 100))
def test_so_many_percent_do_not_exceed_a_percentile(values: list[float], percent: float):
    found = figures.percentile(values, percent)

    assert found in values
    assert sum(value <= found for value in values) / len(values) * 100 >= percent - 1e-9


def test_the_rate_is_over_all_slices_together():
    assert figures.rate([Slice(1.0, [0.1] * 10), Slice(3.0, [0.1] * 50)]) == 15


def test_without_time_there_is_no_rate():
    assert figures.rate([]) is None


def test_a_ratio_is_to_the_floor_of_the_same_slices():
    found = measured()

    assert (found.calls_per_second, found.p50_ms, found.p99_ms) == (100, 50, 99)
    assert found.ratios == {"echo": Ratio(0.25, 0.25, 0.25), "insert": Ratio(0.5, 0.5, 0.5)}


def test_a_round_in_which_the_machine_was_slow_does_not_move_the_ratio():
    warm_up, slow = Slice(0.0, ()), Slice(1.0, [0.1] * 4)
    slices = [warm_up, Slice(1.0, [0.1] * 40), slow, Slice(2.0, [0.1] * 84)]
    floors = {"echo": [Slice(1.0, [0.1] * 100)] * 3}

    found = figures.figure("load", "", slices, floors)

    assert found.ratios == {"echo": Ratio(median=0.40, low=0.04, high=0.42)}


def test_a_round_that_gave_nothing_has_no_ratio():
    found = figures.figure("load", "", [Slice(1.0, ())], {"echo": [Slice(1.0, [0.1])]})

    assert found.ratios == {}


def test_a_journey_of_three_calls_is_compared_with_three_calls():
    slices = [Slice(1.0, [0.01] * 100)]

    found = figures.figure("journey", "", slices, {"echo": [Slice(1.0, [0.001] * 400)]}, remote_calls=3)

    assert (found.calls_per_second, found.ratios) == (100, {"echo": Ratio(0.75, 0.75, 0.75)})


def test_processor_time_is_told_a_call():
    found = measured(cpu={"client": 0.02, "service": 0.05})

    assert found.cpu_us == {"client": pytest.approx(200), "service": pytest.approx(500)}


def test_what_others_took_is_told_in_cores():
    quiet, busy = measured(seconds=1.0), measured(seconds=1.0, cpu={"client": 0.9, "others": 1.0})

    assert figures.others([quiet, busy]) == pytest.approx(0.5)


def test_what_was_not_measured_is_a_dash():
    text = drawn(figures.figure("idle", "", [], {}))

    assert text.count(figures.DASH) == 7


def test_the_table_tells_conditions_ratios_and_errors():
    text = drawn(measured(errors=7, failures=["NOT_FOUND: nobody"]))

    assert "conditions [here]." in text
    for cell in ("0.25", "0.50", "50.0", "99.0", " 7 "):
        assert cell in text


@pytest.mark.parametrize(
    ("value", "shown"), [(3790.4, "3,790"), (100.0, "100"), (31.94, "31.9"), (0.2612, "0.26")]
)
def test_a_number_has_three_digits_that_count(value: float, shown: str):
    assert figures.number(value) == shown


def test_a_small_ratio_keeps_its_digits():
    assert (figures.ratio(0.4321), figures.ratio(0.0134)) == ("0.43", "0.013")


def test_json_holds_the_machine_and_every_load():
    told = json.loads(json.dumps(Outcome(machine={"cores": 2}, figures=[measured()]).as_json()))

    assert told["machine"] == {"cores": 2}
    assert {"name", "conditions", "calls_per_second", "p50_ms", "p99_ms", "ratios", "errors"} <= set(
        told["loads"][0]
    )


def test_a_conditions_line_says_who_calls_and_what_is_shared():
    said = conditions(LOADS["find_person"], persons=20_000, clients=1, cores=2)

    assert "20,000 persons" in said
    assert said.endswith("96 at once from 1 client process; client and server share 2 cores.")


def test_every_load_has_conditions_and_known_floors():
    assert MODULES
    for load in LOADS.values():
        assert conditions(load, persons=1, clients=2, cores=2)
        assert all(floor.is_floor for floor in floors_of(load))


def test_a_floor_has_as_many_callers_as_the_load_next_to_it():
    assert {floor.callers for floor in floors_of(LOADS["find_person"])} == {LOADS["find_person"].callers}
    assert all(
        floor.callers >= load.callers for load in LOADS.values() if not load.rows for floor in floors_of(load)
    )


def test_a_batch_of_rows_is_compared_with_no_echo():
    assert [floor.name for floor in floors_of(LOADS["import_persons"])] == ["copy"]


def test_rows_a_second_are_told_where_a_call_carries_rows():
    found = figures.figure("import", "", [Slice(1.0, [0.1] * 4)], {}, rows=5_000)

    assert (found.calls_per_second, found.rows_per_second) == (4, 20_000)
    assert "20,000 rows" in drawn(found)


def test_each_size_has_a_line_and_the_conditions_stand_once():
    text = drawn(*(replace(measured("find"), persons=persons) for persons in (1_000_000, 10_000_000)))

    assert "find · 1,000,000" in text
    assert "find · 10,000,000" in text
    assert text.count("conditions [here].") == 1


def made(call: Call, **more) -> Load:
    return replace(LOADS["echo"], call=call, callers=4, **more)


def four_callers() -> list[Caller]:
    wires = Wires(Job("", {}, "", 1, process=0, processes=1))
    return [Caller(wires, index, random.Random(index)) for index in range(4)]


async def test_a_wrong_answer_is_counted_and_told_and_has_no_latency():
    async def odd(caller: Caller) -> None:
        await asyncio.sleep(0.001)
        need(caller.index % 2 == 0, "the answer must be even")

    taken = await run_slice(made(odd), four_callers(), 0.05)

    assert taken.errors > 0
    assert taken.latencies
    assert set(taken.failures) == {"WrongAnswer: the answer must be even"}
    assert len(taken.failures) <= figures.MAX_FAILURES_SHOWN


async def test_calls_begun_by_the_clock_are_timed_from_when_they_were_due():
    busy = asyncio.Lock()

    async def one_at_a_time(caller: Caller) -> None:
        async with busy:
            await asyncio.sleep(0.01)

    taken = await run_slice(made(one_at_a_time, rate=200), four_callers(), 0.2)

    assert len(taken.latencies) == 40
    assert max(taken.latencies) > 0.19  # forty calls of 10 ms, one due every 5 ms: the last waited


async def test_calls_begun_by_the_clock_do_not_wait_for_one_another():
    under_way, most = 0, 0

    async def never_quick(caller: Caller) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.2)
        under_way -= 1

    await run_slice(made(never_quick, rate=200), four_callers(), 0.2)

    assert most > 4 * 4


async def test_a_load_may_say_which_seconds_count():
    async def told(caller: Caller) -> float:
        await asyncio.sleep(0.001)
        return 7.0

    taken = await run_slice(made(told), four_callers(), 0.01)

    assert set(taken.latencies) == {7.0}


@pytest.mark.parametrize(("errors", "calls", "code"), [(0, 5, 0), (1, 5, 1), (0, 0, 1)])
def test_a_wrong_answer_or_none_fails_the_run(errors: int, calls: int, code: int):
    outcome = Outcome(figures=[measured(calls=calls, errors=errors)])

    assert verdict(outcome, Console(file=io.StringIO())) == code


def test_a_large_dossier_has_its_rows_and_is_its_own():
    first, second = (dossier(100, number, f"mark{number}") for number in (1, 2))

    assert first != second
    assert len(first) > 100_000

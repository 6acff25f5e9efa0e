"""A run of the bench: its options, its room, its comparisons, and what it tells when something fails."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from bench import __main__ as command
from bench import figures, filling, runner
from bench.comparisons import COSTED, costs, flatness, secrecy
from bench.figures import Figure, Slice
from bench.loads import LOADS, Load
from bench.outcome import Outcome, verdict
from bench.reports import NAMES, Place, Report, ReportResult
from bench.runner import Plan, Runner
from bench.site import BenchFailed


def line(name: str, persons: int | None, milliseconds: float) -> Figure:
    return figures.figure(name, "c", [Slice(1.0, [milliseconds / 1000] * 100)], {}, persons=persons)


def quiet() -> Console:
    return Console(file=io.StringIO(), width=200)


def test_sizes_are_taken_from_the_smallest_and_once():
    assert command.options(["--persons", "10_000_000,1000000,1000000"]).persons == [1_000_000, 10_000_000]


@pytest.mark.parametrize("text", ["0", "99999999999", "many", "1,,2"])
def test_sizes_that_cannot_be_are_refused(text: str):
    with pytest.raises(SystemExit):
        command.options(["--persons", text])


def test_one_that_is_named_alone_is_quick():
    chosen = command.options(["find_person"])

    assert (chosen.persons, chosen.names) == ([20_000], ["find_person"])


def test_the_ratio_of_two_sizes_is_told_for_each_load_that_has_both():
    lines = [line("a", 10, 2.0), line("a", 100, 3.0), line("b", 10, 1.0), line("floor", None, 1.0)]

    found = flatness(lines)

    assert [(one.name, one.few, one.many, one.p50) for one in found] == [("a", 10, 100, pytest.approx(1.5))]
    assert "flat 100 / 10 persons: a: calls/s × 1.00, p50 × 1.50" in found[0].sentence()


def test_known_and_unknown_numbers_stand_side_by_side_at_each_size():
    lines = [line("find_known", 10, 5.0), line("find_unknown", 10, 5.5), line("find_known", 100, 5.0)]

    found = secrecy(lines)

    assert [one.sentence() for one in found] == [
        "known / unknown number among 10 persons: p50 5.00 / 5.50 ms, p99 5.00 / 5.50 ms"
    ]


def test_what_a_call_costs_is_told_by_process_without_what_others_did():
    spent = {"client": 0.1, "records": 0.9, "pharmacy": 0.001, "others": 5.0}
    slices = [Slice(1.0, [0.001] * 100, cpu=spent, peak_mib={"records": 150.0}, settling=1.0)]

    found = costs([figures.figure(COSTED[0], "c", slices, {}), line("not costed", None, 1.0)])

    assert [one.sentence() for one in found] == [
        f"{COSTED[0]}: 100/s, to the end of what it left to do 50.0/s; "
        "CPU-ms a call 10.0: client 1.00, records 9.00; at most MiB: records 150"
    ]


def test_too_little_room_is_told_before_anything_is_begun(tmp_path: Path, monkeypatch: Any):
    monkeypatch.setattr(filling.shutil, "disk_usage", lambda _: SimpleNamespace(free=5 * 2**30))

    with pytest.raises(
        BenchFailed, match=r"10,000,000 persons need about 26 GiB more of disk, 5 GiB are free"
    ):
        filling.check_room(tmp_path, 10_000_000)


def test_what_is_in_the_home_already_needs_no_room(tmp_path: Path, monkeypatch: Any):
    monkeypatch.setattr(filling.shutil, "disk_usage", lambda _: SimpleNamespace(free=filling.REST_BYTES))
    with (tmp_path / "rows").open("wb") as file:
        file.truncate(filling.room_needed(1_000_000) - filling.REST_BYTES)

    assert "need about 12 GiB" in filling.check_room(tmp_path, 1_000_000)


def test_a_temporary_home_goes_after_a_failure():
    seen = []

    def fail() -> None:
        with command.folder(None, quiet()) as home:
            (home / "rows").write_text("x")
            seen.append(home)
            raise BenchFailed("no")

    with pytest.raises(BenchFailed):
        fail()

    assert [home.exists() for home in seen] == [False]


def test_a_chosen_home_stays(tmp_path: Path):
    with command.folder(tmp_path / "home", quiet()) as home:
        (home / "rows").write_text("x")

    assert (home / "rows").exists()


async def test_a_report_that_fails_loses_its_own_figures_only(monkeypatch: Any):
    async def bad(place: Place) -> ReportResult:
        raise BenchFailed("no portal")

    async def good(place: Place) -> ReportResult:
        return ReportResult(["a table"], {"recall": 0.97}, problems=["one answer was not flagged"])

    known = {run.__name__: Report(run.__name__, run, "conditions") for run in (bad, good)}
    monkeypatch.setattr(command.reports, "find", known.__getitem__)
    outcome = Outcome()
    for name in (*known, "neither"):
        await command.run_report(name, quiet(), outcome)

    assert outcome.reports == {"good": {"conditions": "conditions", "recall": 0.97}}
    assert outcome.lost == [
        "bad: BenchFailed: no portal",
        "good: one answer was not flagged",
        "neither: KeyError: 'neither'",
    ]
    assert verdict(outcome, quiet()) == 1


async def test_a_stack_that_does_not_start_leaves_the_reports(monkeypatch: Any, tmp_path: Path):
    @asynccontextmanager
    async def broken(*_: Any) -> AsyncIterator[None]:
        raise BenchFailed("the stack did not start")
        yield

    async def good(place: Place) -> ReportResult:
        return ReportResult(["a table"], {"recall": 0.97})

    monkeypatch.setattr(command, "stack", broken)
    monkeypatch.setattr(command.reports, "NAMES", ["good"])
    monkeypatch.setattr(command.reports, "find", lambda name: Report(name, good, "conditions"))
    outcome = Outcome()

    await command.measure(command.options(["--persons", "10"]), quiet(), outcome)

    assert outcome.lost == ["the loads ended: BenchFailed: the stack did not start"]
    assert outcome.reports["good"] == {"conditions": "conditions", "recall": 0.97}


def test_the_json_holds_all_that_was_found(tmp_path: Path):
    outcome = Outcome(
        machine={"cores": 2},
        figures=[line("a", 10, 1.0), line("a", 20, 1.0)],
        filled=[{"persons": 10, "sentence": "10 persons"}],
        lost=["b: it died"],
        reports={"matching": {"recall": 0.97}},
    )

    outcome.write(tmp_path / "deep" / "bench.json")

    told = json.loads((tmp_path / "deep" / "bench.json").read_text())
    assert [one["persons"] for one in told["loads"]] == [10, 20]
    assert (told["flat"][0]["calls_per_second"], told["lost"]) == (1.0, ["b: it died"])
    assert (told["populations"][0]["persons"], told["reports"]["matching"]["recall"]) == (10, 0.97)


class Calling:
    """Processes that call: each slice gives ten calls, but those of the load named *bad* fail."""

    def __init__(self, bad: str = "") -> None:
        self.pids: list[int] = []
        self.bad = bad
        self.slices: list[tuple[str, int]] = []
        self.renewed = 0

    async def slice(self, load: str, seconds: float, *, callers: int, persons: int) -> Slice:
        if load == self.bad:
            raise BenchFailed("process 7 of the bench ended")
        self.slices.append((load, persons))
        return Slice(seconds, [0.001] * 10)

    async def renew(self) -> None:
        self.renewed += 1


async def ran(
    calling: Calling, monkeypatch: Any, *loads: Load, sizes: tuple[int, ...], whole: bool = False
) -> Runner:
    for one in loads:
        monkeypatch.setitem(LOADS, one.name, one)
    site: Any = SimpleNamespace(
        persons=0, console=quiet(), home=Path("/home"), state={"processes": {"identity": 1}}, postmaster=1
    )
    monkeypatch.setattr(runner, "cpu_seconds", lambda _: 0.0)
    monkeypatch.setattr(runner, "forget_peak", lambda _: None)
    monkeypatch.setattr(runner, "peak_mib", lambda _: 100.0)
    plan = Plan(loads, 4.0, 1, sizes, whole)
    running = Runner(site, plan, calling, 1, [])  # type: ignore[arg-type]
    async for _ in running.run():
        pass
    return running


def made(name: str, **more: Any) -> Load:
    return replace(LOADS["echo"], name=name, is_floor=False, compared=False, **more)


async def test_what_looks_people_up_is_measured_at_every_size_and_the_rest_once(monkeypatch: Any):
    calling = Calling()

    running = await ran(calling, monkeypatch, made("sized", sized=True), made("once"), sizes=(20, 10))

    assert {(one.name, one.persons) for one in running.figures()} == {
        ("sized", 10),
        ("sized", 20),
        ("once", None),
    }
    assert [persons for name, persons in calling.slices if name == "once"] == [10] * (1 + runner.ROUNDS)


@pytest.mark.parametrize(("whole", "measured"), [(True, {1, 2}), (False, {10, 20})])
async def test_sizes_of_its_own_hold_in_a_run_of_all_loads(monkeypatch: Any, whole: bool, measured: set[int]):
    own = made("own", sized=True, sizes=(1, 2))

    running = await ran(Calling(), monkeypatch, own, made("once"), sizes=(10, 20), whole=whole)

    assert {one.persons for one in running.figures() if one.name == "own"} == measured
    assert {one.persons for one in running.figures() if one.name == "once"} == {None}


async def test_what_is_left_to_do_behind_the_answers_counts_in_a_rate_of_its_own(monkeypatch: Any):
    async def settle(_: Any) -> None:
        await asyncio.sleep(0.05)

    running = await ran(Calling(), monkeypatch, made("settled", settle=settle), sizes=(10,))

    figure = running.figures()[0]
    assert figure.settled_per_second is not None
    assert figure.calls_per_second is not None
    assert figure.settled_per_second < figure.calls_per_second
    assert figure.peak_mib == {"identity": 100.0}


async def test_loads_beside_one_another_take_turns_and_each_has_its_line_once(monkeypatch: Any):
    calling = Calling()
    left, right = made("left", beside=["right"]), made("right", beside=["left"])

    running = await ran(calling, monkeypatch, left, right, sizes=(10,))

    # One slice each to warm up, then the rounds, ten calls a slice.
    assert [name for name, _ in calling.slices] == ["left", "right"] * (1 + runner.ROUNDS)
    calls = 10 * runner.ROUNDS
    assert [(one.name, one.calls) for one in running.figures()] == [("left", calls), ("right", calls)]


async def test_a_load_that_fails_loses_its_own_figures_only(monkeypatch: Any):
    calling = Calling(bad="bad")

    running = await ran(calling, monkeypatch, made("bad"), made("good"), sizes=(10,))

    assert [one.name for one in running.figures()] == ["good"]
    assert running.lost == ["bad at 10 persons: BenchFailed: process 7 of the bench ended"]
    assert calling.renewed == 1


async def test_what_could_not_be_put_there_is_not_tried_again_for_each_load(monkeypatch: Any):
    tried = []

    async def filled(site: Any) -> None:
        tried.append(site.persons)
        raise BenchFailed("the disk is full")

    loads = [made(name, needs=[filled], sized=True) for name in ("first", "second")]

    running = await ran(Calling(), monkeypatch, *loads, sizes=(10, 20))

    assert tried == [10, 20]
    assert len(running.lost) == 4
    assert all("the disk is full" in sentence for sentence in running.lost)


@pytest.mark.parametrize("name", NAMES)
def test_every_report_lives_in_the_module_of_its_name(name: str):
    module = Path(command.__file__).with_name(f"{name}.py")

    # Read and not imported: what is measured beside ours takes seconds to import.
    assert f'@report\nasync def {name}(place: Place) -> ReportResult:\n    """' in module.read_text(
        encoding="utf8"
    )
    assert name not in LOADS

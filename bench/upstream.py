"""
The insurance portal killed under load: is everybody answered, is everything flagged, how soon is it over.

    python -m bench.upstream

The real stack, and the fake portal (`tests/fake_portal.py`) as a process of its own, which
is killed with SIGKILL while receptions ask, and begun again on the same port.  Freshness
is 0: every answer needs the portal.  A call belongs to the phase it began in.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import grpc
from rich.console import Console
from rich.table import Table

from lientuyen.identity.v1 import eligibility_service_pb2 as eligibility
from lientuyen.identity.v1.eligibility_service_pb2_grpc import EligibilityServiceStub
from lientuyen_client.client import credentials
from tests import fake_portal

from . import machine, people
from .invented import HOSPITAL_CODE, personal_id
from .reports import Place, ReportResult, report
from .site import Site, stack

# Persons that are known; questions a second: the nation's peak.
PERSONS, RATE = 20_000, 100

# Seconds of each phase; what the portal takes for an answer; what a reception waits for one.
BEFORE, DURING, AFTER = 10.0, 10.0, 12.0
DELAY, TIMEOUT_S = 0.02, 10.0

# Seconds after the load in which the open verifications must be done.
DONE_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """One call: when it began and ended (seconds of one clock), and what came of it."""

    began: float
    ended: float
    answered: bool
    stale: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Phase:
    """What became of the calls that began in one phase; times in milliseconds."""

    name: str
    calls: int
    answered: int
    flagged: int
    unflagged: int
    p50: float
    p99: float
    reasons: dict[str, int] = field(default_factory=dict)


@dataclass
class Times:
    """When what happened: the kill, the return, and no verification open any more; 0 is never."""

    killed: float = 0.0
    returned: float = 0.0
    most_open: int = 0
    done: float = 0.0


@report
async def upstream(place: Place) -> ReportResult:
    """CheckEligibility at the nation's peak while the insurance portal is killed and comes back."""
    return await killed(place, RATE)


async def killed(place: Place, rate: int) -> ReportResult:
    """Ask *rate* times a second, kill the portal, bring it back, and tell what became of the answers."""
    async with portal(0) as (running, port):
        settings = {
            "IDENTITY_PORTAL_URL": f"http://127.0.0.1:{port}",
            "IDENTITY_COVERAGE_FRESH_SECONDS": "0",
            **{f"IDENTITY_{name.upper()}": str(value) for name, value in fake_portal.SETTINGS.items()},
        }
        async with stack(place.home, PERSONS, place.console, settings) as site:
            await people.registered(site)
            await people.stored(site)
            answers, times = await _measured(site, running, port, rate)
    phases = _phases(answers, times)
    figures = {"rate": rate, **_figures(phases, times, answers)}
    return ReportResult([_table(phases, times, answers, rate)], figures, _wrong(phases, times))


async def _measured(
    site: Site, running: asyncio.subprocess.Process, port: int, rate: int
) -> tuple[list[Answer], Times]:
    answers: list[Answer] = []
    times = Times()
    channel = grpc.aio.secure_channel(
        site.state["addresses"]["identity"], credentials(site.tls / f"facility-{HOSPITAL_CODE}")
    )
    async with channel:
        stub = EligibilityServiceStub(channel)
        await _ask(stub, [])  # the channel and the token
        load = asyncio.create_task(_load(stub, answers, rate, BEFORE + DURING + AFTER))
        await asyncio.sleep(BEFORE)
        running.kill()
        await running.wait()
        times.killed = time.monotonic()
        site.console.print("portal killed")
        await asyncio.sleep(DURING)
        async with portal(port):
            times.returned = time.monotonic()
            site.console.print("portal back")
            await asyncio.gather(load, _watch(site, times))
    return answers, times


async def _load(stub: Any, answers: list[Answer], rate: int, seconds: float) -> None:
    """Ask *rate* times a second, whoever has been answered by then."""
    begin = time.monotonic()
    calls = []
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, begin + number / rate - time.monotonic()))
        calls.append(asyncio.create_task(_ask(stub, answers)))
    await asyncio.gather(*calls)


async def _ask(stub: Any, answers: list[Answer]) -> None:
    request = eligibility.CheckEligibilityRequest(
        personal_id=personal_id(random.randrange(PERSONS)),
        facility=f"facilities/{HOSPITAL_CODE}",
        access=people.TREATMENT,
    )
    began = time.monotonic()
    try:
        answer = (await stub.CheckEligibility(request, timeout=TIMEOUT_S)).eligibility
    except grpc.aio.AioRpcError as error:
        answers.append(Answer(began, time.monotonic(), False, reason=error.code().name))
    else:
        answers.append(Answer(began, time.monotonic(), True, answer.stale, answer.stale_reason))


async def _watch(site: Site, times: Times) -> None:
    """Note how many verifications were open when the portal came back, and when none was."""
    end = times.returned + AFTER + DONE_TIMEOUT_S
    async with site.connection("identity") as connection:
        while time.monotonic() < end:
            still = await connection.fetchval("SELECT count(*) FROM verifications")
            times.most_open = max(times.most_open, still)
            if not still:
                times.done = time.monotonic()
                return
            await asyncio.sleep(0.1)


@asynccontextmanager
async def portal(port: int) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    """Run the fake portal inside the block, on *port* or a free one."""
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.fake_portal", "--port", str(port), "--delay", str(DELAY)),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert running.stdout is not None
        line = (await asyncio.wait_for(running.stdout.readline(), TIMEOUT_S)).decode()
        yield running, int(line.rpartition(":")[2])
    finally:
        if running.returncode is None:
            running.kill()
        await running.wait()


def _phases(answers: Sequence[Answer], times: Times) -> list[Phase]:
    in_flight = [answer for answer in answers if answer.began < times.killed <= answer.ended]
    return [
        _phase("before the kill", [answer for answer in answers if answer.ended < times.killed]),
        _phase("under way at the kill", in_flight),
        _phase(
            "portal dead", [answer for answer in answers if times.killed <= answer.began < times.returned]
        ),
        _phase("portal back", [answer for answer in answers if answer.began >= times.returned]),
    ]


def _phase(name: str, answers: Sequence[Answer]) -> Phase:
    took = sorted(1000 * (answer.ended - answer.began) for answer in answers) or [0.0]
    reasons: dict[str, int] = {}
    for answer in answers:
        if answer.reason:
            reasons[answer.reason] = reasons.get(answer.reason, 0) + 1
    return Phase(
        name,
        calls=len(answers),
        answered=sum(answer.answered for answer in answers),
        flagged=sum(answer.stale for answer in answers),
        unflagged=sum(answer.answered and not answer.stale for answer in answers),
        p50=took[len(took) // 2],
        p99=took[min(len(took) - 1, len(took) * 99 // 100)],
        reasons=reasons,
    )


def _recovery(times: Times, answers: Sequence[Answer]) -> tuple[float | None, float | None, float | None]:
    """Return the seconds from its return to the first unflagged answer, to the last flagged, to no task."""
    after = [answer for answer in answers if answer.answered and answer.ended >= times.returned]
    first = min((answer.ended for answer in after if not answer.stale), default=None)
    last = max((answer.ended for answer in after if answer.stale), default=times.returned)
    return (
        None if first is None else first - times.returned,
        None if first is None else last - times.returned,
        times.done - times.returned if times.done else None,
    )


def _table(phases: Sequence[Phase], times: Times, answers: Sequence[Answer], rate: int) -> Table:
    first, last, done = _recovery(times, answers)
    drawn = Table(
        title=f"The insurance portal killed under load: CheckEligibility at {rate}/s, freshness 0",
        caption=f"after its return: first unflagged answer {_seconds(first)}, last flagged {_seconds(last)}, "
        f"{times.most_open} verifications done {_seconds(done)}",
    )
    for column in ("phase", "calls", "answered", "flagged", "unflagged", "p50 ms", "p99 ms", "reasons"):
        drawn.add_column(column, justify="left" if column in ("phase", "reasons") else "right")
    for phase in phases:
        share = f"{100 * phase.answered / phase.calls:.1f} %" if phase.calls else "-"
        reasons = ", ".join(f"{name} {count}" for name, count in phase.reasons.items())
        drawn.add_row(
            *(phase.name, str(phase.calls), share, str(phase.flagged), str(phase.unflagged)),
            *(f"{phase.p50:.1f}", f"{phase.p99:.1f}", reasons),
        )
    return drawn


def _seconds(took: float | None) -> str:
    return "never" if took is None else f"{took:.2f} s"


def _figures(phases: Sequence[Phase], times: Times, answers: Sequence[Answer]) -> dict[str, object]:
    first, last, done = _recovery(times, answers)
    return {
        "phases": [asdict(phase) for phase in phases],
        "seconds_to_first_unflagged": first,
        "seconds_to_last_flagged": last,
        "verifications": times.most_open,
        "seconds_to_no_verification": done,
    }


def _wrong(phases: Sequence[Phase], times: Times) -> list[str]:
    """Return what broke a promise: a call unanswered, one unflagged without a source, a task left over."""
    dead = next(phase for phase in phases if phase.name == "portal dead")
    broken = [
        f"{phase.name}: {phase.calls - phase.answered} calls unanswered"
        for phase in phases
        if phase.answered < phase.calls
    ]
    if dead.unflagged:
        broken.append(f"{dead.unflagged} answers unflagged while the portal was dead")
    if not next(phase for phase in phases if phase.name == "portal back").unflagged:
        broken.append("no unflagged answer after the portal's return")
    return broken if times.done else [*broken, "verifications left open"]


async def _alone(rate: int) -> int:
    out = Console(width=150)
    with tempfile.TemporaryDirectory(prefix="lientuyen-upstream-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        conditions = machine.look(home)
        result = await killed(Place(home, Console(stderr=True)), rate)
    for line in machine.lines(conditions):
        out.print(line, markup=False)
    for item in result.renderables:
        out.print(item)
    print(json.dumps({"machine": conditions, "upstream": result.figures}, ensure_ascii=False))
    for wrong in result.problems:
        out.print(f"WRONG: {wrong}")
    return 1 if result.problems else 0


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description="The insurance portal killed under load.")
    arguments.add_argument("--rate", type=int, default=RATE, help="questions a second")
    raise SystemExit(asyncio.run(_alone(arguments.parse_args().rate)))

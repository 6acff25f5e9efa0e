"""
`python -m bench [name…]`: run the loads and reports named, or all; print one table; write JSON.

What fails loses its own figures only; a run that is broken off tells what it has.
"""

import argparse
import asyncio
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.text import Text

from lientuyen_client.running_stack import NoStack

from . import filling, machine, reports
from .calling import sentence
from .invented import MAX_PERSONS
from .loads import LOADS
from .outcome import WIDTH, Outcome, verdict
from .runner import Plan, runner
from .site import LIMITS, SIZED, BenchFailed, stack

# A run ends: so long at most for one load, for one report, and for all of it (seconds).
MAX_SECONDS = 600
REPORT_TIMEOUT_S = 3600
RUN_TIMEOUT_S = 6 * 3600

# Seconds until a folder is gone whose PostgreSQL is still writing its last checkpoint.
MAX_REMOVAL_ATTEMPTS = 60


def sizes(text: str) -> list[int]:
    """Return the sizes of the population in *text*, parted by commas; the smallest first."""
    persons = sorted({int(part.replace("_", "")) for part in text.split(",")})
    if not all(0 < size <= MAX_PERSONS for size in persons):
        raise argparse.ArgumentTypeError(f"persons are 1 to {MAX_PERSONS:,}")
    return persons


def options(arguments: Sequence[str]) -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Named loads on the real stack, and reports."
    )
    names = [*LOADS, *reports.NAMES]
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(names))
    parser.add_argument("--seconds", type=float, default=16, help="of each load (default 16)")
    parser.add_argument(
        "--persons",
        type=sizes,
        default=[20_000],
        metavar="N[,N…]",
        help="stored in identity: its loads run at each size, the others at the smallest (default 20,000)",
    )
    parser.add_argument(
        "--clients", type=int, default=1, choices=(1, 2), help="processes that call (default 1)"
    )
    parser.add_argument("--home", type=Path, help="keep the stack's state here (default: a folder that goes)")
    parser.add_argument("--json", type=Path, default=Path("build/bench.json"), help="where the figures go")
    chosen = parser.parse_args(arguments)
    if unknown := set(chosen.names) - set(names):
        parser.error(f"no load is called {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    if not 0 < chosen.seconds <= MAX_SECONDS:
        parser.error(f"seconds are up to {MAX_SECONDS}")
    return chosen


@contextmanager
def folder(chosen: Path | None, console: Console) -> Iterator[Path]:
    """Give the home: the one that was chosen, or one that goes at the end, whatever that is."""
    if chosen is not None:
        chosen.mkdir(mode=0o711, parents=True, exist_ok=True)
        yield chosen.absolute()
        return
    temporary = Path(tempfile.mkdtemp(prefix="lientuyen-bench-"))
    temporary.chmod(0o711)  # PostgreSQL runs as another user when we are root
    try:
        yield temporary
    finally:
        remove(temporary, console)


def remove(folder: Path, console: Console) -> None:
    """Remove the folder; one that does not go is told, for it may hold gigabytes."""
    for _ in range(MAX_REMOVAL_ATTEMPTS):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(1)
    console.print(f"could not be removed: {folder}", markup=False, soft_wrap=True)


async def measure(chosen: argparse.Namespace, console: Console, outcome: Outcome) -> None:
    """Measure what was chosen; *outcome* holds what is known so far."""
    loads = [load for name, load in LOADS.items() if not chosen.names or name in chosen.names]
    # Imports last: their tables are vacuumed behind our back for a while.
    loads = sorted(
        (load for load in loads if chosen.names or not load.is_floor), key=lambda load: load.rows > 0
    )
    if loads:
        plan = Plan(loads, chosen.seconds, chosen.clients, chosen.persons, whole=not chosen.names)
        await call(chosen.home, plan, console, outcome)
    for name in reports.NAMES:
        if not chosen.names or name in chosen.names:
            await run_report(name, console, outcome)


async def call(home: Path | None, plan: Plan, console: Console, outcome: Outcome) -> None:
    """Start the stack, run the loads, stop it; `BenchFailed` when there is no room for it."""
    with folder(home, console) as here:
        room = filling.check_room(here, max(plan.sizes))
        conditions = {"disk": room, "postgres": SIZED, "limits": LIMITS}
        outcome.machine = {**machine.look(here), **conditions}
        console.print(f"{room}; starting the stack …", highlight=False, soft_wrap=True)
        try:
            async with (
                stack(here, min(plan.sizes), console) as site,
                runner(site, plan, outcome.lost) as running,
            ):
                outcome.filled = site.filled
                async for figures in running.run():
                    outcome.figures = figures
                outcome.machine["load_average_after"] = [round(load, 2) for load in os.getloadavg()]
        except Exception as error:
            outcome.lost.append(f"the loads ended: {sentence(error)}")
        outcome.machine["fsyncs_per_second_after"] = round(machine.syncs_per_second(here))


async def run_report(name: str, console: Console, outcome: Outcome) -> None:
    """Run a report in a folder of its own; one that fails is told, and loses its own figures only."""
    with folder(None, console) as home:
        outcome.machine = outcome.machine or machine.look(home)
        try:
            report = reports.find(name)
            title = f"{name}: {report.conditions}"
            console.print(title, markup=False, highlight=False, soft_wrap=True)
            async with asyncio.timeout(REPORT_TIMEOUT_S):
                result = await report.run(reports.Place(home, console))
        except Exception as error:
            outcome.lost.append(f"{name}: {sentence(error)}")
            return
    outcome.reports[name] = {"conditions": report.conditions, **result.figures}
    outcome.renderables += [Text(f"\n{title}"), *result.renderables]
    outcome.lost += [f"{name}: {wrong}" for wrong in result.problems]


async def bounded(chosen: argparse.Namespace, console: Console, outcome: Outcome) -> None:
    """Measure within the time a run may take; SIGTERM ends it as Ctrl-C does."""
    task = asyncio.ensure_future(measure(chosen, console, outcome))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await asyncio.wait_for(task, RUN_TIMEOUT_S)


def run(chosen: argparse.Namespace, console: Console, outcome: Outcome) -> int:
    """Measure; return the exit code: 1 when something was wrong, 75 when there was no run."""
    try:
        asyncio.run(bounded(chosen, console, outcome))
    except (BenchFailed, NoStack, TimeoutError) as error:
        console.print(f"no figures: {error or 'out of time'}", markup=False, soft_wrap=True)
        return 75
    except (KeyboardInterrupt, asyncio.CancelledError):
        console.print("broken off")
        return 130
    return 0


def main() -> int:
    """Measure, print, write; return the exit code."""
    chosen = options(sys.argv[1:])
    console = Console(stderr=True)
    outcome = Outcome()
    code = run(chosen, console, outcome)
    if outcome.is_empty:
        verdict(outcome, console)
        return code or 75
    outcome.write(chosen.json)
    out = Console(width=max(WIDTH, Console().width), highlight=False)
    outcome.show(out)
    out.print(f"written to {chosen.json}", markup=False, soft_wrap=True)
    return verdict(outcome, console) or code


if __name__ == "__main__":
    sys.exit(main())

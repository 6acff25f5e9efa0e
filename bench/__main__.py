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
from .invented import MOST
from .loads import LOADS
from .outcome import WIDTH, Outcome, verdict
from .runner import Plan, runner
from .site import LIMITS, PROCESSOR, SIZED, BenchFailed, stack

# A run ends: so long at most for one load, for one report, and for all of it (seconds).
LONGEST = 600
REPORT = 3600
WHOLE = 6 * 3600

# Seconds until a folder is gone whose PostgreSQL is still writing its last checkpoint.
REMOVAL = 60


def sizes(text: str) -> list[int]:
    """Return the sizes of the population in *text*, parted by commas; the smallest first."""
    found = sorted({int(part.replace("_", "")) for part in text.split(",")})
    if not all(0 < size <= MOST for size in found):
        raise argparse.ArgumentTypeError(f"persons are 1 to {MOST:,}")
    return found


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
    if not 0 < chosen.seconds <= LONGEST:
        parser.error(f"seconds are up to {LONGEST}")
    return chosen


@contextmanager
def folder(chosen: Path | None, said: Console) -> Iterator[Path]:
    """Give the home: the one that was chosen, or one that goes at the end, whatever that is."""
    if chosen is not None:
        chosen.mkdir(mode=0o711, parents=True, exist_ok=True)
        yield chosen.absolute()
        return
    made = Path(tempfile.mkdtemp(prefix="lientuyen-bench-"))
    made.chmod(0o711)  # PostgreSQL runs as another user when we are root
    try:
        yield made
    finally:
        remove(made, said)


def remove(made: Path, said: Console) -> None:
    """Remove the folder; one that does not go is told, for it may hold gigabytes."""
    for _ in range(REMOVAL):
        shutil.rmtree(made, ignore_errors=True)
        if not made.exists():
            return
        time.sleep(1)
    said.print(f"could not be removed: {made}", markup=False, soft_wrap=True)


async def measure(chosen: argparse.Namespace, said: Console, outcome: Outcome) -> None:
    """Measure what was chosen; *outcome* holds what is known so far."""
    loads = [load for name, load in LOADS.items() if not chosen.names or name in chosen.names]
    # Imports last: their tables are vacuumed behind our back for a while.
    loads = sorted(
        (load for load in loads if chosen.names or not load.is_floor), key=lambda load: load.rows > 0
    )
    if loads:
        plan = Plan(loads, chosen.seconds, chosen.clients, chosen.persons)
        await call(chosen.home, plan, said, outcome)
    for name in reports.NAMES:
        if not chosen.names or name in chosen.names:
            await tell(name, said, outcome)


async def call(home: Path | None, plan: Plan, said: Console, outcome: Outcome) -> None:
    """Start the stack, run the loads, stop it; `BenchFailed` when there is no room for it."""
    with folder(home, said) as here:
        room = filling.check_room(here, max(plan.sizes))
        conditions = {"disk": room, "postgres": SIZED, "limits": LIMITS, "processor": PROCESSOR}
        outcome.machine = {**machine.look(here), **conditions}
        said.print(f"{room}; starting the stack …", highlight=False, soft_wrap=True)
        try:
            async with (
                stack(here, min(plan.sizes), said) as site,
                runner(site, plan, outcome.lost) as running,
            ):
                outcome.filled = site.filled
                async for figures in running.run():
                    outcome.figures = figures
                outcome.machine["load_average_after"] = [round(load, 2) for load in os.getloadavg()]
        except Exception as error:
            outcome.lost.append(f"the loads ended: {sentence(error)}")
        outcome.machine["fsyncs_per_second_after"] = round(machine.syncs_per_second(here))


async def tell(name: str, said: Console, outcome: Outcome) -> None:
    """Run a report in a folder of its own; one that fails is told, and loses its own figures only."""
    with folder(None, said) as home:
        outcome.machine = outcome.machine or machine.look(home)
        try:
            one = reports.find(name)
            title = f"{name}: {one.conditions}"
            said.print(title, markup=False, highlight=False, soft_wrap=True)
            async with asyncio.timeout(REPORT):
                told = await one.run(reports.Place(home, said))
        except Exception as error:
            outcome.lost.append(f"{name}: {sentence(error)}")
            return
    outcome.reports[name] = {"conditions": one.conditions, **told.figures}
    outcome.shown += [Text(f"\n{title}"), *told.shown]
    outcome.lost += [f"{name}: {wrong}" for wrong in told.wrong]


async def bounded(chosen: argparse.Namespace, said: Console, outcome: Outcome) -> None:
    """Measure within the time a run may take; SIGTERM ends it as Ctrl-C does."""
    task = asyncio.ensure_future(measure(chosen, said, outcome))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await asyncio.wait_for(task, WHOLE)


def run(chosen: argparse.Namespace, said: Console, outcome: Outcome) -> int:
    """Measure; return the exit code: 1 when something was wrong, 75 when there was no run."""
    try:
        asyncio.run(bounded(chosen, said, outcome))
    except (BenchFailed, NoStack, TimeoutError) as error:
        said.print(f"no figures: {error or 'out of time'}", markup=False, soft_wrap=True)
        return 75
    except (KeyboardInterrupt, asyncio.CancelledError):
        said.print("broken off")
        return 130
    return 0


def main() -> int:
    """Measure, print, write; return the exit code."""
    chosen = options(sys.argv[1:])
    said = Console(stderr=True)
    outcome = Outcome()
    code = run(chosen, said, outcome)
    if outcome.is_empty:
        verdict(outcome, said)
        return code or 75
    outcome.write(chosen.json)
    out = Console(width=max(WIDTH, Console().width), highlight=False)
    outcome.show(out)
    out.print(f"written to {chosen.json}", markup=False, soft_wrap=True)
    return verdict(outcome, said) or code


if __name__ == "__main__":
    sys.exit(main())

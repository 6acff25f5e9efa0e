"""`python -m tests.bench [name…]`: run the loads named, or all; print one table; write JSON."""

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from lientuyen_client.stack import NoStack

from . import machine
from .figures import Figure, as_json, others, table
from .loads import LOADS
from .people import MOST
from .runner import Plan, runner
from .site import BenchFailed, stack

# The table has eight columns of figures.
WIDTH = 132

# A run ends: so long at most for one load, and for all of it (seconds).
LONGEST = 600
WHOLE = 6 * 3600


def options(arguments: Sequence[str]) -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description="Named loads on the real stack."
    )
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(LOADS))
    parser.add_argument("--seconds", type=float, default=10, help="of each load (default 10)")
    parser.add_argument("--persons", type=int, default=20_000, help="stored in identity (default 20,000)")
    parser.add_argument(
        "--clients", type=int, default=1, choices=(1, 2), help="processes that call (default 1)"
    )
    parser.add_argument("--home", type=Path, help="keep the stack's state here (default: a folder that goes)")
    parser.add_argument("--json", type=Path, default=Path("build/bench.json"), help="where the figures go")
    chosen = parser.parse_args(arguments)
    if unknown := set(chosen.names) - set(LOADS):
        parser.error(f"no load is called {', '.join(sorted(unknown))}; there are {', '.join(LOADS)}")
    if not 0 < chosen.seconds <= LONGEST or not 0 < chosen.persons <= MOST:
        parser.error(f"seconds are up to {LONGEST}, persons up to {MOST:,}")
    return chosen


@contextmanager
def folder(chosen: Path | None) -> Iterator[Path]:
    """Give the home: the one that was chosen, or one that goes at the end."""
    if chosen is not None:
        chosen.mkdir(mode=0o711, parents=True, exist_ok=True)
        yield chosen.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="lientuyen-bench-") as made:
        Path(made).chmod(0o711)  # PostgreSQL runs as another user when we are root
        yield Path(made)


async def measure(chosen: argparse.Namespace, said: Console) -> tuple[dict[str, object], list[Figure]]:
    """Start the stack, run the loads, stop it."""
    loads = [load for name, load in LOADS.items() if not chosen.names or name in chosen.names]
    plan = Plan([load for load in loads if chosen.names or not load.is_floor], chosen.seconds, chosen.clients)
    with folder(chosen.home) as home:
        seen = machine.look(home)
        said.print("starting the stack …")
        async with stack(home, chosen.persons, said) as site, runner(site, plan) as running:
            figures = await running.run()
            seen["load_average_after"] = [round(load, 2) for load in os.getloadavg()]
        seen["cores_taken_by_others"] = round(others(figures), 2)
        seen["fsyncs_per_second_after"] = round(machine.syncs_per_second(home))
    return seen, figures


async def bounded(chosen: argparse.Namespace, said: Console) -> tuple[dict[str, object], list[Figure]]:
    """Measure within the time a run may take; SIGTERM ends it as Ctrl-C does."""
    task = asyncio.ensure_future(measure(chosen, said))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await asyncio.wait_for(task, WHOLE)


def main() -> int:
    """Run; return the exit code: 1 when an answer was wrong, 75 when there was no run."""
    chosen = options(sys.argv[1:])
    said = Console(stderr=True)
    try:
        seen, figures = asyncio.run(bounded(chosen, said))
    except (BenchFailed, NoStack, TimeoutError) as error:
        said.print(f"no figures: {error or 'out of time'}", markup=False)
        return 75
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 130
    report(seen, figures, chosen.json)
    return verdict(figures, said)


def verdict(figures: Sequence[Figure], said: Console) -> int:
    """Tell the wrong answers; return 1 when there were any, or when a load had no answer at all."""
    for one in figures:
        if one.errors:
            said.print(f"{one.name}: {one.errors} wrong answers: {'; '.join(one.failures)}", markup=False)
        if not one.calls:
            said.print(f"{one.name}: no call was answered", markup=False)
    return 1 if any(one.errors or not one.calls for one in figures) else 0


def report(seen: dict[str, object], figures: list[Figure], path: Path) -> None:
    """Print the header and the table; write the JSON."""
    out = Console(width=max(WIDTH, Console().width), highlight=False)
    for line in machine.lines(seen):
        out.print(line, markup=False)
    out.print(table(figures))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(as_json(figures, seen), indent=2, ensure_ascii=False) + "\n", encoding="utf8")
    after = f"{seen['fsyncs_per_second_after']} fdatasync/s, load average {seen['load_average_after']}"
    out.print(f"after the run: {after}; others took {seen['cores_taken_by_others']} cores during it")
    out.print(f"written to {path}", markup=False)


if __name__ == "__main__":
    sys.exit(main())

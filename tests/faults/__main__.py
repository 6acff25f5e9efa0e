"""
`python -m tests.faults`: the real stack under random kills, and a checker that looks from outside.

Prints the seed, progress and one table; writes the history and `faults.json`.  The exit code is 1 when
something was lost, doubled or reordered, or a refusal is unexplained; 2 when too little was acknowledged to
say so.  `FAULTS_SEED=…` repeats the plan of an earlier run.
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from .checker import check, summary
from .history import History
from .run import Run
from .site import running
from .story import Findings, parse

# How many sentences of each kind are printed; the checker prints all of them.
SHOWN = 20


def options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description="Kill at random, and check.")
    parser.add_argument("--seconds", type=float, default=420, help="of faults under load (default 420)")
    parser.add_argument("--operations", type=int, default=5000, help="acknowledged at least (default 5,000)")
    parser.add_argument("--json", type=Path, default=Path("build/faults.json"), help="where the figures go")
    seed = os.environ.get("FAULTS_SEED") or str(random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--seed", type=int, default=int(seed), help="of the plan (default: FAULTS_SEED)")
    parser.add_argument(
        "--forgetful", action="store_true", help="with a PostgreSQL that forgets: the checker must see it"
    )
    return parser.parse_args(arguments)


async def run(chosen: argparse.Namespace, folder: Path, path: Path, console: Console) -> bool:
    def say(line: str) -> None:
        console.print(line, markup=False, highlight=False, soft_wrap=True)

    with History(path) as history:
        async with running(folder, forgetful=chosen.forgetful) as site:
            say("the stack runs")
            return await Run(site, history, chosen.seed, chosen.seconds, chosen.operations, say).go()


def judge(path: Path, is_quiet: bool) -> tuple[dict[str, Any], Findings]:
    """Return the figures and the findings of the history in *path*."""
    with path.open(encoding="utf8") as lines:
        story = parse(lines)
    findings = check(story)
    if not is_quiet:
        findings.unexplained.append("messages or slips were still under way at the end")
    return summary(story, findings), findings


def table(figures: dict[str, Any]) -> Table:
    drawn = Table("", "count", title="make faults")
    drawn.columns[1].justify = "right"
    for name, value in figures.items():
        rows = value.items() if isinstance(value, dict) else [("", value)]
        for part, count in rows:
            drawn.add_row(f"{name} {part}".strip(), f"{count:,}" if isinstance(count, int) else str(count))
    return drawn


def show(figures: dict[str, Any], findings: Findings, console: Console) -> None:
    console.print(table(figures))
    for kind, sentences in vars(findings).items():
        for sentence in sentences[:SHOWN]:
            console.print(f"{kind}: {sentence}", markup=False, highlight=False, soft_wrap=True)


def exit_code(figures: dict[str, Any], wanted: int) -> int:
    if any(figures[name] for name in ("lost", "doubled", "reordered", "unexplained")):
        return 1
    return 0 if figures["acknowledged"] >= wanted and figures["faults"] else 2


def main() -> int:
    chosen, console = options(sys.argv[1:]), Console(stderr=True)
    path = chosen.json.with_suffix(".jsonl")
    console.print(
        f"seed {chosen.seed}: FAULTS_SEED={chosen.seed} make faults repeats the plan", highlight=False
    )
    folder, begin = Path(tempfile.mkdtemp(prefix="lientuyen-faults-")), time.monotonic()
    folder.chmod(0o711)  # PostgreSQL runs as another user when we are root
    try:
        is_quiet = asyncio.run(run(chosen, folder, path, console))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    figures, findings = judge(path, is_quiet)
    load = [round(average, 2) for average in os.getloadavg()]
    took = {"seed": chosen.seed, "seconds": round(time.monotonic() - begin), "load_average": load}
    outcome = {**took, **figures, "findings": vars(findings)}
    chosen.json.write_text(json.dumps(outcome, indent=2) + "\n", encoding="utf8")
    show({**{name: str(value) for name, value in took.items()}, **figures}, findings, console)
    console.print(f"{chosen.json}, {path}", highlight=False)
    return exit_code(figures, chosen.operations)


if __name__ == "__main__":
    sys.exit(main())

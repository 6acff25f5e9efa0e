"""
`python -m tests.faults.messages`: the fault matrix of messages, a row a fault, on real stacks.

    python -m tests.faults.messages                              # every row, 10,000 messages each
    python -m tests.faults.messages --messages 500 router clock  # two rows, with fewer

Prints one table and writes `build/faults-messages.json`, and the history of each row beside it, which
`tests.faults.checker` can judge again.  The exit code is 1 when a row lost, doubled or reordered something,
or has a refusal that nothing explains; 2 when one met no fault, or could not be played here.
"""

import argparse
import asyncio
import json
import os
import random
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from .matrix import Row, play_all
from .scenarios import SCENARIOS

# A pipe has no width; the table needs some.
PIPE_WIDTH = 110

# Sentences of findings that are printed of a row; all of them are in the file.
SHOWN = 10


def options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.messages", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of: {', '.join(SCENARIOS)}; default all")
    parser.add_argument("--messages", type=int, default=10_000, help="of each row (default 10,000)")
    parser.add_argument("--seconds", type=float, default=45, help="over which they are sent (default 45)")
    parser.add_argument("--json", type=Path, default=Path("build/faults-messages.json"))
    seed = os.environ.get("FAULTS_SEED") or str(random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--seed", type=int, default=int(seed), help="of the chances (default: FAULTS_SEED)")
    chosen = parser.parse_args(arguments)
    if unknown := set(chosen.rows) - SCENARIOS.keys():
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    return chosen


def table(rows: Sequence[Row]) -> Table:
    drawn = Table("fault", "messages", "faults", "lost", "doubled", "reordered", "verdict", title="messages")
    for column in drawn.columns[1:6]:
        column.justify = "right"
    for row in rows:
        counts = (row.messages, row.faults, row.lost, row.doubled, row.reordered)
        drawn.add_row(row.fault, *(f"{count:,}" for count in counts), row.verdict)
    return drawn


def exit_code(rows: Sequence[Row]) -> int:
    if any(row.is_broken for row in rows):
        return 1
    return 2 if any(row.verdict != "held" for row in rows) else 0


def main() -> int:
    width = None if sys.stderr.isatty() else PIPE_WIDTH
    chosen, console = options(sys.argv[1:]), Console(stderr=True, width=width)

    def say(line: str) -> None:
        console.print(line, markup=False, highlight=False, soft_wrap=True)

    say(f"seed {chosen.seed}")
    chosen.json.parent.mkdir(parents=True, exist_ok=True)
    names = chosen.rows or list(SCENARIOS)
    rows = asyncio.run(play_all(names, chosen.messages, chosen.seconds, chosen.seed, chosen.json, say))
    load = [round(average, 2) for average in os.getloadavg()]
    outcome = {"seed": chosen.seed, "load_average": load, "rows": [asdict(row) for row in rows]}
    chosen.json.write_text(json.dumps(outcome, indent=2) + "\n", encoding="utf8")
    console.print(table(rows))
    for row in rows:
        for sentence in row.findings[:SHOWN]:
            say(f"{row.name}: {sentence}")
    return exit_code(rows)


if __name__ == "__main__":
    sys.exit(main())

"""
`python -m tests.faults.stream_kills --kills 200`: records is killed at random points of streams of dossiers.

Prints the seed, progress and one table; writes the history and `stream-kills.json`.  The exit code is 1 when
an acknowledged dossier is not there once and whole, or another one is.
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

from rich.console import Console
from rich.table import Table

from ..history import History
from ..site import running
from .checker import check, parse, summary
from .run import kill_streams


def options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.stream_kills", description="Kill streams.")
    parser.add_argument("--kills", type=int, default=200, help="of records and PostgreSQL (default 200)")
    parser.add_argument("--json", type=Path, default=Path("build/stream-kills.json"), help="for the figures")
    seed = os.environ.get("FAULTS_SEED") or str(random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--seed", type=int, default=int(seed), help="of the run (default: FAULTS_SEED)")
    parser.add_argument("--forgetful", action="store_true", help="PostgreSQL forgets: it must be seen")
    return parser.parse_args(arguments)


async def run(chosen: argparse.Namespace, folder: Path, path: Path, console: Console) -> None:
    def say(line: str) -> None:
        console.print(line, markup=False, highlight=False, soft_wrap=True)

    with History(path) as history:
        async with running(folder, forgetful=chosen.forgetful, prompt=True) as site:
            await kill_streams(site, site.client_stack, history, chosen.seed, chosen.kills, say)


def main() -> int:
    chosen, console = options(sys.argv[1:]), Console(stderr=True)
    console.print(f"seed {chosen.seed}", highlight=False)
    path = chosen.json.with_suffix(".jsonl")
    folder, begin = Path(tempfile.mkdtemp(prefix="lientuyen-faults-")), time.monotonic()
    folder.chmod(0o711)  # PostgreSQL runs as another user when we are root
    try:
        asyncio.run(run(chosen, folder, path, console))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    with path.open(encoding="utf8") as lines:
        story = parse(lines)
    findings = check(story)
    load = [round(average, 2) for average in os.getloadavg()]
    took = {"seed": chosen.seed, "seconds": round(time.monotonic() - begin), "load_average": load}
    figures = {**took, **summary(story, findings)}
    outcome = json.dumps({**figures, "findings": vars(findings)}, indent=2)
    chosen.json.write_text(outcome + "\n", encoding="utf8")
    drawn = Table("", "count", title="killed streams")
    for name, value in figures.items():
        drawn.add_row(name, str(value))
    console.print(drawn)
    wrong = [*findings.lost, *findings.doubled, *findings.unexplained]
    for sentence in wrong[:20]:
        console.print(sentence, markup=False, highlight=False, soft_wrap=True)
    return 1 if wrong or len(story.kills) < chosen.kills else 0


if __name__ == "__main__":
    sys.exit(main())

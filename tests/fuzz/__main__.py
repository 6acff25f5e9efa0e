"""
`python -m tests.fuzz --seconds 600`: Atheris looks for a file that the reader of dossiers cannot judge.

Found is what raises anything but the reader's own refusals, takes longer than twenty seconds or 2 GB: it lies
in `build/fuzz/found`, and the exit code is that of the fuzzer.  The corpus in `build/fuzz/corpus` is gone on
with.  The last line of figures goes into `build/fuzz.json`.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

STATUS = re.compile(r"#(\d+)\s+\w+\s+cov: (\d+) ft: (\d+) corp: (\d+)/\S+")
STATISTIC = re.compile(r"stat::(\w+):\s+(\d+)")


def options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Fuzz the reader of dossiers.")
    parser.add_argument("--seconds", type=int, default=600, help="how long (default 600)")
    parser.add_argument("--folder", type=Path, default=Path("build/fuzz"), help="of corpus and findings")
    parser.add_argument("--json", type=Path, default=Path("build/fuzz.json"), help="where the figures go")
    return parser.parse_args(arguments)


def figures_of(output: str) -> dict[str, int]:
    """Return what the fuzzer said last: executions, edges, features, files of the corpus, and statistics."""
    lines = STATUS.findall(output)
    names = ("executions", "edges", "features", "corpus")
    last = dict(zip(names, map(int, lines[-1]), strict=True)) if lines else {}
    return {**last, **{name: int(value) for name, value in STATISTIC.findall(output)}}


def main() -> int:
    chosen, begin, output = options(sys.argv[1:]), time.monotonic(), []
    chosen.folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tests.fuzz.target", str(chosen.folder), str(chosen.seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        output.append(line)
        sys.stderr.write(line)
    code = process.wait()
    found = sorted(path.name for path in (chosen.folder / "found").glob("*"))
    took = {"seconds": round(time.monotonic() - begin), "load_average": os.getloadavg()}
    outcome = {"exit_code": code, "found": found, **took, **figures_of("".join(output))}
    chosen.json.write_text(json.dumps(outcome, indent=2) + "\n", encoding="utf8")
    sys.stderr.write(f"{chosen.json}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())

"""
`make setup`: the virtual environment, the locked packages and this project, telling what is being done.

Run by a Python that has nothing installed.  No line names the registry that packages come from.
"""

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
PIP = ".venv/bin/python -m pip install --disable-pip-version-check --no-input --progress-bar off"

# Seconds between two lines while a step works; lines of its output that are shown when it fails.
LINE_INTERVAL_S = 3.0
TAIL_LINES = 30

ADDRESS = re.compile(r"\w+://[^\s'\"<>)]+|host='[^']*'|(?<=located at )\S+")


def run(title: str, command: Sequence[str], total: int = 1, interval_s: float = LINE_INTERVAL_S) -> None:
    """Run a step and say every few seconds how far it is; exit with its last lines when it fails."""
    print(title, flush=True)
    begin = time.monotonic()
    with tempfile.NamedTemporaryFile() as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
        while process.poll() is None:
            try:
                process.wait(interval_s)
            except subprocess.TimeoutExpired:
                packages = progress(Path(log.name).read_text("utf8", "replace"), total)
                print(f"      {packages}{time.monotonic() - begin:.0f} s", flush=True)
        if process.returncode:
            output = without_addresses(Path(log.name).read_text("utf8", "replace")).splitlines()
            sys.exit("\n".join([*output[-TAIL_LINES:], f"{title}: failed; its last lines are above."]))


def progress(output: str, total: int) -> str:
    """Return how far pip is with *total* packages; empty while *output* tells nothing of it."""
    if "Installing collected packages" in output:
        return f"{len(list(ROOT.glob('.venv/lib/python*/site-packages/*.dist-info')))} installed, "
    fetched = len(re.findall(r"^(?:Collecting|Requirement already satisfied:) ", output, re.MULTILINE))
    return f"{min(fetched, total)} of {total} fetched, " if fetched else ""


def without_addresses(text: str) -> str:
    return ADDRESS.sub("…", text)


if __name__ == "__main__":
    locked = len(re.findall(r"^[\w.-]+==", (ROOT / "requirements.lock").read_text("utf8"), re.MULTILINE))
    run(f"[1/3] .venv, Python {sys.version.split()[0]}", (sys.executable, "-m", "venv", ".venv"))
    run(f"[2/3] {locked} locked packages", f"{PIP} --require-hashes -r requirements.lock".split(), locked)
    run("[3/3] this project", f"{PIP} --no-deps --no-build-isolation -e .".split())
    print("Ready.")

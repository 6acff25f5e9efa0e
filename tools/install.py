"""
`make setup`: the virtual environment, the locked packages and this project, telling what is being done.

Run by a Python that has nothing installed.  No line names the registry that packages come from.
"""

import re
import subprocess
import sys
import threading
import time
import venv
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"

# Seconds between two lines while something works.
LINE_INTERVAL = 3.0

# How much of pip's output is shown when it fails.
LAST_LINES = 30

_ADDRESS = re.compile(r"\w+://[^\s'\"<>)]+|host='[^']*'")


class Progress:
    """What pip has done, read from its output and from the folder that it fills."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.fetched = 0
        self.installing = False
        self.began = time.monotonic()
        self.before = self.installed()

    def installed(self) -> int:
        """Return how many packages the environment has."""
        return len(list(VENV.glob("lib/python*/site-packages/*.dist-info")))

    def read(self, line: str) -> None:
        """Take a line of pip's output in."""
        self.fetched += line.startswith(("Collecting ", "Requirement already satisfied: "))
        self.installing = self.installing or line.startswith("Installing collected packages")

    def __str__(self) -> str:
        seconds = round(time.monotonic() - self.began)
        if self.installing:
            return f"{self.installed() - self.before} installed, {seconds} s"
        return f"{min(self.fetched, self.total)} of {self.total} fetched, {seconds} s"


def say(text: str) -> None:
    """Print a line now, also where the output is a file."""
    print(text, flush=True)


def without_addresses(line: str) -> str:
    """Return *line* without the addresses of registries."""
    return _ADDRESS.sub("…", line)


@contextmanager
def telling(status: Callable[[], str], interval: float = LINE_INTERVAL) -> Iterator[None]:
    """Print a line of *status* every *interval* seconds inside the block."""
    ended = threading.Event()

    def tell() -> None:
        while not ended.wait(interval):
            say(f"      {status()}")

    thread = threading.Thread(target=tell, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def pip_install(*arguments: str, total: int = 1, python: Path = VENV / "bin/python") -> None:
    """Run `pip install`, with a line about it every few seconds; exit with its last lines when it fails."""
    command = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    progress, last = Progress(total), deque[str](maxlen=LAST_LINES)
    with (
        subprocess.Popen(
            [*command, "--progress-bar", "off", *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as pip,
        telling(lambda: str(progress)),
    ):
        for line in pip.stdout or ():
            progress.read(line)
            last.append(without_addresses(line.rstrip()))
    if pip.returncode:
        say("\n".join(last))
        sys.exit("      pip failed; its last lines are above.")


def main() -> None:
    """Install, in three steps."""
    began = time.monotonic()
    locked = len(re.findall(r"^[\w.-]+==", LOCK.read_text(encoding="utf8"), re.MULTILINE))
    say(f"[1/3] virtual environment in .venv, Python {sys.version.split()[0]}")
    with telling(lambda: f"being made, {time.monotonic() - began:.0f} s"):
        venv.create(VENV, with_pip=True, symlinks=sys.platform != "win32")
    say(f"[2/3] {locked} locked packages")
    pip_install("--require-hashes", "-r", str(LOCK), total=locked)
    say("[3/3] this project")
    pip_install("--no-deps", "--no-build-isolation", "-e", str(ROOT))
    say(f"Ready after {time.monotonic() - began:.0f} s.")


if __name__ == "__main__":
    main()

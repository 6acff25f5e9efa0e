"""`lientuyen up`: PostgreSQL and the four services, with some invented people, until Ctrl-C."""

import asyncio
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from .. import stack as stacks
from ..clock import today
from ..demo import people
from ..exchange import connect
from .common import out

# A first start takes some ten seconds; a slow machine some more.
START = 120.0


def up(
    home: Annotated[Path | None, typer.Option(help="The state folder; by default LIENTUYEN_HOME.")] = None,
    seed: Annotated[bool, typer.Option(help="Import the invented people and facilities of the demo.")] = True,
) -> None:
    """Start the four services on this machine and keep them running (Ctrl-C stops all)."""
    folder = home or stacks.home()
    supervisor = subprocess.Popen([sys.executable, "-m", "laptop", "--home", str(folder)])
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: supervisor.send_signal(signal.SIGTERM))
    if seed and (stack := wait_until_up(supervisor, folder)):
        asyncio.run(seeded(stack))
    raise typer.Exit(supervisor.wait())


def wait_until_up(supervisor: subprocess.Popen[bytes], folder: Path) -> stacks.Stack | None:
    """Return the stack when it is there; None when it ended, or never came."""
    until = time.monotonic() + START
    while supervisor.poll() is None and time.monotonic() < until:
        try:
            return stacks.running(folder)
        except stacks.NoStack:
            time.sleep(0.1)
    return None


async def seeded(stack: stacks.Stack) -> None:
    """Import the invented people; again and again changes nothing."""
    async with connect("operator/dev", stack) as directory, connect("authority/bhxh", stack) as insurance:
        await people.seed(directory, insurance, today())
    out.print(f"Seeded with invented people: try [bold]lientuyen lookup {people.PATIENT_ID}[/]")

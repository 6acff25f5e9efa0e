"""`lientuyen up`: PostgreSQL and the four services, with some invented people, until Ctrl-C."""

import asyncio
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from ..clock import today
from ..demo import sandbox
from ..running_stack import NoStack, Stack, default_home, read_stack
from .common import out
from .sandbox_screen import sandbox_screen

# A first start takes some ten seconds; a slow machine some more.
START_TIMEOUT_S = 120.0


def up(
    home: Annotated[Path | None, typer.Option(help="The state folder; by default LIENTUYEN_HOME.")] = None,
    seed: Annotated[bool, typer.Option(help="Bring in the invented people of docs/howto/sandbox.md.")] = True,
) -> None:
    """Start the four services on this machine and keep them running (Ctrl-C stops all)."""
    folder = home or default_home()
    supervisor = subprocess.Popen([sys.executable, "-m", "laptop", "--home", str(folder)])
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, lambda *_: supervisor.send_signal(signal.SIGTERM))
    if seed and (stack := wait_until_up(supervisor, folder)):
        asyncio.run(seed_people(stack))
    raise typer.Exit(supervisor.wait())


def wait_until_up(supervisor: subprocess.Popen[bytes], folder: Path) -> Stack | None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while supervisor.poll() is None and time.monotonic() < deadline:
        try:
            return read_stack(folder)
        except NoStack:
            time.sleep(0.1)
    return None


async def seed_people(stack: Stack) -> None:
    await sandbox.seed(stack, today(), lambda title: out.print(f"[green]✓[/] {title}"))
    out.print(sandbox_screen())

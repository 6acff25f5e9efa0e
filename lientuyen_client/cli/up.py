"""`lientuyen up`: PostgreSQL and the four services, with some invented people, until Ctrl-C."""

import asyncio
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from ..clock import today
from ..demo import sandbox
from ..running_stack import NoStack, Stack, default_home, read_stack
from .common import Home, out
from .failures import NOBODY, REFUSED, CommandFailed, text_of
from .sandbox_screen import sandbox_screen

# A first start takes some ten seconds; a slow machine some more.
START_TIMEOUT_S = 120.0

PortBase = Annotated[
    int | None,
    typer.Option(
        min=1024,
        max=65531,
        show_default=False,
        help="Cổng đầu của năm cổng liền nhau; mặc định là các cổng trống.",
    ),
]


def up(
    home: Home = None,
    seed: Annotated[
        bool, typer.Option(help="Nạp những người và cơ sở giả định của docs/howto/sandbox.md.")
    ] = True,
    port_base: PortBase = None,
) -> None:
    """Chạy bốn dịch vụ trên máy này cho đến khi Ctrl-C."""
    folder = home or default_home()
    check_free(folder)
    ports = ["--port-base", str(port_base)] if port_base else []
    supervisor = subprocess.Popen([sys.executable, "-m", "laptop", "--home", str(folder), *ports])
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, lambda *_: supervisor.send_signal(signal.SIGTERM))
    try:
        if seed and (stack := wait_until_up(supervisor, folder)):
            asyncio.run(seed_people(stack))
        code = supervisor.wait()
    except BaseException:
        supervisor.terminate()
        supervisor.wait()
        raise
    raise typer.Exit(NOBODY if code < 0 else code)


def check_free(folder: Path) -> None:
    """Say which stack runs in *folder* already, before anything is done; nothing when none does."""
    with suppress(NoStack):
        stack = read_stack(folder)
        addresses = ", ".join(f"{name} {address}" for name, address in stack.addresses.items())
        where = f"{text_of(folder)} (pid {stack.pid}): {addresses}"
        raise CommandFailed(
            f"Đã có hệ thống chạy ở {where}.  Dừng nó trước, hoặc chọn --home khác.",
            f"A stack runs in {where}.  Stop it first, or choose another --home.",
            reason="STACK_RUNS",
            exit_code=REFUSED,
        )


def wait_until_up(supervisor: subprocess.Popen[bytes], folder: Path) -> Stack | None:
    """Return the stack when *supervisor* has it running; None when it ended, or takes too long."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while supervisor.poll() is None and time.monotonic() < deadline:
        with suppress(NoStack):
            stack = read_stack(folder)
            if stack.pid == supervisor.pid:
                return stack
        time.sleep(0.1)
    return None


async def seed_people(stack: Stack) -> None:
    await sandbox.seed(stack, today(), lambda title: out.print(f"[green]✓[/] {title}"))
    out.print(sandbox_screen())

"""`lientuyen up`: PostgreSQL and the four services, until Ctrl-C."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from .. import stack


def up(
    home: Annotated[Path | None, typer.Option(help="The state folder; by default LIENTUYEN_HOME.")] = None,
) -> None:
    """Start the four services on this machine and keep them running (Ctrl-C stops all)."""
    folder = home or stack.home()
    os.execv(sys.executable, [sys.executable, "-m", "services", "--home", str(folder)])

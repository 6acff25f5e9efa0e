"""
`python -m laptop`: the whole stack on one machine, for a laptop.  `lientuyen up` runs this.

It starts an embedded PostgreSQL for every service that is given no
`…_DATABASE_URL`, migrates the databases, issues development certificates and
keys, and runs a trace collector and the four services as processes on loopback.
Each starts again when it dies, and PostgreSQL too.  SIGTERM or Ctrl-C ends all of it, last begun first.
"""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import asyncpg

from .certificate_renewal import make_certificates
from .home_folder import Home, StackFailed, default_home
from .postgres_run_as import PostgresFailed
from .service_settings import SERVICES, check_ports, free_ports, make_keys, migrate, open_databases
from .stack import Stack

# There is no database, or no room for it: the exit code of `lientuyen` for what is not there.
EX_NO_DATABASE: Final = 3


def parse_options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m laptop", description="Run the whole stack here.")
    home = default_home(os.environ)
    parser.add_argument("--home", type=Path, default=home, help=f"the state folder (default {home})")
    parser.add_argument(
        "--port-base", type=int, default=0, help="the first of five ports in a row (default: free ports)"
    )
    parser.add_argument("--log-here", action="store_true", help="log on stderr instead of <home>/logs")
    return parser.parse_args(arguments)


async def supervise(stack: Stack) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, stop.set)
    await stack.run(stop)


def run(options: argparse.Namespace) -> None:
    home = Home(options.home.absolute())
    count = len(SERVICES) + 1
    ports = list(range(options.port_base, options.port_base + count)) if options.port_base else []
    with ExitStack() as closing:
        closing.enter_context(home.lock())
        check_ports(ports)
        home.state.unlink(missing_ok=True)  # of a run that was killed
        databases, cluster = open_databases(home, os.environ, closing)
        migrate(databases)
        make_keys(home)
        make_certificates(home)
        ports = ports or free_ports(count)
        stack = Stack(home, databases, ports, log_here=options.log_here, cluster=cluster)
        asyncio.run(supervise(stack))


def main() -> int:
    # Until the services are supervised a SIGTERM ends us like Ctrl-C does: what was begun is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        run(parse_options(sys.argv[1:]))
    except StackFailed as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except (PostgresFailed, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        sys.stderr.write(f"The stack cannot run: {error}\n")
        return EX_NO_DATABASE
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""
`python -m laptop.nodes --home FOLDER NAME…`: several nodes on one machine, for `lientuyen demo --nodes 3`.

Each node is a whole stack in a folder of its own, `FOLDER/NAME`, with its own authority, trust domain
(`NAME.lientuyen.test`), keys and databases; they share one PostgreSQL and one trace collector, the first's.
That they know one another is left to whoever operates them.
"""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from .authority import TRUST_DOMAIN
from .certificate_renewal import make_certificates
from .home_folder import Home, StackFailed
from .postgres_cluster import Cluster
from .postgres_run_as import PostgresFailed
from .service_settings import HOST, SERVICES, create_databases, free_ports, make_keys, migrate
from .stack import Stack

# The services, the port for other nodes, and the collector.
PORTS_OF_A_NODE = len(SERVICES) + 2


def parse_options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m laptop.nodes", description="Run several nodes here.")
    parser.add_argument("--home", type=Path, required=True, help="the folder of all of them")
    parser.add_argument("names", nargs="+", help="the names of the nodes")
    return parser.parse_args(arguments)


def make_stacks(folder: Path, names: Sequence[str], closing: ExitStack) -> list[Stack]:
    cluster = closing.enter_context(Cluster(folder / "postgres"))
    ports, stacks = free_ports(PORTS_OF_A_NODE * len(names)), list[Stack]()
    for number, name in enumerate(names):
        home = Home(folder / name, f"{name}.{TRUST_DOMAIN}", name)
        closing.enter_context(home.lock())
        databases = create_databases(cluster, name)
        migrate(databases)
        make_keys(home)
        make_certificates(home)
        *own, federation, collector = ports[PORTS_OF_A_NODE * number : PORTS_OF_A_NODE * (number + 1)]
        stacks.append(
            Stack(
                home,
                databases,
                [*own, collector],
                log_here=False,
                cluster=None if stacks else cluster,
                collector=stacks[0].collector if stacks else None,
                federation=f"{HOST}:{federation}",
            )
        )
    return stacks


async def supervise(stacks: Sequence[Stack]) -> None:
    stop = asyncio.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signal_number, stop.set)
    await asyncio.gather(*(stack.run(stop) for stack in stacks))


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    options = parse_options(sys.argv[1:])
    try:
        with ExitStack() as closing:
            asyncio.run(supervise(make_stacks(options.home.absolute(), options.names, closing)))
    except (StackFailed, PostgresFailed, OSError) as error:
        sys.stderr.write(f"The nodes cannot run: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

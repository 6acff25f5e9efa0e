"""
`python -m laptop`: the whole stack on one machine, for a laptop.  `lientuyen up` runs this.

It starts an embedded PostgreSQL for every service that is given no
`…_DATABASE_URL`, migrates the databases, issues development certificates and
keys, and runs a trace collector and the four services as processes on loopback.
Each starts again when it dies, and PostgreSQL too.  SIGTERM or Ctrl-C ends all of it, last begun first.
"""

import argparse
import asyncio
import importlib.util
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Final

from laptop.postgres import Cluster
from laptop.postgres_runner import PostgresFailed

from . import stack
from .stack import HOST, OPERATOR, SERVICES, Home, StackFailed
from .supervisor import Child, Program, answers, serves

COLLECTOR: Final = "laptop.trace_collector"

# Seconds between two looks at how long the certificates last.
RENEW_EVERY: Final = 3600.0

# Seconds between two looks at PostgreSQL, and after a failed attempt to start it again.
LOOK_EVERY: Final = 0.5
REVIVE_AGAIN: Final = 5.0


def say(line: str) -> None:
    """Tell the person who started us."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Stack:
    """The collector and the four services of one home."""

    def __init__(
        self,
        home: Home,
        databases: dict[str, str],
        ports: Sequence[int],
        *,
        log_here: bool,
        cluster: Cluster | None = None,
    ) -> None:
        self.home = home
        self.databases = databases
        self.addresses = {name: f"{HOST}:{port}" for name, port in zip(SERVICES, ports, strict=False)}
        self.collector = f"{HOST}:{ports[-1]}" if wants_collector() else ""
        self._log_here = log_here
        self._cluster = cluster
        self._children: list[Child] = []
        self._is_up = False

    async def run(self, asked_to_stop: asyncio.Event) -> None:
        """Run until asked to stop, or until something cannot be started; end everything in any case."""
        running = asyncio.create_task(self._run())
        asked = asyncio.create_task(asked_to_stop.wait())
        try:
            await asyncio.wait([running, asked], return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                await running
        finally:
            asked.cancel()
            running.cancel()
            await asyncio.gather(running, asked, return_exceptions=True)
            await self._end()

    async def _run(self) -> None:
        self._children = [Child(program, say, self._write_state) for program in self._programs()]
        await asyncio.gather(*(child.start() for child in self._children))
        self._is_up = True
        self._write_state()
        say(self._summary())
        await asyncio.gather(self._keep_certificates(), self._keep_database())

    async def _keep_certificates(self) -> None:
        while True:
            await asyncio.sleep(RENEW_EVERY)
            stack.make_certificates(self.home)

    async def _keep_database(self) -> None:
        """Start the embedded PostgreSQL again when it died, where the services will find it."""
        while self._cluster is not None:
            await asyncio.sleep(LOOK_EVERY)
            if not self._cluster.has_died():
                continue
            say("PostgreSQL ended; starting it again.")
            try:
                await asyncio.to_thread(self._cluster.revive)
            except PostgresFailed as error:
                say(str(error))
                await asyncio.sleep(REVIVE_AGAIN)

    async def _end(self) -> None:
        self.home.state.unlink(missing_ok=True)
        self._is_up = False
        for child in reversed(self._children):
            await child.stop()

    def _programs(self) -> list[Program]:
        """Return what is run, in the order of starting."""
        base = dict(os.environ)
        programs = []
        if self.collector:
            arguments = ["-m", COLLECTOR, "--home", str(self.home.path), "--listen", self.collector]
            ready = partial(answers, self.collector)
            programs.append(Program("collector", arguments, dict(base), self._log("collector"), ready))
            base["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://{self.collector}"
            # On a laptop every trace is worth keeping; in production one in ten.
            base.setdefault("OTEL_TRACES_SAMPLER", "parentbased_always_on")
        for name in SERVICES:
            given = stack.environment(name, self.home, self.databases[name], self.addresses, base)
            ready = partial(serves, self.addresses[name], self.home.tls_of(OPERATOR))
            programs.append(Program(name, ["-m", f"services.{name}"], given, self._log(name), ready))
        return programs

    def _log(self, name: str) -> Path | None:
        return None if self._log_here else self.home.logs / f"{name}.log"

    def _write_state(self) -> None:
        """Write `stack.json` anew: when all is up, and whenever a process took another's place."""
        if self._is_up:
            processes = {child.program.name: child.pid for child in self._children}
            self.home.write_state(
                stack.state_of(self.home, self.addresses, self.databases, self.collector, processes)
            )

    def _summary(self) -> str:
        where = {"collector": self.collector} if self.collector else {}
        rows = list({**self.addresses, **where}.items())
        databases = sorted({stack.place(url).partition("/")[0] for url in self.databases.values()})
        rows.append(("database", ", ".join(databases)))
        return f"Liên Tuyến runs.  Its state is in {self.home.path}\n{stack.table(rows)}\nCtrl-C ends it."


def wants_collector() -> bool:
    """Whether to collect traces here: not when they go elsewhere, nor when the collector is not installed."""
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        return False
    with suppress(ModuleNotFoundError):
        if importlib.util.find_spec(COLLECTOR) is not None:
            return True
    say("The trace collector is not installed here; traces are not kept.")
    return False


def options(arguments: Sequence[str]) -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m laptop", description="Run the whole stack here.")
    home = stack.default_home(os.environ)
    parser.add_argument("--home", type=Path, default=home, help=f"the state folder (default {home})")
    parser.add_argument(
        "--port-base", type=int, default=0, help="the first of five ports in a row (default: free ports)"
    )
    parser.add_argument("--log-here", action="store_true", help="log on stderr instead of <home>/logs")
    return parser.parse_args(arguments)


async def supervise(running: Stack) -> None:
    """Run the stack until SIGTERM or SIGINT."""
    asked_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked_to_stop.set)
    await running.run(asked_to_stop)


def run(chosen: argparse.Namespace) -> None:
    """Prepare the home, run the stack, end it."""
    home = Home(chosen.home.absolute())
    count = len(SERVICES) + 1
    ports = list(range(chosen.port_base, chosen.port_base + count)) if chosen.port_base else []
    with ExitStack() as closing:
        closing.enter_context(home.lock())
        home.state.unlink(missing_ok=True)  # of a run that was killed
        databases, cluster = stack.open_databases(home, os.environ, closing)
        stack.migrate(databases)
        stack.make_keys(home)
        stack.make_certificates(home)
        ports = ports or stack.free_ports(count)
        running = Stack(home, databases, ports, log_here=chosen.log_here, cluster=cluster)
        asyncio.run(supervise(running))


def main() -> int:
    """Run; return the exit code."""
    # Until the services are supervised a SIGTERM ends us like Ctrl-C does: what was begun is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        run(options(sys.argv[1:]))
    except (StackFailed, PostgresFailed) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return 0


if __name__ == "__main__":
    sys.exit(main())

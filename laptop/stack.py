"""
The stack that runs: the collector and the four services, restarted when they die, and PostgreSQL too.

Certificates are renewed while it runs.  `stack.json` in the home says what runs where.
"""

import asyncio
import importlib.util
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from .certificate_renewal import CALLERS, OPERATOR, make_certificates
from .home_folder import Home
from .postgres_cluster import Cluster
from .postgres_run_as import PostgresFailed
from .service_settings import FEDERATION, HOST, SERVICES, service_environment
from .supervisor import Child, Program, is_listening, is_serving

COLLECTOR: Final = "laptop.trace_collector"

# Between two looks at how long the certificates last.
RENEWAL_INTERVAL_S: Final = 3600.0

# Between two looks at PostgreSQL, and after a failed attempt to start it again.
POLL_INTERVAL_S: Final = 0.5
RESTART_DELAY_S: Final = 5.0


def print_line(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Stack:
    def __init__(
        self,
        home: Home,
        databases: dict[str, str],
        ports: Sequence[int],
        *,
        log_here: bool,
        cluster: Cluster | None = None,
        collector: str | None = None,
        federation: str = "",
    ) -> None:
        """*collector*: where another stack collects the spans; *federation*: where other nodes connect."""
        self.home = home
        self.databases = databases
        self.addresses = {name: f"{HOST}:{port}" for name, port in zip(SERVICES, ports, strict=False)}
        if federation:
            self.addresses[FEDERATION] = federation
        self._collects = collector is None and wants_collector()
        self.collector = f"{HOST}:{ports[-1]}" if self._collects else collector or ""
        self._log_here = log_here
        self._cluster = cluster
        self._children: list[Child] = []
        self._is_up = False

    async def run(self, stop: asyncio.Event) -> None:
        running = asyncio.create_task(self._run())
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait([running, stopping], return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                await running
        finally:
            stopping.cancel()
            running.cancel()
            await asyncio.gather(running, stopping, return_exceptions=True)
            await self._end()

    async def _run(self) -> None:
        self._children = [Child(program, print_line, self._write_state) for program in self._programs()]
        await asyncio.gather(*(child.start() for child in self._children))
        self._is_up = True
        self._write_state()
        print_line(self._summary())
        await asyncio.gather(self._keep_certificates(), self._keep_database())

    async def _keep_certificates(self) -> None:
        while True:
            await asyncio.sleep(RENEWAL_INTERVAL_S)
            try:
                make_certificates(self.home)
            except OSError as error:
                print_line(f"The certificates could not be renewed: {error}.")

    async def _keep_database(self) -> None:
        """Start the embedded PostgreSQL again when it died, where the services will find it."""
        while self._cluster is not None:
            await asyncio.sleep(POLL_INTERVAL_S)
            if not self._cluster.has_died():
                continue
            print_line("PostgreSQL ended; starting it again.")
            try:
                await asyncio.to_thread(self._cluster.revive)
            except (PostgresFailed, OSError) as error:
                print_line(str(error))
                await asyncio.sleep(RESTART_DELAY_S)

    async def _end(self) -> None:
        self.home.state.unlink(missing_ok=True)
        self._is_up = False
        for child in reversed(self._children):
            await child.stop()

    def _programs(self) -> list[Program]:
        base = dict(os.environ)
        programs = []
        if self._collects:
            arguments = ["-m", COLLECTOR, "--home", str(self.home.path), "--listen", self.collector]
            ready = partial(is_listening, self.collector)
            programs.append(Program("collector", arguments, dict(base), self._log("collector"), ready))
        if self.collector:
            base["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://{self.collector}"
            # On a laptop every trace is worth keeping; in production one in ten.
            base.setdefault("OTEL_TRACES_SAMPLER", "parentbased_always_on")
        if self.home.node:
            base["OTEL_RESOURCE_ATTRIBUTES"] = f"lientuyen.node={self.home.node}"
        for name in SERVICES:
            settings = service_environment(name, self.home, self.databases[name], self.addresses, base)
            ready = partial(is_serving, name, self.addresses[name], self.home.tls_of(OPERATOR))
            programs.append(Program(name, ["-m", f"services.{name}"], settings, self._log(name), ready))
        return programs

    def _log(self, name: str) -> Path | None:
        return None if self._log_here else self.home.logs / f"{name}.log"

    def _write_state(self) -> None:
        if not self._is_up:
            return
        processes = {child.program.name: child.pid for child in self._children}
        state = state_of(self.home, self.addresses, self.databases, self.collector, processes)
        try:
            self.home.write_state(state)
        except OSError as error:  # a full disk: what runs goes on, and a service that died starts again
            print_line(f"{self.home.state} could not be written: {error.strerror}.")

    def _summary(self) -> str:
        collector = {"collector": self.collector} if self.collector else {}
        rows = list({**self.addresses, **collector}.items())
        databases = sorted({database_address(url).partition("/")[0] for url in self.databases.values()})
        rows.append(("database", ", ".join(databases)))
        return f"Liên Tuyến runs.  Its state is in {self.home.path}\n{table(rows)}\nCtrl-C ends it."


def wants_collector() -> bool:
    """Whether to collect traces here: not when they go elsewhere, nor when the collector is not installed."""
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        return False
    with suppress(ModuleNotFoundError):
        if importlib.util.find_spec(COLLECTOR) is not None:
            return True
    print_line("The trace collector is not installed here; traces are not kept.")
    return False


def database_address(url: str) -> str:
    """Return where a database is, without role and password: `127.0.0.1:5432/identity`."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or 5432}{parts.path}"


def state_of(
    home: Home,
    addresses: Mapping[str, str],
    databases: Mapping[str, str],
    collector: str,
    processes: Mapping[str, int],
) -> dict[str, object]:
    """Return what `stack.json` says: enough to call every service, and no secret."""
    return {
        "pid": os.getpid(),
        "addresses": dict(addresses),
        "trust_domain": home.trust_domain,
        "tls": {identity: str(home.tls_of(identity)) for identity in CALLERS},
        "collector": collector,
        "databases": {name: database_address(url) for name, url in databases.items()},
        "logs": str(home.logs),
        "processes": dict(processes),
    }


def table(rows: Sequence[tuple[str, str]]) -> str:
    return "\n".join(f"  {name:<10} {value}" for name, value in rows)

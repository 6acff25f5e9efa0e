"""
The place of a run: the real stack, on a home of its own, with PostgreSQL as it is in production.

The stack is `python -m laptop --home …`, another process that starts the
others; it is ended by its own id, and dies with us however we die.  PostgreSQL
is ours, with as much memory as a production server's; a fifth database,
`bench`, is for the floors.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
from rich.console import Console

from laptop.authority import issue, make_ca
from laptop.postgres_cluster import ROLE, Cluster
from laptop.service_settings import SERVICES
from laptop.supervisor import DIE_WITH_PARENT
from lientuyen_client import Client, connect
from lientuyen_client.running_stack import read_stack

from .machine import memory_gib

# Seconds until everything answers, migrations on a busy laptop included; and to drain.
START_TIMEOUT_S = 180
STOP_TIMEOUT_S = 60

FLOORS = "bench"

# As docs/howto/size-postgresql.md tells a platform team; what PostgreSQL ships with is for the smallest
# machine.
SIZED = {
    "shared_buffers": f"{memory_gib() * 1024 // 4}MB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "15min",
}

# Settings without which a commit may be lost.
DURABLE = ("fsync", "synchronous_commit", "full_page_writes")

# One hospital of the bench asks for the whole nation: the limits of look-ups are raised.
# Asking about numbers that nobody has is a load here too.
LIMITS = {
    "IDENTITY_LOOKUPS_PER_SECOND": "1000000",
    "IDENTITY_LOOKUPS_BURST": "1000000",
    "IDENTITY_MISSES_PER_MINUTE": "1000000",
    "IDENTITY_MISSES_BURST": "1000000",
    "PHARMACY_LOOKUPS_PER_SECOND": "1000000",
    "PHARMACY_LOOKUPS_BURST": "1000000",
}

# What of a log is shown when the stack does not start.
LOG_TAIL_CHARS = 3000


class BenchFailed(Exception):
    """The run cannot be made; the message says why."""


@dataclass
class Site:
    """A stack that runs, and how many persons it is to know.

    *console* is for progress, on stderr; *filled* is what it took to make the population, size by size.
    """

    home: Path
    persons: int
    console: Console
    filled: list[dict[str, Any]] = field(default_factory=list)

    @property
    def state(self) -> dict[str, Any]:
        """What `stack.json` says now."""
        state: dict[str, Any] = json.loads((self.home / "stack.json").read_text(encoding="utf8"))
        return state

    async def check(self) -> None:
        """Raise `BenchFailed` unless what is acknowledged is durable here: as in production."""
        async with self.connection("postgres") as connection:
            settings = {name: await connection.fetchval(f"SHOW {name}") for name in DURABLE}
        if set(settings.values()) != {"on"}:
            raise BenchFailed(f"PostgreSQL does not keep what it acknowledges: {settings}")

    @property
    def tls(self) -> Path:
        """The folder of the TLS folders."""
        return self.home / "tls"

    @property
    def postmaster(self) -> int:
        """The process that all of PostgreSQL's are children of."""
        return int((self.home / "postgres" / "pg" / "postmaster.pid").read_text().split()[0])

    def database(self, name: str) -> str:
        """Return the URL of a service's database, or of the floors'."""
        place = self.state["databases"]["identity"].partition("/")[0]
        password = (self.home / "postgres" / "password").read_text()
        return f"postgresql://{ROLE}:{password}@{place}/{name}"

    def client(self, identity: str) -> Client:
        """Return a client that calls as *identity*: for what must be there before a load."""
        return connect(identity, read_stack(self.home))

    def give_certificates(self, *identities: str) -> None:
        """Issue certificates for parties that only the bench has."""
        authority = make_ca(self.home / "ca")
        for identity in identities:
            folder = self.tls / identity.replace("/", "-", 1)
            if not (folder / "tls.crt").exists():
                issue(authority, folder, identity)

    @asynccontextmanager
    async def connection(self, database: str) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
        """Lend a connection to *database*."""
        connection = await asyncpg.connect(self.database(database))
        try:
            yield connection
        finally:
            await connection.close()


@asynccontextmanager
async def stack(
    home: Path, persons: int, console: Console, settings: Mapping[str, str] | None = None
) -> AsyncIterator[Site]:
    """Run the stack in *home* inside the block; `BenchFailed` when it does not start.

    *settings* are more of its environment, as `IDENTITY_…`.
    """
    with Cluster(home / "postgres", options=SIZED) as cluster:
        async with _services(home, {**_databases(cluster), **(settings or {})}):
            yield Site(home, persons, console)


def _databases(cluster: Cluster) -> dict[str, str]:
    """Return the settings that tell each service its database, made where it is missing."""
    for name in SERVICES:
        cluster.create(name)
    return {f"{name.upper()}_DATABASE_URL": cluster.url(name) for name in SERVICES}


@asynccontextmanager
async def _services(home: Path, settings: Mapping[str, str]) -> AsyncIterator[None]:
    # What a run that was killed left behind; nobody else runs here, for we have the lock of its PostgreSQL.
    (home / "stack.json").unlink(missing_ok=True)
    log = home / "stack.log"
    with log.open("ab") as out:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-S", "-E", "-c", DIE_WITH_PARENT, str(os.getpid()), "-m", "laptop"),
            *("--home", str(home)),
            env={**environment(), **settings},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        await _ready(process, home, log)
        yield
    finally:
        await end(process, STOP_TIMEOUT_S)


def environment() -> dict[str, str]:
    """Return ours without what would lead the stack elsewhere, and with production's sampling."""
    strange = ("OTEL_", "LIENTUYEN_", "IDENTITY_", "RECORDS_", "ROUTING_", "PHARMACY_")
    mine = {name: value for name, value in os.environ.items() if not name.startswith(strange)}
    return {
        **mine,
        **LIMITS,
        "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
        "OTEL_TRACES_SAMPLER_ARG": "0.1",
    }


async def _ready(process: asyncio.subprocess.Process, home: Path, log: Path) -> None:
    """Wait until the stack has written where it is."""
    try:
        async with asyncio.timeout(START_TIMEOUT_S):
            while not (home / "stack.json").exists():
                if process.returncode is not None:
                    raise BenchFailed(f"the stack did not start:\n{_tail(log)}")
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise BenchFailed(f"the stack was not ready in {START_TIMEOUT_S} s:\n{_tail(log)}") from None


def _tail(log: Path) -> str:
    return log.read_text(encoding="utf8", errors="replace")[-LOG_TAIL_CHARS:].strip()


async def end(process: asyncio.subprocess.Process, patience: float) -> None:
    """Ask *process* to end, wait, and kill it if it does not."""
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(patience):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()

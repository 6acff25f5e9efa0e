"""
A message's way beside the queues of others: sent, received, acknowledged, by 1, 16 and 64 pairs.

    python -m bench mailboxes

A pair has one message of 1 KB under way.  All take turns on one machine, and use the one PostgreSQL, if any:

    ours                    mutual TLS, signed receipts, sealed bodies, access log, one trace in ten
    ours without receipts   the same, but that nothing is signed (`bench.routing_without_receipts`)
    SKIP LOCKED             three statements on one table, no service: the floor
    procrastinate           its library in one process, no service
    MESH sandbox            the test double of the NHS, HTTP without TLS, in memory

The last two are installed into an environment of their own in the folder of the run, by
`peers/requirements.txt`.
Then a message of 64 MiB goes and comes.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from rich.table import Table

from chassis.migrate import upgrade
from laptop.home_folder import Home
from laptop.service_settings import HOST, service_environment

from . import catalogue  # noqa: F401  (declares the loads)
from .calling import sentence
from .figures import Figure, Slice, figure, number, ranged, spent
from .floors import tables
from .large_message import large_message
from .people import registered
from .processes import Clients, ask_slice, backends, children, clients, cpu_seconds, read_line, spawned
from .reports import Place, ReportResult, report
from .routing import WITHOUT_RECEIPTS, queue
from .site import FLOORS, BenchFailed, Site, end, environment, stack

PAIRS: Final = (1, 16, 64)

# Slices of each, and seconds of one; before them one that does not count.
ROUNDS, SLICE_S, WARM_UP_S = 6, 2.0, 1.0

# Persons in identity: who is in no message.
PERSONS: Final = 1

INSTALL_TIMEOUT_S: Final = 600
START_TIMEOUT_S: Final = 120

OURS, UNSIGNED, BARE = "ours", "ours without receipts", "SKIP LOCKED"
PROCRASTINATE, MESH = "procrastinate", "MESH sandbox"

Call = Callable[[float, int], Awaitable[Slice]]


@dataclass(frozen=True, slots=True)
class System:
    """One that takes turns: *call* runs a slice, so many seconds, so many pairs; *processes* do the work.

    PostgreSQL's own processes, `db`, are told with each: they write for all.
    """

    name: str
    call: Call
    processes: tuple[str, ...]


@report
async def mailboxes(place: Place) -> ReportResult:
    """Messages of 1 KB sent, received, acknowledged by 1, 16, 64 pairs, beside the queues of others."""
    problems: list[str] = []
    async with stack(place.home, PERSONS, place.console) as site, AsyncExitStack() as closing:
        await registered(site)
        await tables(site)
        await queue(site)
        unsigned = await closing.enter_async_context(routing_without_receipts(site))
        calling = await closing.enter_async_context(clients(site, {WITHOUT_RECEIPTS: unsigned.address}, 1))
        groups: dict[str, list[int]] = {"client": calling.pids, WITHOUT_RECEIPTS: [unsigned.pid]}
        systems = list(_ours(calling))
        try:
            systems += await _theirs(site, place, closing, groups)
        except (BenchFailed, OSError, TimeoutError) as error:
            problems.append(f"the queues of others could not be measured: {sentence(error)}")
        figures = [each for pairs in PAIRS for each in await _measure(site, systems, groups, pairs, place)]
        place.console.print("a message of 64 MiB …", highlight=False)
        try:
            large = await large_message(site)
        except Exception as error:
            problems.append(f"a message of 64 MiB: {sentence(error)}")
            large = None
    problems += [f"{each.name}: {each.failures}" for each in figures if each.errors or not each.calls]
    told = {"figures": [asdict(each) for each in figures], "large_message": large and asdict(large)}
    return ReportResult([_table(figures), large.sentence() if large else ""], told, problems)


def _ours(calling: Clients) -> Sequence[System]:
    def system(name: str, load: str, *processes: str) -> System:
        def call(seconds: float, pairs: int) -> Awaitable[Slice]:
            return calling.slice(load, seconds, callers=pairs, persons=PERSONS)

        return System(name, call, ("client", *processes))

    return (
        system(OURS, "send_receive_acknowledge", "routing", "db routing"),
        system(UNSIGNED, "exchange_without_receipts", WITHOUT_RECEIPTS, f"db {WITHOUT_RECEIPTS}"),
        system(BARE, "skip_locked", f"db {FLOORS}"),
    )


async def _theirs(
    site: Site, place: Place, closing: AsyncExitStack, groups: dict[str, list[int]]
) -> list[System]:
    """Install and start the queues of others; their processes go into *groups*."""
    place.console.print("installing procrastinate and the MESH sandbox …", highlight=False)
    python = await _install(place.home / "peers")
    async with site.connection("postgres") as admin:
        await admin.execute("CREATE DATABASE procrastinate")
    systems = []
    for name, module, arguments, server in (
        (PROCRASTINATE, "procrastinate_queue", [site.database("procrastinate")], "db procrastinate"),
        (MESH, "mesh_queue", [], "MESH server"),
    ):
        process = await closing.enter_async_context(
            spawned(f"peers.{module}", *arguments, python=str(python))
        )
        await read_line(process, START_TIMEOUT_S)
        groups |= {name: [process.pid], server: children(process.pid)}
        systems.append(System(name, _caller(process), (name, server)))
    return systems


def _caller(process: asyncio.subprocess.Process) -> Call:
    async def call(seconds: float, pairs: int) -> Slice:
        return await ask_slice([process], {"seconds": seconds, "callers": pairs}, seconds)

    return call


async def _install(folder: Path) -> Path:
    """Make an environment in *folder* with what `peers/requirements.txt` says; return its interpreter."""
    python = folder / "bin" / "python"
    requirements = Path(__file__).parent / "peers" / "requirements.txt"
    async with asyncio.timeout(INSTALL_TIMEOUT_S):
        await _run(sys.executable, "-m", "venv", str(folder))
        await _run(str(python), "-m", "pip", "install", "-q", "--no-deps", "-r", str(requirements))
    return python


async def _run(*command: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        out, _ = await process.communicate()
    finally:
        await end(process, 5)
    if process.returncode:
        raise BenchFailed(f"{' '.join(command[:4])}: {out.decode(errors='replace')[-500:]}")


@dataclass(frozen=True, slots=True)
class Server:
    """A routing beside the stack's."""

    pid: int
    address: str


@asynccontextmanager
async def routing_without_receipts(site: Site) -> AsyncIterator[Server]:
    """Run it inside the block, on a database of its own."""
    async with site.connection("postgres") as admin:
        await admin.execute(f"CREATE DATABASE {WITHOUT_RECEIPTS}")
    url = site.database(WITHOUT_RECEIPTS)
    await asyncio.to_thread(upgrade, "services.routing", url)
    state = site.state
    addresses = {**state["addresses"], "routing": f"{HOST}:0"}
    base = {**environment(), "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{state['collector']}"}
    settings = service_environment("routing", Home(site.home), url, addresses, base)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.routing_without_receipts"),
        env=settings,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), START_TIMEOUT_S)
        if not line:
            raise BenchFailed("routing without receipts did not start")
        yield Server(process.pid, line.decode().split()[-1])
    finally:
        await end(process, 20)


async def _measure(
    site: Site, systems: Sequence[System], groups: Mapping[str, list[int]], pairs: int, place: Place
) -> list[Figure]:
    """Return a line for each of *systems* with so many pairs, compared with the others round by round."""
    slices: dict[str, list[Slice]] = {system.name: [] for system in systems}
    with place.console.status(f"{pairs} pairs …"):
        for system in systems:
            await system.call(WARM_UP_S, pairs)
        for _ in range(ROUNDS):
            for system in systems:
                slices[system.name].append(await _slice(site, system, groups, pairs))
    return [
        figure(name, f"{pairs} pairs", mine, {other: slices[other] for other in slices if other != name})
        for name, mine in slices.items()
    ]


async def _slice(site: Site, system: System, groups: Mapping[str, list[int]], pairs: int) -> Slice:
    before = _cpu(site, groups)
    taken = await system.call(SLICE_S, pairs)
    after = _cpu(site, groups)
    spent = {name: after.get(name, 0.0) - before.get(name, 0.0) for name in (*system.processes, "db")}
    return replace(taken, cpu=spent)


def _cpu(site: Site, groups: Mapping[str, list[int]]) -> dict[str, float]:
    services = {name: [pid] for name, pid in site.state["processes"].items()}
    everybody = {**groups, **services, **backends(site.postmaster)}
    return {name: cpu_seconds(pids) for name, pids in everybody.items()}


def _table(figures: Sequence[Figure]) -> Table:
    drawn = Table(title="sent, received, acknowledged: messages of 1 KB", show_lines=True)
    drawn.add_column("pairs", justify="right")
    drawn.add_column("")
    for head in ("a second", "p50 ms", "p99 ms", "× MESH", "× procrastinate", "÷ bare", "µs CPU", "errors"):
        drawn.add_column(head, justify="right")
    for each in figures:
        drawn.add_row(
            each.conditions.split()[0],
            each.name,
            number(each.calls_per_second),
            number(each.p50_ms),
            number(each.p99_ms),
            *(ranged(each.ratios.get(other)) for other in (MESH, PROCRASTINATE, BARE)),
            spent({"all": sum(each.cpu_us.values()), **each.cpu_us}),
            str(each.errors),
        )
    return drawn

"""The processes of the bench itself: those that call, and the one that echoes."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from laptop.postgres_cluster import ROLE

from .calling import Job
from .figures import Slice
from .site import FLOORS, BenchFailed, Site, end

# Seconds beyond a slice's own until its answer must be there: the last calls, each with its deadline.
ANSWER_TIMEOUT_S = 60

# Seconds a process of ours has to end when its stdin did.
STOP_TIMEOUT_S = 10

# The longest line between us: the latencies of a slice.
MAX_LINE_BYTES = 64 * 1024 * 1024


@asynccontextmanager
async def spawned(
    module: str, *arguments: str, python: str = sys.executable
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run `python -m bench.<module>` inside the block; it ends when its stdin does."""
    process = await asyncio.create_subprocess_exec(
        *(python, "-W", "ignore", "-m", f"bench.{module}", *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=MAX_LINE_BYTES,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), STOP_TIMEOUT_S)
        except TimeoutError:
            await end(process, 5)


@asynccontextmanager
async def echo_server(site: Site) -> AsyncIterator[tuple[int, dict[str, str]]]:
    """Run the server of the floors; give its pid and the addresses of its two ports."""
    async with spawned("echo_server", str(site.tls / "service-identity")) as process:
        yield process.pid, await read_line(process, ANSWER_TIMEOUT_S)


@asynccontextmanager
async def clients(site: Site, echo: dict[str, str], count: int) -> AsyncIterator["Clients"]:
    """Run *count* processes that call the stack, and what is at the addresses in *echo*."""
    job = Job(
        tls=str(site.tls),
        addresses={**site.state["addresses"], **echo},
        floor_database=site.database(FLOORS),
        persons=site.persons,
        process=0,
        processes=count,
    )
    async with clients_of(job) as calling:
        yield calling


@asynccontextmanager
async def clients_of(job: Job) -> AsyncIterator["Clients"]:
    """Run as many processes that call as *job* says."""
    calling = Clients(job)
    try:
        await calling.renew()
        yield calling
    finally:
        await calling.close()


class Clients:
    """The processes that call, together."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._processes: list[asyncio.subprocess.Process] = []
        self._closing = AsyncExitStack()

    @property
    def pids(self) -> list[int]:
        """Their ids, and ours never."""
        return [process.pid for process in self._processes]

    async def renew(self) -> None:
        """End the processes, whatever they do, and start others: without their connections and streams."""
        await self.close()
        for number in range(self._job.processes):
            process = await self._closing.enter_async_context(spawned("client"))
            self._processes.append(process)
            await _send(process, replace(self._job, process=number).as_json())

    async def close(self) -> None:
        """End the processes."""
        self._processes.clear()
        await self._closing.aclose()

    async def slice(self, load: str, seconds: float, *, callers: int, persons: int) -> Slice:
        """Let all of them call *load* for *seconds* at the same time, *callers* together, among *persons*."""
        question = {"load": load, "seconds": seconds, "callers": callers, "persons": persons}
        return await ask_slice(self._processes, question, seconds)


async def ask_slice(
    processes: Sequence[asyncio.subprocess.Process], question: dict[str, Any], seconds: float
) -> Slice:
    """Let *processes* call at the same time for *seconds*; return their answers as one slice."""
    for process in processes:
        await _send(process, question)
    answers = [await read_line(process, seconds + ANSWER_TIMEOUT_S) for process in processes]
    return Slice(
        seconds=max(answer["seconds"] for answer in answers),
        latencies=[latency for answer in answers for latency in answer["latencies"]],
        errors=sum(answer.get("errors", 0) for answer in answers),
        failures=[failure for answer in answers for failure in answer.get("failures", ())],
    )


async def _send(process: asyncio.subprocess.Process, question: dict[str, Any]) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps(question).encode() + b"\n")
    await process.stdin.drain()


async def read_line(process: asyncio.subprocess.Process, seconds: float) -> dict[str, Any]:
    """Return what a process of ours says in its next line; `BenchFailed` when it says nothing."""
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), seconds)
    except TimeoutError:
        raise BenchFailed(f"process {process.pid} of the bench did not answer in {seconds:.0f} s") from None
    if not line:
        raise BenchFailed(f"process {process.pid} of the bench ended; what it said is above")
    answer: dict[str, Any] = json.loads(line)
    return answer


def cpu_seconds(pids: Sequence[int]) -> float:
    """Return the processor time of *pids* and of their children that ended; 0 where there is no /proc."""
    spent = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/stat", encoding="utf8") as file:  # noqa: PTH123 (hot: between slices)
                after_name = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        # man 5 proc: fields 14 to 17, utime stime cutime cstime; the name is the second.
        spent += sum(int(field) for field in after_name[11:15])
    return spent / os.sysconf("SC_CLK_TCK")


def busy_seconds() -> float:
    """Return the processor time that anybody here has had, and what the hypervisor kept; 0 without /proc."""
    try:
        with open("/proc/stat", encoding="utf8") as file:  # noqa: PTH123
            # man 5 proc: user nice system idle iowait irq softirq steal; guests are in user and nice.
            user, nice, system, _, _, irq, softirq, steal = map(int, file.readline().split()[1:9])
    except OSError:
        return 0.0
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def backends(postmaster: int) -> dict[str, list[int]]:
    """Return PostgreSQL's processes (Linux): by the database served (`db records`), `db` those of none.

    A session says in its title whom it serves: `postgres: lientuyen records 127.0.0.1(41234) idle`.
    """
    groups: dict[str, list[int]] = {"db": [postmaster]}
    for pid in children(postmaster):
        try:
            with open(f"/proc/{pid}/cmdline", encoding="utf8") as file:  # noqa: PTH123
                title = file.read().rstrip("\0").split()
        except OSError:
            continue
        is_session = len(title) > 3 and title[1] == ROLE
        groups.setdefault(f"db {title[2]}" if is_session else "db", []).append(pid)
    return groups


def children(pid: int) -> list[int]:
    """Return the processes that *pid* started and that run now (Linux)."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="utf8") as file:  # noqa: PTH123
            return [int(child) for child in file.read().split()]
    except OSError:
        return []


def forget_peak(pid: int) -> None:
    """Let the peak of a process's memory be counted from now on (Linux, `man 5 proc`: clear_refs)."""
    with suppress(OSError):
        Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


def peak_mib(pid: int) -> float:
    """Return the most memory that a process has had since; 0 where there is no /proc."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf8")
    except OSError:
        return 0.0
    line = next((line for line in status.splitlines() if line.startswith("VmHWM:")), "VmHWM: 0 kB")
    return int(line.split()[1]) / 1024

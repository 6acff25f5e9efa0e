"""
Programs that are kept running: started, started again when they die, ended in reverse order.

A child never outlives us.  It is started through a leash that asks the kernel
to kill it when its parent dies (Linux; elsewhere only a clean stop ends the
children), and in a session of its own, so that Ctrl-C in a terminal reaches us
alone and we decide the order.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from chassis.tls import TlsFolder

from .home_folder import StackFailed

# prctl(PR_SET_PDEATHSIG, SIGKILL), then a look whether the parent died before that, then the program.
DIE_WITH_PARENT: Final = (
    "import ctypes, os, sys\n"
    "if sys.platform == 'linux':\n"
    "    ctypes.CDLL(None).prctl(1, 9)\n"
    "if os.getppid() != int(sys.argv[1]):\n"
    "    sys.exit(1)\n"
    "os.execv(sys.executable, [sys.executable, *sys.argv[2:]])\n"
)

# Until a program must be ready: imports on a busy laptop take most of it.
READY_TIMEOUT_S: Final = 60.0
READY_POLL_INTERVAL_S: Final = 0.1

# What a program has after SIGTERM: a service drains for 15 s.
STOP_TIMEOUT_S: Final = 20.0

# Before a program that died is started again: doubled each time up to the longest; the shortest
# again after it has run for a while.
MIN_RESTART_DELAY_S: Final = 0.2
MAX_RESTART_DELAY_S: Final = 5.0
STEADY_AFTER_S: Final = 30.0

# sysexits.h: the settings are wrong, and will be wrong the next time.
EX_CONFIG: Final = 78

# How much of a log is shown when its program does not start.
LOG_TAIL_CHARS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Program:
    """A Python module to be run: its arguments, its environment, where it writes, and how to see it is ready.

    *log* is None for our own stderr.  One that is longer than *max_log* bytes when its program starts
    is set aside as `<name>.log.1`, over the one before.
    """

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    log: Path | None
    is_ready: Callable[[], Awaitable[bool]]
    max_log: int = 10_000_000


@dataclass(slots=True)
class Child:
    program: Program
    report: Callable[[str], None]
    on_start: Callable[[], None]
    pid: int = 0
    deaths: int = 0
    _task: asyncio.Task[None] | None = field(default=None, repr=False)

    async def start(self) -> None:
        """Start the program and return when it is ready; `StackFailed` when it dies or takes too long."""
        self._task = asyncio.create_task(self._keep_running())
        try:
            async with asyncio.timeout(READY_TIMEOUT_S):
                while not await self.program.is_ready():
                    if self.deaths:
                        raise StackFailed(f"{self.program.name} did not start.{self._log_tail()}")
                    await asyncio.sleep(READY_POLL_INTERVAL_S)
        except TimeoutError:
            raise StackFailed(f"{self.program.name} was not ready in time.{self._log_tail()}") from None

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _keep_running(self) -> None:
        delay = MIN_RESTART_DELAY_S
        while True:
            start_time = asyncio.get_running_loop().time()
            code = await self._run()
            self.deaths += 1
            if code == EX_CONFIG:
                self.report(f"{self.program.name} was refused its settings; not started again.")
                return
            if asyncio.get_running_loop().time() - start_time > STEADY_AFTER_S:
                delay = MIN_RESTART_DELAY_S
            self.report(f"{self.program.name} ended ({exit_reason(code)}); starting it again.")
            await asyncio.sleep(delay)
            delay = min(delay * 2, MAX_RESTART_DELAY_S)

    async def _run(self) -> int:
        with open_log(self.program.log, self.program.max_log) as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-S", "-E", "-c", DIE_WITH_PARENT, str(os.getpid())),
                *self.program.arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(self.program.environment),
                start_new_session=True,
            )
        self.pid = process.pid
        self.on_start()
        try:
            return await process.wait()
        finally:
            await terminate(process)

    def _log_tail(self) -> str:
        if self.program.log is None or not self.program.log.exists():
            return ""
        return "\n" + self.program.log.read_text(encoding="utf8", errors="replace")[-LOG_TAIL_CHARS:].strip()


async def terminate(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(STOP_TIMEOUT_S):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def exit_reason(code: int) -> str:
    return f"exit {code}" if code >= 0 else signal.Signals(-code).name


def open_log(path: Path | None, max_bytes: int) -> IO[bytes]:
    """Return the log to append to, set aside first when it has *max_bytes*; our stderr for None."""
    if path is None:
        return open(sys.stderr.fileno(), "ab", closefd=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > max_bytes:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")


async def is_listening(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        _, writer = await asyncio.open_connection(host, int(port))
    except OSError:
        return False
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return True


async def is_serving(service: str, address: str, tls: Path) -> bool:
    """Whether *service* itself answers at *address*, and serves; *tls* is the folder of the caller."""
    files = TlsFolder(tls).read()
    credentials = grpc.ssl_channel_credentials(files.ca, files.key, files.certificate)
    async with grpc.aio.secure_channel(
        address, credentials, options=files.channel_options(service)
    ) as channel:
        try:
            answer = await health_pb2_grpc.HealthStub(channel).Check(
                health_pb2.HealthCheckRequest(), timeout=1.0
            )
        except grpc.aio.AioRpcError:
            return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)

"""The place of a run: the stack, another process that ends with us, and a wire in each of its links."""

import asyncio
import json
import os
import signal
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from laptop.service_settings import HOST, free_ports
from laptop.supervisor import DIE_WITH_PARENT, is_serving
from lientuyen_client.running_stack import Stack

from ..e2e.wires import Wire
from .plan import LINKS, SERVICES

Link = tuple[str, str]

# Seconds until everything runs, migrations on a busy laptop included; until all serves again when the
# faults are over; and to drain.
START_TIMEOUT_S = 240
RECOVERY_TIMEOUT_S = 180
STOP_TIMEOUT_S = 60
POLL_INTERVAL_S = 0.2

# Where Debian's package `libfaketime` puts it.
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")

# How often everything must serve, look after look, to be well.
CALM_LOOKS = 3

# Settings that would lead the stack elsewhere.
FOREIGN = ("OTEL_", "LIENTUYEN_", *(f"{service.upper()}_" for service in SERVICES))

# The traces of a run are of no use.
FEW_TRACES = {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.001"}


@dataclass(frozen=True)
class Site:
    """A stack that runs in *home*: where its services listen, and its *wires*; clients call through them."""

    home: Path
    addresses: dict[str, str]
    wires: dict[Link, Wire]
    clock: Path | None = None

    @property
    def client_stack(self) -> Stack:
        near = {service: self.wires["client", service].address for service in SERVICES}
        return Stack(near, self.home / "tls")

    def kill(self, service: str) -> bool:
        """End *service* as a crash does; False when it did not run."""
        state = json.loads((self.home / "stack.json").read_text(encoding="utf8"))
        return kill(int(state["processes"][service]))

    def kill_postgresql(self) -> bool:
        """End PostgreSQL's first process as a crash does, the others follow; False when it did not run."""
        with suppress(OSError, ValueError, IndexError):
            pid = int((self.home / "postgres" / "pg" / "postmaster.pid").read_text().split()[0])
            return kill(pid)
        return False

    def set_clock(self, seconds: int) -> None:
        """Let the clocks of all servers be so many seconds ahead; they look once a second."""
        assert self.clock is not None, "the stack was not started with a clock that can be set"
        self.clock.write_text(f"+{seconds}")

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """Let the file system of the database be full inside the block; it must be one of its own."""
        ballast = self.home / "postgres" / "ballast"
        with ballast.open("wb", buffering=0) as file:
            for size in (1024 * 1024, 4096):
                with suppress(OSError):
                    while file.write(bytes(size)):
                        pass
        try:
            yield
        finally:
            ballast.unlink()

    async def recover(self) -> None:
        """Wait until everything serves, look after look."""
        calm = 0
        async with asyncio.timeout(RECOVERY_TIMEOUT_S):
            while calm < CALM_LOOKS:
                calm = calm + 1 if await self._is_serving() else 0
                await asyncio.sleep(POLL_INTERVAL_S)

    async def _is_serving(self) -> bool:
        operator = self.home / "tls" / "operator-dev"
        looks = [await is_serving(service, address, operator) for service, address in self.addresses.items()]
        return all(looks)


def kill(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


@asynccontextmanager
async def running(
    home: Path, *, forgetful: bool = False, prompt: bool = False, clock: Path | None = None
) -> AsyncIterator[Site]:
    """Run the stack in *home* inside the block; everything that was started ends with it.

    One that is *forgetful* has a PostgreSQL that acknowledges before it keeps: the checker must see it.  One
    that is *prompt* starts again at once what was killed often: for runs of many kills.  With a *clock*, a
    file, its clocks can be set (Debian's package `faketime`).
    """
    ports = free_ports(len(SERVICES) + 1)
    addresses = {service: f"{HOST}:{port}" for service, port in zip(SERVICES, ports, strict=False)}
    async with AsyncExitStack() as wiring:
        wires = {link: await wiring.enter_async_context(Wire(addresses[link[1]])) for link in LINKS}
        peers: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for (caller, service), wire in wires.items():
            peers[caller][service] = wire.address
        chosen = {"home": str(home), "ports": ports, "peers": peers, "forgetful": forgetful, "prompt": prompt}
        chosen["environment"] = false_time(clock) if clock else {}
        await wiring.enter_async_context(_stack(chosen))
        yield Site(home, addresses, wires, clock)


def false_time(clock: Path) -> dict[str, str]:
    """Return the environment of programs whose clock is set by a file; what counts seconds is left alone."""
    clock.write_text("+0")
    clock.chmod(0o644)
    return {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }


@asynccontextmanager
async def _stack(chosen: dict[str, object]) -> AsyncIterator[None]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-E", "-c", DIE_WITH_PARENT, str(os.getpid()), "-m", "tests.faults.linked_stack"),
        json.dumps(chosen),
        env={**environ, **FEW_TRACES},
        start_new_session=True,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(START_TIMEOUT_S):
            while not (Path(str(chosen["home"])) / "stack.json").exists():
                if process.returncode is not None:
                    raise RuntimeError(f"the stack did not start: exit {process.returncode}")
                await asyncio.sleep(POLL_INTERVAL_S)
        yield
    finally:
        await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOP_TIMEOUT_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()

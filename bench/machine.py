"""The machine a run was made on: what a figure means nothing without."""

import os
import platform
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

from laptop.postgres_run_as import find_binaries

# One page of PostgreSQL, written again and again.
PAGE = bytes(8192)

PACKAGES = ("grpcio", "protobuf", "protovalidate", "asyncpg", "uvloop", "opentelemetry-sdk")


def look(folder: Path) -> dict[str, object]:
    """Return what the header states; *folder* is where the data will be.  Takes about a second."""
    return {
        "cpu": _cpu_model(),
        "cores": cores(),
        "memory_gib": memory_gib(),
        "system": f"{platform.system()} {platform.release()}",
        "fsyncs_per_second": round(syncs_per_second(folder)),
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "versions": _versions(),
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def lines(machine: dict[str, object]) -> list[str]:
    """Return the header in lines of text."""
    versions = machine["versions"]
    assert isinstance(versions, dict)
    return [
        f"{machine['cores']} cores, {machine['cpu']}, {machine['memory_gib']} GiB, {machine['system']}",
        f"{machine['fsyncs_per_second']} fdatasync/s of 8 KiB in the data folder (PostgreSQL: fsync on), "
        f"load average {machine['load_average']} before the run, {machine['time']}",
        ", ".join(f"{name} {number}" for name, number in versions.items()),
        *([_postgres(machine["postgres"])] if machine.get("postgres") else []),
        *([_limits(machine["limits"])] if machine.get("limits") else []),
    ]


def _postgres(settings: object) -> str:
    assert isinstance(settings, dict)
    return "PostgreSQL: " + ", ".join(f"{name} {value}" for name, value in settings.items())


def _limits(limits: object) -> str:
    assert isinstance(limits, dict)
    raised = ", ".join(f"{name}={value}" for name, value in limits.items())
    return f"one caller asks for the nation, so its limits are raised: {raised}"


def syncs_per_second(folder: Path, seconds: float = 1.0) -> float:
    """Return how often a page can be written and made durable in *folder*, one after the other."""
    path = folder / "sync.probe"
    sync = getattr(os, "fdatasync", os.fsync)
    with path.open("wb", buffering=0) as file:
        begin, done = time.perf_counter(), 0
        while (elapsed := time.perf_counter() - begin) < seconds:
            file.seek(0)
            file.write(PAGE)
            sync(file.fileno())
            done += 1
    path.unlink()
    return done / elapsed


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown"
    )


def memory_gib() -> int:
    """Return how much memory the machine has."""
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def _versions() -> dict[str, str]:
    postgres = subprocess.run(
        [str(find_binaries() / "postgres"), "--version"], capture_output=True, text=True, check=False
    )
    return {
        "Python": f"{sys.version.split()[0]} ({Path(sys.executable).resolve()})",
        "PostgreSQL": postgres.stdout.strip().rpartition(" ")[2] or "unknown",
        **{name: version(name) for name in PACKAGES},
    }

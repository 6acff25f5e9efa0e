"""A PostgreSQL on a disk of its own that a test fills and empties: a small tmpfs, mounted by the test."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import asyncpg
import pytest

from laptop.postgres_cluster import Cluster

# Enough for a cluster, its WAL and one database; so that filling the rest takes a moment.
SIZE = "400m"


class SmallDisk:
    """A disk, and the cluster on it."""

    def __init__(self, folder: Path) -> None:
        self._filler = folder / "filler"
        self.cluster = Cluster(folder / "cluster", options={"max_connections": "60"})

    def fill(self) -> None:
        """Leave no byte free."""
        with self._filler.open("ab", buffering=0) as filler, suppress(OSError):
            while True:
                filler.write(bytes(4096))

    def free(self) -> None:
        self._filler.unlink()

    async def warm(self) -> None:
        """Let PostgreSQL have the files of WAL that it keeps (`min_wal_size`), as after some days of work."""
        connection = await asyncpg.connect(self.cluster.url("postgres"))
        try:
            for _ in range(8):
                await connection.execute("SELECT pg_logical_emit_message(false, '', repeat('x', 16000000))")
            await connection.execute("CHECKPOINT")
        finally:
            await connection.close()

    async def exhaust_wal(self) -> None:
        """Write WAL until there is no room for more, and PostgreSQL stops."""
        connection = await asyncpg.connect(self.cluster.url("postgres"))
        with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            while True:
                await connection.execute("SELECT pg_logical_emit_message(false, '', repeat('x', 1000000))")

    def log(self) -> str:
        return self.cluster.log_path.read_text(errors="replace")


@contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """Mount a small disk on *folder* with a PostgreSQL that runs; skip where mounting is not allowed."""
    words = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=755", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(words, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount here")
    if mounted.returncode:
        pytest.skip(f"mounting is not allowed here: {mounted.stderr.decode().strip()}")
    try:
        disk = SmallDisk(folder)
        with disk.cluster:
            yield disk
        print(disk.log())  # noqa: T201  (shown when a test fails)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)

"""Records as a process of its own beside the fakes of its peers: its memory can be measured."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any, Self, cast

from services.records.settings import Settings
from tests.harness import PATIENCE, Running

from .records_env import Records


class RecordsProcess(Records):
    """`python -m services.records`, as a deployment runs it."""

    process: asyncio.subprocess.Process

    async def start(self, **settings: Any) -> Self:
        """Start the fakes in this process and the service in another; return when it listens."""
        settings.setdefault("identity_address", await self.identity.serve(self.world))
        settings.setdefault("routing_address", await self._serve_routing())
        settings.setdefault("pharmacy_address", await self._serve_pharmacy())
        chosen = cast(Settings, await self.world.settings("records", **settings))
        given = {f"RECORDS_{name.upper()}": _typed(value) for name, value in chosen if value is not None}
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "services.records"),
            env={**os.environ, **given},
            stdout=asyncio.subprocess.PIPE,
        )
        self.world.ending(self.stop)
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            line = (await self.process.stdout.readline()).decode().strip()
        assert line.startswith("records ready on "), line
        self._running = Running(line.rpartition(" ")[2], chosen, cast(Any, None), cast(Any, None))
        return self

    async def stop(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()

    def resident(self) -> int:
        """Return the bytes of memory that the process holds now."""
        return self._status("VmRSS")

    def begin_measuring(self) -> int:
        """Forget what the process held at most so far; return what it holds now, in bytes."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")
        return self.resident()

    def most_resident(self) -> int:
        """Return the bytes that it held at most since."""
        return self._status("VmHWM")

    def _status(self, name: str) -> int:
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        (value,) = [line.split()[1] for line in lines if line.startswith(f"{name}:")]
        return int(value) * 1024


def _typed(value: object) -> str:
    """Return a setting as it stands in the environment."""
    return json.dumps(sorted(map(str, value))) if isinstance(value, frozenset) else str(value)

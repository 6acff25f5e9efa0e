"""Programs of hospitals, each a process that is killed and started again; what they tell is kept."""

import asyncio
import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from laptop.supervisor import DIE_WITH_PARENT

from ..history import History
from .hands import Order

RESTART_PAUSE_S = 0.2


@dataclass
class Kept:
    """The history as several processes write it: what one tells twice, for it was killed, is there once."""

    history: History
    _begun: set[str] = field(default_factory=set)
    _ended: set[str] = field(default_factory=set)

    def write(self, line: dict[str, Any]) -> None:
        kind, operation = line.pop("kind"), line.get("id", "")
        if kind == "invoke":
            if operation in self._begun:
                return
            self._begun.add(operation)
        elif kind == "ok":
            if operation in self._ended:  # sent again by one that did not know: the answer must be the first
                kind = "again"
                line.pop("attempts")
            self._ended.add(operation)
        self.history.write(kind, **line)


@dataclass
class Program:
    """A program that is started again whenever it is killed, until it has done its work."""

    order: Order
    kept: Kept
    process: asyncio.subprocess.Process | None = None
    was_killed: bool = False

    async def run(self) -> None:
        """Return when the program has ended by itself; what breaks in it is raised."""
        while (code := await self._run_once()) != 0:
            if not self.was_killed:
                raise RuntimeError(f"{self.order.role} of {self.order.hospital} ended with {code}")
            self.was_killed = False
            await asyncio.sleep(RESTART_PAUSE_S)

    def kill(self) -> bool:
        """End it as a crash does; False when it did not run."""
        if self.process is None or self.process.returncode is not None:
            return False
        with suppress(ProcessLookupError):
            self.process.kill()
            self.was_killed = True
            return True
        return False

    async def _run_once(self) -> int:
        self.process = process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", DIE_WITH_PARENT, str(os.getpid()), *self.order.words()),
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        try:
            async for line in process.stdout:
                if line.endswith(b"\n"):
                    self.kept.write(json.loads(line))
            # Not killed where it ends by itself: `kill` takes the exit code away from who waits for it.
            return await process.wait()
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()

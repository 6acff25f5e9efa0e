"""
A client process: `python -m bench.client`, driven through its pipes.

The first line on stdin is the job; each line after it asks for one slice, and
is answered by one line on stdout.  It ends when stdin does.
"""

import asyncio
import gc
import json
import random
import sys
from dataclasses import asdict, replace
from typing import Any

from . import catalogue  # noqa: F401  (declares the loads)
from .calling import Caller, Job, Wires, run_slice
from .loads import LOADS
from .loop import run_with_uvloop

# Callers of a load that begins calls by the clock; each may have several under way.
PACED_CALLERS = 64


class Client:
    """The callers of one process, kept from slice to slice with their connections."""

    def __init__(self, job: Job) -> None:
        self.wires = Wires(job)
        self._callers: dict[int, Caller] = {}

    def callers(self, load: str, count: int) -> list[Caller]:
        """Return this process's share of the *count* callers of *load*."""
        job = self.wires.job
        count = PACED_CALLERS if LOADS[load].rate else count
        share = len(range(job.process, count, job.processes))
        return [self._caller(job.process + place * job.processes) for place in range(share)]

    def _caller(self, index: int) -> Caller:
        if index not in self._callers:
            self._callers[index] = Caller(self.wires, index, random.Random())
        return self._callers[index]

    async def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """Run the slice that is asked for, among so many persons."""
        self.wires.job = replace(self.wires.job, persons=question["persons"])
        gc.collect()
        gc.freeze()
        callers = self.callers(question["load"], question["callers"])
        if not callers:
            return {"seconds": 0.0, "latencies": []}
        return asdict(await run_slice(LOADS[question["load"]], callers, question["seconds"]))


async def main() -> None:
    loop = asyncio.get_running_loop()
    client = Client(Job(**json.loads(await loop.run_in_executor(None, sys.stdin.readline))))
    try:
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            answer = await client.answer(json.loads(line))
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()
    finally:
        await client.wires.close()


if __name__ == "__main__":
    run_with_uvloop(main())

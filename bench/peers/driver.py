"""
Driven through pipes as `bench.client` is: a line on stdin asks for a slice, a line on stdout answers it.

A call of *call(pair)* is one message of a pair: sent, received, acknowledged.  A pair begins the next when
the last is done.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

Call = Callable[[int], Awaitable[None]]

BODY = bytes(range(256)) * 4

# Sentences of failures that are told.
MAX_FAILURES = 3


async def answer_slices(call: Call) -> None:
    """Answer until stdin ends; the first line says that all is ready."""
    _write({"ready": True})
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        question = json.loads(line)
        _write(await _slice(call, question["seconds"], question["callers"]))


async def _slice(call: Call, seconds: float, pairs: int) -> dict[str, Any]:
    latencies: list[float] = []
    failures: list[str] = []
    begin = time.perf_counter()

    async def keep_calling(pair: int) -> None:
        while (now := time.perf_counter()) < begin + seconds:
            try:
                await call(pair)
            except Exception as error:
                failures.append(f"{type(error).__name__}: {error}")
            else:
                latencies.append(time.perf_counter() - now)

    await asyncio.gather(*map(keep_calling, range(pairs)))
    return {
        "seconds": time.perf_counter() - begin,
        "latencies": latencies,
        "errors": len(failures),
        "failures": failures[:MAX_FAILURES],
    }


def _write(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()

"""
One hospital floods pharmacy: how long does another wait for its own calls?

    python -m bench turns

The hospital that floods is a process of its own (`python -m bench.turns`), which keeps so many calls
under way; the other issues ten prescriptions a second, first alone and then beside it.
"""

import argparse
import asyncio
import json
import statistics
import sys
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from rich.table import Table

from lientuyen.pharmacy.v1 import prescription_service_pb2 as prescribing
from lientuyen.pharmacy.v1.prescription_service_pb2_grpc import PrescriptionServiceStub
from lientuyen_client.client import credentials

from .loop import run_with_uvloop
from .pharmacy import prescription_of
from .reports import Place, ReportResult, report
from .site import Site, stack

# Calls that the one hospital keeps under way; codes of both.
FLOOD_CALLS, FLOODING, OTHER = 800, "01999", "01929"

# Seconds of each phase; the second begins when the flood has had as many answers as it has calls.
ALONE_S, BESIDE_S = 5.0, 20.0

# Calls a second of the other hospital: begun by the clock, so that a pause counts in full.
RATE = 10

TIMEOUT_S = 15.0


@dataclass
class Phase:
    """What became of the other hospital's calls; times in milliseconds."""

    name: str
    took: list[float] = field(default_factory=list)
    refused: int = 0

    @property
    def figures(self) -> dict[str, object]:
        """Return how many were answered, and how soon."""
        took = sorted(self.took) or [float("nan")]
        return {
            "phase": self.name,
            "answered": len(self.took),
            "refused": self.refused,
            "p50": statistics.median(took),
            "p99": took[min(len(took) - 1, len(took) * 99 // 100)],
            "longest": took[-1],
        }


@report
async def turns(place: Place) -> ReportResult:
    """IssuePrescription of one hospital beside 800 calls at once of another."""
    async with stack(place.home, 0, place.console) as site:
        await asyncio.to_thread(site.give_certificates, f"facility/{FLOODING}", f"facility/{OTHER}")
        alone, beside = Phase("alone"), Phase(f"beside {FLOOD_CALLS} calls of another")
        async with _channel(site.state["addresses"]["pharmacy"], site.tls, OTHER) as channel:
            stub = PrescriptionServiceStub(channel)
            await _keep_issuing(stub, alone, ALONE_S)
            async with _flood(site) as answers:
                await _keep_issuing(stub, beside, BESIDE_S)
    phases = [alone.figures, beside.figures]
    return ReportResult([_table(phases, answers)], {"phases": phases, "flood": answers})


def _channel(address: str, tls: Path, code: str) -> grpc.aio.Channel:
    return grpc.aio.secure_channel(address, credentials(tls / f"facility-{code}"))


async def _issue(stub: Any, code: str) -> None:
    request = prescribing.IssuePrescriptionRequest(
        request_id=str(uuid.uuid4()), prescription=prescription_of(code, uuid.uuid4().hex[:7])
    )
    await stub.IssuePrescription(request, timeout=TIMEOUT_S)


async def _keep_issuing(stub: Any, phase: Phase, seconds: float) -> None:
    """Begin RATE calls a second, whoever has been answered by then; each counts from when it was due."""
    begin = time.perf_counter()
    async with asyncio.TaskGroup() as calls:
        for number in range(int(seconds * RATE)):
            due = begin + number / RATE
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            calls.create_task(_timed(stub, phase, due))


async def _timed(stub: Any, phase: Phase, due: float) -> None:
    try:
        await _issue(stub, OTHER)
    except grpc.aio.AioRpcError:
        phase.refused += 1
    else:
        phase.took.append(1000 * (time.perf_counter() - due))


@asynccontextmanager
async def _flood(site: Site) -> AsyncIterator[dict[str, int]]:
    """Flood inside the block; the answers to the flood, by their codes, are there after it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.turns", site.state["addresses"]["pharmacy"], str(site.tls)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    answers: dict[str, int] = {}
    assert process.stdout is not None
    await process.stdout.readline()
    try:
        yield answers
    finally:
        out, _ = await process.communicate(b"end\n")
        answers.update(json.loads(out or b"{}"))


async def _flood_until_told(address: str, tls: Path) -> None:
    """Keep the calls under way until a line comes on stdin; say on stdout when they fill, and the answers."""
    answers: Counter[str] = Counter()

    async def keep_calling(stub: Any) -> None:
        while True:
            try:
                await _issue(stub, FLOODING)
                answers["OK"] += 1
            except grpc.aio.AioRpcError as error:
                answers[error.code().name] += 1
            if answers.total() == FLOOD_CALLS:
                print("filled", flush=True)

    async with _channel(address, tls, FLOODING) as channel:
        stub = PrescriptionServiceStub(channel)
        calls = [asyncio.create_task(keep_calling(stub)) for _ in range(FLOOD_CALLS)]
        await asyncio.to_thread(sys.stdin.readline)
        for call in calls:
            call.cancel()
        for call in calls:
            with suppress(asyncio.CancelledError):
                await call
    print(json.dumps(answers))


def _table(phases: list[dict[str, object]], answers: dict[str, int]) -> Table:
    flood = ", ".join(f"{code} {count:,}" for code, count in answers.items())
    drawn = Table(title="IssuePrescription, ten a second", caption=f"the flood: {flood}")
    for column in ("", "answered", "refused", "p50 ms", "p99 ms", "longest ms"):
        drawn.add_column(column, justify="right" if column else "left")
    for phase in phases:
        name, answered, refused, *times = phase.values()
        drawn.add_row(str(name), str(answered), str(refused), *(f"{took:.1f}" for took in times))
    return drawn


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description="The hospital that floods.")
    arguments.add_argument("address")
    arguments.add_argument("tls", type=Path)
    run_with_uvloop(_flood_until_told(**vars(arguments.parse_args())))

"""
One hospital floods a service: how long does another wait for its own calls?

    python -m bench turns

The hospital that floods is a process of its own (`python -m bench.turns`), which keeps so many calls
under way; the other begins a few of the same a second, first alone and then beside it.
"""

import argparse
import asyncio
import json
import random
import statistics
import sys
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import grpc
from rich.table import Table

from lientuyen.identity.v1 import person_service_pb2 as persons
from lientuyen.identity.v1.person_service_pb2_grpc import PersonServiceStub
from lientuyen.pharmacy.v1 import prescription_service_pb2 as prescribing
from lientuyen.pharmacy.v1.prescription_service_pb2_grpc import PrescriptionServiceStub
from lientuyen.records.v1 import dossier_service_pb2 as dossiers
from lientuyen.records.v1.dossier_service_pb2_grpc import DossierServiceStub
from lientuyen_client.client import credentials

from . import people
from .invented import personal_id
from .loop import run_with_uvloop
from .pharmacy import prescription_of
from .records import dossier
from .reports import Place, ReportResult, report
from .site import Site, stack

# Stored in identity.
PERSONS = 1_000

# Calls that the one hospital keeps under way; codes of both.
FLOOD_CALLS, FLOODING, OTHER = 800, "01999", "01929"

# Seconds of each phase; the second begins when the flood has had as many answers as it has calls.
ALONE_S, BESIDE_S = 5.0, 20.0

# Calls a second of the other hospital: begun by the clock, so that a pause counts in full.  A dossier is a
# visit, and takes twenty times the work.
RATES = {"pharmacy": 10, "records": 2, "identity": 10}

TIMEOUT_S = 15.0


Issue = Callable[[grpc.aio.Channel, str], Awaitable[object]]


async def issue_prescription(channel: grpc.aio.Channel, code: str) -> None:
    request = prescribing.IssuePrescriptionRequest(
        request_id=str(uuid.uuid4()), prescription=prescription_of(code, uuid.uuid4().hex[:7])
    )
    await PrescriptionServiceStub(channel).IssuePrescription(request, timeout=TIMEOUT_S)


async def submit_dossier(channel: grpc.aio.Channel, code: str) -> None:
    content = dossier(0, random.randrange(PERSONS), uuid.uuid4().hex[:12], code)
    request = dossiers.SubmitDossierRequest(request_id=str(uuid.uuid4()), content=content)
    await DossierServiceStub(channel).SubmitDossier(request, timeout=TIMEOUT_S)


async def find_person(channel: grpc.aio.Channel, code: str) -> None:
    number = personal_id(random.randrange(PERSONS))
    request = persons.FindPersonRequest(personal_id=number, access=people.TREATMENT)
    await PersonServiceStub(channel).FindPerson(request, timeout=TIMEOUT_S)


# What is called of each service.
CALLS: dict[str, Issue] = {
    "pharmacy": issue_prescription,
    "records": submit_dossier,
    "identity": find_person,
}


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
    """A few calls a second of one hospital beside 800 at once of another: pharmacy, records, identity."""
    drawn, figures = [], {}
    async with stack(place.home, PERSONS, place.console) as site:
        await people.registered(site)
        await people.stored(site)
        await asyncio.to_thread(site.give_certificates, f"facility/{FLOODING}", f"facility/{OTHER}")
        for service in CALLS:
            phases, answers = await _beside_flood(site, service)
            drawn.append(_table(service, phases, answers))
            figures[service] = {"phases": phases, "flood": answers}
    return ReportResult(drawn, figures)


async def _beside_flood(site: Site, service: str) -> tuple[list[dict[str, object]], dict[str, int]]:
    """Return the figures of the two phases at *service*, and the answers to the flood."""
    alone, beside = Phase("alone"), Phase(f"beside {FLOOD_CALLS} calls of another")
    async with _channel(site.state["addresses"][service], site.tls, OTHER) as channel:
        call = partial(CALLS[service], channel, OTHER)
        await _keep_calling(call, alone, RATES[service], ALONE_S)
        async with _flood(site, service) as answers:
            await _keep_calling(call, beside, RATES[service], BESIDE_S)
    return [alone.figures, beside.figures], answers


def _channel(address: str, tls: Path, code: str) -> grpc.aio.Channel:
    return grpc.aio.secure_channel(address, credentials(tls / f"facility-{code}"))


async def _keep_calling(
    call: Callable[[], Awaitable[object]], phase: Phase, rate: int, seconds: float
) -> None:
    """Begin *rate* calls a second, whoever has been answered by then; each counts from when it was due."""
    begin = time.perf_counter()
    async with asyncio.TaskGroup() as calls:
        for number in range(int(seconds * rate)):
            due = begin + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            calls.create_task(_timed(call, phase, due))


async def _timed(call: Callable[[], Awaitable[object]], phase: Phase, due: float) -> None:
    try:
        await call()
    except grpc.aio.AioRpcError:
        phase.refused += 1
    else:
        phase.took.append(1000 * (time.perf_counter() - due))


@asynccontextmanager
async def _flood(site: Site, service: str) -> AsyncIterator[dict[str, int]]:
    """Flood inside the block; the answers to the flood, by their codes, are there after it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.turns", service, site.state["addresses"][service], str(site.tls)),
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


async def _flood_until_told(service: str, address: str, tls: Path) -> None:
    """Keep the calls under way until a line comes on stdin; say on stdout when they fill, and the answers."""
    answers: Counter[str] = Counter()

    async def keep_calling(channel: grpc.aio.Channel) -> None:
        while True:
            try:
                await CALLS[service](channel, FLOODING)
                answers["OK"] += 1
            except grpc.aio.AioRpcError as error:
                answers[error.code().name] += 1
            if answers.total() == FLOOD_CALLS:
                print("filled", flush=True)

    async with _channel(address, tls, FLOODING) as channel:
        calls = [asyncio.create_task(keep_calling(channel)) for _ in range(FLOOD_CALLS)]
        await asyncio.to_thread(sys.stdin.readline)
        for call in calls:
            call.cancel()
        for call in calls:
            with suppress(asyncio.CancelledError):
                await call
    print(json.dumps(answers))


def _table(service: str, phases: list[dict[str, object]], answers: dict[str, int]) -> Table:
    flood = ", ".join(f"{code} {count:,}" for code, count in answers.items())
    title = f"{service}: {CALLS[service].__name__}, {RATES[service]} a second"
    drawn = Table(title=title, caption=f"the flood: {flood}")
    for column in ("", "answered", "refused", "p50 ms", "p99 ms", "longest ms"):
        drawn.add_column(column, justify="right" if column else "left")
    for phase in phases:
        name, answered, refused, *times = phase.values()
        drawn.add_row(str(name), str(answered), str(refused), *(f"{took:.1f}" for took in times))
    return drawn


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description="The hospital that floods.")
    arguments.add_argument("service", choices=CALLS)
    arguments.add_argument("address")
    arguments.add_argument("tls", type=Path)
    run_with_uvloop(_flood_until_told(**vars(arguments.parse_args())))

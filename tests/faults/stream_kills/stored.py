"""What is there when all is quiet: through the contract, and the rows themselves, into the history."""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import asyncpg

from lientuyen.chassis.v1.outcome_service_pb2 import GetOutcomeRequest, GetOutcomeResponse
from lientuyen.chassis.v1.outcome_service_pb2_grpc import OutcomeServiceStub
from lientuyen.records.v1 import dossier_service_pb2 as pb
from lientuyen.records.v1.dossier_pb2 import Dossier, DossierSlip
from lientuyen.records.v1.dossier_service_pb2_grpc import DossierServiceStub

from ...e2e import works
from ..calls import Channels
from ..final_reads import listed_dossiers, read_slips
from ..history import History

QUIET_TIMEOUT_S, QUIET_POLL_S = 900, 2.0

# The tables with rows of a dossier, and the column that names it.
ROWS_OF = {
    "encounters": "dossier",
    "diagnoses": "dossier",
    "results": "dossier",
    "medicines": "dossier",
    "services": "dossier",
    "other_rows": "dossier",
    "slips": "dossier",
    "file_pieces": "owner",
}


async def read_stored(channels: Channels, home: Path, history: History, given_up: Iterable[str]) -> None:
    await until_slips_are_sent(channels)
    async for dossier in listed_dossiers(channels):
        await read_dossier(channels, history, dossier)
    await read_rows(home, history)
    await read_slips(channels, history)
    for request in given_up:
        await read_outcome(channels, history, request)


async def until_slips_are_sent(channels: Channels) -> None:
    async with asyncio.timeout(QUIET_TIMEOUT_S):
        while True:
            pending = 0
            async for dossier in listed_dossiers(channels):
                pending += sum(slip.state == DossierSlip.STATE_PENDING for slip in dossier.slips)
            if not pending:
                return
            await asyncio.sleep(QUIET_POLL_S)


async def read_dossier(channels: Channels, history: History, dossier: Dossier) -> None:
    stub = channels.stub(DossierServiceStub, "records", works.CALLER)
    digest, size = hashlib.sha256(), 0
    async for part in stub.GetOriginal(pb.GetOriginalRequest(name=dossier.name, access=works.OWN)):
        digest.update(part.chunk)
        size += len(part.chunk)
    value = {
        "dossier": dossier.name,
        "mark": dossier.link_key,
        "version": dossier.version,
        "state": Dossier.State.Name(dossier.state),
        "original": digest.hexdigest(),
        "bytes": size,
    }
    history.write("stored", value=value)


async def read_rows(home: Path, history: History) -> None:
    """Write how many rows every dossier has, one that is no dossier too."""
    counts: defaultdict[str, dict[str, int]] = defaultdict(dict)
    connection = await asyncpg.connect(database_url(home))
    try:
        for table, column in ROWS_OF.items():
            for owner, count in await connection.fetch(
                f"SELECT {column}, count(*) FROM {table} GROUP BY {column}"
            ):
                counts[f"//records.lientuyen/dossiers/{owner}"][table] = count
    finally:
        await connection.close()
    for dossier, tables in counts.items():
        history.write("rows", value={"dossier": dossier, "tables": tables})


def database_url(home: Path) -> str:
    """Return the URL of records' database in the embedded PostgreSQL of *home*."""
    folder = home / "postgres"
    port = (folder / "pg" / "postmaster.pid").read_text().splitlines()[3]
    return f"postgresql://postgres:{(folder / 'password').read_text().strip()}@127.0.0.1:{port}/records"


async def read_outcome(channels: Channels, history: History, request: str) -> None:
    stub = channels.stub(OutcomeServiceStub, "records", works.CALLER)
    outcome = await stub.GetOutcome(GetOutcomeRequest(request_id=request))
    is_done = outcome.state == GetOutcomeResponse.STATE_DONE
    reply = pb.SubmitDossierResponse.FromString(outcome.response)
    history.write("outcome", request=request, value={"dossier": reply.dossier.name if is_done else ""})

"""What large and hostile files take of a real process's memory: bounded, whatever comes, and given back."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Coroutine
from uuid import uuid4

import grpc
import pytest
from grpc import StatusCode

from kcb.xml_parser import MAX_FILE_BYTES
from lientuyen.records.v1 import dossier_service_pb2 as pb
from lientuyen.records.v1 import error_reasons as reasons
from tests.harness import Refusal, World, refused
from tests.samples.bombs import BOMBS
from tests.samples.files import DOSSIER, long_stay
from tests.samples.signing import authority, facility, signed

from .records_env import CARE
from .records_process import RecordsProcess

MIB = 2**20
ROWS = 20_000

# How many times its size a file may take until it is stored; it takes some seven (docs/adr/0075).
MAX_TIMES = 10

# What a process may hold above what it holds at rest: the pod's limit, without what it holds at rest.
MAX_GROWTH = 1_280 * MIB

# The same for one hostile file, whatever its size.
MAX_BOMB_GROWTH = 512 * MIB

# Seconds for 64 MiB, on a machine that has other things to do.
TIMEOUT_S = 300

pytestmark = pytest.mark.timeout(600)


def submission(content: bytes) -> pb.SubmitDossierRequest:
    return pb.SubmitDossierRequest(request_id=str(uuid4()), content=content)


@pytest.fixture
async def records(world: World) -> RecordsProcess:
    records = await RecordsProcess(world).start()
    await records.submit(DOSSIER)
    return records


async def growth_of(records: RecordsProcess, work: Coroutine[object, object, object]) -> tuple[int, object]:
    """Return by how many bytes the process grows at most during *work*, and what that returns."""
    before = records.begin_measuring()
    outcome = await work
    return records.most_resident() - before, outcome


async def test_20000_rows_in_64_mib_are_taken_signed_and_come_back_in_bounded_memory(world: World):
    ca = authority()
    (world.folder / "signing-ca.crt").write_bytes(ca.pem)
    records = await RecordsProcess(world).start(signing_ca=world.folder / "signing-ca.crt")
    size = MAX_FILE_BYTES - MIB // 2
    content = signed(long_stay(ROWS, size, padding=secrets.token_bytes), facility(ca, "01999"))
    work = records.dossiers().SubmitDossier(submission(content), timeout=TIMEOUT_S)

    growth, reply = await growth_of(records, _awaited(work))

    assert isinstance(reply, pb.SubmitDossierResponse)
    assert 63 * MIB < len(content) <= MAX_FILE_BYTES
    assert growth < MAX_TIMES * len(content)
    assert reply.dossier.signature_verified
    assert ("XML3", ROWS) in [(table.table, table.rows) for table in reply.dossier.tables]
    assert (await records.counts_without_audit())["services"] == ROWS
    growth, back = await growth_of(records, _original(records, reply.dossier.name))
    assert back == content
    assert growth < len(content) // 4


async def _awaited(call: grpc.aio.UnaryUnaryCall) -> object:
    return await call


async def _original(records: RecordsProcess, name: str) -> bytes:
    request = pb.GetOriginalRequest(name=name, access=CARE)
    return b"".join([part.chunk async for part in records.dossiers().GetOriginal(request, timeout=TIMEOUT_S)])


async def test_several_of_the_largest_at_once_wait_for_one_another(records: RecordsProcess):
    """Each is taken, or told to come again; and together they never take more than the pod has."""
    content = long_stay(ROWS, MAX_FILE_BYTES - MIB)

    async def send(caller: str) -> StatusCode:
        stub = records.dossiers(caller)
        call = stub.ValidateDossier(pb.ValidateDossierRequest(content=content), timeout=TIMEOUT_S)
        return await call.code()

    senders = [send(f"facility/{code}") for code in ("01999", "01929", "79999", "79024")]
    growth, outcomes = await growth_of(records, asyncio.wait_for(asyncio.gather(*senders), TIMEOUT_S))

    assert isinstance(outcomes, list)
    assert set(outcomes) <= {StatusCode.OK, StatusCode.RESOURCE_EXHAUSTED}
    assert outcomes.count(StatusCode.OK) >= 2
    assert growth < MAX_GROWTH


async def test_what_refused_files_took_is_given_back_at_once(records: RecordsProcess):
    """Not when thousands of other calls have come: a hospital that sends one file again and again."""

    async def send(times: int) -> None:
        for _ in range(times):
            await refused(records.dossiers().SubmitDossier(submission(b" " * 28 * MIB), timeout=TIMEOUT_S))

    await send(3)
    growth, _ = await growth_of(records, send(9))

    assert growth < MAX_TIMES * 28 * MIB


async def test_hostile_files_are_refused_in_bounded_memory_one_after_another(records: RecordsProcess):
    for name, (rule, make) in BOMBS.items():
        content = make()
        call = records.dossiers().SubmitDossier(submission(content), timeout=TIMEOUT_S)

        growth, refusal = await growth_of(records, refused(call))

        assert isinstance(refusal, Refusal)
        assert refusal.reason == reasons.DOSSIER_REFUSED.name, name
        assert rule in {violation.rule for violation in refusal.violations}, name
        assert growth < 150 * MIB + MAX_TIMES * len(content), name
        assert growth < MAX_BOMB_GROWTH, name


@pytest.mark.parametrize(
    ("compression", "size"), [(grpc.Compression.Gzip, 1024 * MIB), (grpc.Compression.Deflate, 128 * MIB)]
)
async def test_a_message_that_unpacks_to_a_gigabyte_is_not_unpacked(
    records: RecordsProcess, compression: grpc.Compression, size: int
):
    """gRPC unpacks what a client packed: a gigabyte of base64 comes in one megabyte."""
    content = b"QUFB" * (size // 4)

    async def requests() -> AsyncIterator[pb.SubmitDossiersRequest]:
        yield pb.SubmitDossiersRequest(request_id=str(uuid4()), content=content[: 128 * MIB])

    one = records.dossiers().SubmitDossier(submission(content), timeout=TIMEOUT_S, compression=compression)
    many = records.dossiers().SubmitDossiers(requests(), timeout=TIMEOUT_S, compression=compression)
    for call in (one, many):
        growth, refusal = await growth_of(records, refused(call))

        assert isinstance(refusal, Refusal)
        assert refusal.code in (StatusCode.RESOURCE_EXHAUSTED, StatusCode.CANCELLED)
        assert growth < MAX_BOMB_GROWTH
    assert (await records.submit(DOSSIER)).unchanged


async def test_a_file_that_was_packed_on_the_way_is_taken(records: RecordsProcess):
    """A slow line carries a tenth of it."""
    call = records.dossiers().SubmitDossier(submission(DOSSIER), compression=grpc.Compression.Gzip)

    assert (await call).unchanged

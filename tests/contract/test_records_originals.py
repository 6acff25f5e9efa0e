"""An original is kept and read in pieces: byte for byte, and at the price of one piece a reader."""

import asyncio
import gc
import hashlib
import random
import threading
import tracemalloc
import zlib
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from grpc import StatusCode

from chassis.encryption import Encryptor
from chassis.piece_encryption import encrypt_pieces
from lientuyen.records.v1 import dossier_pb2
from lientuyen.records.v1 import dossier_service_pb2 as pb
from services.records.service import originals
from tests.harness import World, refused
from tests.samples import files

from .records_env import CARE, Records

MIB = 1024 * 1024
READERS = 12


def long_file() -> bytes:
    """Return a file of some 5 MiB that hardly compresses, of few rows: quickly checked."""
    return files.long_stay(500, 5 * MIB, padding=random.Random(1).randbytes)


def original(dossier: dossier_pb2.Dossier) -> pb.GetOriginalRequest:
    return pb.GetOriginalRequest(name=dossier.name, access=CARE)


async def read(records: Records, dossier: dossier_pb2.Dossier) -> list[pb.GetOriginalResponse]:
    return [part async for part in records.dossiers().GetOriginal(original(dossier), timeout=60)]


async def keep_whole(records: Records, dossier: dossier_pb2.Dossier, content: bytes) -> None:
    """Keep the file as the first release did: sealed whole."""
    identifier = UUID(dossier.name.rpartition("/")[2])
    sealed = Encryptor(records.world.keys()).encrypt(content, associated_data=identifier.bytes)
    await records.rows("DELETE FROM file_pieces WHERE owner = $1", identifier)
    await records.rows("INSERT INTO originals (dossier, sealed) VALUES ($1, $2)", identifier, sealed)


async def keep_pieces(records: Records, dossier: dossier_pb2.Dossier, content: bytes) -> None:
    """Keep the file as it was kept before it was compressed: in sealed pieces."""
    identifier = UUID(dossier.name.rpartition("/")[2])
    await records.rows("DELETE FROM file_pieces WHERE owner = $1", identifier)
    for ordinal, sealed in encrypt_pieces(Encryptor(records.world.keys()), identifier, content):
        await records.rows("INSERT INTO original_pieces VALUES ($1, $2, $3)", identifier, ordinal, sealed)


async def test_a_long_file_is_kept_in_pieces_and_comes_back_byte_for_byte(world: World):
    records, content = await Records(world).start(), long_file()
    dossier = (await records.submit(content)).dossier

    parts = await read(records, dossier)

    assert b"".join(part.chunk for part in parts) == content
    assert (parts[0].sha256, parts[0].size_bytes) == (hashlib.sha256(content).hexdigest(), len(content))
    assert not any(part.sha256 or part.size_bytes for part in parts[1:])
    assert max(len(part.chunk) for part in parts) <= 65_536
    ((pieces, longest),) = await records.rows("SELECT count(*), max(octet_length(sealed)) FROM file_pieces")
    assert pieces > 5
    assert longest < 300_000


@pytest.mark.parametrize(
    "content", [files.DOSSIER, files.long_stay(100, 4 * MIB)], ids=["short", "of one letter"]
)
async def test_a_file_is_compressed_before_it_is_sealed(world: World, content: bytes):
    records = await Records(world).start()
    dossier = (await records.submit(content)).dossier

    assert b"".join(part.chunk for part in await read(records, dossier)) == content
    ((pieces, bytes_kept),) = await records.rows(
        "SELECT count(*), sum(octet_length(sealed)) FROM file_pieces"
    )
    assert pieces == 1
    assert bytes_kept < len(content) / 2


async def test_slow_readers_hold_a_piece_each_and_not_the_file(world: World):
    """The memory of Python alone is looked at: what gRPC buffers for a slow line is bounded by its window."""
    records, content = await Records(world).start(), long_file()
    dossier = (await records.submit(content)).dossier
    gc.collect()
    tracemalloc.start()
    try:
        streams = [records.dossiers().GetOriginal(original(dossier), timeout=60) for _ in range(READERS)]
        for stream in streams:
            await stream.read()
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    for stream in streams:
        stream.cancel()

    assert held < READERS * MIB


@pytest.mark.parametrize("keep", [keep_whole, keep_pieces])
async def test_a_file_of_before_is_read_by_two_at_once_and_is_compressed_from_then_on(
    world: World, keep: Callable[[Records, dossier_pb2.Dossier, bytes], Awaitable[None]]
):
    records, content = await Records(world).start(), long_file()
    dossier = (await records.submit(content)).dossier
    await keep(records, dossier, content)

    for parts in await asyncio.gather(read(records, dossier), read(records, dossier)):
        assert b"".join(part.chunk for part in parts) == content
    counts = await records.counts()
    assert (counts["originals"], counts["original_pieces"]) == (0, 0)
    assert counts["file_pieces"] > 5
    assert b"".join(part.chunk for part in await read(records, dossier)) == content


async def test_a_file_of_before_is_compressed_beside_the_event_loop(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    """The longest take it some tenths of a second, in which nobody else would be answered."""
    records, content, threads = await Records(world).start(), long_file(), list[threading.Thread]()
    dossier = (await records.submit(content)).dossier
    await keep_whole(records, dossier, content)

    def compress(content: bytes) -> bytes:
        threads.append(threading.current_thread())
        return zlib.compress(content)

    monkeypatch.setattr(originals, "compress", compress)
    await read(records, dossier)

    assert len(threads) == 1
    assert threading.current_thread() not in threads


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE file_pieces SET ordinal = -ordinal WHERE ordinal IN (1, 2);"
        " UPDATE file_pieces SET ordinal = 3 + ordinal WHERE ordinal < 0",
        "DELETE FROM file_pieces WHERE ordinal = (SELECT max(ordinal) FROM file_pieces)",
    ],
    ids=["two pieces changed places", "the last piece is gone"],
)
async def test_pieces_that_were_moved_or_lost_are_never_given_as_the_file(world: World, damage: str):
    records = await Records(world).start()
    dossier = (await records.submit(long_file())).dossier
    for statement in damage.split(";"):
        await records.rows(statement)

    refusal = await refused(records.dossiers().GetOriginal(original(dossier), timeout=60))

    assert refusal.code is StatusCode.INTERNAL

"""
The file as it was sent: compressed, sealed in pieces, read and sent in pieces: a slow reader costs one.

One that was kept in a form of before is brought into this one when it is first read.
"""

import asyncio
import zlib
from collections.abc import AsyncGenerator, Iterator
from typing import Final
from uuid import UUID

from chassis import call_context
from chassis.byte_budget import ByteBudget
from chassis.db import Database, Transaction
from chassis.encryption import Encryptor
from chassis.piece_encryption import PIECE_BYTES, decrypt_piece, encrypt_pieces

from ..model.dossiers import Dossier
from ..store import originals as store

# Bytes of one answer, as the contract has it.
CHUNK_BYTES: Final = 64 * 1024

# Bytes that one reader takes for as long as it reads: a piece, sealed and open.
READER_BYTES: Final = 2 * PIECE_BYTES

# Bytes of all readers: 128 at once, and as many that wait.
MAX_READER_BYTES: Final = 64 * 1024 * 1024


def compress(content: bytes) -> bytes:
    """Return *content* as it is kept: base64 of XML comes to a tenth, in a millisecond for 100 KB."""
    return zlib.compress(content)


async def keep_original(
    tx: Transaction, encryptor: Encryptor, person: UUID, owner: UUID, compressed: bytes
) -> None:
    """Keep the compressed file of *owner*, a dossier or a check-in, which is *person*'s."""
    for ordinal, sealed in encrypt_pieces(encryptor, owner, compressed):
        await store.insert_piece(tx, person, owner, ordinal, sealed)


class Originals:
    """Reads originals.  *files* bounds what is opened whole: with what is submitted."""

    def __init__(self, db: Database, encryptor: Encryptor, files: ByteBudget) -> None:
        self._db = db
        self._encryptor = encryptor
        self._readers = ByteBudget(MAX_READER_BYTES, max_waiting=MAX_READER_BYTES)
        self._files = files

    async def read(self, dossier: Dossier) -> AsyncGenerator[bytes]:
        """Yield the file of *dossier* in chunks of at most 64 KiB.

        ResourceExhausted(TOO_MANY_BYTES) when too many read already, and as many wait as may.
        """
        async with self._readers.hold(call_context.caller(), READER_BYTES):
            decompressor, ordinal = zlib.decompressobj(), 0
            while not decompressor.eof:
                for chunk in _decompress(decompressor, await self._piece(dossier, ordinal)):
                    yield chunk
                ordinal += 1

    async def _piece(self, dossier: Dossier, ordinal: int) -> bytes:
        sealed = await self._sealed_piece(dossier, ordinal)
        if sealed is None and ordinal == 0:
            await self._renew(dossier)
            sealed = await self._sealed_piece(dossier, ordinal)
        assert sealed is not None, "every dossier has its original, to the last piece"
        return decrypt_piece(self._encryptor, dossier.id, ordinal, sealed)

    async def _sealed_piece(self, dossier: Dossier, ordinal: int) -> bytes | None:
        async with self._db.connection() as tx:
            return await store.get_piece(tx, dossier.person, dossier.id, ordinal)

    async def _renew(self, dossier: Dossier) -> None:
        """Bring what is kept in a form of before into this one; whoever comes second finds it done."""
        async with (
            self._files.hold(call_context.caller(), 2 * dossier.size_bytes),
            self._db.transaction() as tx,
        ):
            content = await self._take_before(tx, dossier.id)
            if content is not None:
                compressed = await asyncio.to_thread(compress, content)
                await keep_original(tx, self._encryptor, dossier.person, dossier.id, compressed)

    async def _take_before(self, tx: Transaction, dossier: UUID) -> bytes | None:
        """Delete what is kept whole or in pieces that are not compressed, and return it; None for nothing."""
        whole = await store.take_whole(tx, dossier)
        if whole is not None:
            return self._encryptor.decrypt(whole, associated_data=dossier.bytes)
        pieces = await store.take_pieces(tx, dossier)
        return b"".join(decrypt_piece(self._encryptor, dossier, *piece) for piece in pieces) or None


def _decompress(decompressor: "zlib._Decompress", piece: bytes) -> Iterator[bytes]:
    """Yield what *piece* holds, never more than a chunk at once, whatever it comes to."""
    chunk = decompressor.decompress(piece, CHUNK_BYTES)
    while chunk:
        yield chunk
        chunk = decompressor.decompress(decompressor.unconsumed_tail, CHUNK_BYTES)

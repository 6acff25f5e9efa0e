"""
The file as it was sent: a long one is kept, read and sent in pieces, so that a slow reader costs one.

One of before there were pieces is cut into them when it is first read.
"""

from collections.abc import AsyncGenerator
from typing import Final
from uuid import UUID

from chassis import call_context
from chassis.byte_budget import ByteBudget
from chassis.db import Database, Transaction
from chassis.encryption import Encryptor
from chassis.piece_encryption import PIECE_BYTES, count_pieces, decrypt_piece, encrypt_pieces

from ..model.dossiers import Dossier
from ..store import originals as store

# Bytes of one answer, as the contract has it.
CHUNK_BYTES: Final = 64 * 1024

# Bytes that one reader takes for as long as it reads: a piece, sealed and open.
READER_BYTES: Final = 2 * PIECE_BYTES

# Bytes of all readers: 128 at once, and as many that wait.
MAX_READER_BYTES: Final = 64 * 1024 * 1024


async def keep_original(tx: Transaction, encryptor: Encryptor, dossier: UUID, content: bytes) -> None:
    """Keep the bytes of *dossier*: whole when they make one piece, as a service of before reads them."""
    if len(content) <= PIECE_BYTES:
        await store.insert_whole(tx, dossier, encryptor.encrypt(content, associated_data=dossier.bytes))
    else:
        await _keep_pieces(tx, encryptor, dossier, content)


async def _keep_pieces(tx: Transaction, encryptor: Encryptor, dossier: UUID, content: bytes) -> None:
    for ordinal, sealed in encrypt_pieces(encryptor, dossier, content):
        await store.insert_piece(tx, dossier, ordinal, sealed)


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
            for ordinal in range(count_pieces(dossier.size_bytes)):
                piece = await self._piece(dossier, ordinal)
                for start in range(0, len(piece), CHUNK_BYTES):
                    yield piece[start : start + CHUNK_BYTES]

    async def _piece(self, dossier: Dossier, ordinal: int) -> bytes:
        if dossier.size_bytes <= PIECE_BYTES:
            return await self._short(dossier)
        sealed = await self._sealed_piece(dossier.id, ordinal)
        if sealed is None and ordinal == 0:
            await self._cut(dossier)
            sealed = await self._sealed_piece(dossier.id, ordinal)
        assert sealed is not None, "every dossier has its original, to the last piece"
        return decrypt_piece(self._encryptor, dossier.id, ordinal, sealed)

    async def _short(self, dossier: Dossier) -> bytes:
        async with self._db.connection() as tx:
            sealed = await store.get_whole(tx, dossier.id)
        assert sealed is not None, "every dossier has its original"
        return self._encryptor.decrypt(sealed, associated_data=dossier.id.bytes)

    async def _sealed_piece(self, dossier: UUID, ordinal: int) -> bytes | None:
        async with self._db.connection() as tx:
            return await store.get_piece(tx, dossier, ordinal)

    async def _cut(self, dossier: Dossier) -> None:
        """Keep in pieces what was kept whole; whoever comes second finds it done."""
        async with (
            self._files.hold(call_context.caller(), 2 * dossier.size_bytes),
            self._db.transaction() as tx,
        ):
            sealed = await store.take_whole(tx, dossier.id)
            if sealed is not None:
                content = self._encryptor.decrypt(sealed, associated_data=dossier.id.bytes)
                await _keep_pieces(tx, self._encryptor, dossier.id, content)

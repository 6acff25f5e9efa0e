"""
Long content at rest, in pieces: each is encrypted for its owner and its position, so that none can be moved.

A piece is opened and sent without the others: what is read slowly costs one piece of memory, not the whole.
"""

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from .encryption import Encryptor

# Bytes of one piece, but for the last.
PIECE_BYTES: Final = 256 * 1024


def encrypt_piece(encryptor: Encryptor, owner: UUID, ordinal: int, piece: bytes) -> bytes:
    return encryptor.encrypt(piece, associated_data=_position(owner, ordinal))


def decrypt_piece(encryptor: Encryptor, owner: UUID, ordinal: int, ciphertext: bytes) -> bytes:
    """Return a piece; DecryptionError when it was altered or moved."""
    return encryptor.decrypt(ciphertext, associated_data=_position(owner, ordinal))


def encrypt_pieces(encryptor: Encryptor, owner: UUID, content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the ordinal (from 0) and the ciphertext of each piece of *content*, made when it is asked for."""
    for ordinal in range(count_pieces(len(content))):
        start = ordinal * PIECE_BYTES
        yield ordinal, encrypt_piece(encryptor, owner, ordinal, content[start : start + PIECE_BYTES])


def count_pieces(size: int) -> int:
    """Return how many pieces *size* bytes make."""
    return -(-size // PIECE_BYTES)


def _position(owner: UUID, ordinal: int) -> bytes:
    return owner.bytes + ordinal.to_bytes(4)

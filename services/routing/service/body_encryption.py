"""Bodies at rest: each piece encrypted for its message and its position, so that none can be moved."""

from uuid import UUID

from chassis.encryption import Encryptor


def encrypt_piece(encryptor: Encryptor, message_id: UUID, ordinal: int, piece: bytes) -> bytes:
    return encryptor.encrypt(piece, associated_data=_position(message_id, ordinal))


def decrypt_piece(encryptor: Encryptor, message_id: UUID, ordinal: int, ciphertext: bytes) -> bytes:
    """Return a piece of a body; DecryptionError when it was altered or moved."""
    return encryptor.decrypt(ciphertext, associated_data=_position(message_id, ordinal))


def _position(message_id: UUID, ordinal: int) -> bytes:
    return message_id.bytes + ordinal.to_bytes(4)

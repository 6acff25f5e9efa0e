"""
The rows of an access log as leaves of a tree, and as the tree lists them.

A leaf covers every field of its row; a list has 56 bytes a row, from which nothing can be learnt of anybody:
its id, its time and the hash of its leaf.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from .merkle import HASH_BYTES, leaf_hash
from .tree_heads import framed

ENTRY_BYTES: Final = 16 + 8 + HASH_BYTES
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Entry(NamedTuple):
    """A row as a tree lists it."""

    id: UUID
    time: datetime
    hash: bytes

    def to_bytes(self) -> bytes:
        return self.id.bytes + number(micros(self.time)) + self.hash


def entry_of(
    id: UUID,
    access_time: datetime,
    transaction_id: int,
    texts: Sequence[str],
    numbers: Sequence[int],
) -> Entry:
    """Return the entry of a row.

    *texts* are its caller, practitioner, method, subject, reason and trace id; *numbers* its purpose, its
    legal basis, and whether it was allowed and is flagged.
    """
    leaf = framed(
        id.bytes,
        number(micros(access_time)),
        number(transaction_id),
        *(text.encode() for text in texts),
        *map(number, numbers),
    )
    return Entry(id, access_time, leaf_hash(leaf))


def entries_of(content: bytes) -> Iterator[Entry]:
    """Yield the entries that *content* lists; ValueError when it is no list."""
    if len(content) % ENTRY_BYTES:
        raise ValueError("no list of entries")
    for start in range(0, len(content), ENTRY_BYTES):
        entry = content[start : start + ENTRY_BYTES]
        time = EPOCH + timedelta(microseconds=int.from_bytes(entry[16:24], "big", signed=True))
        yield Entry(UUID(bytes=entry[:16]), time, entry[24:])


def number(value: int) -> bytes:
    return value.to_bytes(8, "big", signed=True)


def micros(time: datetime) -> int:
    return (time - EPOCH) // timedelta(microseconds=1)

"""
The Merkle trees of RFC 6962 (section 2.1; the same as RFC 9162's): roots, proofs, and whether a proof holds.

A tree of any size falls into complete subtrees, from the left, each smaller than the one before: its peaks.
Their hashes are all that is needed to append.  A node is named by its level, 0 for leaves, and its position
within the level; only nodes of complete subtrees have a name, for only these never change.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, NamedTuple, TypeAlias

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()

# Leaves `start` to before `end`.
Span: TypeAlias = tuple[int, int]


class Node(NamedTuple):
    """The root of the complete subtree over leaves `position << level` to before `position + 1 << level`."""

    level: int
    position: int


class ProofInvalid(Exception):
    """A proof does not hold, or is none for trees of these sizes."""


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the root over neighbouring subtrees, each smaller than the one before; of none the empty."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


@dataclass(slots=True)
class Tree:
    """What of a tree is needed to append to it: its size, and the hashes of its peaks from the left."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.size.bit_count() != len(self.peaks):
            raise ValueError(f"a tree of {self.size} leaves has {self.size.bit_count()} peaks")

    def append(self, leaf: bytes) -> Iterator[tuple[Node, bytes]]:
        """Append a leaf, by its hash, and yield every node that is complete by it, the leaf first."""
        level, value = 0, leaf
        yield Node(0, self.size), value
        while self.size >> level & 1:
            value = node_hash(self.peaks.pop(), value)
            level += 1
            yield Node(level, self.size >> level), value
        self.peaks.append(value)
        self.size += 1

    def extend(self, leaves: Sequence[bytes]) -> None:
        for leaf in leaves:
            for _ in self.append(leaf):
                pass

    def root(self) -> bytes:
        return fold(self.peaks)


def nodes_of(span: Span) -> list[Node]:
    """Return the complete subtrees that *span* falls into, from the left: the fewest."""
    start, end = span
    nodes = []
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        nodes.append(Node(level, start >> level))
        start += 1 << level
    return nodes


def inclusion_spans(index: int, size: int) -> list[Span]:
    """Return whose roots prove that leaf *index* is in a tree of *size* leaves, from the leaf upwards."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    spans: list[Span] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    return spans[::-1]


def consistency_spans(first: int, second: int) -> list[Span]:
    """Return whose roots prove that the tree of *second* leaves begins with that of *first*."""
    if not 0 < first <= second:
        raise ValueError(f"no tree of {first} leaves is proved to be in one of {second}")
    spans: list[Span] = []
    start, end = 0, second
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    if start:  # else it is the first tree itself, whose root the verifier has
        spans.append((start, end))
    return spans[::-1]


def _split(width: int) -> int:
    """Return the largest power of two below *width*."""
    return 1 << (width - 1).bit_length() - 1


def hashes_of(spans: Sequence[Span], hashes: Mapping[Node, bytes]) -> list[bytes]:
    """Return the root over each of *spans*, from *hashes* of the nodes that it falls into."""
    return [fold([hashes[node] for node in nodes_of(span)]) for span in spans]


def verify_inclusion(leaf: bytes, index: int, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """Raise `ProofInvalid` unless the tree of *size* leaves with *root* has the hash *leaf* at *index*.

    RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size:
        raise ProofInvalid("the leaf is beyond the tree")
    _check_hashes(leaf, root, *proof)
    place, last, value = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofInvalid("the proof is too long")
        if place & 1 or place == last:
            value = node_hash(sibling, value)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            value = node_hash(value, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise ProofInvalid("the proof is too short")
    if value != root:
        raise ProofInvalid("the proof does not lead to the root")


def verify_consistency(
    first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> None:
    """Raise `ProofInvalid` unless the tree of *second* leaves begins with all of that of *first*.

    RFC 9162, section 2.1.4.2.  Every tree begins with the empty one, and with itself: by an empty proof.
    """
    if not 0 <= first <= second:
        raise ProofInvalid("the second tree is smaller than the first")
    _check_hashes(first_root, second_root, *proof)
    if first == second and first_root != second_root:
        raise ProofInvalid("two trees of one size have different roots")
    if first in (0, second):
        if proof or (first == 0 and first_root != EMPTY_ROOT):
            raise ProofInvalid("the proof is not one of these sizes")
        return
    _verify_growth(first, second, first_root, second_root, proof)


def _verify_growth(
    first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> None:
    path = list(proof) if first & first - 1 else [first_root, *proof]
    if not path:
        raise ProofInvalid("the proof is too short")
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofInvalid("the proof is too long")
        if place & 1 or place == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        place, last = place >> 1, last >> 1
    if last or (old, new) != (first_root, second_root):
        raise ProofInvalid("the proof does not lead from the one root to the other")


def _check_hashes(*hashes: bytes) -> None:
    if any(len(value) != HASH_BYTES for value in hashes):
        raise ProofInvalid("a hash has 32 bytes")

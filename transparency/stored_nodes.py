"""
Which nodes of a tree are kept, so that any proof is made from few of them, and nothing kept ever changes.

Kept are the leaves and, of every eighth level above them, the nodes of complete subtrees: one node for 256
below it.  Any other node is hashed from at most 128 kept ones, so a proof in a tree of 10⁸ leaves is made of
some hundred neighbours on each of four levels.  (The tiles of C2SP's tlog-tiles cut trees in the same way.)
"""

from collections.abc import Iterable, Mapping
from typing import Final

from .merkle import Node, node_hash

STRIDE: Final = 8


def is_kept(node: Node) -> bool:
    return node.level % STRIDE == 0


def kept_below(node: Node) -> list[Node]:
    """Return the kept nodes that *node* is hashed from, from the left; itself, when it is kept."""
    height = node.level % STRIDE
    first = node.position << height
    return [Node(node.level - height, first + offset) for offset in range(1 << height)]


def needed(nodes: Iterable[Node]) -> list[Node]:
    """Return which kept nodes *nodes* are hashed from, each once."""
    return list(dict.fromkeys(kept for node in nodes for kept in kept_below(node)))


def hashed(nodes: Iterable[Node], kept: Mapping[Node, bytes]) -> dict[Node, bytes]:
    """Return the hashes of *nodes*; KeyError when one of the kept nodes is missing."""
    return {node: _hash(node, kept) for node in nodes}


def _hash(node: Node, kept: Mapping[Node, bytes]) -> bytes:
    row = [kept[below] for below in kept_below(node)]
    while len(row) > 1:
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]

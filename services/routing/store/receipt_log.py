"""The log of receipts: what waits, the tree, its heads, and the keys that signed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlalchemy import bindparam, insert, select, text
from sqlalchemy.dialects.postgresql import insert as insert_or

from chassis.db import Record, Transaction
from chassis.signing import KeyPair
from chassis.sql import sql
from chassis.tree_heads import SignedHead
from transparency import merkle, stored_nodes
from transparency.merkle import Node, Span, Tree
from transparency.tree_heads import TreeHead

from ..schema import log_heads, log_nodes, log_queue, signing_keys

# One replica gives places at a time: any number that no other lock has.
LOG_LOCK: Final = 5_417_108

TRY_LOCK = sql(
    text(f"SELECT pg_try_advisory_xact_lock({LOG_LOCK}) AS locked, clock_timestamp() AS now"),
    operation="SELECT",
)
QUEUE = sql(insert(log_queue).values(leaf_hash=bindparam("leaf_hash")))
TAKE_QUEUED = sql(
    text(
        """
        DELETE FROM log_queue WHERE id IN (SELECT id FROM log_queue ORDER BY id LIMIT :limit)
        RETURNING id, leaf_hash
        """
    ),
    about="log_queue",
)
MEASURE_QUEUE = sql(
    text(
        """
        SELECT count(*) AS waiting, coalesce(extract(epoch FROM now() - min(queue_time)), 0)::float8 AS oldest
        FROM log_queue
        """
    ),
    about="log_queue",
)
GET_NODES = sql(
    text(
        """
        SELECT level, index, hash
        FROM unnest(CAST(:levels AS smallint[]), CAST(:indexes AS bigint[])) AS wanted(level, index)
        JOIN log_nodes USING (level, index)
        """
    ),
    about="log_nodes",
)
FIND_LEAF = sql(text("SELECT min(index) FROM log_nodes WHERE level = 0 AND hash = :hash"), about="log_nodes")

_k = signing_keys.c
_HEAD = (
    select(log_heads.c.body, log_heads.c.signature, log_heads.c.head_time, _k.certificate, _k.algorithm)
    .select_from(log_heads)
    .join(signing_keys, _k.certificate_sha256 == log_heads.c.certificate_sha256)
)
NEWEST_HEAD = sql(_HEAD.order_by(log_heads.c.tree_size.desc()).limit(1))
FIRST_HEAD = sql(
    _HEAD.where(log_heads.c.tree_size >= bindparam("size")).order_by(log_heads.c.tree_size).limit(1)
)
LIST_HEADS = sql(
    _HEAD.where(log_heads.c.tree_size < bindparam("before"))
    .order_by(log_heads.c.tree_size.desc())
    .limit(bindparam("limit"))
)
INSERT_HEAD = sql(
    insert(log_heads).values(
        {
            name: bindparam(name)
            for name in ("tree_size", "head_time", "body", "signature", "certificate_sha256")
        }
    )
)
INSERT_KEY = sql(
    insert_or(signing_keys)
    .values({name: bindparam(name) for name in ("certificate_sha256", "key_id", "certificate", "algorithm")})
    .on_conflict_do_nothing()
)
LIST_KEYS = sql(
    text(
        """
        SELECT key_id, certificate, certificate_sha256, algorithm, first_use_time FROM signing_keys
        WHERE (first_use_time, certificate_sha256) < (:before, :before_sha256)
        ORDER BY first_use_time DESC, certificate_sha256 DESC LIMIT :limit
        """
    ),
    about="signing_keys",
)


async def try_lock(tx: Transaction) -> datetime | None:
    """Return the time when this transaction may give places, to the end of it; None when another does."""
    row = await tx.fetchrow(TRY_LOCK)
    assert row is not None
    return row["now"] if row["locked"] else None


async def queue_leaf(tx: Transaction, leaf: bytes) -> None:
    await tx.execute(QUEUE, leaf_hash=leaf)


async def take_queued(tx: Transaction, limit: int) -> list[bytes]:
    """Take up to *limit* leaves that wait, in the order in which they came."""
    rows = await tx.fetch(TAKE_QUEUED, limit=limit)
    return [row["leaf_hash"] for row in sorted(rows, key=lambda row: int(row["id"]))]


async def measure_queue(tx: Transaction) -> tuple[int, float]:
    """Return how many leaves wait, and for how many seconds the first of them."""
    row = await tx.fetchrow(MEASURE_QUEUE)
    assert row is not None
    return row["waiting"], row["oldest"]


async def insert_nodes(tx: Transaction, nodes: Iterable[tuple[Node, bytes]]) -> None:
    rows = [(node.level, node.position, value) for node, value in nodes]
    await tx.copy(log_nodes, ("level", "index", "hash"), rows)


async def get_hashes(tx: Transaction, spans: Sequence[Span]) -> list[bytes]:
    """Return the root over each of *spans*; KeyError when the tree is not whole."""
    nodes = [node for span in spans for node in merkle.nodes_of(span)]
    wanted = stored_nodes.needed(nodes)
    rows = await tx.fetch(
        GET_NODES, levels=[node.level for node in wanted], indexes=[node.position for node in wanted]
    )
    kept = {Node(row["level"], row["index"]): row["hash"] for row in rows}
    return merkle.hashes_of(spans, stored_nodes.hashed(nodes, kept))


async def get_tree(tx: Transaction, size: int) -> Tree:
    """Return the tree of *size* leaves, to append to; KeyError when it is not whole."""
    peaks = [
        (node.position << node.level, node.position + 1 << node.level) for node in merkle.nodes_of((0, size))
    ]
    return Tree(size, await get_hashes(tx, peaks))


async def find_leaf(tx: Transaction, leaf: bytes) -> int | None:
    """Return the place of a leaf; of one that came twice the first."""
    place: int | None = await tx.fetchval(FIND_LEAF, hash=leaf)
    return place


async def newest_head(tx: Transaction) -> SignedHead | None:
    row = await tx.fetchrow(NEWEST_HEAD)
    return _head_from_row(row) if row else None


async def first_head(tx: Transaction, size: int) -> SignedHead | None:
    """Return the first head of at least *size* leaves."""
    row = await tx.fetchrow(FIRST_HEAD, size=size)
    return _head_from_row(row) if row else None


async def list_heads(tx: Transaction, before: int, limit: int) -> list[SignedHead]:
    """Return up to *limit* heads of fewer than *before* leaves, the newest first."""
    return [_head_from_row(row) for row in await tx.fetch(LIST_HEADS, before=before, limit=limit)]


def _head_from_row(row: Record) -> SignedHead:
    return SignedHead(
        TreeHead.from_bytes(row["body"]), row["body"], row["signature"], row["certificate"], row["algorithm"]
    )


async def insert_head(tx: Transaction, signed: SignedHead) -> None:
    await tx.execute(
        INSERT_HEAD,
        tree_size=signed.head.size,
        head_time=signed.head.time,
        body=signed.body,
        signature=signed.signature,
        certificate_sha256=sha256(signed.certificate).digest(),
    )


async def insert_key(tx: Transaction, pair: KeyPair) -> None:
    """Write down that *pair* signs here; once."""
    await tx.execute(
        INSERT_KEY,
        certificate_sha256=sha256(pair.certificate).digest(),
        key_id=pair.key_id,
        certificate=pair.certificate,
        algorithm=pair.algorithm,
    )


async def list_keys(tx: Transaction, before: datetime, before_sha256: bytes, limit: int) -> list[Record]:
    return await tx.fetch(LIST_KEYS, before=before, before_sha256=before_sha256, limit=limit)

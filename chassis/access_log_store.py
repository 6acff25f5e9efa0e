"""The tree over the access log, in the database: its rows to come, what is in it, its heads."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select, text, update

from transparency.access_rows import Entry, entry_of
from transparency.merkle import HASH_BYTES, Tree
from transparency.tree_heads import TreeHead

from .db import Record, Transaction
from .schema import audit_heads, audit_leaves
from .sql import sql
from .tree_heads import SignedHead

# Of several replicas one puts rows into the tree at a time: any number that no other lock has.
TREE_LOCK: Final = 5_417_110

# Every transaction before `ended` has ended, and is seen by the statements after this one.
TRY_LOCK = sql(
    text(
        f"""
        SELECT pg_try_advisory_xact_lock({TREE_LOCK}) AS locked, clock_timestamp() AS now,
            CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint) AS ended
        """
    ),
    operation="SELECT",
)

_ROW = (
    "id, access_time, transaction_id, caller, practitioner, method, subject, reason, trace_id,"
    " purpose, legal_basis, allowed, flagged"
)
# The comparison of the number alone is for the index.
NEXT_ROWS = sql(
    text(
        f"""
        SELECT {_ROW} FROM audit
        WHERE transaction_id >= :transaction AND transaction_id < :ended
          AND (transaction_id, id) > (:transaction, :id)
        ORDER BY transaction_id, id LIMIT :limit
        """
    ),
    about="audit",
)
ROWS_BETWEEN = sql(
    text(
        f"""
        SELECT {_ROW} FROM audit
        WHERE transaction_id >= :transaction AND transaction_id <= :last_transaction
          AND (transaction_id, id) > (:transaction, :id)
          AND (transaction_id, id) <= (:last_transaction, :last_id)
        ORDER BY transaction_id, id LIMIT :limit
        """
    ),
    about="audit",
)

_l, _h = audit_leaves.c, audit_heads.c
_LEAVES = (_l.first_leaf, _l.tree_size, _l.entries, _l.peaks, _l.last_transaction, _l.last_id)
_HEAD = (_h.hour_end, _h.peaks, _h.body, _h.signature, _h.certificate, _h.algorithm)

NEWEST_LEAVES = sql(select(*_LEAVES).order_by(_l.first_leaf.desc()).limit(1))
LEAVES_BEFORE = sql(
    select(*_LEAVES).where(_l.first_leaf < bindparam("size")).order_by(_l.first_leaf.desc()).limit(1)
)
NEXT_LEAVES = sql(
    select(*_LEAVES)
    .where(_l.first_leaf >= bindparam("first_size"), _l.tree_size <= bindparam("second_size"))
    .order_by(_l.first_leaf)
    .limit(bindparam("limit"))
)
INSERT_LEAVES = sql(insert(audit_leaves).values({column.name: bindparam(column.name) for column in _LEAVES}))
NEWEST_HEAD = sql(select(*_HEAD).order_by(_h.hour_end.desc()).limit(1))
INSERT_HEAD = sql(
    insert(audit_heads).values(
        {name: bindparam(name) for name in (*(column.name for column in _HEAD), "tree_size")}
    )
)
UNSENT_HEADS = sql(
    select(*_HEAD).where(_h.send_time.is_(None)).order_by(_h.hour_end).limit(bindparam("limit"))
)
COUNT_UNSENT = sql(select(func.count()).select_from(audit_heads).where(_h.send_time.is_(None)))
NOTE_SENT = sql(update(audit_heads).where(_h.hour_end == bindparam("of_hour")).values(send_time=func.now()))
# With the last head before the month, where there is one, and the first after it.
HEADS_OF_MONTH = sql(
    text(
        """
        SELECT hour_end, peaks, body, signature, certificate, algorithm FROM audit_heads
        WHERE hour_end > :after
          AND hour_end >= coalesce(
              (SELECT max(hour_end) FROM audit_heads WHERE hour_end <= :begin), '-infinity')
          AND hour_end <= coalesce((SELECT min(hour_end) FROM audit_heads WHERE hour_end >= :end), 'infinity')
        ORDER BY hour_end LIMIT :limit
        """
    ),
    about="audit_heads",
)
MONTHS_AWAY = sql(
    text(
        """
        SELECT to_char(month, 'YYYY-MM') FROM archives
        WHERE kind = 'access-log' AND state IN ('dropping', 'dropped') ORDER BY month
        """
    ),
    about="archives",
)
# Rows that are in no tree although there was one when they say that they were added.
ROWS_OUTSIDE = sql(
    text(
        """
        SELECT id FROM audit
        WHERE access_time >= :begin AND access_time < :end AND transaction_id IS NULL
          AND access_time > (SELECT min(hour_end) + interval '1 hour' FROM audit_heads)
        ORDER BY id LIMIT :limit
        """
    ),
    about="audit",
)


class Turn(NamedTuple):
    """This transaction may append, until it ends; at *now*, rows of transactions before *ended*."""

    now: datetime
    ended: int


class Leaves(NamedTuple):
    """Rows that were put into the tree together, and the tree after them."""

    first_leaf: int
    tree_size: int
    entries: bytes
    peaks: bytes
    last_transaction: int
    last_id: UUID

    def tree(self) -> Tree:
        return Tree(self.tree_size, peaks_from(self.peaks))


# Before the first row.
NO_LEAVES: Final = Leaves(0, 0, b"", b"", 0, UUID(int=0))


class HourHead(NamedTuple):
    """A signed head and what a tree is continued from: *hour_end* is the hour that it ends."""

    hour_end: datetime
    peaks: list[bytes]
    signed: SignedHead


def peaks_from(content: bytes) -> list[bytes]:
    return [content[start : start + HASH_BYTES] for start in range(0, len(content), HASH_BYTES)]


async def try_lock(tx: Transaction) -> Turn | None:
    row = await tx.fetchrow(TRY_LOCK)
    assert row is not None
    return Turn(row["now"], row["ended"]) if row["locked"] else None


async def newest_leaves(tx: Transaction) -> Leaves:
    row = await tx.fetchrow(NEWEST_LEAVES)
    return Leaves(*row) if row else NO_LEAVES


async def leaves_before(tx: Transaction, size: int) -> Leaves:
    """Return the last leaves that begin before the place *size*."""
    row = await tx.fetchrow(LEAVES_BEFORE, size=size)
    return Leaves(*row) if row else NO_LEAVES


async def next_leaves(tx: Transaction, first_size: int, second_size: int, limit: int) -> list[Leaves]:
    """Return up to *limit* leaves that begin at *first_size* or later and end by *second_size*."""
    rows = await tx.fetch(NEXT_LEAVES, first_size=first_size, second_size=second_size, limit=limit)
    return [Leaves(*row) for row in rows]


async def next_rows(tx: Transaction, after: Leaves, ended: int, limit: int) -> list[Record]:
    """Return up to *limit* rows that come after those of *after*, of transactions before *ended*."""
    return await tx.fetch(
        NEXT_ROWS, transaction=after.last_transaction, id=after.last_id, ended=ended, limit=limit
    )


async def rows_of(tx: Transaction, before: Leaves, leaves: Leaves, limit: int) -> list[Record]:
    """Return up to *limit* of the rows that lie, as they are now, behind those of *before* up to *leaves*."""
    return await tx.fetch(
        ROWS_BETWEEN,
        transaction=before.last_transaction,
        id=before.last_id,
        last_transaction=leaves.last_transaction,
        last_id=leaves.last_id,
        limit=limit,
    )


def entry_from_row(row: Record) -> Entry:
    """Return what the tree lists of a row."""
    id, access_time, transaction_id, *fields = row
    return entry_of(id, access_time, transaction_id, fields[:6], [int(value) for value in fields[6:]])


async def insert_leaves(tx: Transaction, leaves: Leaves) -> None:
    await tx.execute(INSERT_LEAVES, **leaves._asdict())


def _head_from_row(row: Record) -> HourHead:
    signed = SignedHead(
        TreeHead.from_bytes(row["body"]), row["body"], row["signature"], row["certificate"], row["algorithm"]
    )
    return HourHead(row["hour_end"], peaks_from(row["peaks"]), signed)


async def newest_head(tx: Transaction) -> HourHead | None:
    row = await tx.fetchrow(NEWEST_HEAD)
    return _head_from_row(row) if row else None


async def insert_head(tx: Transaction, head: HourHead) -> None:
    await tx.execute(
        INSERT_HEAD,
        hour_end=head.hour_end,
        tree_size=head.signed.head.size,
        peaks=b"".join(head.peaks),
        body=head.signed.body,
        signature=head.signed.signature,
        certificate=head.signed.certificate,
        algorithm=head.signed.algorithm,
    )


async def unsent_heads(tx: Transaction, limit: int) -> list[HourHead]:
    """Return the first heads that routing has not taken yet."""
    return [_head_from_row(row) for row in await tx.fetch(UNSENT_HEADS, limit=limit)]


async def count_unsent(tx: Transaction) -> int:
    return int(await tx.fetchval(COUNT_UNSENT))


async def note_sent(tx: Transaction, head: HourHead) -> None:
    await tx.execute(NOTE_SENT, of_hour=head.hour_end)


async def heads_of_month(
    tx: Transaction, begin: datetime, end: datetime, after: datetime, limit: int
) -> list[HourHead]:
    """Return up to *limit* heads, after the one of *after*, that hold the rows from *begin* to *end*."""
    rows = await tx.fetch(HEADS_OF_MONTH, begin=begin, end=end, after=after, limit=limit)
    return [_head_from_row(row) for row in rows]


async def months_away(tx: Transaction) -> list[str]:
    """Return the months whose rows are in archives alone: `2024-05`."""
    return [row[0] for row in await tx.fetch(MONTHS_AWAY)]


async def rows_outside(tx: Transaction, begin: datetime, end: datetime, limit: int) -> Sequence[UUID]:
    """Return up to *limit* ids of rows of the month that came in by another way than ours."""
    return [row["id"] for row in await tx.fetch(ROWS_OUTSIDE, begin=begin, end=end, limit=limit)]

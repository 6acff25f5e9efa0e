"""
The access log is hashed into a tree, whose head is signed each hour and handed to others.

Who owns a database can drop a trigger and change a row.  With the heads, which routing keeps in its own log
and whoever else has seen them, every row that was altered, deleted, added between others or moved is found
(`lientuyen verify-log`; docs/adr/0080).

Reads of persons only add their row, as before.  Rows come into the tree afterwards, in the order of their
transactions' numbers, and only when every transaction of a lower number has ended: then none can come between
them any more, however long it took and whatever the clocks did.  So an hour is closed by what the database
knows of its transactions, not by the times in the rows: a row of a transaction that ends after the hour is
under the head of the next.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final, TypeAlias

import asyncpg
import grpc

from . import access_log_store as store
from . import clock, telemetry
from .access_log_store import HourHead, Leaves, Turn
from .db import Database, Record, Transaction
from .errors import FailedPrecondition, ServiceError
from .logs import log
from .pagination import EPOCH
from .signing import KeyPair, SigningFolder
from .tree_heads import SignedHead, sign_head

# Hands a head to whoever keeps it; FailedPrecondition when it does not go on from those before.
Submit: TypeAlias = Callable[[SignedHead], Awaitable[None]]

# Rows that are put into the tree together: some milliseconds of hashing, in which nobody else is answered.
PAGE_ROWS: Final = 500

# So many times that in one transaction, and in one question of the database.
MAX_PAGES: Final = 20

# How many transactions on rows are looked for at once: the index leads to what is within, and not to all that
# was added since.  Doubled while there are none.
FIRST_WINDOW: Final = 10_000

# Seconds between two rounds; and until the first, at different times in replicas that start together.
ROUND_INTERVAL_S: Final = 60.0
FIRST_ROUND_S: Final = (1.0, 3.0)

HOUR: Final = timedelta(hours=1)

# Heads that are handed over in one round: four days of them.
MAX_SENT: Final = 96


class AccessLogTree:
    """Keeps the tree of one database; *submit* is None where heads are handed to nobody.

    Where there is no key that can sign, rows are hashed all the same and wait for their head.
    """

    def __init__(
        self,
        db: Database,
        open_signing: Callable[[], SigningFolder],
        origin: str,
        submit: Submit | None = None,
        hour: timedelta = HOUR,
    ) -> None:
        self.submit = submit
        self._db = db
        self._open_signing = open_signing
        self._signing: SigningFolder | None = None
        self._origin = origin
        self._hour = hour
        self._is_behind = False
        self._window = FIRST_WINDOW
        # As last seen.
        self._size = 0
        self._head_time: datetime | None = None
        self._unsent = 0

    async def run(self) -> None:
        await asyncio.sleep(random.uniform(*FIRST_ROUND_S))
        while True:
            with suppress(ServiceError, asyncpg.PostgresError):  # the next round finds the same rows
                await self.run_round()
            await asyncio.sleep(ROUND_INTERVAL_S)

    async def run_round(self) -> None:
        """Append every row that may be, sign a head when an hour is over, and hand it over."""
        while await self._append():
            pass
        await self._close_hour()
        await self._send()
        async with self._db.connection() as tx:
            newest = await store.newest_head(tx)
            self._size = (await store.newest_leaves(tx)).tree_size
            self._unsent = await store.count_unsent(tx)
        self._head_time = newest.signed.head.time if newest else None

    def watch(self) -> None:
        """Report how large the tree is, how old its head, and how many heads nobody else has."""
        telemetry.gauge("lientuyen.access_log.size", lambda: [(self._size, {})], unit="{row}")
        telemetry.gauge("lientuyen.access_log.head.age", lambda: [(self._head_age_s(), {})], unit="s")
        telemetry.gauge("lientuyen.access_log.unsent", lambda: [(self._unsent, {})], unit="{head}")

    def _head_age_s(self) -> float:
        return (clock.now() - self._head_time).total_seconds() if self._head_time else 0.0

    async def _append(self) -> bool:
        """Append some pages of rows, in one transaction; tell whether there may be more."""
        async with self._db.transaction() as tx:
            turn = await store.try_lock(tx)
            if turn is None:
                return False
            leaves = await store.newest_leaves(tx)
            if self._note_order(leaves, turn):
                return False
            end = min(turn.ended, leaves.last_transaction + self._window)
            rows = await store.next_rows(tx, leaves, end, MAX_PAGES * PAGE_ROWS)
            for start in range(0, len(rows), PAGE_ROWS):
                leaves = _appended(leaves, rows[start : start + PAGE_ROWS])
                await store.insert_leaves(tx, leaves)
        self._window = FIRST_WINDOW if rows else self._window * 2
        return end < turn.ended or len(rows) == MAX_PAGES * PAGE_ROWS

    def _note_order(self, before: Leaves, turn: Turn) -> bool:
        """Tell whether the database counts transactions from lower numbers than it did when it hashed rows.

        So it does after it was restored into a new cluster from a logical dump: what is added then would come
        before what is in the tree (docs/howto/verify-the-access-log.md).
        """
        is_behind = turn.ended <= before.last_transaction
        if is_behind and not self._is_behind:
            log.error("the database counts transactions anew", seen=before.last_transaction, now=turn.ended)
        self._is_behind = is_behind
        return is_behind

    async def _close_hour(self) -> None:
        """Sign a head when an hour has ended since the newest; over nothing new too, which then is proved."""
        async with self._db.transaction() as tx:
            turn = await store.try_lock(tx)
            if turn is None:
                return
            newest = await store.newest_head(tx)
            hour_end = EPOCH + (turn.now - EPOCH) // self._hour * self._hour
            if newest is not None and newest.hour_end >= hour_end:
                return
            tree, pair = (await store.newest_leaves(tx)).tree(), self._pair()
            if pair is not None:
                signed = sign_head(pair, self._origin, tree.size, tree.root(), turn.now)
                await store.insert_head(tx, HourHead(hour_end, tree.peaks, signed))

    def _pair(self) -> KeyPair | None:
        try:
            self._signing = self._signing or self._open_signing()
        except (OSError, ValueError) as error:
            log.error("the access log cannot be signed", exc_info=error)
            return None
        return self._signing.current()

    async def _send(self) -> None:
        """Hand over what nobody else has, the oldest first; what is not taken now is in the next round."""
        if self.submit is None:
            return
        async with self._db.connection() as tx:
            heads = await store.unsent_heads(tx, MAX_SENT)
        for head in heads:
            try:
                await self.submit(head.signed)
            except FailedPrecondition as refusal:
                log.error("a head of the access log was refused", reason=refusal.reason.name)
            except (ServiceError, grpc.RpcError):  # away, or of the release before
                return
            async with self._db.connection() as tx:
                await store.note_sent(tx, head)


def _appended(before: Leaves, rows: Sequence[Record]) -> Leaves:
    entries = [store.entry_from_row(row) for row in rows]
    tree = before.tree()
    tree.extend([entry.hash for entry in entries])
    last = rows[-1]
    return Leaves(
        before.tree_size,
        tree.size,
        b"".join(entry.to_bytes() for entry in entries),
        b"".join(tree.peaks),
        last["transaction_id"],
        last["id"],
    )


async def read_hashes(
    tx: Transaction, first_size: int, second_size: int
) -> list[tuple[Leaves, list[Record]]]:
    """Return some leaves from *first_size* on that end by *second_size*, each with its rows as they are."""
    pages = await store.next_leaves(tx, first_size, second_size, MAX_PAGES)
    if not pages:
        return []
    before = await store.leaves_before(tx, pages[0].first_leaf)
    rows = await store.rows_of(tx, before, pages[-1], 2 * MAX_PAGES * PAGE_ROWS)
    return list(zip(pages, _split(rows, pages), strict=True))


def _split(rows: Sequence[Record], pages: Sequence[Leaves]) -> Iterator[list[Record]]:
    """Yield, of *rows* in their order, those up to the last place of each of *pages*."""
    start = 0
    for page in pages:
        last, end = (page.last_transaction, page.last_id), start
        while end < len(rows) and (rows[end]["transaction_id"], rows[end]["id"]) <= last:
            end += 1
        yield list(rows[start:end])
        start = end


def hashes_of(rows: Sequence[Record]) -> bytes:
    """Return what the tree would list of *rows*."""
    return b"".join(store.entry_from_row(row).to_bytes() for row in rows)

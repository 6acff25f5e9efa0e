"""
The log of receipts gets its leaves: every few seconds what waits is given its place, and a head is signed.

A send only adds a row to the queue, in the transaction of its receipt; it waits for nothing here.  Any number
of replicas run this: one at a time gives places, under a lock that ends with its transaction.  A round is one
transaction, so a crash leaves the tree as it was and the leaves in the queue (docs/adr/0079).
"""

import asyncio
from contextlib import suppress
from datetime import datetime
from typing import Final

from chassis import clock, telemetry
from chassis.db import Database, Transaction
from chassis.errors import ServiceError
from chassis.logs import log
from chassis.signing import SigningFolder
from chassis.tree_heads import SignedHead, sign_head
from transparency import stored_nodes
from transparency.merkle import Tree

from ..store import receipt_log as store

# Leaves between two words with the database: some milliseconds of hashing, in which nobody else is answered.
BATCH_LEAVES: Final = 500

# Of these in one round: what a head covers more than the one before, at most.
MAX_BATCHES: Final = 20


class ReceiptLog:
    def __init__(self, db: Database, signing: SigningFolder, origin: str, interval_s: float) -> None:
        self._db = db
        self._signing = signing
        self._origin = origin
        self._interval_s = interval_s
        self._tree = Tree()
        self._written_key = b""
        # As last counted.
        self._size = 0
        self._head_time: datetime | None = None
        self._waiting = 0
        self._oldest_s = 0.0
        self._is_damaged = False

    async def run(self) -> None:
        while True:
            with suppress(ServiceError):  # the database is away; the queue waits
                await self.run_round()
            await asyncio.sleep(self._interval_s)

    async def run_round(self) -> None:
        """Give everything that waits its place."""
        await self._write_key()
        while await self._sequence():
            pass
        async with self._db.connection() as tx:
            self._waiting, self._oldest_s = await store.measure_queue(tx)
            head = await store.newest_head(tx)
        if head is not None:
            self._size, self._head_time = head.head.size, head.head.time

    def watch(self) -> None:
        """Report how large the log is, how old its head, and what waits."""
        telemetry.gauge("lientuyen.log.size", lambda: [(self._size, {})], unit="{receipt}")
        telemetry.gauge("lientuyen.log.waiting", lambda: [(self._waiting, {})], unit="{receipt}")
        telemetry.gauge("lientuyen.log.oldest", lambda: [(self._oldest_s, {})], unit="s")
        telemetry.gauge("lientuyen.log.head.age", lambda: [(self._head_age_s(), {})], unit="s")
        telemetry.gauge("lientuyen.log.damaged", lambda: [(int(self._is_damaged), {})])

    def _head_age_s(self) -> float:
        return (clock.now() - self._head_time).total_seconds() if self._head_time else 0.0

    async def _write_key(self) -> None:
        pair = self._signing.current()
        if pair.certificate != self._written_key:
            async with self._db.connection() as tx:
                await store.insert_key(tx, pair)
            self._written_key = pair.certificate

    async def _sequence(self) -> bool:
        """Give places to what waits, in one transaction; tell whether there may be more."""
        async with self._db.transaction() as tx:
            now = await store.try_lock(tx)
            if now is None:
                return False
            newest = await store.newest_head(tx)
            tree = await self._tree_of(tx, newest)
            if tree is None:
                return False
            before = tree.size
            is_more = await _append_queued(tx, tree)
            if tree.size == before:
                return False
            pair = self._signing.current()
            await store.insert_key(tx, pair)
            time = max(now, newest.head.time) if newest else now
            await store.insert_head(tx, sign_head(pair, self._origin, tree.size, tree.root(), time))
        self._tree = tree
        return is_more

    async def _tree_of(self, tx: Transaction, newest: SignedHead | None) -> Tree | None:
        """Return the tree of the newest head: the one we have, when no other replica went on from it.

        None when what is kept does not hash to that head: somebody changed the tables.  A head over it would
        bear them out, so nothing is signed any more; receipts are given as before, and wait.
        """
        if newest is None:
            return Tree()
        tree = Tree(self._tree.size, list(self._tree.peaks))
        try:
            if (tree.size, tree.root()) != (newest.head.size, newest.head.root):
                tree = await store.get_tree(tx, newest.head.size)
            self._note_damage(tree.root() != newest.head.root, newest)
        except KeyError:
            self._note_damage(True, newest)
        return None if self._is_damaged else tree

    def _note_damage(self, is_damaged: bool, newest: SignedHead) -> None:
        if is_damaged and not self._is_damaged:
            log.error("the log of receipts was changed", size=newest.head.size)
        self._is_damaged = is_damaged


async def _append_queued(tx: Transaction, tree: Tree) -> bool:
    """Append to *tree* what waits, as much as a head may cover more; tell whether there may be more."""
    for _ in range(MAX_BATCHES):
        leaves = await store.take_queued(tx, BATCH_LEAVES)
        nodes = [grown for leaf in leaves for grown in tree.append(leaf) if stored_nodes.is_kept(grown[0])]
        await store.insert_nodes(tx, nodes)
        if len(leaves) < BATCH_LEAVES:
            return False
    return True

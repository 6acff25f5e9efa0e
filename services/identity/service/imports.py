"""
One batch of an import: good rows are kept, bad rows are listed, the answer is repeatable.

A batch is one transaction under its own `request_id`.  A sender whose stream
broke opens another and sends again from the first batch that was not answered;
batches that were stored give their first answer, and nothing is stored twice.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from lientuyen.identity.v1.import_pb2 import ImportProgress, RowRefusal

from ..convert.values import refusals
from ..model.faults import Fault

# Refusals told for one batch; all of them are counted.
MOST_REFUSALS = 1000

# Rows checked before other calls get a turn: about 5 ms.
TURN = 500

M = TypeVar("M")


@dataclass(slots=True)
class Batch:
    """What is known of a batch so far.  Rows are named by their number in the sender's file."""

    request_id: str
    first_row: int
    received: int
    refused: set[int] = field(default_factory=set)
    faults: list[RowRefusal] = field(default_factory=list)

    def refuse(self, place: int, faults: list[Fault]) -> None:
        """Refuse the row at *place* of the batch for *faults*."""
        self.refused.add(place)
        self.faults += refusals(self.first_row + place, faults)

    def progress(self) -> ImportProgress:
        """Return what became of the batch."""
        told = sorted(self.faults, key=lambda one: one.row)[:MOST_REFUSALS]
        return ImportProgress(
            request_id=self.request_id,
            rows_received=self.received,
            rows_stored=self.received - len(self.refused),
            rows_refused=len(self.refused),
            refusals=told,
        )


@dataclass(slots=True)
class Totals:
    """What a stream has stored and refused so far."""

    stored: int = 0
    refused: int = 0

    def count(self, progress: ImportProgress) -> None:
        """Count a batch, and tell the totals in its progress."""
        self.stored += progress.rows_stored
        self.refused += progress.rows_refused
        progress.stream_rows_stored, progress.stream_rows_refused = self.stored, self.refused


async def taking_turns(rows: Iterable[M]) -> AsyncIterator[tuple[int, M]]:
    """Give each of *rows* with its place, letting other calls run now and then."""
    for place, row in enumerate(rows):
        if place % TURN == TURN - 1:
            await asyncio.sleep(0)
        yield place, row


async def checked(
    batch: Batch,
    rows: Iterable[tuple[M, list[Fault]]],
    check: Callable[[M], list[Fault]],
    key: Callable[[M], tuple[str, object]],
    duplicate: Callable[[str], Fault],
) -> dict[int, M]:
    """Return the good rows by their place.

    A row comes with the faults that reading it found.  Bad rows are refused in
    *batch*, and so is one whose key, a field and its value, an earlier good row
    has: a batch must not say two things of one.
    """
    good: dict[int, M] = {}
    seen: set[object] = set()
    async for place, (row, unread) in taking_turns(rows):
        faults = unread + check(row)
        field_name, value = key(row)
        if not faults and value in seen:
            faults = [duplicate(field_name)]
        if faults:
            batch.refuse(place, faults)
            continue
        seen.add(value)
        good[place] = row
    return good

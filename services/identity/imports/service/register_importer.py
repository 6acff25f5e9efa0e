"""
One batch of an import: good rows are kept, bad rows are listed, the answer is repeatable.

A batch is one transaction under its own `request_id`.  A sender whose stream
broke opens another and sends again from the first batch that was not answered;
batches that were stored give their first answer, and nothing is stored twice.

Two batches of a stream are in work at once: while the database writes one, the
next is read, checked and copied.  It writes when the one before is committed, so
that of two rows about one person the later one counts; a batch of persons that follows
one of whom nobody was known is written meanwhile, and taken back if it names anybody known.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias, TypeVar

from google.protobuf.message import Message

from chassis.db import Transaction
from chassis.idempotency import Idempotency
from chassis.streams import answers_in_order
from lientuyen.identity.v1.import_pb2 import ImportProgress, RowRefusal

from ...convert.values import refusals
from ...model.faults import Fault
from ..model.person_rows import duplicate, repeats

# Refusals told for one batch; all of them are counted.
MOST_REFUSALS = 1000

# Rows checked before other calls get a turn: about 5 ms.
TURN = 500

# Batches in work at once, of all streams together: each holds a connection, and look-ups need
# theirs.  More would wait for the same two processors.
AT_ONCE = 2

M = TypeVar("M")
R = TypeVar("R", bound=Message)
Columns: TypeAlias = tuple[Any, ...]


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

    def copy(self) -> "Batch":
        """Return a batch of which as much is known: an attempt to store it begins with one."""
        return Batch(self.request_id, self.first_row, self.received, set(self.refused), list(self.faults))

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
) -> dict[int, M]:
    """Return the good rows by their place.

    A row comes with the faults that reading it found.  Bad rows are refused in
    *batch*, and so is one whose key, a field and its value, an earlier good row
    has: a batch must not say two things of one.
    """
    good: dict[int, M] = {}
    async for place, (row, unread) in taking_turns(rows):
        if faults := unread + check(row):
            batch.refuse(place, faults)
        else:
            good[place] = row
    refuse_repeats(batch, good, lambda row: (key(row),))
    return good


def refuse_repeats(
    batch: Batch, good: dict[int, M], keys: Callable[[M], Sequence[tuple[str, object]]]
) -> None:
    """Refuse each of *good* that has a key of an earlier one, and take it out."""
    for place, name in repeats((place, keys(row)) for place, row in good.items()).items():
        batch.refuse(place, [duplicate(name)])
        del good[place]


class Rows(Protocol[M]):
    """How the rows of one kind are read and judged; one for persons, one for cards."""

    def columns(self, rows: Sequence[Any]) -> list[Columns]:
        """Return the rows as they are stored."""

    def suspects(self, rows: Sequence[Any], columns: Sequence[Columns]) -> Collection[int]:
        """Return the places of the rows to be judged by themselves."""

    def read(self, row: Any) -> tuple[M, list[Fault]]:
        """Return one row as the model judges it, and the faults of its parts."""

    def faults(self, row: M) -> list[Fault]:
        """Return what the model finds wrong with it."""

    def differ(self, rows: Sequence[Columns]) -> bool:
        """Whether no two of *rows* have a key in common: told of all at once, before one by one."""

    def keys(self, columns: Columns) -> Sequence[tuple[str, object]]:
        """Return what tells it from the others of a batch: fields and values."""


async def read_rows(
    batch: Batch, rows: Sequence[Any], kind: Rows[M]
) -> tuple[dict[int, Columns], dict[int, M]]:
    """Return the good rows by their place; and of those judged by themselves, the model.

    Bad rows are refused in *batch*, and so is one that has a key of an earlier good row: a
    batch must not say two things of one.
    """
    good: dict[int, Columns] = {}
    judged: dict[int, M] = {}
    for first in range(0, len(rows), TURN):
        some = rows[first : first + TURN]
        columns = kind.columns(some)
        for place in sorted(kind.suspects(some, columns)):
            model, faults = kind.read(some[place])
            faults = faults + kind.faults(model)
            if faults:
                batch.refuse(first + place, faults)
            else:
                judged[first + place] = model
        good |= {place: row for place, row in enumerate(columns, first) if place not in batch.refused}
        await asyncio.sleep(0)
    if not kind.differ(list(good.values())):
        refuse_repeats(batch, good, kind.keys)
    return good, judged


@dataclass(slots=True)
class Course:
    """What the batches of one stream know of each other: whether the last that was written brought only
    what nobody knew, as the next one then probably does.
    """

    all_new: bool = False


class Turn:
    """The turn of one batch of a stream, after the one before it."""

    __slots__ = ("_before", "_begun", "_ended", "_failed", "course")

    def __init__(self, before: "Turn | None", course: Course) -> None:
        self.course = course
        self._before = before
        self._begun, self._ended = asyncio.Event(), asyncio.Event()
        self._failed = True

    async def to_begin(self) -> None:
        """Wait until the batch before asked for its connection: so none waits for what the next one holds."""
        if self._before is not None:
            await self._before._begun.wait()
        self._begun.set()

    async def to_write(self) -> None:
        """Wait until the batch before is committed.  If it failed, this one ends, and the stream with it."""
        if self._before is not None:
            await self._before._ended.wait()
            if self._before._failed:
                raise asyncio.CancelledError
            self._before = None

    def end(self, *, failed: bool) -> None:
        """Let the next batch go on."""
        self._failed = failed
        self._begun.set()
        self._ended.set()


Store: TypeAlias = Callable[[Transaction, Turn], Awaitable[R]]


class Imports:
    """The imports of one kind in this process, a few batches at once."""

    def __init__(self, idempotency: Idempotency) -> None:
        self._idempotency = idempotency
        self._room = asyncio.Semaphore(AT_ONCE)

    async def answers(
        self,
        requests: AsyncIterator[Any],
        response_type: type[R],
        read: Callable[[Any], Awaitable[Store[R]]],
    ) -> AsyncIterator[R]:
        """Answer each batch of a stream, in order; *read* makes of it what stores it."""
        totals, course = Totals(), Course()
        last: Turn | None = None

        def answer(request: Any) -> Coroutine[Any, Any, R]:
            nonlocal last
            last = Turn(last, course)
            return self._answer(request, response_type, read, last)

        async for reply in answers_in_order(requests, answer, at_once=AT_ONCE):
            totals.count(reply.progress)  # type: ignore[attr-defined]
            yield reply

    async def _answer(
        self, request: Any, response_type: type[R], read: Callable[[Any], Awaitable[Store[R]]], turn: Turn
    ) -> R:
        failed = True
        try:
            async with self._room:
                store = await read(request)
                # With its id, which is the same in a batch that is sent again.
                content = request.SerializeToString(deterministic=True)
                await turn.to_begin()
                reply = await self._idempotency.run_once_for(
                    request.request_id, content, response_type, lambda tx: store(tx, turn)
                )
            failed = False
            return reply
        finally:
            turn.end(failed=failed)

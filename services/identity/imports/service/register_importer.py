"""
The import of a register: a stream of batches, each stored once and answered in its order.

A batch is one transaction under its own `request_id`.  A sender whose stream
broke opens another and sends again from the first batch that was not answered;
batches that were stored give their first answer, and nothing is stored twice.

The next batch is read and judged while PostgreSQL writes the one before.  A stream writes one
batch at a time, so that of two rows about one person the later one counts.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message

from chassis.call_context import answering
from chassis.db import Transaction
from chassis.idempotency import Idempotency
from chassis.streams import answer_stream

from .batch_progress import Batch, Totals

# Batches of one kind that are written at once, of all streams together: each holds a connection, and
# look-ups need theirs.
MAX_CONCURRENT_WRITES = 2

# Batches of a stream that are read, or being read, beside the one that is written.
MAX_READ_AHEAD = 2

M = TypeVar("M")
R = TypeVar("R", bound=Message)


@dataclass(frozen=True, slots=True)
class ReadBatch(Generic[M]):
    """A batch that was read: its good rows by their index; the others are refused in *batch*."""

    request: Any
    batch: Batch
    rows: Mapping[int, M]


class RegisterImporter(Generic[M, R]):
    """The imports of one kind of register in this process.

    *read* returns the good rows of a request and refuses the others in the batch; *write* brings them
    into the tables, and may refuse more.
    """

    def __init__(
        self,
        idempotency: Idempotency,
        response_type: type[R],
        read: Callable[[Any, Batch], Awaitable[Mapping[int, M]]],
        write: Callable[[Transaction, Batch, Mapping[int, M]], Awaitable[None]],
    ) -> None:
        self._idempotency = idempotency
        self._response_type = response_type
        self._read_rows = read
        self._write_rows = write
        self._writing = asyncio.Semaphore(MAX_CONCURRENT_WRITES)

    async def import_batches(self, requests: AsyncIterator[Any]) -> AsyncIterator[R]:
        totals = Totals()
        batches: Any = answer_stream(requests, self._read, max_concurrency=MAX_READ_AHEAD, in_order=True)
        async with aclosing(batches):
            async for batch in batches:
                with answering(batch.request):
                    response = await self._write(batch)
                totals.count(response.progress)  # type: ignore[attr-defined]
                yield response

    async def _read(self, request: Any) -> ReadBatch[M]:
        batch = Batch(request.request_id, request.first_row, len(request.rows))
        return ReadBatch(request, batch, await self._read_rows(request, batch))

    async def _write(self, read: ReadBatch[M]) -> R:
        async def write(tx: Transaction) -> R:
            batch = read.batch.copy()
            await self._write_rows(tx, batch, read.rows)
            return self._response_type(progress=batch.progress())

        request_id = read.request.request_id
        # With its id, which is the same in a batch that is sent again.
        content = read.request.SerializeToString(deterministic=True)
        async with self._writing:
            return await self._idempotency.run_once_for(request_id, content, self._response_type, write)

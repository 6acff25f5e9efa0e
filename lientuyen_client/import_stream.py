"""
An import over a stream that may break: opened again, it goes on with the first batch not answered.

    async for progress in send_batches(client.persons.ImportPersons, batches(mapping, lines, salt)):
        ...

Only a few batches are in memory, and none is stored twice: a batch that is sent again carries the
request id that it had.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lientuyen.identity.v1.import_pb2 import ImportProgress

from .errors import Unavailable

# Batches sent and not answered.  The server works on two; one more is on its way.
MAX_UNANSWERED = 3

# How often in a row a stream may break, and how much longer the pause is after each time.
MAX_FAILURES = 8
RETRY_DELAY_S = 1.0


@dataclass(slots=True)
class _Sender:
    """The batches sent and not answered, over all the streams that it takes."""

    requests: Iterator[Any]
    unanswered: deque[Any] = field(default_factory=deque)
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_UNANSWERED))
    stream: int = 0
    failure: Exception | None = None

    async def feed(self) -> AsyncIterator[Any]:
        """Give again what was not answered, then what is new, as slots become free."""
        self.stream += 1
        stream = self.stream
        for request in tuple(self.unanswered):
            yield request
        while True:
            await self.slots.acquire()
            if stream != self.stream:  # another stream has taken over
                self.slots.release()
                return
            try:
                request = next(self.requests, None)
            except Exception as error:  # the file cannot be read on; gRPC would make a cancelled call of it
                self.failure, request = error, None
            if request is None:
                return
            self.unanswered.append(request)
            yield request

    def answered(self) -> None:
        self.unanswered.popleft()
        self.slots.release()


async def send_batches(
    method: Callable[[AsyncIterator[Any]], AsyncIterator[Any]],
    requests: Iterator[Any],
    *,
    retry_delay_s: float = RETRY_DELAY_S,
) -> AsyncIterator[ImportProgress]:
    """Send *requests* and give what became of each, in order.

    A stream that breaks is opened again, and goes on with the first batch that was not
    answered; `Unavailable` when nobody answers for about a minute.  What *requests* raises is raised
    here, when what came before it has been answered.
    """
    sender, failures = _Sender(requests), 0
    while True:
        try:
            async for reply in method(sender.feed()):
                failures = 0
                sender.answered()
                yield reply.progress
            if sender.failure:
                raise sender.failure
            return
        except Unavailable:
            failures += 1
            if failures == MAX_FAILURES:
                raise
        await asyncio.sleep(retry_delay_s * failures)

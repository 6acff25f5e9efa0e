"""A semaphore shared fairly: when all slots are taken, the callers that wait come in turn, one each."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager, suppress

Waiters = deque[asyncio.Future[None]]


class FairSemaphore:
    """So many *slots*.  One key holds at most three quarters of them, so that a slot is soon free.

    A key that floods waits in its own queue; another waits for one turn of each that waits.
    """

    def __init__(self, slots: int) -> None:
        self._free = slots
        self._max_per_key = max(1, slots * 3 // 4)
        self._held: dict[Hashable, int] = {}
        self._queues: OrderedDict[Hashable, Waiters] = OrderedDict()

    @property
    def waiting(self) -> int:
        """How many wait for a slot."""
        return sum(len(queue) for queue in tuple(self._queues.values()))

    @property
    def keys_waiting(self) -> int:
        return len(self._queues)

    def waiting_of(self, key: Hashable) -> int:
        return len(self._queues.get(key, ()))

    @asynccontextmanager
    async def hold(self, key: Hashable) -> AsyncIterator[None]:
        await self.acquire(key)
        try:
            yield
        finally:
            self.release(key)

    def try_acquire(self, key: Hashable) -> bool:
        """Take a slot for *key* if one is free and none of its own waits before; tell whether."""
        held = self._held.get(key, 0)
        if not self._free or held >= self._max_per_key or key in self._queues:
            return False
        self._free -= 1
        self._held[key] = held + 1
        return True

    async def acquire(self, key: Hashable) -> None:
        """Take a slot for *key*, after its turn.  Whoever is cancelled while waiting holds none."""
        if self.try_acquire(key):
            return
        slot = asyncio.get_running_loop().create_future()
        self._queues.setdefault(key, deque()).append(slot)
        try:
            await slot
        except asyncio.CancelledError:
            if slot.done() and not slot.cancelled():
                self.release(key)  # the slot came in the moment of the cancellation
            else:
                self._forget(key, slot)
            raise

    def release(self, key: Hashable) -> None:
        """Give back a slot of *key*; it goes to whose turn it is."""
        held = self._held.pop(key) - 1
        if held:
            self._held[key] = held
        self._free += 1
        if self._queues:
            self._hand_out()

    def _hand_out(self) -> None:
        while self._free and (key := self._next_key()) is not None:
            queue = self._queues[key]
            slot = queue.popleft()
            if queue:
                self._queues.move_to_end(key)
            else:
                del self._queues[key]
            if not slot.done():
                self._free -= 1
                self._held[key] = self._held.get(key, 0) + 1
                slot.set_result(None)

    def _next_key(self) -> Hashable | None:
        """Return whose turn it is; None when all that wait hold as many as they may."""
        return next((key for key in self._queues if self._held.get(key, 0) < self._max_per_key), None)

    def _forget(self, key: Hashable, slot: asyncio.Future[None]) -> None:
        queue = self._queues.get(key)
        if queue is None:
            return
        with suppress(ValueError):  # it was passed over already
            queue.remove(slot)
        if not queue:
            del self._queues[key]

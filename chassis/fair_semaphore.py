"""A semaphore shared fairly: when all slots are taken, the next goes to who waits and has the fewest."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager, suppress

Waiters = deque[asyncio.Future[None]]


class FairSemaphore:
    """So many *slots*.  One key holds three quarters of them at most, so that one is soon free.

    A key that floods waits in its own queue.  Of the keys that wait the one that holds the fewest is next;
    of those that hold as many, the one whose turn is longest ago.
    """

    def __init__(self, slots: int) -> None:
        self._free = slots
        self._max_per_key = self.usual_max = max(1, slots * 3 // 4)
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

    def held_by(self, key: Hashable) -> int:
        return self._held.get(key, 0)

    def limit(self, max_per_key: int) -> None:
        """Let one key hold so many from now on; what is held stays."""
        is_more, self._max_per_key = max_per_key > self._max_per_key, max_per_key
        if is_more:
            self._hand_out()

    @asynccontextmanager
    async def hold(self, key: Hashable) -> AsyncIterator[None]:
        await self.acquire(key)
        try:
            yield
        finally:
            self.release(key)

    def try_acquire(self, key: Hashable) -> bool:
        """Take a slot for *key* if one is free and none of its own waits before; tell whether."""
        if self._free <= 0 or self.held_by(key) >= self._max_per_key or key in self._queues:
            return False
        self.take(key)
        return True

    def take(self, key: Hashable) -> None:
        """Take a slot for *key* though there may be none: others wait until it is given back."""
        self._free -= 1
        self._held[key] = self.held_by(key) + 1

    async def acquire(self, key: Hashable, *, first: bool = False) -> None:
        """Take a slot for *key*, after its turn; *first* of those of its own that wait.

        Whoever is cancelled while waiting holds none.
        """
        if self.try_acquire(key):
            return
        slot = asyncio.get_running_loop().create_future()
        queue = self._queues.setdefault(key, deque())
        if first:
            queue.appendleft(slot)
        else:
            queue.append(slot)
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
        while self._free > 0 and (key := self._next_key()) is not None:
            queue = self._queues[key]
            slot = queue.popleft()
            if queue:
                self._queues.move_to_end(key)
            else:
                del self._queues[key]
            if not slot.done():
                self.take(key)
                slot.set_result(None)

    def _next_key(self) -> Hashable | None:
        """Return whose turn it is; None when all that wait hold as many as they may."""
        fewest, following = self._max_per_key, None
        for key in self._queues:
            held = self.held_by(key)
            if held < fewest:
                fewest, following = held, key
            if not held:
                break
        return following

    def _forget(self, key: Hashable, slot: asyncio.Future[None]) -> None:
        queue = self._queues.get(key)
        if queue is None:
            return
        with suppress(ValueError):  # it was passed over already
            queue.remove(slot)
        if not queue:
            del self._queues[key]

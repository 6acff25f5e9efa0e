"""Places for work, shared fairly: when all are taken, the callers that wait come in turn, one each."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Hashable
from contextlib import suppress

Waiting = deque[asyncio.Future[None]]


class Turns:
    """So many *places*.  One caller holds at most three quarters of them, so that a place is soon free.

    A caller that floods waits in its own queue; another waits for one turn of each that waits.
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._most = max(1, places * 3 // 4)
        self._held: dict[Hashable, int] = {}
        self._queues: OrderedDict[Hashable, Waiting] = OrderedDict()

    @property
    def waiting(self) -> int:
        """How many wait for a place."""
        return sum(len(queue) for queue in tuple(self._queues.values()))

    def try_enter(self, who: Hashable) -> bool:
        """Take a place for *who* if one is free and none of its own waits before; tell whether."""
        held = self._held.get(who, 0)
        if not self._free or held >= self._most or who in self._queues:
            return False
        self._free -= 1
        self._held[who] = held + 1
        return True

    async def enter(self, who: Hashable) -> None:
        """Take a place for *who*, after its turn.  Whoever is cancelled while waiting holds none."""
        if self.try_enter(who):
            return
        place = asyncio.get_running_loop().create_future()
        self._queues.setdefault(who, deque()).append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.leave(who)  # the place came in the moment of the cancellation
            else:
                self._forget(who, place)
            raise

    def leave(self, who: Hashable) -> None:
        """Give back a place of *who*; it goes to whose turn it is."""
        held = self._held.pop(who) - 1
        if held:
            self._held[who] = held
        self._free += 1
        if self._queues:
            self._give()

    def _give(self) -> None:
        while self._free and (who := self._next()) is not None:
            queue = self._queues[who]
            place = queue.popleft()
            if queue:
                self._queues.move_to_end(who)
            else:
                del self._queues[who]
            if not place.done():
                self._free -= 1
                self._held[who] = self._held.get(who, 0) + 1
                place.set_result(None)

    def _next(self) -> Hashable | None:
        """Return whose turn it is; None when all that wait hold as many as they may."""
        return next((who for who in self._queues if self._held.get(who, 0) < self._most), None)

    def _forget(self, who: Hashable, place: asyncio.Future[None]) -> None:
        queue = self._queues.get(who)
        if queue is None:
            return
        with suppress(ValueError):  # it was passed over already
            queue.remove(place)
        if not queue:
            del self._queues[who]

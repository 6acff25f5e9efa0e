"""
What is large, bounded in bytes: so many in work at once, in all and for one caller.

Whoever comes when they are taken waits; callers that wait come in turn, one each.  What waits is bounded
too, for it is in memory already: beyond that a call is refused and told when to come again.  A call that
waits keeps its turn from nobody (`turns`): whoever holds the bytes may need it to come to an end.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from lientuyen.chassis.v1 import error_reasons as reasons

from .errors import ResourceExhausted
from .turns import elsewhere

# Seconds after which whoever was refused may come again: as long as one large file takes, about.
RETRY_AFTER_S: Final = 5


@dataclass(slots=True, eq=False)
class _Waiter:
    size: int
    turn: "asyncio.Future[None]"


@dataclass(slots=True)
class _Share:
    """What one key holds, and what waits for it, in bytes."""

    held: int = 0
    waiting: int = 0
    queue: deque[_Waiter] = field(default_factory=deque)


class ByteBudget:
    """*capacity* bytes in work, *max_waiting* behind them; one key has at most three quarters of either.

    What is larger than a key's part takes all of it: it is alone, not refused.
    """

    def __init__(self, capacity: int, *, max_waiting: int) -> None:
        self._capacity = self._free = capacity
        self._max_held = capacity * 3 // 4
        self._max_waiting = max_waiting
        self._waiting = 0
        # By key, in the order of their turns.
        self._shares: OrderedDict[Hashable, _Share] = OrderedDict()

    @property
    def held(self) -> int:
        return self._capacity - self._free

    @property
    def waiting(self) -> int:
        return self._waiting

    @asynccontextmanager
    async def hold(self, key: Hashable, size: int) -> AsyncIterator[None]:
        """Hold *size* bytes for *key* inside the block, after its turn; the call's deadline ends the wait.

        ResourceExhausted(TOO_MANY_BYTES) when as many bytes wait as may.
        """
        held = min(size, self._max_held)
        await self._acquire(key, held)
        try:
            yield
        finally:
            self._release(key, held)

    async def _acquire(self, key: Hashable, size: int) -> None:
        waiter = _Waiter(size, asyncio.get_running_loop().create_future())
        self._enqueue(key, waiter)
        self._hand_out()
        if not waiter.turn.done() and self._is_crowded(key):
            self._forget(key, waiter)
            raise ResourceExhausted(
                reasons.TOO_MANY_BYTES, size_bytes=str(size), retry_after_seconds=str(RETRY_AFTER_S)
            )
        try:
            if not waiter.turn.done():
                async with elsewhere():
                    await waiter.turn
        except asyncio.CancelledError:
            if waiter.turn.done() and not waiter.turn.cancelled():
                self._release(key, size)  # its turn came in the moment of the cancellation
            else:
                self._forget(key, waiter)
                self._hand_out()
            raise

    def _enqueue(self, key: Hashable, waiter: _Waiter) -> None:
        share = self._shares.setdefault(key, _Share())
        share.queue.append(waiter)
        share.waiting += waiter.size
        self._waiting += waiter.size

    def _is_crowded(self, key: Hashable) -> bool:
        share = self._shares[key]
        return self._waiting > self._max_waiting or share.waiting > self._max_waiting * 3 // 4

    def _hand_out(self) -> None:
        """Let those go on whose turn it is, as far as there is room; nobody passes one that needs more."""
        while (key := self._next_key()) is not None and self._shares[key].queue[0].size <= self._free:
            share = self._shares[key]
            waiter = share.queue.popleft()
            self._shares.move_to_end(key)
            self._count_out(share, waiter)
            if waiter.turn.cancelled():  # and does not know it yet
                self._drop_if_idle(key, share)
                continue
            share.held += waiter.size
            self._free -= waiter.size
            waiter.turn.set_result(None)

    def _next_key(self) -> Hashable | None:
        """Return whose turn it is; those that hold as much as they may are passed."""
        return next(
            (
                key
                for key, share in self._shares.items()
                if share.queue and share.held + share.queue[0].size <= self._max_held
            ),
            None,
        )

    def _release(self, key: Hashable, size: int) -> None:
        share = self._shares[key]
        share.held -= size
        self._free += size
        self._drop_if_idle(key, share)
        self._hand_out()

    def _forget(self, key: Hashable, waiter: _Waiter) -> None:
        share = self._shares.get(key)
        if share is not None and waiter in share.queue:  # else it was passed over already
            share.queue.remove(waiter)
            self._count_out(share, waiter)
            self._drop_if_idle(key, share)

    def _count_out(self, share: _Share, waiter: _Waiter) -> None:
        share.waiting -= waiter.size
        self._waiting -= waiter.size

    def _drop_if_idle(self, key: Hashable, share: _Share) -> None:
        if not share.held and not share.queue:
            del self._shares[key]

"""
Whose messages a receiver gets next: pairs of sender and recipient take turns, each in its own order.

    held elsewhere    of a pair of which another stream holds messages, none goes out
    failed            a pair whose first message came back from two leases goes out one by one, and one such
                      pair at a time to each receiver: whoever is beside it when it kills loses a lease too
    window            of a window of 8 and more, an eighth is kept free from any one pair

So a pair that is stuck, or that kills its receiver, has one place of the window at most, after its first
two leases; and until then it leaves some to others.  After one lease that ran out, as when a receiver was
restarted, nothing changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

# So many leases that ran out make a pair go one by one.
FAILURES: Final = 2

# Of a window, the part that no single pair may have.
KEPT_FREE: Final = 8


@dataclass(frozen=True, slots=True)
class Holding:
    """What one *stream* holds of one *sender*: so many messages, the first until *expire_time*.

    *attempts* are those of the message among them that was leased most often, this time too.
    """

    sender: str
    stream: UUID
    messages: int
    attempts: int
    expire_time: datetime


@dataclass(frozen=True, slots=True)
class Head:
    """The first message that waits of *sender*, and how often it was leased since it entered the mailbox."""

    sender: str
    attempts: int


def pair_window(window: int) -> int:
    """Return how much of a receiver's *window* one pair may fill."""
    return window - window // KEPT_FREE


def share_out(
    heads: Sequence[Head], holdings: Sequence[Holding], stream: UUID, window: int, limit: int
) -> list[tuple[str, int]]:
    """Return how many messages of which senders *stream* gets, *limit* at most; of none zero.

    *heads* are in the order of their turns: the first have theirs now.
    """
    rooms: list[tuple[str, int]] = []
    has_failed = any(holding.stream == stream and holding.attempts > FAILURES for holding in holdings)
    for head in heads:
        room = _room(head, holdings, stream, window)
        if room <= 0 or (head.attempts >= FAILURES and has_failed):
            continue
        has_failed = has_failed or head.attempts >= FAILURES
        rooms.append((head.sender, room))
    rooms = rooms[: max(limit, 0)]
    shares = []
    for position, (sender, room) in enumerate(rooms):
        share = min(room, -(-limit // (len(rooms) - position)))
        limit -= share
        shares.append((sender, share))
    return shares


def _room(head: Head, holdings: Sequence[Holding], stream: UUID, window: int) -> int:
    of_pair = [holding for holding in holdings if holding.sender == head.sender]
    if any(holding.stream != stream for holding in of_pair):
        return 0
    has_failed = head.attempts >= FAILURES or any(holding.attempts > FAILURES for holding in of_pair)
    allowed = 1 if has_failed else pair_window(window)
    return allowed - sum(holding.messages for holding in of_pair)

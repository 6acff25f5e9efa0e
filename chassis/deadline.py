"""
How long a call may take: what the caller gave, or the rule's default; less the time to answer.

What is left goes on to peers and to the database: `remaining()`.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from .call_context import calling, current_or_none

# Taken off every deadline so that, when a peer is slow, our caller hears
# "records did not answer" from us and not a bare DEADLINE_EXCEEDED.  The answer needs
# half a round trip, and the caller's deadline began half a round trip before ours: a
# twentieth of the whole, within these bounds.
REPLY_MARGIN, LONGEST_MARGIN = 0.020, 0.250

# The part of what is left that a peer may take whose answer we can do without.
DISPENSABLE_SHARE = 0.5

# With less than this left on arrival, refuse: the work would be thrown away.
MIN_WORK = 0.100


def reply_margin(left: float) -> float:
    """Return the seconds to keep for the answer, of a call that has *left* seconds."""
    return min(max(left / 20, REPLY_MARGIN), LONGEST_MARGIN)


def remaining() -> float | None:
    """Return the seconds left of the call being answered, never below 0; None where there is no end."""
    call = current_or_none()
    if call is None or call.deadline is None:
        return None
    return max(0.0, call.deadline - time.monotonic())


@contextmanager
def leaving_time() -> Iterator[None]:
    """Give what is asked inside the block half of the time that is left.

    For a peer whose answer can be done without: one that is stopped takes all it is given, and with
    nothing left afterwards the caller would hear neither the rest nor who did not answer.
    """
    call = current_or_none()
    if call is None or call.deadline is None:
        yield
        return
    now = time.monotonic()
    with calling(replace(call, deadline=now + (call.deadline - now) * DISPENSABLE_SHARE)):
        yield

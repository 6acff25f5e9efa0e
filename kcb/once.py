"""
What is read from a file once, and is then the same object for everybody.

`functools.cache` runs its function twice when two threads ask first: then there are two sets of tables, and
what holds one of them against the other finds them unlike for as long as the process runs.
"""

from collections.abc import Callable
from functools import cache, wraps
from threading import RLock
from typing import TypeVar

T = TypeVar("T")

# One for all: what is read may need what another reads.
_READING = RLock()


def once(read: Callable[[], T]) -> Callable[[], T]:
    """Let *read* run once, whichever threads ask first."""
    cached = cache(read)

    @wraps(read)
    def read_once() -> T:
        with _READING:
            return cached()

    return read_once

"""Giving other services less time than a call has."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from chassis import call_context


@contextmanager
def no_longer_than(seconds: float) -> Iterator[None]:
    """Give peers no more than so many *seconds* inside the block."""
    call, limit = call_context.current(), time.monotonic() + seconds
    deadline = limit if call.deadline is None else min(limit, call.deadline)
    with call_context.calling(replace(call, deadline=deadline)):
        yield

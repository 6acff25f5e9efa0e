"""
The processor that a service runs on.

    settle(settings.processor)        # before any thread is started

The interpreter's lock lets one thread of a process work at a time, and those of grpc and of the loop
wake each other several times a call.  Spread over processors, each wake-up crosses from one to the
other, and each of grpc's takes the loop's processor away from it.  On one processor, with a kernel
that lets a thread work on until it waits, a call costs 8 to 16 % less (docs/adr/0029).
"""

import os
from contextlib import suppress


def available() -> frozenset[int]:
    """Return the processors that this process may run on; none where the system does not tell (macOS)."""
    return frozenset(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else frozenset()


def settle(processor: int | None) -> None:
    """Keep this process to *processor*; None leaves it where it may run.

    One that has a single processor, by this or by its cpuset, is scheduled as a batch
    (`SCHED_BATCH`): what wakes up does not interrupt what runs.  Holds for threads started later.
    """
    if processor is not None:
        os.sched_setaffinity(0, {processor})
    if len(available()) == 1:
        with suppress(OSError):  # a sandbox may forbid it: then it is slower, and nothing else
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))

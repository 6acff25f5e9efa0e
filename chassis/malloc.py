"""Memory that is freed goes back to the system, as far as the C library can be told so (glibc)."""

import ctypes
from contextlib import suppress
from typing import Final

# mallopt(3).  Blocks of a megabyte, as files are made of, are mapped by themselves and unmapped when they are
# freed: left alone, glibc learns from the first to cut the next out of a heap that never shrinks.
M_MMAP_THRESHOLD: Final = -3
MMAP_THRESHOLD_BYTES: Final = 1024 * 1024

# Heaps that threads have of their own, in all: each keeps what it once needed.
M_ARENA_MAX: Final = -8
MAX_ARENAS: Final = 2


def return_freed_memory() -> None:
    """Set both; elsewhere than on glibc do nothing."""
    with suppress(AttributeError, OSError):
        libc = ctypes.CDLL(None)
        libc.mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD_BYTES)
        libc.mallopt(M_ARENA_MAX, MAX_ARENAS)


def trim() -> None:
    """Give back what lies free among what is used: gRPC takes in a long message in small blocks."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)

"""
Running asynchronous work to its end from a synchronous function, wherever that is called.

`asyncio.run` refuses inside a running loop.  So the work gets a thread and a loop of its own;
the caller waits, and holds up its own loop if it is in one.  For starting up and for tests.
"""

import asyncio
import threading
from collections.abc import Coroutine
from typing import TypeVar

T = TypeVar("T")


def run_apart(work: Coroutine[object, object, T]) -> T:
    """Return what *work* returns, or raise what it raises."""
    results: list[T] = []
    failures: list[BaseException] = []

    def run() -> None:
        try:
            results.append(asyncio.run(work))
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=run, name="apart")
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
    return results[0]

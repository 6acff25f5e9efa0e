"""uvloop where there is one, as the services have it: for client and bare server alike."""

import asyncio
from collections.abc import Coroutine
from typing import Any


def run_with_uvloop(main: Coroutine[Any, Any, None]) -> None:
    """Run *main* to its end."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)
    else:
        uvloop.run(main)

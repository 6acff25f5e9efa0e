"""A part of an answer that a peer holds, and that the answer can do without."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from chassis.deadline import leaving_time
from chassis.errors import ServiceError

T = TypeVar("T")


async def part_of(
    name: str, ask: Callable[[], Awaitable[tuple[list[T], Sequence[str]]]], unreachable: list[str]
) -> list[T]:
    """Return what a peer holds; one that is silent or refuses is noted in *unreachable*, and gives nothing.

    So is whom the peer itself could not ask.
    """
    try:
        with leaving_time():
            parts, not_heard = await ask()
    except ServiceError:
        unreachable.append(name)
        return []
    unreachable += not_heard
    return parts

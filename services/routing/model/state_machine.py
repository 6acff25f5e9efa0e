"""What the state machines share: a move that the present state does not allow."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

S = TypeVar("S", bound=StrEnum)


class IllegalMove(Exception):
    """A thing is in a state that does not allow the action; nothing was changed."""

    def __init__(self, state: StrEnum, action: str) -> None:
        super().__init__(f"{action} is not allowed when {state}")
        self.state = state
        self.action = action


def moved(table: Mapping[tuple[S, str], S], state: S, action: str) -> S:
    """Return the state after *action*, by the transition *table*; IllegalMove when it has no such line."""
    try:
        return table[state, action]
    except KeyError:
        raise IllegalMove(state, action) from None

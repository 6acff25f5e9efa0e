"""What the state machines share: a table of transitions, and the refusal of one that it does not hold."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

S = TypeVar("S", bound=StrEnum)


class InvalidTransition(Exception):
    """A thing is in a state that does not allow the action; nothing was changed."""

    def __init__(self, state: StrEnum, action: str) -> None:
        super().__init__(f"{action} is not allowed when {state}")
        self.state = state
        self.action = action


def transition(table: Mapping[tuple[S, str], S], state: S, action: str) -> S:
    """Return the state after *action*; InvalidTransition when *table* does not allow it in *state*."""
    try:
        return table[state, action]
    except KeyError:
        raise InvalidTransition(state, action) from None

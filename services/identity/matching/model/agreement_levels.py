"""A level: how two values of one field agree.  A field's levels are named in its own module, best first."""

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Seen:
    """What a level says: *agreement*, 1 the same to 0 different, and a note that names no value."""

    agreement: float
    note: str


class Level(Enum):
    """The base of each field's levels.  Members stand in the order of agreement, best first."""

    @property
    def agreement(self) -> float:
        return self._seen.agreement

    @property
    def note(self) -> str:
        return self._seen.note

    @property
    def _seen(self) -> Seen:
        seen: Seen = self.value
        return seen

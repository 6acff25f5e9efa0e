"""
Planting one fault: which rule it breaks, in which dossiers, what it does, and where it must be named.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from kcb.registers import Registers

from .drafts import TABLES, Draft, Row, money, number, settle_line
from .parts import at
from .shapes import SHAPES, Shape

# Changes a draft and returns the path where that must be named; None: the rule has nothing to say.
Plant = Callable[[Draft, random.Random], str]


@dataclass(frozen=True, slots=True)
class Fault:
    """What breaks *rule*.  *doubt*: it only warns, though the rule refuses.  *also*: what then speaks too."""

    rule: str
    shapes: tuple[str, ...]
    plant: Plant
    doubt: bool = False
    also: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RawFault:
    """What breaks *rule* in the bytes of a file: *make* gives these, and the path where it must be named."""

    rule: str
    make: Callable[[random.Random], tuple[bytes, str]]


@dataclass(frozen=True, slots=True)
class RegistryFault:
    """What breaks *rule* beside a register: *right* makes those of a dossier, *plant* changes either."""

    rule: str
    shapes: tuple[str, ...]
    right: Callable[[Draft], Registers]
    plant: Callable[[Draft, random.Random, Registers], tuple[str, Registers]]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """What stands just on the right side of *rule*."""

    rule: str
    shapes: tuple[str, ...]
    change: Callable[[Draft, random.Random], object]


FAULTS: Final[list[Fault]] = []
RAW_FAULTS: Final[list[RawFault]] = []
REGISTRY_FAULTS: Final[list[RegistryFault]] = []
NEIGHBOURS: Final[list[Neighbour]] = []


def fault(
    rule: str, *shapes: str, doubt: bool = False, also: tuple[str, ...] = ()
) -> Callable[[Plant], Plant]:
    """Say that a function plants a fault of *rule* into dossiers of *shapes*."""

    def register(plant: Plant) -> Plant:
        FAULTS.append(Fault(rule, shapes, plant, doubt, frozenset(also)))
        return plant

    return register


def neighbour(
    rule: str, *shapes: str
) -> Callable[[Callable[[Draft, random.Random], object]], Callable[[Draft, random.Random], object]]:
    """Say that a function changes a dossier of *shapes* to the limit of *rule*, which has nothing to say."""

    def register(
        change: Callable[[Draft, random.Random], object],
    ) -> Callable[[Draft, random.Random], object]:
        NEIGHBOURS.append(Neighbour(rule, shapes, change))
        return change

    return register


def cell_fault(
    rule: str, shapes: str, code: str, name: str, *values: str, where: Row | None = None, doubt: bool = False
) -> None:
    """Plant one of *values* into a field of a table, in the first row with the values of *where*."""

    def plant(draft: Draft, rng: random.Random) -> str:
        index = draft.line(code, **(where or {}))
        return put(draft, code, index, name, rng.choice(values))

    FAULTS.append(Fault(rule, tuple(shapes.split()), plant, doubt))


def cell_neighbour(
    rule: str, shapes: str, code: str, name: str, *values: str, where: Row | None = None
) -> None:
    """Set one of *values*, to which the rule has nothing to say."""

    def change(draft: Draft, rng: random.Random) -> None:
        put(draft, code, draft.line(code, **(where or {})), name, rng.choice(values))

    NEIGHBOURS.append(Neighbour(rule, tuple(shapes.split()), change))


def put(draft: Draft, code: str, index: int, name: str, value: str) -> str:
    """Set a value and return its path."""
    row = draft.tables[code][index]
    assert name in row, (code, name)
    row[name] = value
    return path(code, index, name)


def path(code: str, index: int, name: str) -> str:
    return f"{code}[{index + 1}].{name}" if TABLES[code]["xml"]["item"] else f"{code}.{name}"


def shape_of(name: str) -> Shape:
    return SHAPES[name]


def any_line(draft: Draft, rng: random.Random, code: str = "") -> tuple[str, int]:
    """Return a line of XML2 or XML3 that lies inside the insurance's scope."""
    lines = [
        (table, index)
        for table in ("XML2", "XML3")
        for index, row in enumerate(draft.rows(table))
        if (not code or table == code) and row["PHAM_VI"] in "13"
    ]
    return rng.choice(lines)


def add(draft: Draft, code: str, index: int, name: str, dong: str) -> str:
    """Add so many đồng to an amount and return its path."""
    row = draft.tables[code][index]
    return put(draft, code, index, name, money(number(row[name]) + Decimal(dong)))


def move(draft: Draft, code: str, index: int, name: str, minutes: int) -> str:
    """Move a time by so many minutes and return its path."""
    return put(draft, code, index, name, at(draft.tables[code][index][name], minutes))


def resettle(draft: Draft, code: str, index: int) -> None:
    settle_line(code, draft.tables[code][index])
    draft.total()

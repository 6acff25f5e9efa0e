"""
Under which keys a register may have somebody: what the blocks of `matching/store.py` look for.

A name's key is the folded name read backwards, as `name_key` of migration 0008 makes it: the given
name, by which people are told apart, comes first, and all who share it stand together.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from common.values import PartialDate
from kcb.vietnamese_text import folded

from .date_comparison import nearby
from .name_comparison import name_parts
from .sex_and_phone import phone_keys
from .weights import Description

# Parts of a name that are tried as the given name.
MAX_PARTS: Final = 6

# What sorts just behind a space, and before every letter.
_BEHIND: Final = "!"
_NEXT: Final = "\x01"


@dataclass(frozen=True, slots=True)
class Keys:
    """What to look for.  *given_names* are ranges of keys, without their ends; *near* has *born* first."""

    key: str
    exact: tuple[str, ...]
    given_names: tuple[tuple[str, str], ...]
    born: PartialDate | None
    near: tuple[PartialDate, ...]
    phones: tuple[str, ...]
    mother: str

    @property
    def whole_names(self) -> list[tuple[str, str]]:
        """The ranges in which exactly the whole name lies, in each order that it may be written in."""
        return [(key, key + _NEXT) for key in self.exact]


def keys_of(description: Description) -> Keys:
    words = list(name_parts(description.full_name))
    typed = folded(description.full_name)
    turned = [words, words[1:] + words[:1], words[-1:] + words[:-1], words[::-1]]
    exact = dict.fromkeys(key for key in (typed[::-1], *(" ".join(order)[::-1] for order in turned)) if key)
    born = description.birth if description.birth is not None and description.birth.year else None
    return Keys(
        key=" ".join(words)[::-1],
        exact=tuple(exact),
        given_names=tuple((word[::-1], word[::-1] + _BEHIND) for word in _parts(words)),
        born=born,
        near=tuple(nearby(born)) if born else (),
        phones=tuple(phone_keys(description.phone)),
        mother=" ".join(name_parts(description.mother_name))[::-1],
    )


def days_of(years: Iterable[int]) -> list[PartialDate]:
    """Return every day of *years*, and their months and the years with the rest unknown: 385 a year."""
    return [
        PartialDate(year, month, day)
        for year in years
        for month in range(13)
        for day in range(32)
        if month or not day
    ]


def _parts(words: list[str]) -> list[str]:
    return list(dict.fromkeys([*words[-1:], *words[:1], *words[1:-1]]))[:MAX_PARTS]

"""
Two names of people, compared: Vietnamese names as people type, copy and lose parts of them.

A Vietnamese name is the family name (họ), middle names (tên đệm), the given name (tên): `Nguyễn Văn An`.
Comparing is symmetric.
"""

from typing import Final

from kcb.vietnamese_text import folded

from .agreement_levels import Level, Seen
from .letter_folding import composed, unkeyed
from .typing_mistakes import one_mistake, overlap

# How much of the pairs of letters two names must share to be called alike.
ALIKE: Final = 0.6


class NameLevel(Level):
    SAME = Seen(1.0, "same")
    DIACRITICS_LOST = Seen(0.97, "diacritics lost")
    KEYS_LEFT = Seen(0.95, "telex or VNI keys left in")
    DIACRITICS_DIFFER = Seen(0.9, "diacritics differ")
    ORDER = Seen(0.85, "order of the parts swapped")
    MIDDLE = Seen(0.8, "a middle name missing")
    TYPING = Seen(0.7, "one typing mistake")
    INITIALS = Seen(0.6, "initials only")
    ALIKE = Seen(0.5, "similar")
    GIVEN_ONLY = Seen(0.3, "only the given name agrees")
    DIFFERS = Seen(0.0, "differs")


def compare_names(first: str, second: str) -> NameLevel | None:
    plain, plain_too = folded(first), folded(second)
    if not plain or not plain_too:
        return None
    if plain == plain_too:
        return _marks(composed(first), composed(second))
    words, words_too = unkeyed(plain).split(), unkeyed(plain_too).split()
    if words == words_too:
        return NameLevel.KEYS_LEFT
    return _parts(words, words_too)


def name_parts(name: str) -> tuple[str, ...]:
    return tuple(unkeyed(folded(name)).split())


def _marks(first: str, second: str) -> NameLevel:
    if first == second:
        return NameLevel.SAME
    pairs = zip(first.split(), second.split(), strict=True)
    lost = all(a == b or a.isascii() or b.isascii() for a, b in pairs)
    return NameLevel.DIACRITICS_LOST if lost else NameLevel.DIACRITICS_DIFFER


def _parts(first: list[str], second: list[str]) -> NameLevel:
    if sorted(first) == sorted(second):
        return NameLevel.ORDER
    if _middle(first, second):
        return NameLevel.MIDDLE
    if _mistyped(first, second):
        return NameLevel.TYPING
    if _initials(first, second):
        return NameLevel.INITIALS
    if overlap(_pairs(first), _pairs(second)) >= ALIKE:
        return NameLevel.ALIKE
    return NameLevel.GIVEN_ONLY if first[-1] == second[-1] else NameLevel.DIFFERS


def _middle(first: list[str], second: list[str]) -> bool:
    """Whether family and given name agree, and one lacks middle names that the other has."""
    short, long = sorted((first, second), key=len)
    if len(short) < 2 or len(short) == len(long):
        return False
    rest = iter(long[1:-1])
    return short[0] == long[0] and short[-1] == long[-1] and all(word in rest for word in short[1:-1])


def _mistyped(first: list[str], second: list[str]) -> bool:
    """Whether one edit in one part, or one space too many or too few, makes the names the same."""
    if len(first) != len(second):
        return "".join(first) == "".join(second)
    wrong = [(a, b) for a, b in zip(first, second, strict=True) if a != b]
    return len(wrong) == 1 and len(first) > 1 and one_mistake(*wrong[0])


def _initials(first: list[str], second: list[str]) -> bool:
    """Whether the given names agree and every other part does, by its first letter at least: `N V An`."""
    first, second = [word.strip(".") for word in first], [word.strip(".") for word in second]
    if len(first) != len(second) or len(first) < 2 or first[-1] != second[-1]:
        return False
    return all(
        a == b or (1 in (len(a), len(b)) and a[:1] == b[:1]) for a, b in zip(first, second, strict=True)
    )


def _pairs(words: list[str]) -> set[str]:
    return {f" {word} "[at : at + 2] for word in words for at in range(len(word) + 1)}

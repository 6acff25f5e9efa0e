"""Typing mistakes: one key wrong, missing, too many, or two in the wrong order; and how alike texts are."""


def one_mistake(one: str, other: str) -> bool:
    """Whether one edit makes *one* of *other*: a character changed, added, left out, or two swapped.

    False for equal texts.
    """
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    start = _common(one, other)
    one, other = one[start:], other[start:]
    end = _common(one[::-1], other[::-1])
    one, other = one[: len(one) - end], other[: len(other) - end]
    return max(len(one), len(other)) <= 1 or (len(one) == len(other) == 2 and one == other[::-1])


def _common(one: str, other: str) -> int:
    """Return how many characters both begin with."""
    at = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        at += 1
    return at


def overlap(one: set[str], other: set[str]) -> float:
    """Return what two sets share, 0 to 1 (Jaccard); 0 when both are empty."""
    return len(one & other) / len(one | other) if one or other else 0.0

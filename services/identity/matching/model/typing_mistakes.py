"""Typing mistakes: one key wrong, missing, too many, or two in the wrong order; and how alike texts are."""


def one_mistake(first: str, second: str) -> bool:
    """Whether one edit makes *first* of *second*: a character changed, added, left out, or two swapped.

    False for equal texts.
    """
    if first == second or abs(len(first) - len(second)) > 1:
        return False
    start = _common(first, second)
    first, second = first[start:], second[start:]
    end = _common(first[::-1], second[::-1])
    first, second = first[: len(first) - end], second[: len(second) - end]
    return max(len(first), len(second)) <= 1 or (len(first) == len(second) == 2 and first == second[::-1])


def _common(first: str, second: str) -> int:
    at = 0
    for a, b in zip(first, second, strict=False):
        if a != b:
            break
        at += 1
    return at


def overlap(first: set[str], second: set[str]) -> float:
    """Return what two sets share, 0 to 1 (Jaccard); 0 when both are empty."""
    return len(first & second) / len(first | second) if first or second else 0.0

"""
Amounts of the tables as whole thousandths: exact, and quick to multiply.

A quantity and a price have three decimals at most, an amount two.
"""

from functools import lru_cache
from typing import Final

# Thousandths of one.
ONE: Final = 1_000
# A đồng is a difference, half a đồng a doubt, less is rounding.
DONG, HALF = ONE, ONE // 2
# No amount of any table is longer; what is, was refused for it.
MAX_LENGTH: Final = 40


@lru_cache(maxsize=65_536)
def milli(value: str) -> int | None:
    """Return a number of the tables, `16500.50`, in thousandths; None when there is none."""
    if not value or len(value) > MAX_LENGTH:
        return None
    whole, _, fraction = value.partition(".")
    return int(whole + (fraction + "000")[:3])


def rounded(numerator: int, denominator: int) -> int:
    """Return a quotient rounded half up to two decimals, in thousandths."""
    return (200 * numerator + denominator) // (2 * denominator) * 10


def dong(amount: int) -> str:
    """Return an amount in words, with its sign: `+1200.00`."""
    sign = "-" if amount < 0 else "+"
    whole, rest = divmod(abs(amount), ONE)
    return f"{sign}{whole}.{rest // 10:02}"

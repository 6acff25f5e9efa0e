"""Prices of the insured tables, in whole đồng."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Final

# DON_GIA_BV has 15 digits at most.
MAX_DONG: Final = 10**15


def whole_dong(written: str) -> int | None:
    """Return a price such as `21800.50` in whole đồng, half a đồng up; None for what is no price."""
    try:
        price = Decimal(written)
        dong = int(price.quantize(Decimal(1), ROUND_HALF_UP))
    except (InvalidOperation, ValueError, OverflowError):
        return None
    return dong if 0 <= dong < MAX_DONG else None

"""
Quantities: whole thousandths of a unit, so that parts add up exactly to the whole.

A double cannot hold 0.1; three decimals are what `XML2.SO_LUONG` has.
"""

THOUSANDTHS = 1000


def text_of(thousandths: int) -> str:
    """Return the quantity for people, without useless zeros: 4500 is `4.5`, 30000 is `30`."""
    whole, part = divmod(thousandths, THOUSANDTHS)
    return f"{whole}.{part:03d}".rstrip("0").rstrip(".")

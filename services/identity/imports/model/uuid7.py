"""UUIDs of version 7 (RFC 9562), a batch of them at a time."""

from typing import Final

# Random bytes of an id, and the characters (hex) that they are written in.
RANDOM_BYTES: Final = 9
RANDOM_DIGITS: Final = 2 * RANDOM_BYTES


def uuid7s(milliseconds: int, random: bytes) -> list[str]:
    """Return an id for each `RANDOM_BYTES` of *random*, all of one moment.

    Ids of one batch lie side by side in an index, in no order that says anything of the
    rows; scattered ones would touch a page each of every index, once it is large.
    """
    moment, digits = f"{milliseconds:012x}", random.hex()
    return [
        f"{moment}7{digits[at : at + 3]}8{digits[at + 3 : at + RANDOM_DIGITS]}"
        for at in range(0, len(digits), RANDOM_DIGITS)
    ]

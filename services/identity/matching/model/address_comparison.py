"""
Two addresses, compared across the mergers of 2025 (63 provinces became 34, districts went).

Every old province went into one of today as a whole, and one of today has the code of one that
went into it: so a code alone says which province it is today.  Communes were cut anew; where the
codes differ the written line tells, without the words that only say what a place is.
"""

import re
from functools import lru_cache
from typing import Final

from kcb.vietnamese_text import folded

from ...model.persons import Address
from ...model.places import today
from .agreement_levels import Level, Seen
from .typing_mistakes import overlap

# What a place is (phường, xã, thị trấn, quận, huyện, thành phố, tỉnh, thôn, số, đường …), folded.
_KINDS: Final = re.compile(
    r"\b(?:thi tran|thi xa|thanh pho|dac khu|phuong|xa|quan|huyen|tinh|tp|tx|tt|thon|ap|so|duong|[pqhx])\b\.?"
)
_WORD: Final = re.compile(r"[0-9a-z]+")

# How much of the words of two lines must be shared.
SAME_LINE: Final = 0.75
ALIKE_LINE: Final = 0.4


class AddressLevel(Level):
    SAME = Seen(1.0, "same place and line")
    LINE = Seen(0.8, "similar line in the same province of today")
    COMMUNE = Seen(0.7, "same commune, other line")
    DISTRICT = Seen(0.5, "same district, other line")
    PROVINCE = Seen(0.3, "same province of today")
    DIFFERS = Seen(0.0, "differs")


def compare_addresses(first: Address, second: Address) -> AddressLevel | None:
    alike = line_likeness(first.line, second.line)
    homes = today(first.province_code), today(second.province_code)
    if not all(homes):
        return AddressLevel.SAME if alike is not None and alike >= SAME_LINE else None
    if homes[0] != homes[1]:
        return AddressLevel.DIFFERS
    if alike is not None and alike >= ALIKE_LINE:
        return AddressLevel.SAME if alike >= SAME_LINE else AddressLevel.LINE
    if first.commune_code and first.commune_code == second.commune_code:
        return AddressLevel.COMMUNE
    district = first.district_code and first.district_code == second.district_code
    return AddressLevel.DISTRICT if district else AddressLevel.PROVINCE


def line_likeness(first: str, second: str) -> float | None:
    """Return how many words two lines share, 0 to 1; None when one has none."""
    words, words_too = line_words(first), line_words(second)
    return overlap(set(words), set(words_too)) if words and words_too else None


@lru_cache(maxsize=16_384)
def line_words(line: str) -> frozenset[str]:
    """Return the folded words of a line that tell one place from another."""
    return frozenset(_WORD.findall(_KINDS.sub(" ", folded(line))))

"""
Which kinds of restricted data a prescription tells of, read from its diagnoses.

The law has a closed list of who may know of HIV (Luật Phòng, chống HIV/AIDS
Art. 30).  Mental and reproductive health and sexual infections are treated as
restricted too [GK].  The chapters are those of ICD-10.
"""

import re
from collections.abc import Iterable
from enum import IntEnum


class DataClass(IntEnum):
    """What kind of health data; the numbers are those of identity's contract."""

    CARE = 1
    HIV = 2
    MENTAL_HEALTH = 3
    REPRODUCTIVE_HEALTH = 4


# The first match of a code, without its dot, says its class; what matches none is ordinary care.
RESTRICTED = (
    (re.compile(r"B2[0-4]|Z21|R75|Z717|Z206|Z114"), DataClass.HIV),
    (re.compile(r"F\d\d|X[67]\d|X8[0-4]|Z915"), DataClass.MENTAL_HEALTH),
    (re.compile(r"A5\d|A6[0-4]|O\d\d|N9[67]|Z3[0-9]|Z202|Z113"), DataClass.REPRODUCTIVE_HEALTH),
)


def classes_of(codes: Iterable[str]) -> frozenset[DataClass]:
    """Return the classes that these ICD-10 codes tell of; ordinary care is always among them."""
    plain = [code.strip().upper().replace(".", "") for code in codes]
    found = {kind for code in plain for pattern, kind in RESTRICTED if pattern.match(code)}
    return frozenset({DataClass.CARE, *found})

"""
Which kinds of restricted data a dossier tells of, read from its diagnoses and tables.

The law has a closed list of who may know of HIV (Luật Phòng, chống HIV/AIDS
Art. 30).  Mental and reproductive health and sexual infections are treated as
restricted too.  The chapters are those of ICD-10.

Rows keep the kinds as a mask, one bit a kind, so that a query leaves out what may not be seen.
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

# Tables that tell of a restricted kind by being there: HIV treatment; rest in pregnancy.
TELLING = {
    "XML6": DataClass.HIV,
    "XML9": DataClass.REPRODUCTIVE_HEALTH,
    "XML10": DataClass.REPRODUCTIVE_HEALTH,
}


def classes_of(codes: Iterable[str], tables: Iterable[str] = ()) -> frozenset[DataClass]:
    """Return the kinds that these ICD-10 codes and tables tell of; ordinary care is always among them."""
    plain = [code.strip().upper().replace(".", "") for code in codes]
    found = {kind for code in plain for pattern, kind in RESTRICTED if pattern.match(code)}
    return frozenset({DataClass.CARE, *found, *(TELLING[table] for table in tables if table in TELLING)})


def mask_of(classes: Iterable[DataClass]) -> int:
    """Return the kinds as a mask; ordinary care has no bit, for it is never hidden by itself."""
    return sum(1 << kind for kind in set(classes) if kind is not DataClass.CARE)


def classes_in(mask: int) -> frozenset[DataClass]:
    """Return the kinds in a mask; ordinary care is always among them."""
    return frozenset(kind for kind in DataClass if kind is DataClass.CARE or mask >> kind & 1)

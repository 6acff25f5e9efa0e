"""
Restricted health data: which diagnoses and tables tell of HIV, of mental and of reproductive health.

The law has a closed list of who may know of HIV (Luật Phòng, chống HIV/AIDS Art. 30).  Mental and
reproductive health and sexual infections are treated as restricted too [GK].  The chapters are
those of ICD-10.  This is the only place where the rule stands.

Rows keep the classes as a mask, one bit a class, so that a query leaves out what may not be seen.
"""

import re
from collections.abc import Iterable
from enum import IntEnum

from kcb.vietnamese_text import folded


class DataClass(IntEnum):
    """What kind of health data; the numbers are those of `identity.v1.DataClass`."""

    CARE = 1
    HIV = 2
    MENTAL_HEALTH = 3
    REPRODUCTIVE_HEALTH = 4


ALL_CLASSES = frozenset(DataClass)
RESTRICTED = ALL_CLASSES - {DataClass.CARE}

# What a code, without its dot, begins with says its class; what matches none is ordinary care.  In a field
# that holds several, however they are set apart, every one begins with the only letter that it has.
ICD10_PATTERNS = (
    (re.compile(r"B2[0-4]|Z21|R75|Z717|Z206|Z114"), DataClass.HIV),
    (re.compile(r"F\d\d|X[67]\d|X8[0-4]|Z915"), DataClass.MENTAL_HEALTH),
    (re.compile(r"A5\d|A6[0-4]|O\d\d|N9[67]|Z3[0-9]|Z202|Z113"), DataClass.REPRODUCTIVE_HEALTH),
)

# What people put into a code, or copy with it: its dot, spaces, the dagger and the star.
_NO_PART_OF_A_CODE = re.compile(r"[^a-z0-9]")

# Tables that tell of a class by being there: HIV treatment; rest in pregnancy.
TABLES = {
    "XML6": DataClass.HIV,
    "XML9": DataClass.REPRODUCTIVE_HEALTH,
    "XML10": DataClass.REPRODUCTIVE_HEALTH,
}


def classes_of(codes: Iterable[str], tables: Iterable[str] = ()) -> frozenset[DataClass]:
    """Return the classes that these ICD-10 codes and tables tell of; ordinary care is always among them."""
    plain = [_NO_PART_OF_A_CODE.sub("", folded(code)).upper() for code in codes]
    by_code = {kind for code in plain for pattern, kind in ICD10_PATTERNS if pattern.search(code)}
    by_table = {TABLES[table] for table in tables if table in TABLES}
    return frozenset({DataClass.CARE, *by_code, *by_table})


def class_of(number: int) -> DataClass:
    """Return the class with this *number*; one that a newer peer names is treated as the strictest: HIV."""
    return DataClass(number) if number in frozenset(DataClass) else DataClass.HIV


def mask_of(classes: Iterable[DataClass]) -> int:
    """Return the classes as a mask; ordinary care has no bit, for it is never hidden by itself."""
    return sum(1 << kind for kind in set(classes) if kind is not DataClass.CARE)


def restricted_in(mask: int) -> list[DataClass]:
    """Return the restricted classes in a mask, in the order of their numbers."""
    return sorted(classes_in(mask) & RESTRICTED)


def classes_in(mask: int) -> frozenset[DataClass]:
    """Return the classes in a mask; ordinary care is always among them."""
    return frozenset(kind for kind in DataClass if kind is DataClass.CARE or mask >> kind & 1)

"""
A bed (giường) that two dossiers of a facility are paid for at one time.

Shared beds (TYLE_TT_DV below 100) may be.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from .amounts import milli
from .dossier_facts import values_in
from .registers import BedUse
from .report import Row

WHOLE: Final = 100_000


class Bed(NamedTuple):
    """MA_KHOA and MA_GIUONG."""

    department: str
    number: str


def bed_uses(row: Row) -> Iterator[tuple[Bed, BedUse]]:
    """Give the beds that a line of XML3 has for its patient alone, each from and to a minute."""
    first, last = row.get("NGAY_TH_YL"), row.get("NGAY_KQ")
    if first and last and milli(row.get("TYLE_TT_DV")) == WHOLE:
        for number in values_in(row.get("MA_GIUONG")):
            yield Bed(row.get("MA_KHOA"), number), BedUse(first, last)


def overlaps(row: Row, beds: Mapping[tuple[str, str], Sequence[BedUse]]) -> bool:
    """Whether a bed of a line is in use by another dossier meanwhile."""
    return any(
        use.first < other.last and other.first < use.last
        for bed, use in bed_uses(row)
        for other in beds.get(bed, ())
    )


def every_use(rows: Iterable[Row]) -> set[tuple[Bed, BedUse]]:
    """Return the uses of all lines, each once; none that ends before it begins."""
    return {(bed, use) for row in rows for bed, use in bed_uses(row) if use.first < use.last}

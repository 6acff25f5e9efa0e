"""
The benefit rate of a line (MUC_HUONG) against the way of coming and the cost of the visit; doubts only.

Sources: `care_shares.py` (QĐ 3276/QĐ-BYT Annex 1, NĐ 188/2025/NĐ-CP Art. 19), `reference_wages.py` (Luật
BHYT Art. 22.1.b: a visit of less than 15 % of the reference wage is paid in full).
"""

from decimal import Decimal
from typing import Final

from .care_shares import Share, share_of
from .field_formats import moment
from .money_rules import Line, amount
from .reference_wages import wage
from .report import Row

# Categories that pay a share only, or nothing, pay it of a small visit too.
SHARE_ONLY: Final = frozenset({"1.13", "1.14", "1.18", "3.1", "9"})
FULL: Final = Decimal(100)

SMALL_VISIT: Final = "MUC_HUONG = 100, T_TONGCHI_BH < 15 % mức tham chiếu"


class Rates:
    """What the rates of one encounter may be."""

    def __init__(self, main: Row) -> None:
        arrival = moment(main.get("NGAY_VAO"))
        self._day = arrival.date() if arrival else None
        self._category, self._form = main.get("MA_DOITUONG_KCB"), main.get("MA_LOAI_KCB")
        self._cost = amount(main, "T_TONGCHI_BH")
        self._share = share_of(self._category, self._day, self._form) if self._day else None

    def doubt(self, line: Line) -> str:
        """Return in words what the rate of *line* should be, or nothing when it may be what it is."""
        rate = line.amount("MUC_HUONG")
        if rate is None or not line.inside:
            return ""
        if self._share and not fits(self._share, rate):
            sign = "=" if self._share.of_costs else "≤"
            return f"MUC_HUONG {sign} {self._share.percent}, MA_DOITUONG_KCB = {self._category}"
        return SMALL_VISIT if self._is_small and rate != FULL else ""

    @property
    def _is_small(self) -> bool:
        known = wage(self._day) if self._day and self._category and self._category not in SHARE_ONLY else None
        return known is not None and self._cost is not None and self._cost < known.small_visit


def fits(share: Share, rate: Decimal) -> bool:
    """Whether a rate may stand for *share*: half the benefit is written as 50, or as half the card's rate."""
    return rate == share.percent if share.of_costs else rate <= share.percent

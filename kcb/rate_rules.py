"""
The benefit rate of a line (MUC_HUONG) against the way of coming and the cost of the visit; doubts only.

Sources: `care_shares.py` (QĐ 3276/QĐ-BYT Annex 1, NĐ 188/2025/NĐ-CP Art. 19), `reference_wages.py` (Luật
BHYT Art. 22.1.b: a visit of less than 15 % of the reference wage is paid in full, of any other no more than
the card's level says).
"""

from datetime import date
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
ABOVE_CARD: Final = "MUC_HUONG ≤ mức hưởng của thẻ, T_TONGCHI_BH ≥ 15 % mức tham chiếu"

# The rate of each level of benefit, the third character of a card (Luật BHYT Art. 22.1).
CARD_RATES: Final = {"1": 100, "2": 100, "3": 95, "4": 80, "5": 100}

# Groups that are paid as level 2 whatever is printed, since that day (NQ 261/2025/QH15).
PAID_AS_LEVEL_2, PAID_SINCE = frozenset({"CN", "LH"}), date(2026, 1, 1)

CARD_LENGTH: Final = 15

# Paid in full in a facility of that kind, whatever the card (QĐ 3276/QĐ-BYT row 1.2).
WHATEVER_CARD: Final = "1.2"


class Rates:
    """What the rates of one encounter may be."""

    def __init__(self, main: Row) -> None:
        arrival = moment(main.get("NGAY_VAO"))
        self._day = arrival.date() if arrival else None
        self._category, self._form = main.get("MA_DOITUONG_KCB"), main.get("MA_LOAI_KCB")
        self._cost = amount(main, "T_TONGCHI_BH")
        self._share = share_of(self._category, self._day, self._form) if self._day else None
        self._small = self._is_small()
        decided = self._small is False and "NGAY_MIEN_CCT" not in main.faulty
        self._most = card_rate(main.get("MA_THE_BHYT"), self._day) if decided else None
        self._exempt_from = main.get("NGAY_MIEN_CCT")

    def doubt(self, line: Line) -> str:
        """Return in words what the rate of *line* should be, or nothing when it may be what it is."""
        rate = line.amount("MUC_HUONG")
        if rate is None or not line.inside:
            return ""
        if self._share and not fits(self._share, rate):
            sign = "=" if self._share.of_costs else "≤"
            return f"MUC_HUONG {sign} {self._share.percent}, MA_DOITUONG_KCB = {self._category}"
        if self._small and self._category not in SHARE_ONLY:
            return SMALL_VISIT if rate != FULL else ""
        return ABOVE_CARD if self._is_above_card(line, rate) else ""

    def _is_above_card(self, line: Line, rate: Decimal) -> bool:
        if self._most is None or rate <= self._most or self._category == WHATEVER_CARD:
            return False
        ordered = line.row.get("NGAY_YL")
        return not self._exempt_from or (bool(ordered) and ordered < self._exempt_from)

    def _is_small(self) -> bool | None:
        """Whether the visit costs less than 15 % of the wage; None when that cannot be known."""
        known = wage(self._day) if self._day and self._category else None
        return None if known is None or self._cost is None else self._cost < known.small_visit


def card_rate(cards: str, day: date | None) -> int | None:
    """Return the highest rate of the cards; None when a card does not tell its own."""
    rates = [rate_of(card.strip(), day) for card in cards.split(";")]
    known = [rate for rate in rates if rate is not None]
    return max(known) if len(known) == len(rates) else None


def rate_of(card: str, day: date | None) -> int | None:
    """Return the rate of a card; None for ten digits, and for a group that has another level now."""
    if len(card) != CARD_LENGTH or (card[:2] in PAID_AS_LEVEL_2 and day is not None and day >= PAID_SINCE):
        return None
    return CARD_RATES.get(card[2])


def fits(share: Share, rate: Decimal) -> bool:
    """Whether a rate may stand for *share*: half the benefit is written as 50, or as half the card's rate."""
    return rate == share.percent if share.of_costs else rate <= share.percent

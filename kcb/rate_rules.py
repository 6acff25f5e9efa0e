"""
The benefit rate of a line (MUC_HUONG) against the way of coming, the card and the cost of the visit.

Sources: QĐ 3276/QĐ-BYT Annex 1; NĐ 188/2025/NĐ-CP Art. 19; `reference_wages.py` (Luật
BHYT Art. 22.1.b: a visit of less than 15 % of the reference wage is paid in full, of any other no more than
the card's level says; Art. 22.1.d: nothing is shared after the yearly ceiling).
"""

from datetime import date
from typing import Final

from .amounts import ONE, milli
from .dossier_facts import INPATIENT, Dossier, day_of
from .line_amounts import Line
from .located_rows import LocatedRow
from .notes import Notes
from .reference_wages import wage

# Categories that pay a share only, or nothing, pay it of a small visit too.
SHARE_ONLY: Final = frozenset({"1.13", "1.14", "1.18", "3.1", "9"})
HALF_SHARE: Final = frozenset({"1.13", "1.14", "1.18"})
FULL: Final = 100 * ONE

# The rate of each level of benefit, the third character of a card (Luật BHYT Art. 22.1), in thousandths.
CARD_RATES: Final = {"1": FULL, "2": FULL, "3": 95 * ONE, "4": 80 * ONE, "5": FULL}

# Groups that are paid as level 2 whatever is printed, since that day (NQ 261/2025/QH15).
PAID_AS_LEVEL_2, PAID_SINCE = frozenset({"CN", "LH"}), date(2026, 1, 1)

CARD_LENGTH: Final = 15

# Paid in full in a facility of that kind, whatever the card (QĐ 3276/QĐ-BYT row 1.2).
WHATEVER_CARD, CENTRAL = "1.2", "3.1"
# From when a half is paid, by the day of arrival (NĐ 188/2025/NĐ-CP Art. 19).
HALF_SINCE: Final = "20260701"

SMALL_VISIT: Final = "MUC_HUONG = 100 (T_TONGCHI_BH < 15 % mức tham chiếu)"
ABOVE_CARD: Final = "MUC_HUONG ≤ mức hưởng của thẻ (T_TONGCHI_BH ≥ 15 % mức tham chiếu)"
EXEMPT: Final = "MUC_HUONG = 100 (NGAY_YL ≥ NGAY_MIEN_CCT)"

# A rule and what it wants.
Broken = tuple[str, str]


class Rates:
    """What the rates of one encounter may be."""

    def __init__(self, dossier: Dossier) -> None:
        self._day = day_of(dossier.arrival)
        self._since_half = dossier.arrival >= HALF_SINCE
        self._category = dossier.category
        self._inpatient = dossier.form in INPATIENT
        self._small = self._is_small(dossier.value("T_TONGCHI_BH"))
        main = dossier.main.row
        decided = self._small is False and "NGAY_MIEN_CCT" not in main.faulty
        self._most = card_rate(main.get("MA_THE_BHYT"), self._day) if decided else None
        self._exempt_from = main.get("NGAY_MIEN_CCT")

    def check(self, line: Line, located: LocatedRow, notes: Notes) -> None:
        """Check the rate of a row, whose amounts are those of *line*."""
        rate = line.amount("MUC_HUONG")
        if rate is None or not line.inside:
            return
        broken = self._of_category(rate) or self._of_visit(located.row.get("NGAY_YL"), rate)
        if broken:
            notes.add(located, broken[0], "MUC_HUONG", expected=broken[1])

    def _of_category(self, rate: int) -> Broken | None:
        if self._category == WHATEVER_CARD:
            return (
                None if rate == FULL else ("rate-commune-station", "MUC_HUONG = 100 (MA_DOITUONG_KCB = 1.2)")
            )
        if self._category in HALF_SHARE and self._since_half and rate > FULL // 2:
            return "rate-half", f"MUC_HUONG ≤ 50 (MA_DOITUONG_KCB = {self._category})"
        if self._category == CENTRAL and self._inpatient and rate > 40 * ONE:
            return "rate-central", "MUC_HUONG ≤ 40 (MA_DOITUONG_KCB = 3.1)"
        return None

    def _of_visit(self, ordered: str, rate: int) -> Broken | None:
        if self._category not in SHARE_ONLY and rate != FULL:
            if self._is_exempt(ordered):
                return "rate-after-exemption", EXEMPT
            if self._small:
                return "rate-small-visit", SMALL_VISIT
        if self._most is not None and rate > self._most and not self._may_be_above(ordered):
            return "rate-above-card", ABOVE_CARD
        return None

    def _may_be_above(self, ordered: str) -> bool:
        exempt = self._exempt_from
        return self._category == WHATEVER_CARD or (bool(exempt) and ordered[: len(exempt)] >= exempt)

    def _is_exempt(self, ordered: str) -> bool:
        """Whether an order falls into the rest of the year from NGAY_MIEN_CCT on, of 8 or 12 characters."""
        exempt = self._exempt_from
        return bool(exempt) and ordered[:4] == exempt[:4] and ordered[: len(exempt)] >= exempt

    def _is_small(self, total: str) -> bool | None:
        """Whether the visit costs less than 15 % of the wage; None when that cannot be known."""
        known = wage(self._day) if self._day and self._category else None
        cost = milli(total)
        return None if known is None or cost is None else cost < known.small_visit * ONE


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

"""Insurance cards (thẻ bảo hiểm y tế)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum

from common.values import shifted

from .benefit_levels import RANK, raised
from .grace_periods import Grace, grace_of


class Issuer(IntEnum):
    UNSPECIFIED = 0
    SOCIAL_INSURANCE = 1
    DEFENCE = 2
    PUBLIC_SECURITY = 3


# Why a card may no longer be used: codes of `BHYT_LOOKUP_RESULT`.
STANDINGS = frozenset({"", "110", "120", "121", "122", "123", "124"})

# The source of what the insurance portal (cổng giám định BHYT) told.
PORTAL = "portal"


@dataclass(frozen=True, slots=True)
class Coverage:
    """A card in a period of validity; *valid_to* None has no end, *standing* empty is usable.

    *exempt_from* is from when its owner shares no costs more in that year (`NGAY_MIEN_CCT`);
    *source* is who told of it last, a caller that imports or `PORTAL`.  *unlisted_on* is the day in
    Viet Nam on which a source that names the person's cards named it no more: it counts until the
    day before, for dossiers of those days, and from then on no more.
    """

    card_number: str
    valid_from: date
    valid_to: date | None
    group_code: str
    benefit_level: int
    initial_facility: str
    area_code: str
    five_years_date: date | None
    issuer: Issuer
    standing: str
    verify_time: datetime
    exempt_from: date | None = None
    source: str = ""
    unlisted_on: date | None = None

    def listed(self, day: date) -> bool:
        return self.unlisted_on is None or day < self.unlisted_on

    def in_force(self, day: date) -> bool:
        """Whether the card may be used on *day*: GT_THE_TU ≤ day ≤ GT_THE_DEN."""
        return not self.standing and self.valid_from <= day and not self.lapsed(day)

    def lapsed(self, day: date) -> bool:
        """Whether the card is over on *day*: its last day is before, or it is not listed any longer."""
        return (self.valid_to is not None and self.valid_to < day) or not self.listed(day)

    def grace(self, treatment_start: date | None) -> Grace | None:
        """Return the rule by which the fund pays on when the card lapses during a treatment, else None.

        It is the rule of the first day after the lapse.
        """
        if self.standing or self.valid_to is None or treatment_start is None:
            return None
        if not self.valid_from <= treatment_start <= self.valid_to or self.valid_to == date.max:
            return None
        return grace_of(shifted(self.valid_to, timedelta(days=1)))

    def grace_until(self, treatment_start: date | None) -> date | None:
        """Return the last day that the fund pays when the card lapses during a treatment, else None."""
        rule = self.grace(treatment_start)
        return shifted(self.valid_to, rule.days) if rule and self.valid_to else None

    def in_grace(self, day: date, treatment_start: date | None) -> bool:
        """Whether the fund pays on for *day*, as far as the days tell; the form of care may exclude it."""
        until = self.grace_until(treatment_start)
        return until is not None and self.listed(day) and self.lapsed(day) and day <= until

    def exempt(self, day: date) -> bool:
        """Whether the owner shares no costs on *day*: from *exempt_from* to the end of that year.

        NĐ 188/2025/NĐ-CP Art. 18.2 (secondary source): to 31 December, and anew each year.
        """
        first = self.exempt_from
        return first is not None and first <= day and first.year == day.year

    @property
    def temporary(self) -> bool:
        """Whether the number is surely a temporary one of a child: `TE1` with letters in its last ten."""
        return self.card_number.startswith("TE1") and not self.card_number[5:].isdigit()

    def level_on(self, day: date) -> int:
        """Return the benefit level that counts on *day*, 0 when not known."""
        better = raised(self.group_code, self.benefit_level, day)
        return better.level if better else self.benefit_level

    def rank(self, day: date) -> tuple[int, date, date, str]:
        """Return what to compare cards by: the level first, then the longest and the latest."""
        return (RANK[self.level_on(day)], self.valid_to or date.max, self.valid_from, self.card_number)


def newest(cards: Sequence[Coverage]) -> list[Coverage]:
    """Return *cards* without those that a later confirmation of the same card and period took the place of.

    Records of one person that were merged may each know the card; of two
    confirmed at one time the one that is stopped counts, else any, always the same.
    """
    by_period = {(card.card_number, card.valid_from): card for card in cards}
    if len(by_period) == len(cards):
        return list(cards)
    for card in sorted(cards, key=lambda card: (card.verify_time, card.standing, repr(card))):
        by_period[card.card_number, card.valid_from] = card
    return list(by_period.values())

"""Insurance cards (thẻ bảo hiểm y tế)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum

from .entitlement import GRACE, RANK, raised


class Issuer(IntEnum):
    """Who manages a card; as `Coverage.Issuer` of the contract."""

    UNSPECIFIED = 0
    SOCIAL_INSURANCE = 1
    DEFENCE = 2
    PUBLIC_SECURITY = 3


# Why a card may no longer be used: codes of `BHYT_LOOKUP_RESULT`.
STANDINGS = frozenset({"", "110", "120", "121", "122", "123", "124"})


@dataclass(frozen=True, slots=True)
class Coverage:
    """A card in a period of validity; *valid_to* None has no end, *standing* empty is usable."""

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

    def in_force(self, day: date) -> bool:
        """Whether the card may be used on *day*: GT_THE_TU ≤ day ≤ GT_THE_DEN."""
        return not self.standing and self.valid_from <= day and not self.lapsed(day)

    def lapsed(self, day: date) -> bool:
        """Whether the card's last day is before *day*."""
        return self.valid_to is not None and self.valid_to < day

    def in_grace(self, day: date, treatment_start: date | None) -> bool:
        """Whether the card lapsed during a treatment and the fund still pays on *day* (at most 15 days)."""
        if self.standing or self.valid_to is None or treatment_start is None:
            return False
        began_in_time = self.valid_from <= treatment_start <= self.valid_to
        return began_in_time and self.valid_to < day <= self.valid_to + GRACE

    def level_on(self, day: date) -> int:
        """Return the benefit level that counts on *day*, 0 when not known."""
        better = raised(self.group_code, self.benefit_level, day)
        return better.level if better else self.benefit_level

    def rank(self, day: date) -> tuple[int, date, date, str]:
        """Return what to compare cards by: the level first, then the longest and the latest."""
        return (RANK[self.level_on(day)], self.valid_to or date.max, self.valid_from, self.card_number)

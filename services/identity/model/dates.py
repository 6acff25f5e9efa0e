"""Dates of which a part may be unknown."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date in Viet Nam; unknown parts are 0, from the right (`NGAY_SINH` writes them `00`)."""

    year: int
    month: int = 0
    day: int = 0

    @property
    def exists(self) -> bool:
        """Whether there is such a date: parts in range, no day without a month, no 30 February."""
        if not 1 <= self.year <= 9999 or (self.day and not self.month):
            return False
        try:
            date(self.year, self.month or 1, self.day or 1)
        except ValueError:
            return False
        return True

    @property
    def whole(self) -> date | None:
        """The date, or None when a part is unknown."""
        return date(self.year, self.month, self.day) if self.month and self.day else None

    def agrees(self, other: "PartialDate") -> bool:
        """Whether both may be the same date: the parts that both know are equal."""
        pairs = ((self.year, other.year), (self.month, other.month), (self.day, other.day))
        return all(a == b or not a or not b for a, b in pairs)

    def youngest_age(self, day: date) -> int:
        """Return the least age in years that somebody born on this date may have on *day*."""
        born = (self.month or 12, self.day or 31)
        return day.year - self.year - ((day.month, day.day) < born)

    def oldest_age(self, day: date) -> int:
        """Return the greatest age in years that somebody born on this date may have on *day*."""
        born = (self.month or 1, self.day or 1)
        return day.year - self.year - ((day.month, day.day) < born)


def shown(day: date) -> str:
    """Return *day* as people in Viet Nam write it: 31/12/2026."""
    return f"{day.day:02}/{day.month:02}/{day.year:04}"

"""Two birth dates, compared.  Unknown parts are 0, as `NGAY_SINH` writes them; comparing is symmetric."""

from common.values import PartialDate

from .agreement_levels import Level, Seen
from .typing_mistakes import one_mistake


class DateLevel(Level):
    """How two birth dates agree, best first."""

    SAME = Seen(1.0, "same")
    SWAPPED = Seen(0.85, "day and month swapped")
    DIGIT = Seen(0.8, "one digit mistyped")
    YEAR_OFF = Seen(0.75, "year off by one")
    MONTH = Seen(0.7, "year and month agree, the day is unknown")
    YEAR = Seen(0.5, "year agrees, the rest is unknown")
    YEAR_ONLY = Seen(0.3, "only the year agrees")
    NEAR = Seen(0.2, "unknown in part, year off by one")
    DIFFERS = Seen(0.0, "differs")


def compare_dates(one: PartialDate | None, other: PartialDate | None) -> DateLevel | None:
    """Return how two birth dates agree; None when not even the year of one is told."""
    if one is None or other is None or not one.year or not other.year:
        return None
    if one.month and one.day and other.month and other.day:
        return _whole(one, other)
    return _partial(one, other)


def _whole(one: PartialDate, other: PartialDate) -> DateLevel:
    """Return how two dates agree that are known as a whole."""
    if one == other:
        return DateLevel.SAME
    same_year = one.year == other.year
    if same_year and (one.month, one.day) == (other.day, other.month):
        return DateLevel.SWAPPED
    if same_year and (1, 1) in ((one.month, one.day), (other.month, other.day)):
        return DateLevel.YEAR  # 1 January is what registers wrote for a day that nobody knew
    if abs(one.year - other.year) == 1 and (one.month, one.day) == (other.month, other.day):
        return DateLevel.YEAR_OFF
    if one_mistake(_digits(one), _digits(other)):
        return DateLevel.DIGIT
    return DateLevel.YEAR_ONLY if same_year else DateLevel.DIFFERS


def _partial(one: PartialDate, other: PartialDate) -> DateLevel:
    """Return how two dates agree of which a part is unknown."""
    if abs(one.year - other.year) == 1:
        return DateLevel.NEAR
    if one.year != other.year:
        return DateLevel.DIFFERS
    if not one.month or not other.month:
        return DateLevel.YEAR
    return DateLevel.MONTH if one.month == other.month else DateLevel.YEAR_ONLY


def _digits(day: PartialDate) -> str:
    return f"{day.day:02}{day.month:02}{day.year:04}"


def nearby(born: PartialDate) -> list[PartialDate]:
    """Return the dates that a register may have for somebody born on *born*, *born* first.

    The same; the parts unknown that may be; day and month swapped; the year off by one; one digit
    mistyped or two swapped, while the date exists.  About 40 for a whole date; for a partial one
    it with fewer parts.
    """
    year, month, day = born.year, born.month, born.day
    found = [born, PartialDate(year, month), PartialDate(year), PartialDate(year, 1, 1)]
    if month and day:
        found += [
            PartialDate(year, day, month),
            PartialDate(year - 1, month, day),
            PartialDate(year + 1, month, day),
        ]
        found += _mistyped(_digits(born))
    return [one for one in dict.fromkeys(found) if one.exists]


def _mistyped(digits: str) -> list[PartialDate]:
    """Return the dates that one wrong digit, or two swapped, make of `ddmmyyyy`; some do not exist.

    The century is not mistyped: who is born in another is somebody else.
    """
    found = []
    for at in (0, 1, 2, 3, 6, 7):
        found += [f"{digits[:at]}{digit}{digits[at + 1 :]}" for digit in "0123456789"]
    for at in (0, 1, 2, 6):
        found.append(f"{digits[:at]}{digits[at + 1]}{digits[at]}{digits[at + 2 :]}")
    made = [PartialDate(int(text[4:]), int(text[2:4]), int(text[:2])) for text in found]
    return [one for one in made if one.month and one.day]

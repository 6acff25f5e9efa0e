"""Two birth dates, compared.  Unknown parts are 0, as `NGAY_SINH` writes them; comparing is symmetric."""

from common.values import PartialDate

from .agreement_levels import Level, Seen
from .typing_mistakes import one_mistake


class DateLevel(Level):
    SAME = Seen(1.0, "same")
    SWAPPED = Seen(0.85, "day and month swapped")
    DIGIT = Seen(0.8, "one digit mistyped")
    YEAR_OFF = Seen(0.75, "year off by one")
    MONTH = Seen(0.7, "year and month agree, the day is unknown")
    YEAR = Seen(0.5, "year agrees, the rest is unknown")
    YEAR_ONLY = Seen(0.3, "only the year agrees")
    NEAR = Seen(0.2, "unknown in part, year off by one")
    DIFFERS = Seen(0.0, "differs")


def compare_dates(first: PartialDate | None, second: PartialDate | None) -> DateLevel | None:
    if first is None or second is None or not first.year or not second.year:
        return None
    if first.month and first.day and second.month and second.day:
        return _whole(first, second)
    return _partial(first, second)


def _whole(first: PartialDate, second: PartialDate) -> DateLevel:
    if first == second:
        return DateLevel.SAME
    same_year = first.year == second.year
    if same_year and (first.month, first.day) == (second.day, second.month):
        return DateLevel.SWAPPED
    if same_year and (1, 1) in ((first.month, first.day), (second.month, second.day)):
        return DateLevel.YEAR  # 1 January is what registers wrote for a day that nobody knew
    if abs(first.year - second.year) == 1 and (first.month, first.day) == (second.month, second.day):
        return DateLevel.YEAR_OFF
    if one_mistake(_digits(first), _digits(second)):
        return DateLevel.DIGIT
    return DateLevel.YEAR_ONLY if same_year else DateLevel.DIFFERS


def _partial(first: PartialDate, second: PartialDate) -> DateLevel:
    if abs(first.year - second.year) == 1:
        return DateLevel.NEAR
    if first.year != second.year:
        return DateLevel.DIFFERS
    if not first.month or not second.month:
        return DateLevel.YEAR
    return DateLevel.MONTH if first.month == second.month else DateLevel.YEAR_ONLY


def _digits(day: PartialDate) -> str:
    return f"{day.day:02}{day.month:02}{day.year:04}"


def nearby(born: PartialDate) -> list[PartialDate]:
    """Return the dates that a register may have for somebody born on *born*, *born* first.

    The same; the parts unknown that may be; day and month swapped; the year off by one; one digit
    mistyped or two swapped, while the date exists.  About 40 for a whole date; for a partial one
    the same with fewer parts.
    """
    year, month, day = born.year, born.month, born.day
    dates = [born, PartialDate(year, month), PartialDate(year), PartialDate(year, 1, 1)]
    if month and day:
        dates += [
            PartialDate(year, day, month),
            PartialDate(year - 1, month, day),
            PartialDate(year + 1, month, day),
        ]
        dates += _mistyped(_digits(born))
    return [date for date in dict.fromkeys(dates) if date.exists]


def _mistyped(digits: str) -> list[PartialDate]:
    """Return the dates that one wrong digit, or two swapped, make of `ddmmyyyy`; some do not exist.

    The century is not mistyped: who is born in another is somebody else.
    """
    texts = []
    for at in (0, 1, 2, 3, 6, 7):
        texts += [f"{digits[:at]}{digit}{digits[at + 1 :]}" for digit in "0123456789"]
    for at in (0, 1, 2, 6):
        texts.append(f"{digits[:at]}{digits[at + 1]}{digits[at]}{digits[at + 2 :]}")
    dates = [PartialDate(int(text[4:]), int(text[2:4]), int(text[:2])) for text in texts]
    return [date for date in dates if date.month and date.day]

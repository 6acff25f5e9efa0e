"""
Batches of rows judged column by column: a few steps for thousands of values.

What is found here only makes a row suspect: `imports` then judges it by itself
and names its faults.  A row that has a fault there is suspect here, always; the
tests hold both against each other.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import lt
from typing import Any, Final, TypeAlias

from common.values import PartialDate

from ...model.coverages import STANDINGS, Issuer
from ...model.identifiers import Sex, card_result_code
from ...model.persons import ADDRESS_CODES
from .person_rows import CODES, COVERAGE_COLUMNS, PERSON_COLUMNS

Column: TypeAlias = Sequence[Any]
Row: TypeAlias = tuple[Any, ...]

# Dates and beginnings of cards that are judged once: a century of days, every group and province.
REMEMBERED: Final = 65_536


@dataclass(frozen=True, slots=True)
class Check:
    """A rule for a column: whether all of it is right, and whether one value is."""

    whole: Callable[[Column], bool]
    one: Callable[[Any], bool]


def failing(column: Column, check: Check) -> list[int]:
    """Return the places of *column* whose values break *check*."""
    if check.whole(column):
        return []
    return [place for place, value in enumerate(column) if not check.one(value)]


def digits(width: int) -> Check:
    """Return the rule of a number: *width* digits 0 to 9, or empty."""
    form = re.compile(f"([0-9]{{{width}}})?")

    def whole(column: Column) -> bool:
        text = "".join(column)
        return set(map(len, column)) <= {0, width} and text.isascii() and (text.isdecimal() or not text)

    return Check(whole, lambda value: bool(form.fullmatch(value)))


def words(most: int, least: int = 0) -> Check:
    """Return the rule of a text: *least* to *most* characters, none of them U+0000."""

    def whole(column: Column) -> bool:
        lengths = set(map(len, column))
        return min(lengths) >= least and max(lengths) <= most and "\0" not in "".join(column)

    return Check(whole, lambda value: least <= len(value) <= most and "\0" not in value)


def each(one: Callable[[Any], bool]) -> Check:
    """Return the rule of a column with few different values: each of them must pass *one*."""
    return Check(lambda column: all(map(one, set(column))), one)


def among(allowed: Collection[Any]) -> Check:
    """Return the rule of a column whose values are all *allowed*."""
    return Check(lambda column: set(column) <= set(allowed), lambda value: value in allowed)


def form(pattern: "re.Pattern[str]") -> Check:
    """Return the rule of a code; there are few different ones."""
    return each(lambda value: bool(pattern.fullmatch(value)))


@lru_cache(REMEMBERED)
def _born(parts: tuple[int, int, int]) -> bool:
    """Whether *parts* are a date of which some may be unknown, or say nothing."""
    return parts == (0, 0, 0) or PartialDate(*parts).exists


# The one letter or number of a card that is like any other: letters and digits after the province.
_REST: Final = re.compile("[0-9A-Z]*")


@lru_cache(REMEMBERED)
def _card_begins(five: str) -> bool:
    """Whether a card of 15 characters may begin so."""
    return not card_result_code(five + "0000000000")


def _cards(column: Column) -> bool:
    short = "".join([card for card in column if len(card) == 10])
    if short and not (short.isascii() and short.isdecimal()):
        return False
    long = [card for card in column if len(card) != 10]
    return (
        set(map(len, long)) <= {15}
        and all(map(_card_begins, {card[:5] for card in long}))
        and bool(_REST.fullmatch("".join([card[5:] for card in long])))
    )


def _card(card: str) -> bool:
    return len(card) in (10, 15) and not card_result_code(card)


def _says_whom(keys: Row) -> bool:
    return any(keys)


def _in_order(days: Row) -> bool:
    """Whether a card's first and last day exist, and in that order; it need not have a last one."""
    first, last = days
    return bool(first) and (last is None or (last is not False and last >= first))


def _all_in_order(column: Column) -> bool:
    firsts, lasts = zip(*column, strict=True)
    if not all(firsts) or not all(lasts):
        return False
    return not any(map(lt, lasts, firsts))


_NO_KEY: Final = Check(lambda column: all(map(any, column)), _says_whom)
_BIRTH: Final = Check(lambda column: all(map(_born, column)), _born)
_ORDER: Final = Check(_all_in_order, _in_order)
# A date that does not exist is False; one that is not told is None.
_DAY: Final = Check(lambda column: False not in column, lambda day: day is not False)

Checks: TypeAlias = tuple[tuple[tuple[str, ...], Check], ...]

PERSON_CHECKS: Final[Checks] = (
    (("source_key",), words(64)),
    (("personal_id",), digits(12)),
    (("old_id",), digits(9)),
    (("social_insurance_number",), digits(10)),
    (("source_key", "personal_id"), _NO_KEY),
    (("full_name",), words(255, least=1)),
    (("birth_year", "birth_month", "birth_day"), _BIRTH),
    (("sex",), among(frozenset(Sex))),
    (("nationality",), form(CODES["nationality"])),
    (("ethnicity",), form(CODES["ethnicity"])),
    (("address_line",), words(1024)),
    (("commune_code",), form(ADDRESS_CODES["commune_code"])),
    (("district_code",), form(ADDRESS_CODES["district_code"])),
    (("province_code",), form(ADDRESS_CODES["province_code"])),
    (("phone",), words(20)),
)

COVERAGE_CHECKS: Final[Checks] = (
    (("source_key",), words(64)),
    (("personal_id",), digits(12)),
    (("insurance_number",), digits(10)),
    (("source_key", "personal_id", "insurance_number"), _NO_KEY),
    (("card_number",), Check(_cards, _card)),
    (("valid_from", "valid_to"), _ORDER),
    (("five_years_date",), _DAY),
    (("exempt_from",), _DAY),
    (("group_code",), form(re.compile("([A-Z]{2})?"))),
    (("benefit_level",), among(range(6))),
    (("initial_facility",), form(re.compile("([0-9A-Z]{5})?"))),
    (("area_code",), among(("", "K1", "K2", "K3"))),
    (("issuer",), among(frozenset(Issuer))),
    (("standing",), among(STANDINGS)),
)


def suspects(rows: Sequence[Row], names: Sequence[str], checks: Checks) -> set[int]:
    """Return the places of *rows*, whose columns are *names*, that any of *checks* does not let pass."""
    if not rows:
        return set()
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    found: set[int] = set()
    for needed, check in checks:
        column: Column = columns[needed[0]]
        if len(needed) > 1:
            column = tuple(zip(*(columns[name] for name in needed), strict=True))
        found.update(failing(column, check))
    return found


def person_suspects(rows: Sequence[Row]) -> set[int]:
    """Return the places of *rows* of persons that may have a fault."""
    return suspects(rows, PERSON_COLUMNS, PERSON_CHECKS)


def coverage_suspects(rows: Sequence[Row]) -> set[int]:
    """Return the places of *rows* of cards that may have a fault."""
    return suspects(rows, COVERAGE_COLUMNS, COVERAGE_CHECKS)

"""Rows of cards: all of a batch as columns are stored, and one as the model judges it."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any, Final, Literal

from lientuyen.identity.v1 import eligibility_service_pb2 as pb
from lientuyen.type.v1.date_pb2 import Date

from ...convert.values import whole_or_fault
from ...model.coverages import Issuer
from ...model.faults import Fault
from ..model.person_rows import CoverageRow, insurance_number

# The days of a century; nearly all cards begin and end on a few of them.
REMEMBERED: Final = 40_000

# The benefit level, which is the third character of a card of 15.
_LEVELS: Final = {digit: int(digit) for digit in "12345"}


def coverage_columns(rows: Iterable[pb.CoverageRow]) -> list[tuple[Any, ...]]:
    """Return the rows, each as `COVERAGE_COLUMNS`: a date that does not exist is False.

    What a row leaves out is filled in from its card.
    """
    return [_columns(row) for row in rows]


def _columns(row: pb.CoverageRow) -> tuple[Any, ...]:
    card = row.card_number
    long = len(card) == 15
    return (
        row.source_key,
        row.personal_id,
        row.social_insurance_number or insurance_number(card),
        card,
        _day(row.valid_from) if row.HasField("valid_from") else None,
        _day(row.valid_to) if row.HasField("valid_to") else None,
        row.group_code or (card[:2] if long else ""),
        row.benefit_level or (_LEVELS.get(card[2], 0) if long else 0),
        row.initial_facility_code,
        row.area_code,
        _day(row.five_years_date) if row.HasField("five_years_date") else None,
        row.issuer or int(Issuer.SOCIAL_INSURANCE),
        row.standing,
        _day(row.exempt_from) if row.HasField("exempt_from") else None,
    )


def _day(given: Date) -> date | Literal[False] | None:
    return _day_of(given.year, given.month, given.day)


@lru_cache(REMEMBERED)
def _day_of(year: int, month: int, day: int) -> date | Literal[False] | None:
    if year == month == day == 0:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return False


def coverage_row(row: pb.CoverageRow) -> tuple[CoverageRow, list[Fault]]:
    """Return the row as the model judges it, and the faults of its dates."""
    faults: list[Fault] = []
    read = CoverageRow(
        source_key=row.source_key,
        personal_id=row.personal_id,
        social_insurance_number=row.social_insurance_number,
        card_number=row.card_number,
        valid_from=whole_or_fault("valid_from", row.valid_from, faults),
        valid_to=whole_or_fault("valid_to", row.valid_to, faults),
        group_code=row.group_code,
        benefit_level=row.benefit_level,
        initial_facility=row.initial_facility_code,
        area_code=row.area_code,
        five_years_date=whole_or_fault("five_years_date", row.five_years_date, faults),
        issuer=row.issuer,
        standing=row.standing,
        exempt_from=whole_or_fault("exempt_from", row.exempt_from, faults),
    )
    return read, faults

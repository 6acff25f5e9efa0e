"""
Rows of persons: all of a batch as columns are stored, and one as the model judges it.

Reading a row into a tuple takes 3 µs, into a model 15; only a row that may be wrong, or that
brings numbers beyond the three with a field of their own, is read into a model.
"""

from collections.abc import Iterable
from datetime import date
from enum import IntEnum
from typing import Any, TypeVar, cast

from lientuyen.identity.v1 import person_service_pb2 as pb
from lientuyen.type.v1.date_pb2 import Date

from ...convert.values import address, partial, whole, whole_or_fault
from ...model.faults import Fault
from ...model.identifiers import Identifier, Kind, State
from ..model.person_rows import PersonRow

E = TypeVar("E", bound=IntEnum)


def person_columns(rows: Iterable[pb.PersonRow]) -> list[tuple[Any, ...]]:
    """Return the rows, each as `PERSON_COLUMNS`."""
    return [_columns(row) for row in rows]


def _columns(row: pb.PersonRow) -> tuple[Any, ...]:
    birth, home = row.birth_date, row.address
    return (
        row.source_key,
        row.personal_id,
        row.old_id,
        row.social_insurance_number,
        " ".join(row.full_name.split()),
        birth.year,
        birth.month,
        birth.day,
        row.sex,
        row.nationality,
        row.ethnicity,
        home.line,
        home.commune_code,
        home.district_code,
        home.province_code,
        _day(home.as_of) if home.HasField("as_of") else None,
        row.phone,
        row.deceased,
    )


def _day(given: Date) -> date | None:
    """Return the day, None when there is none such: it only says how old the codes are."""
    try:
        return whole(given)
    except ValueError:
        return None


def with_history(rows: Iterable[pb.PersonRow]) -> set[int]:
    """Return the places of *rows* that bring numbers without a field of their own."""
    return {place for place, row in enumerate(rows) if row.identifiers}


def person_row(row: pb.PersonRow) -> tuple[PersonRow, list[Fault]]:
    """Return the row as the model judges it, and the faults of its dates."""
    faults: list[Fault] = []
    read = PersonRow(
        source_key=row.source_key,
        personal_id=row.personal_id,
        old_id=row.old_id,
        social_insurance_number=row.social_insurance_number,
        full_name=" ".join(row.full_name.split()),
        birth=partial(row.birth_date),
        sex=row.sex,
        nationality=row.nationality,
        ethnicity=row.ethnicity,
        address=address(row.address),
        phone=row.phone,
        deceased=row.deceased,
        identifiers=tuple(
            _identifier(f"identifiers[{place}]", one, faults) for place, one in enumerate(row.identifiers)
        ),
    )
    return read, faults


def _identifier(path: str, one: pb.IdentifierRow, faults: list[Fault]) -> Identifier:
    days: list[Fault] = []
    begins = whole_or_fault("identifiers.valid_from", one.valid_from, days)
    ends = whole_or_fault("identifiers.valid_to", one.valid_to, days)
    faults += [Fault(day.field.replace("identifiers", path), day.rule, day.en, day.vi) for day in days]
    return Identifier(known(Kind, one.kind), one.value, known(State, one.state), begins, ends, one.country)


def known(kind: type[E], value: int) -> E:
    """Return *value* as an enum of the model; one that it does not know as it is, for the model to refuse."""
    return kind(value) if value in frozenset(kind) else cast(E, value)

"""Insurance cards."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select

from chassis.db import Transaction
from chassis.sql import sql

from ..model.coverages import Coverage, Issuer
from ..model.identifiers import Kind, State
from ..model.imports import CoverageRow
from ..schema import coverages, identifiers
from .staging import put, staging

# Cards of one person that are weighed: forty years of yearly cards.
MOST = 50

_COLUMNS = (
    coverages.c.card_number,
    coverages.c.valid_from,
    coverages.c.valid_to,
    coverages.c.group_code,
    coverages.c.benefit_level,
    coverages.c.initial_facility,
    coverages.c.area_code,
    coverages.c.five_years_date,
    coverages.c.issuer,
    coverages.c.standing,
    coverages.c.verify_time,
)

LIST = sql(
    select(*_COLUMNS)
    .where(coverages.c.person_id == bindparam("person_id"))
    .order_by(coverages.c.valid_from.desc(), coverages.c.card_number)
    .limit(MOST)
)

COVERAGES = staging(
    coverages,
    (
        "person_id",
        "card_number",
        "valid_from",
        "valid_to",
        "group_code",
        "benefit_level",
        "initial_facility",
        "area_code",
        "five_years_date",
        "issuer",
        "standing",
        "source",
        "verify_time",
    ),
    key=("person_id", "card_number", "valid_from"),
)

NUMBERS = staging(
    identifiers, ("person_id", "kind", "value", "state", "valid_to"), ("person_id", "kind", "value")
)


async def list_coverages(tx: Transaction, person_id: UUID) -> list[Coverage]:
    """Return the cards of a person, the newest first."""
    rows = await tx.fetch(LIST, person_id=person_id)
    return [Coverage(**{**dict(row), "issuer": Issuer(row["issuer"])}) for row in rows]


async def put_coverages(
    tx: Transaction, source: str, verify_time: datetime, rows: Sequence[tuple[UUID, CoverageRow]]
) -> None:
    """Write a batch of cards, and the numbers that they teach about their owners."""
    await put(tx, COVERAGES, (_staged_row(person_id, row, source, verify_time) for person_id, row in rows))
    numbers = {
        (person_id, kind, value): (person_id, int(kind), value, int(State.CURRENT), None)
        for person_id, row in rows
        for kind, value in _numbers(row)
    }
    await put(tx, NUMBERS, numbers.values())


def _numbers(row: CoverageRow) -> list[tuple[Kind, str]]:
    found = [(Kind.CARD_NUMBER, row.card_number)] if len(row.card_number) == 15 else []
    insurance = row.insurance_number
    return found + ([(Kind.SOCIAL_INSURANCE_NUMBER, insurance)] if insurance else [])


def _staged_row(person_id: UUID, row: CoverageRow, source: str, verify_time: datetime) -> tuple[object, ...]:
    return (
        person_id,
        row.card_number,
        row.valid_from,
        row.valid_to,
        row.group,
        row.level,
        row.initial_facility,
        row.area_code,
        row.five_years_date,
        row.issuer or int(Issuer.SOCIAL_INSURANCE),
        row.standing,
        source,
        verify_time,
    )

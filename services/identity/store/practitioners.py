"""The register of practitioners."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Table, and_, any_, bindparam, delete, or_, select, true, union
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as UUID_TYPE

from chassis.db import Transaction
from chassis.sql import Sql, sql

from ..model.practitioners import Lending, LicenceState, Practitioner, PractitionerRow, practitioner_id
from ..schema import lendings, practitioners
from .bulk_upsert import put, staging

_COLUMNS = [column for column in practitioners.c if column.name != "create_time"]
_FACTS = tuple(column.name for column in _COLUMNS if column.name not in ("update_time", "version"))

GET = sql(select(*_COLUMNS).where(practitioners.c.id == bindparam("id")))


def _in_force(table: Table) -> ColumnElement[bool]:
    return and_(
        or_(table.c.valid_from.is_(None), table.c.valid_from <= bindparam("day")),
        or_(table.c.valid_to.is_(None), table.c.valid_to >= bindparam("day")),
    )


def _list(*, on_day: bool) -> Sql:
    lent = _in_force(lendings) if on_day else true()
    may = (
        and_(practitioners.c.state == int(LicenceState.ACTIVE), _in_force(practitioners))
        if on_day
        else true()
    )
    there = union(
        select(practitioners.c.id).where(practitioners.c.facility == bindparam("facility")),
        select(lendings.c.practitioner_id).where(and_(lendings.c.facility == bindparam("facility"), lent)),
    ).subquery()
    after = practitioners.c.licence_number > bindparam("after")
    return sql(
        select(*_COLUMNS)
        .where(and_(practitioners.c.id.in_(select(there.c.id)), after, may))
        .order_by(practitioners.c.licence_number)
        .limit(bindparam("limit"))
    )


LIST, LIST_ON_DAY = _list(on_day=False), _list(on_day=True)

LENDINGS = sql(
    select(lendings.c.practitioner_id, lendings.c.facility, lendings.c.valid_from, lendings.c.valid_to)
    .where(lendings.c.practitioner_id == any_(bindparam("ids", type_=ARRAY(UUID_TYPE))))
    .order_by(lendings.c.practitioner_id, lendings.c.id)
)

DELETE_LENDINGS = sql(
    delete(lendings).where(lendings.c.practitioner_id == any_(bindparam("ids", type_=ARRAY(UUID_TYPE))))
)

PRACTITIONERS = staging(practitioners, _FACTS, "id")


async def get_practitioner(tx: Transaction, id_: UUID) -> Practitioner | None:
    row = await tx.fetchrow(GET, id=id_)
    return Practitioner(*row) if row else None


async def list_practitioners(
    tx: Transaction, *, facility: str, day: date | None, after: str, limit: int
) -> list[Practitioner]:
    """Return up to *limit* practitioners who are registered with or lent to *facility*, by licence number.

    With a *day*, only those who may practise there on it.
    """
    params: dict[str, object] = {"facility": facility, "after": after, "limit": limit}
    rows = await (tx.fetch(LIST_ON_DAY, **params, day=day) if day else tx.fetch(LIST, **params))
    return [Practitioner(*row) for row in rows]


async def list_lendings(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, list[Lending]]:
    """Return where each of *ids* is lent to; who is not lent is missing."""
    lent: dict[UUID, list[Lending]] = {}
    for row in await tx.fetch(LENDINGS, ids=ids):
        lent.setdefault(row["practitioner_id"], []).append(Lending(*row[1:]))
    return lent


async def put_practitioners(tx: Transaction, rows: Sequence[PractitionerRow]) -> None:
    """Write a batch of the register.  No licence number may come twice."""
    await put(tx, PRACTITIONERS, (_staged_row(row) for row in rows))
    ids = [practitioner_id(row.licence_number) for row in rows]
    await tx.execute(DELETE_LENDINGS, ids=ids)
    lent = [
        (index, id_, lending.facility, lending.valid_from, lending.valid_to)
        for id_, row in zip(ids, rows, strict=True)
        for index, lending in enumerate(row.lendings)
    ]
    await tx.copy(lendings, ("id", "practitioner_id", "facility", "valid_from", "valid_to"), lent)


def _staged_row(row: PractitionerRow) -> tuple[object, ...]:
    return (practitioner_id(row.licence_number), *(getattr(row, name) for name in _FACTS[1:]))

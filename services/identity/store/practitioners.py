"""The register of practitioners."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, any_, bindparam, delete, select, union
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as UUID_TYPE

from chassis.db import Transaction
from chassis.sql import sql

from ..model.practitioners import Lending, Practitioner, PractitionerRow, practitioner_id
from ..schema import lendings, practitioners
from .staging import put, staging

_COLUMNS = [column for column in practitioners.c if column.name != "create_time"]
_FACTS = tuple(column.name for column in _COLUMNS if column.name not in ("update_time", "version"))

GET = sql(select(*_COLUMNS).where(practitioners.c.id == bindparam("id")))

_there = union(
    select(practitioners.c.id).where(practitioners.c.facility == bindparam("facility")),
    select(lendings.c.practitioner_id).where(lendings.c.facility == bindparam("facility")),
).subquery()

LIST = sql(
    select(*_COLUMNS)
    .where(
        and_(practitioners.c.id.in_(select(_there.c.id)), practitioners.c.licence_number > bindparam("after"))
    )
    .order_by(practitioners.c.licence_number)
    .limit(bindparam("limit"))
)

LENDINGS = sql(
    select(lendings.c.practitioner_id, lendings.c.facility, lendings.c.valid_from, lendings.c.valid_to)
    .where(lendings.c.practitioner_id == any_(bindparam("ids", type_=ARRAY(UUID_TYPE))))
    .order_by(lendings.c.practitioner_id, lendings.c.id)
)

END_LENDINGS = sql(
    delete(lendings).where(lendings.c.practitioner_id == any_(bindparam("ids", type_=ARRAY(UUID_TYPE))))
)

PRACTITIONERS = staging(practitioners, _FACTS, ("id",), stamped=True)


async def get_practitioner(tx: Transaction, id_: UUID) -> Practitioner | None:
    """Return the practitioner, or None."""
    row = await tx.fetchrow(GET, id=id_)
    return Practitioner(*row) if row else None


async def list_practitioners(tx: Transaction, *, facility: str, after: str, limit: int) -> list[Practitioner]:
    """Return up to *limit* practitioners who are registered with or lent to *facility*, by licence number."""
    rows = await tx.fetch(LIST, facility=facility, after=after, limit=limit)
    return [Practitioner(*row) for row in rows]


async def list_lendings(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, list[Lending]]:
    """Return where each of *ids* is lent to; who is not lent is missing."""
    found: dict[UUID, list[Lending]] = {}
    for row in await tx.fetch(LENDINGS, ids=ids):
        found.setdefault(row["practitioner_id"], []).append(Lending(*row[1:]))
    return found


async def put_practitioners(tx: Transaction, rows: Sequence[PractitionerRow]) -> None:
    """Write a batch of the register.  No licence number may come twice."""
    await put(tx, PRACTITIONERS, (_staged_row(row) for row in rows))
    ids = [practitioner_id(row.licence_number) for row in rows]
    await tx.execute(END_LENDINGS, ids=ids)
    lent = [
        (number, id_, one.facility, one.valid_from, one.valid_to)
        for id_, row in zip(ids, rows, strict=True)
        for number, one in enumerate(row.lendings)
    ]
    await tx.copy(lendings, ("id", "practitioner_id", "facility", "valid_from", "valid_to"), lent)


def _staged_row(row: PractitionerRow) -> tuple[object, ...]:
    return (practitioner_id(row.licence_number), *(getattr(row, name) for name in _FACTS[1:]))

"""The history made from dossiers: written by COPY, replaced with each version."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Table, and_, bindparam, delete

from chassis.db import Transaction
from chassis.sql import Sql, sql

from .. import schema
from ..model.clinical_history import History


def deletion(table: Table) -> Sql:
    return sql(
        delete(table).where(
            and_(table.c.person == bindparam("person"), table.c.dossier == bindparam("dossier"))
        )
    )


DELETIONS = tuple(deletion(table) for table in schema.HISTORY)


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose history it is and where it comes from; the facility is the bare code."""

    person: UUID
    dossier: UUID
    facility: str
    classes: int


async def remove(tx: Transaction, person: UUID, dossier: UUID) -> None:
    """Remove the history made from a dossier."""
    for statement in DELETIONS:
        await tx.execute(statement, person=person, dossier=dossier)


async def add(tx: Transaction, origin: Origin, history: History) -> None:
    """Add the history made from a dossier."""
    await copy(tx, schema.encounters, origin, [history.encounter])
    await copy(tx, schema.diagnoses, origin, history.diagnoses)
    await copy(tx, schema.results, origin, history.results, id=True)
    await copy(tx, schema.medicines, origin, history.medicines)
    await copy(tx, schema.services, origin, history.services)
    await copy(tx, schema.other_rows, origin, history.others)


async def copy(
    tx: Transaction, table: Table, origin: Origin, rows: Sequence[object], *, id: bool = False
) -> None:
    """Write *rows* into *table* by COPY; with *id* each gets one of its own."""
    if not rows:
        return
    own = [column.name for column in table.c if column.name not in (*ORIGIN, "id")]
    columns = [*ORIGIN, *(["id"] if id else []), *own]
    first = (origin.person, origin.dossier, origin.facility, origin.classes)
    await tx.copy(table, columns, records(first, own, rows, id))


ORIGIN = ("person", "dossier", "facility", "classes")


def records(
    first: tuple[Any, ...], own: Sequence[str], rows: Iterable[object], id: bool
) -> Iterable[tuple[Any, ...]]:
    for row in rows:
        yield (*first, *((uuid4(),) if id else ()), *(getattr(row, name) for name in own))

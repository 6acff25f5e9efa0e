"""The clinical history made from dossiers: written by COPY, replaced with each version."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import Table, bindparam, delete

from chassis.db import Transaction
from chassis.sql import Sql, sql

from .. import schema
from ..model.clinical_history import ClinicalHistory


def _deletion(table: Table) -> Sql:
    return sql(
        delete(table).where(table.c.person == bindparam("person"), table.c.dossier == bindparam("dossier"))
    )


DELETIONS = tuple(_deletion(table) for table in schema.HISTORY)

SOURCE_COLUMNS = ("person", "dossier", "facility", "classes")


@dataclass(frozen=True, slots=True)
class HistorySource:
    """Whose history it is and where it comes from; the facility is the bare code."""

    person: UUID
    dossier: UUID
    facility: str
    classes: int


async def delete_history(tx: Transaction, person: UUID, dossier: UUID) -> None:
    for statement in DELETIONS:
        await tx.execute(statement, person=person, dossier=dossier)


async def insert_history(tx: Transaction, source: HistorySource, history: ClinicalHistory) -> None:
    await _copy(tx, schema.encounters, source, [history.encounter])
    await _copy(tx, schema.diagnoses, source, history.diagnoses)
    await _copy(tx, schema.results, source, history.results)
    await _copy(tx, schema.medicines, source, history.medicines)
    await _copy(tx, schema.services, source, history.services)
    await _copy(tx, schema.other_rows, source, history.other_rows)


async def _copy(tx: Transaction, table: Table, source: HistorySource, rows: Sequence[object]) -> None:
    if not rows:
        return
    ids = ["id"] if "id" in table.c else []
    fields = [column.name for column in table.c if column.name not in (*SOURCE_COLUMNS, "id")]
    await tx.copy(table, [*SOURCE_COLUMNS, *ids, *fields], _values(source, bool(ids), fields, rows))


def _values(
    source: HistorySource, with_id: bool, fields: Sequence[str], rows: Iterable[object]
) -> Iterable[tuple[object, ...]]:
    origin = (source.person, source.dossier, source.facility, source.classes)
    for row in rows:
        yield (*origin, *((uuid4(),) if with_id else ()), *(getattr(row, name) for name in fields))

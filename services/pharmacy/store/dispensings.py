"""Dispensings and their lines."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, SmallInteger, Text, and_, any_, bindparam, insert, select, tuple_, update
from sqlalchemy.dialects.postgresql import UUID as Uuid

from chassis.db import Record, Transaction
from chassis.sql import sql

from ..model.classes import DataClass, classes_of
from ..model.dispensings import Dispensing, Handed
from ..model.prescriptions import Prescription
from ..schema import dispensing_lines, dispensings, prescription_lines
from . import json_codecs

HEAD = (
    dispensings.c.id,
    dispensings.c.prescription_id,
    dispensings.c.person,
    dispensings.c.pharmacy,
    dispensings.c.pharmacist,
    dispensings.c.invoice_number,
    dispensings.c.dispense_time,
    dispensings.c.reverse_time,
    dispensings.c.data_classes,
)

ADD = sql(
    insert(dispensings).values(
        {
            column.name: bindparam(column.name)
            for column in dispensings.c
            if column.name not in ("reverse_time", "reverse_reason")
        }
    )
)
ADD_LINE = sql(
    insert(dispensing_lines).values({column.name: bindparam(column.name) for column in dispensing_lines.c})
)
GET = sql(select(*HEAD).where(dispensings.c.id == bindparam("id")))

LINES = sql(
    select(
        dispensing_lines.c.dispensing_id,
        dispensing_lines.c.line,
        dispensing_lines.c.drug,
        prescription_lines.c.drug.label("prescribed"),
        dispensing_lines.c.quantity,
        prescription_lines.c.unit,
        prescription_lines.c.dose,
        dispensing_lines.c.lot_number,
        dispensing_lines.c.lot_expiry,
        dispensing_lines.c.substituted,
    )
    .join_from(
        dispensing_lines,
        prescription_lines,
        and_(
            prescription_lines.c.prescription_id == dispensing_lines.c.prescription_id,
            prescription_lines.c.number == dispensing_lines.c.line,
        ),
    )
    .where(dispensing_lines.c.dispensing_id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(dispensing_lines.c.dispensing_id, dispensing_lines.c.position)
)

REVERSE = sql(
    update(dispensings)
    .where(dispensings.c.id == bindparam("of"))
    .values(reverse_time=bindparam("at"), reverse_reason=bindparam("why"))
)

OF_PRESCRIPTION = sql(
    select(*HEAD)
    .where(dispensings.c.prescription_id == bindparam("prescription"))
    .order_by(dispensings.c.dispense_time, dispensings.c.id)
)

_POSITION = tuple_(dispensings.c.dispense_time, dispensings.c.id)
_LATEST_FIRST = (
    select(*HEAD)
    .order_by(dispensings.c.dispense_time.desc(), dispensings.c.id.desc())
    .limit(bindparam("rows"))
)
_BEFORE = tuple_(bindparam("after_time"), bindparam("after_id"))
_OF_ONE = _LATEST_FIRST.where(dispensings.c.prescription_id == bindparam("prescription"))
_OF_PERSON = _LATEST_FIRST.where(
    and_(
        # All names of one person: entries of theirs may have been merged.
        dispensings.c.person == any_(bindparam("persons", type_=ARRAY(Text))),
        dispensings.c.data_classes.contained_by(bindparam("classes", type_=ARRAY(SmallInteger))),
    )
)
LIST_OF_ONE, LIST_OF_ONE_NEXT = sql(_OF_ONE), sql(_OF_ONE.where(_POSITION < _BEFORE))
LIST_OF_PERSON, LIST_OF_PERSON_NEXT = sql(_OF_PERSON), sql(_OF_PERSON.where(_POSITION < _BEFORE))


async def add(tx: Transaction, it: Dispensing, of: Prescription) -> None:
    """Keep a new dispensing."""
    await tx.execute(
        ADD,
        id=it.id,
        prescription_id=it.prescription,
        person=it.person,
        data_classes=sorted(classes_of(one.code for one in of.diagnoses)),
        pharmacy=it.pharmacy,
        pharmacist=it.pharmacist,
        invoice_number=it.invoice_number,
        dispense_time=it.dispense_time,
    )
    await tx.executemany(ADD_LINE, [_row(it, position, line) for position, line in enumerate(it.lines)])


def _row(it: Dispensing, position: int, line: Handed) -> dict[str, object]:
    return {
        "dispensing_id": it.id,
        "position": position,
        "prescription_id": it.prescription,
        "line": line.line,
        "drug": json_codecs.medicine_to_json(line.drug),
        "quantity": line.quantity,
        "lot_number": line.lot_number,
        "lot_expiry": line.lot_expiry,
        "substituted": line.substituted,
    }


async def get(tx: Transaction, id_: UUID) -> Dispensing | None:
    """Return the dispensing, or None."""
    row = await tx.fetchrow(GET, id=id_)
    return (await _whole(tx, [row]))[0] if row is not None else None


async def save_reversal(tx: Transaction, it: Dispensing, reason: str) -> None:
    """Keep that *it* was reversed, and why."""
    await tx.execute(REVERSE, of=it.id, at=it.reverse_time, why=reason)


async def of_prescription(tx: Transaction, id_: UUID) -> list[Dispensing]:
    """Return all dispensings of a prescription, the first first."""
    return await _whole(tx, await tx.fetch(OF_PRESCRIPTION, prescription=id_))


async def list_of_prescription(
    tx: Transaction, id_: UUID, after: tuple[datetime, UUID] | None, rows: int
) -> list[Dispensing]:
    """Return dispensings of a prescription, latest first; *after* is the time and id of the last one seen."""
    if after is None:
        return await _whole(tx, await tx.fetch(LIST_OF_ONE, prescription=id_, rows=rows))
    found = await tx.fetch(
        LIST_OF_ONE_NEXT, prescription=id_, after_time=after[0], after_id=after[1], rows=rows
    )
    return await _whole(tx, found)


async def list_of_person(
    tx: Transaction,
    persons: Sequence[str],
    allowed: Iterable[DataClass],
    after: tuple[datetime, UUID] | None,
    rows: int,
) -> list[Dispensing]:
    """Return a person's dispensings, under all their names, latest first, of *allowed* classes only."""
    given: dict[str, object] = {"persons": list(persons), "classes": sorted(allowed), "rows": rows}
    if after is None:
        return await _whole(tx, await tx.fetch(LIST_OF_PERSON, **given))
    return await _whole(
        tx, await tx.fetch(LIST_OF_PERSON_NEXT, after_time=after[0], after_id=after[1], **given)
    )


async def _whole(tx: Transaction, rows: Sequence[Record]) -> list[Dispensing]:
    """Return the dispensings of *rows* with their lines: one more statement in all."""
    if not rows:
        return []
    lines: dict[UUID, list[Handed]] = {}
    for row in await tx.fetch(LINES, ids=[row["id"] for row in rows]):
        lines.setdefault(row["dispensing_id"], []).append(_handed(row))
    return [replace(_dispensing(row), lines=tuple(lines[row["id"]])) for row in rows]


def _handed(row: Record) -> Handed:
    return Handed(
        line=row["line"],
        drug=json_codecs.medicine(row["drug"]),
        prescribed=json_codecs.medicine(row["prescribed"]),
        quantity=row["quantity"],
        unit=row["unit"],
        dose=row["dose"],
        lot_number=row["lot_number"],
        lot_expiry=row["lot_expiry"],
        substituted=row["substituted"],
    )


def _dispensing(row: Record) -> Dispensing:
    return Dispensing(
        id=row["id"],
        prescription=row["prescription_id"],
        person=row["person"],
        pharmacy=row["pharmacy"],
        pharmacist=row["pharmacist"],
        dispense_time=row["dispense_time"],
        lines=(),
        invoice_number=row["invoice_number"],
        reverse_time=row["reverse_time"],
        classes=frozenset(DataClass(one) for one in row["data_classes"]),
    )

"""Dispensings and their lines."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import ARRAY, SmallInteger, Text, any_, bindparam, insert, select, text, tuple_, update

from chassis.db import Record, Transaction
from chassis.pagination import Cursor
from chassis.sql import sql
from common.restricted import DataClass

from ..model.dispensings import DispensedLine, Dispensing
from ..schema import dispensing_lines, dispensings
from . import json_codecs

HEAD_COLUMNS = tuple(column for column in dispensings.c if column.name != "reverse_reason")

INSERT = sql(
    insert(dispensings).values(
        {
            column.name: bindparam(column.name)
            for column in dispensings.c
            if column.name not in ("reverse_time", "reverse_reason")
        }
    )
)
INSERT_LINE = sql(
    insert(dispensing_lines).values({column.name: bindparam(column.name) for column in dispensing_lines.c})
)

GET = sql(select(*HEAD_COLUMNS).where(dispensings.c.id == bindparam("id")))

# What was handed over, beside what was prescribed.
LINES = sql(
    text(
        """
        SELECT dispensed.dispensing_id, dispensed.line, dispensed.drug, prescribed.drug AS prescribed,
               dispensed.quantity, prescribed.unit, prescribed.dose, dispensed.lot_number,
               dispensed.lot_expiry, dispensed.substituted
        FROM dispensing_lines AS dispensed
        JOIN prescription_lines AS prescribed
          ON prescribed.prescription_id = dispensed.prescription_id AND prescribed.number = dispensed.line
        WHERE dispensed.dispensing_id = ANY (:ids)
        ORDER BY dispensed.dispensing_id, dispensed.position
        """
    ),
    about="dispensing_lines",
)

SET_REVERSED = sql(
    update(dispensings)
    .where(dispensings.c.id == bindparam("dispensing"))
    .values(reverse_time=bindparam("reverse_time"), reverse_reason=bindparam("reverse_reason"))
)

ALL_OF_PRESCRIPTION = sql(
    select(*HEAD_COLUMNS)
    .where(dispensings.c.prescription_id == bindparam("prescription"))
    .order_by(dispensings.c.dispense_time, dispensings.c.id)
)

_LATEST_FIRST = (
    select(*HEAD_COLUMNS)
    .where(
        tuple_(dispensings.c.dispense_time, dispensings.c.id)
        < tuple_(bindparam("before_time"), bindparam("before_id"))
    )
    .order_by(dispensings.c.dispense_time.desc(), dispensings.c.id.desc())
    .limit(bindparam("limit"))
)
LIST_OF_PRESCRIPTION = sql(_LATEST_FIRST.where(dispensings.c.prescription_id == bindparam("prescription")))
# *persons* are all names of one person: entries of theirs may have been merged.
LIST_OF_PERSON = sql(
    _LATEST_FIRST.where(
        dispensings.c.person == any_(bindparam("persons", type_=ARRAY(Text))),
        dispensings.c.data_classes.contained_by(bindparam("classes", type_=ARRAY(SmallInteger))),
    )
)


async def insert_dispensing(tx: Transaction, dispensing: Dispensing) -> None:
    await tx.execute(
        INSERT,
        id=dispensing.id,
        prescription_id=dispensing.prescription,
        person=dispensing.person,
        data_classes=sorted(dispensing.classes),
        pharmacy=dispensing.pharmacy,
        pharmacist=dispensing.pharmacist,
        invoice_number=dispensing.invoice_number,
        dispense_time=dispensing.dispense_time,
    )
    rows = [_line_row(dispensing, position, line) for position, line in enumerate(dispensing.lines)]
    await tx.executemany(INSERT_LINE, rows)


def _line_row(dispensing: Dispensing, position: int, line: DispensedLine) -> dict[str, object]:
    return {
        "dispensing_id": dispensing.id,
        "position": position,
        "prescription_id": dispensing.prescription,
        "line": line.line,
        "drug": json_codecs.medicine_to_json(line.drug),
        "quantity": line.quantity,
        "lot_number": line.lot_number,
        "lot_expiry": line.lot_expiry,
        "substituted": line.substituted,
    }


async def get(tx: Transaction, id_: UUID) -> Dispensing | None:
    row = await tx.fetchrow(GET, id=id_)
    return (await _with_lines(tx, [row]))[0] if row is not None else None


async def set_reversed(tx: Transaction, dispensing: Dispensing, reason: str) -> None:
    await tx.execute(
        SET_REVERSED, dispensing=dispensing.id, reverse_time=dispensing.reverse_time, reverse_reason=reason
    )


async def all_of_prescription(tx: Transaction, id_: UUID) -> list[Dispensing]:
    return await _with_lines(tx, await tx.fetch(ALL_OF_PRESCRIPTION, prescription=id_))


async def list_of_prescription(tx: Transaction, id_: UUID, *, before: Cursor, limit: int) -> list[Dispensing]:
    rows = await tx.fetch(
        LIST_OF_PRESCRIPTION, prescription=id_, before_time=before.time, before_id=before.id, limit=limit
    )
    return await _with_lines(tx, rows)


async def list_of_person(
    tx: Transaction, persons: Sequence[str], classes: Iterable[DataClass], *, before: Cursor, limit: int
) -> list[Dispensing]:
    """Return a person's dispensings, under all their names, latest first, of *classes* only."""
    rows = await tx.fetch(
        LIST_OF_PERSON,
        persons=list(persons),
        classes=sorted(classes),
        before_time=before.time,
        before_id=before.id,
        limit=limit,
    )
    return await _with_lines(tx, rows)


async def _with_lines(tx: Transaction, rows: Sequence[Record]) -> list[Dispensing]:
    if not rows:
        return []
    lines: dict[UUID, list[DispensedLine]] = {}
    for row in await tx.fetch(LINES, ids=[row["id"] for row in rows]):
        lines.setdefault(row["dispensing_id"], []).append(_line(row))
    return [_dispensing(row, tuple(lines[row["id"]])) for row in rows]


def _line(row: Record) -> DispensedLine:
    drugs = {name: json_codecs.medicine_from_json(row[name]) for name in ("drug", "prescribed")}
    values = {name: value for name, value in row.items() if name != "dispensing_id"}
    return DispensedLine(**{**values, **drugs})


def _dispensing(row: Record, lines: tuple[DispensedLine, ...]) -> Dispensing:
    return Dispensing(
        id=row["id"],
        prescription=row["prescription_id"],
        person=row["person"],
        pharmacy=row["pharmacy"],
        pharmacist=row["pharmacist"],
        dispense_time=row["dispense_time"],
        lines=lines,
        invoice_number=row["invoice_number"],
        reverse_time=row["reverse_time"],
        classes=frozenset(map(DataClass, row["data_classes"])),
    )

"""Prescriptions and their lines."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import ARRAY, SmallInteger, Text, any_, bindparam, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import UUID as Uuid
from sqlalchemy.dialects.postgresql import insert

from chassis.db import Record, Transaction
from chassis.pagination import Cursor
from chassis.sql import sql
from common.restricted import DataClass

from ..model.prescriptions import Claim, Line, Prescription
from ..schema import prescription_lines, prescriptions
from . import json_codecs
from .claims import open_claims

# The columns that a `Prescription` holds, and a `Line`, as they are or nearly so.
HEAD_COLUMNS = tuple(
    column for column in prescriptions.c if column.name not in ("code_key", "data_classes", "end_reason")
)
LINE_COLUMNS = tuple(column for column in prescription_lines.c if column.name != "prescription_id")

# Those of a new one; the others have their defaults.
NEW = tuple(column.name for column in HEAD_COLUMNS if column.name not in ("replaced_by", "cancelled"))
NEW_LINE = tuple(column.name for column in LINE_COLUMNS if column.name != "dispensed")

INSERT = sql(
    insert(prescriptions)
    .values({name: bindparam(name) for name in (*NEW, "code_key", "data_classes")})
    .on_conflict_do_nothing(index_elements=[prescriptions.c.code_key])
    .returning(prescriptions.c.id)
)
INSERT_LINE = sql(
    insert(prescription_lines).values({name: bindparam(name) for name in ("prescription_id", *NEW_LINE)})
)

# Only the row itself: what hangs on it is read afterwards, by statements that see what
# was committed while this one waited for the lock.
LOCK_BY_CODE = sql(
    select(*HEAD_COLUMNS)
    .where(prescriptions.c.code_key == bindparam("code_key"))
    .with_for_update(key_share=True)
)
LOCK_BY_ID = sql(
    select(*HEAD_COLUMNS).where(prescriptions.c.id == bindparam("id")).with_for_update(key_share=True)
)

GET_BY_CODE = sql(select(*HEAD_COLUMNS).where(prescriptions.c.code_key == bindparam("code_key")))
GET_BY_ID = sql(select(*HEAD_COLUMNS).where(prescriptions.c.id == bindparam("id")))

LINES = sql(
    select(*prescription_lines.c)
    .where(prescription_lines.c.prescription_id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(prescription_lines.c.prescription_id, prescription_lines.c.number)
)

UPDATE_HEAD = sql(
    update(prescriptions)
    .where(prescriptions.c.id == bindparam("prescription"))
    .values(
        version=bindparam("version"),
        cancelled=bindparam("cancelled"),
        replaced_by=bindparam("replaced_by"),
        end_reason=func.coalesce(bindparam("end_reason"), prescriptions.c.end_reason),
    )
)

# By how much, not to how much: so that the CHECK guards the truth and not a caller's memory of it.
ADD_DISPENSED = sql(
    update(prescription_lines)
    .where(
        prescription_lines.c.prescription_id == bindparam("prescription"),
        prescription_lines.c.number == bindparam("line"),
    )
    .values(dispensed=prescription_lines.c.dispensed + bindparam("quantity"))
)

# *persons* are all names of one person: entries of theirs may have been merged.
LIST_OF_PERSON = sql(
    select(*HEAD_COLUMNS)
    .where(
        prescriptions.c.person == any_(bindparam("persons", type_=ARRAY(Text))),
        func.coalesce(bindparam("facility"), prescriptions.c.facility) == prescriptions.c.facility,
        prescriptions.c.data_classes.contained_by(bindparam("classes", type_=ARRAY(SmallInteger))),
        tuple_(prescriptions.c.prescribe_time, prescriptions.c.id)
        < tuple_(bindparam("before_time"), bindparam("before_id")),
    )
    .order_by(prescriptions.c.prescribe_time.desc(), prescriptions.c.id.desc())
    .limit(bindparam("limit"))
)


async def insert_prescription(tx: Transaction, prescription: Prescription) -> bool:
    """Keep a new prescription; False when its code was used before."""
    row = {name: getattr(prescription, name) for name in NEW} | {
        "code_key": prescription.code.lower(),
        "diagnoses": json_codecs.diagnoses_to_json(prescription.diagnoses),
        "data_classes": sorted(prescription.classes),
        "tranches": json_codecs.tranches_to_json(prescription.tranches),
        "child": json_codecs.child_to_json(prescription.child),
    }
    if await tx.fetchval(INSERT, **row) is None:
        return False
    await tx.executemany(INSERT_LINE, [_line_row(prescription.id, line) for line in prescription.lines])
    return True


def _line_row(prescription: UUID, line: Line) -> dict[str, object]:
    values = {name: getattr(line, name) for name in NEW_LINE}
    return {**values, "prescription_id": prescription, "drug": json_codecs.medicine_to_json(line.drug)}


async def lock_by_code(tx: Transaction, code: str) -> Prescription | None:
    return await _with_parts_or_none(tx, await tx.fetchrow(LOCK_BY_CODE, code_key=code.lower()))


async def lock(tx: Transaction, id_: UUID) -> Prescription | None:
    return await _with_parts_or_none(tx, await tx.fetchrow(LOCK_BY_ID, id=id_))


async def get_by_code(tx: Transaction, code: str) -> Prescription | None:
    return await _with_parts_or_none(tx, await tx.fetchrow(GET_BY_CODE, code_key=code.lower()))


async def get(tx: Transaction, id_: UUID) -> Prescription | None:
    return await _with_parts_or_none(tx, await tx.fetchrow(GET_BY_ID, id=id_))


async def list_of_person(
    tx: Transaction,
    persons: Sequence[str],
    facility: str,
    classes: Iterable[DataClass],
    *,
    before: Cursor,
    limit: int,
) -> list[Prescription]:
    """Return a person's prescriptions, under all their names, latest first, of *classes* only.

    *facility* empty: issued by anyone.
    """
    rows = await tx.fetch(
        LIST_OF_PERSON,
        persons=list(persons),
        facility=facility or None,
        classes=sorted(classes),
        before_time=before.time,
        before_id=before.id,
        limit=limit,
    )
    return await _with_parts(tx, rows)


async def update_head(tx: Transaction, prescription: Prescription, end_reason: str | None = None) -> None:
    await tx.execute(
        UPDATE_HEAD,
        prescription=prescription.id,
        version=prescription.version,
        cancelled=prescription.cancelled,
        replaced_by=prescription.replaced_by,
        end_reason=end_reason,
    )


async def add_dispensed(tx: Transaction, id_: UUID, quantities: Mapping[int, int]) -> None:
    """Count *quantities*, thousandths by line, as dispensed."""
    rows = [
        {"prescription": id_, "line": line, "quantity": quantity}
        for line, quantity in sorted(quantities.items())
    ]
    await tx.executemany(ADD_DISPENSED, rows)


async def subtract_dispensed(tx: Transaction, id_: UUID, quantities: Mapping[int, int]) -> None:
    await add_dispensed(tx, id_, {line: -quantity for line, quantity in quantities.items()})


async def _with_parts_or_none(tx: Transaction, row: Record | None) -> Prescription | None:
    return (await _with_parts(tx, [row]))[0] if row is not None else None


async def _with_parts(tx: Transaction, rows: Sequence[Record]) -> list[Prescription]:
    if not rows:
        return []
    ids = [row["id"] for row in rows]
    claims = await open_claims(tx, ids)
    lines: dict[UUID, list[Line]] = {}
    for row in await tx.fetch(LINES, ids=ids):
        lines.setdefault(row["prescription_id"], []).append(_line(row))
    return [_prescription(row, tuple(lines[row["id"]]), claims.get(row["id"])) for row in rows]


def _line(row: Record) -> Line:
    values = {column.name: row[column.name] for column in LINE_COLUMNS}
    return Line(**{**values, "drug": json_codecs.medicine_from_json(row["drug"])})


def _prescription(row: Record, lines: tuple[Line, ...], claim: Claim | None) -> Prescription:
    parts = {
        "diagnoses": json_codecs.diagnoses_from_json(row["diagnoses"]),
        "tranches": json_codecs.tranches_from_json(row["tranches"]),
        "child": json_codecs.child_from_json(row["child"]),
    }
    return Prescription(**{**dict(row), **parts}, lines=lines, claim=claim)

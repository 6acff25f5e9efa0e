"""Prescriptions, their lines, and the claims on them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, SmallInteger, Text, and_, any_, bindparam, func, insert, select, tuple_, update
from sqlalchemy.dialects.postgresql import UUID as Uuid
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.db import Record, Transaction
from chassis.sql import sql

from ..model.classes import DataClass, classes_of
from ..model.prescriptions import Claim, Line, Prescription
from ..schema import claims, prescription_lines, prescriptions
from . import json_codecs

HEAD = tuple(
    column for column in prescriptions.c if column.name not in ("code_key", "data_classes", "end_reason")
)

ADD = sql(
    upsert(prescriptions)
    .values(
        {
            column.name: bindparam(column.name)
            for column in prescriptions.c
            if column.name not in ("replaced_by", "cancelled", "end_reason")
        }
    )
    .on_conflict_do_nothing(index_elements=[prescriptions.c.code_key])
    .returning(prescriptions.c.id)
)

ADD_LINE = sql(
    insert(prescription_lines).values(
        {column.name: bindparam(column.name) for column in prescription_lines.c if column.name != "dispensed"}
    )
)

# Only the row itself: what hangs on it is read afterwards, by statements that see what
# was committed while this one waited for the lock.
LOCK_BY_CODE = sql(
    select(*HEAD).where(prescriptions.c.code_key == bindparam("code_key")).with_for_update(key_share=True)
)
LOCK_BY_ID = sql(select(*HEAD).where(prescriptions.c.id == bindparam("id")).with_for_update(key_share=True))

GET_BY_CODE = sql(select(*HEAD).where(prescriptions.c.code_key == bindparam("code_key")))
GET_BY_ID = sql(select(*HEAD).where(prescriptions.c.id == bindparam("id")))

LINES = sql(
    select(
        prescription_lines.c.prescription_id,
        prescription_lines.c.number,
        prescription_lines.c.drug,
        prescription_lines.c.unit,
        prescription_lines.c.prescribed,
        prescription_lines.c.dispensed,
        prescription_lines.c.quantity_words,
        prescription_lines.c.dose,
        prescription_lines.c.days,
        prescription_lines.c.tranche,
    )
    .where(prescription_lines.c.prescription_id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(prescription_lines.c.prescription_id, prescription_lines.c.number)
)

OPEN_CLAIMS = sql(
    select(claims.c.prescription_id, claims.c.pharmacy, claims.c.digest, claims.c.expire_time).where(
        and_(
            claims.c.prescription_id == any_(bindparam("ids", type_=ARRAY(Uuid))),
            claims.c.end_time.is_(None),
        )
    )
)

ADD_CLAIM = sql(
    insert(claims).values(
        {
            name: bindparam(name)
            for name in ("prescription_id", "pharmacy", "digest", "claim_time", "expire_time")
        }
    )
)

END_CLAIM = sql(
    update(claims)
    .where(and_(claims.c.prescription_id == bindparam("id"), claims.c.end_time.is_(None)))
    .values(end_time=bindparam("at"), outcome=bindparam("outcome"))
)

SET_HEAD = sql(
    update(prescriptions)
    .where(prescriptions.c.id == bindparam("of"))
    .values(
        version=bindparam("version"),
        cancelled=bindparam("cancelled"),
        replaced_by=bindparam("replaced_by"),
        end_reason=func.coalesce(bindparam("end_reason"), prescriptions.c.end_reason),
    )
)

# By how much, not to how much: so that the CHECK guards the truth and not a caller's memory of it.
COUNT = sql(
    update(prescription_lines)
    .where(
        and_(
            prescription_lines.c.prescription_id == bindparam("of"),
            prescription_lines.c.number == bindparam("line"),
        )
    )
    .values(dispensed=prescription_lines.c.dispensed + bindparam("more"))
)

# All names of one person: entries of theirs may have been merged.
_PERSONS = bindparam("persons", type_=ARRAY(Text))
_POSITION = tuple_(prescriptions.c.prescribe_time, prescriptions.c.id)
_OF_PERSON = (
    select(*HEAD)
    .where(
        and_(
            prescriptions.c.person == any_(_PERSONS),
            func.coalesce(bindparam("facility"), prescriptions.c.facility) == prescriptions.c.facility,
            prescriptions.c.data_classes.contained_by(bindparam("classes", type_=ARRAY(SmallInteger))),
        )
    )
    .order_by(prescriptions.c.prescribe_time.desc(), prescriptions.c.id.desc())
    .limit(bindparam("rows"))
)
LIST_FIRST = sql(_OF_PERSON)
LIST_NEXT = sql(_OF_PERSON.where(tuple_(bindparam("after_time"), bindparam("after_id")) > _POSITION))

CLASSES_OF_PERSON = sql(
    select(func.unnest(prescriptions.c.data_classes).label("class"))
    .where(prescriptions.c.person == any_(_PERSONS))
    .distinct()
)


async def add(tx: Transaction, it: Prescription) -> bool:
    """Keep a new prescription; False when its code was used before."""
    row = {
        "id": it.id,
        "code": it.code,
        "code_key": it.code.lower(),
        "facility": it.facility,
        "practitioner": it.practitioner,
        "person": it.person,
        "treatment_form": it.treatment_form,
        "diagnoses": json_codecs.diagnoses_to_json(it.diagnoses),
        "data_classes": sorted(classes_of(one.code for one in it.diagnoses)),
        "chronic": it.chronic,
        "prescribe_time": it.prescribe_time,
        "expire_time": it.expire_time,
        "tranches": json_codecs.tranches_to_json(it.tranches),
        "advice": it.advice,
        "follow_up_days": it.follow_up_days,
        "child": json_codecs.child_to_json(it.child),
        "replaces": it.replaces,
        "create_time": it.create_time,
        "version": it.version,
    }
    if await tx.fetchval(ADD, **row) is None:
        return False
    await tx.executemany(ADD_LINE, [line_row(it.id, line) for line in it.lines])
    return True


def line_row(prescription_id: UUID, line: Line) -> dict[str, object]:
    """Return a line as its table has it, the counter aside."""
    return {
        "prescription_id": prescription_id,
        "number": line.number,
        "drug": json_codecs.medicine_to_json(line.drug),
        "unit": line.unit,
        "prescribed": line.prescribed,
        "quantity_words": line.quantity_words,
        "dose": line.dose,
        "days": line.days,
        "tranche": line.tranche,
    }


async def lock_by_code(tx: Transaction, code: str) -> Prescription | None:
    """Return the prescription with *code*, locked until the transaction ends, or None."""
    return await _one(tx, await tx.fetchrow(LOCK_BY_CODE, code_key=code.lower()))


async def lock(tx: Transaction, id_: UUID) -> Prescription | None:
    """Return the prescription, locked until the transaction ends, or None."""
    return await _one(tx, await tx.fetchrow(LOCK_BY_ID, id=id_))


async def get_by_code(tx: Transaction, code: str) -> Prescription | None:
    """Return the prescription with *code*, or None."""
    return await _one(tx, await tx.fetchrow(GET_BY_CODE, code_key=code.lower()))


async def get(tx: Transaction, id_: UUID) -> Prescription | None:
    """Return the prescription, or None."""
    return await _one(tx, await tx.fetchrow(GET_BY_ID, id=id_))


async def list_of_person(
    tx: Transaction,
    persons: Sequence[str],
    facility: str,
    allowed: Iterable[DataClass],
    after: tuple[datetime, UUID] | None,
    rows: int,
) -> list[Prescription]:
    """Return a person's prescriptions, under all their names, latest first, of *allowed* classes only.

    *facility* empty: issued by anyone.  *after*: the prescribe time and id of the last one seen.
    """
    given: dict[str, object] = {
        "persons": list(persons),
        "facility": facility or None,
        "classes": sorted(allowed),
        "rows": rows,
    }
    if after is None:
        return await _whole(tx, await tx.fetch(LIST_FIRST, **given))
    return await _whole(tx, await tx.fetch(LIST_NEXT, after_time=after[0], after_id=after[1], **given))


async def classes_of_person(tx: Transaction, persons: Sequence[str]) -> frozenset[DataClass]:
    """Return every class that some prescription of a person tells of; none when there is none."""
    rows = await tx.fetch(CLASSES_OF_PERSON, persons=list(persons))
    return frozenset(DataClass(row["class"]) for row in rows)


async def add_claim(tx: Transaction, it: Prescription, at: datetime) -> None:
    """Keep the claim of *it*, taken at *at*, in place of one that was open."""
    if it.claim is None:
        raise ValueError("nothing is claimed")
    await tx.execute(END_CLAIM, id=it.id, at=at, outcome="overtaken")
    await tx.execute(
        ADD_CLAIM,
        prescription_id=it.id,
        pharmacy=it.claim.pharmacy,
        digest=it.claim.digest,
        claim_time=at,
        expire_time=it.claim.expire_time,
    )


async def end_claim(tx: Transaction, id_: UUID, at: datetime, outcome: str) -> None:
    """End the open claim: *outcome* is `dispensed` or `released`."""
    await tx.execute(END_CLAIM, id=id_, at=at, outcome=outcome)


async def save_head(tx: Transaction, it: Prescription, end_reason: str | None = None) -> None:
    """Keep what a move changed of the prescription itself."""
    await tx.execute(
        SET_HEAD,
        of=it.id,
        version=it.version,
        cancelled=it.cancelled,
        replaced_by=it.replaced_by,
        end_reason=end_reason,
    )


async def count(tx: Transaction, id_: UUID, quantities: Mapping[int, int], sign: int) -> None:
    """Count *quantities*, thousandths by line, as dispensed (*sign* 1) or as put back (*sign* -1)."""
    rows = [{"of": id_, "line": line, "more": sign * more} for line, more in sorted(quantities.items())]
    await tx.executemany(COUNT, rows)


async def _one(tx: Transaction, row: Record | None) -> Prescription | None:
    return (await _whole(tx, [row]))[0] if row is not None else None


async def _whole(tx: Transaction, rows: Sequence[Record]) -> list[Prescription]:
    """Return the prescriptions of *rows* with their lines and open claims: two more statements in all."""
    ids = [row["id"] for row in rows]
    if not ids:
        return []
    held = {row["prescription_id"]: _claim(row) for row in await tx.fetch(OPEN_CLAIMS, ids=ids)}
    lines: dict[UUID, list[Line]] = {}
    for row in await tx.fetch(LINES, ids=ids):
        lines.setdefault(row["prescription_id"], []).append(_line(row))
    return [_prescription(row, tuple(lines[row["id"]]), held.get(row["id"])) for row in rows]


def _claim(row: Record) -> Claim:
    return Claim(row["pharmacy"], row["digest"], row["expire_time"])


def _line(row: Record) -> Line:
    return Line(
        number=row["number"],
        drug=json_codecs.medicine(row["drug"]),
        unit=row["unit"],
        prescribed=row["prescribed"],
        dispensed=row["dispensed"],
        quantity_words=row["quantity_words"],
        dose=row["dose"],
        days=row["days"],
        tranche=row["tranche"],
    )


def _prescription(row: Record, lines: tuple[Line, ...], claim: Claim | None) -> Prescription:
    return Prescription(
        id=row["id"],
        code=row["code"],
        facility=row["facility"],
        practitioner=row["practitioner"],
        person=row["person"],
        prescribe_time=row["prescribe_time"],
        expire_time=row["expire_time"],
        lines=lines,
        diagnoses=json_codecs.diagnoses(row["diagnoses"]),
        treatment_form=row["treatment_form"],
        chronic=row["chronic"],
        tranches=json_codecs.tranches(row["tranches"]),
        advice=row["advice"],
        follow_up_days=row["follow_up_days"],
        child=json_codecs.child(row["child"]),
        replaces=row["replaces"],
        replaced_by=row["replaced_by"],
        cancelled=row["cancelled"],
        create_time=row["create_time"],
        version=row["version"],
        claim=claim,
    )

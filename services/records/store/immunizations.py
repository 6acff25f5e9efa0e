"""The records of doses of vaccines."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, insert, literal, select, text, update

from chassis.db import Record, Transaction
from chassis.encryption import Encryptor
from chassis.pagination import Cursor
from chassis.sql import sql
from common.values import PartialDate

from ..model.immunizations import Dose, Immunization, Reaction
from ..model.read_scope import ReadScope
from ..schema import immunizations

c = immunizations.c

_PLAIN = ("id", "person", "facility", "state", "receive_time", "supersedes", "superseded_by")

# One at a time for the doses that one facility gave one person.
LOCK = sql(select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("doses"), literal(2)))))
GET = sql(select(*c).where(c.id == bindparam("id")).with_for_update())
INSERT = sql(insert(immunizations).values({column.name: bindparam(column.name) for column in c}))
SUPERSEDE = sql(
    update(immunizations)
    .where(c.person == bindparam("of_person"), c.id == bindparam("of_id"))
    .values(state="superseded", superseded_by=bindparam("by"))
)

# What one facility recorded of a person, under any of their names, in a span of time.
OF_FACILITY = sql(
    text("""
    SELECT * FROM immunizations
    WHERE person = ANY (:persons) AND facility = :facility AND state = 'recorded'
        AND immunize_time >= :since AND immunize_time < :before
    ORDER BY immunize_time, id
    """),
    about="immunizations",
)

# Those that stand and that the reader may see, the latest first.
LIST = sql(
    text("""
    SELECT * FROM immunizations
    WHERE person = ANY (:persons) AND state = 'recorded' AND (immunize_time, id) < (:before, :before_id)
        AND (facility = :reader OR classes & :hidden = 0)
        AND (cardinality(CAST(:confined_to AS text[])) = 0 OR facility = ANY (CAST(:confined_to AS text[])))
    ORDER BY immunize_time DESC, id DESC
    LIMIT :limit
    """),
    about="immunizations",
)


async def lock_doses(tx: Transaction, facility: str, person: UUID) -> None:
    """Wait until no other transaction records a dose of this facility's to *person*."""
    await tx.fetchval(LOCK, doses=f"{facility}/{person}")


async def get_locked(tx: Transaction, encryptor: Encryptor, immunization: UUID) -> Immunization | None:
    row = await tx.fetchrow(GET, id=immunization)
    return _immunization(row, encryptor) if row else None


async def insert_immunization(tx: Transaction, encryptor: Encryptor, record: Immunization) -> None:
    written = json.dumps(asdict(record.dose), ensure_ascii=False, default=datetime.isoformat).encode()
    await tx.execute(
        INSERT,
        **{name: getattr(record, name) for name in _PLAIN},
        classes=record.dose.classes,
        immunize_time=record.dose.immunize_time,
        sealed=encryptor.encrypt(written, associated_data=_context(record.id)),
    )


async def supersede(tx: Transaction, record: Immunization, by: UUID) -> None:
    await tx.execute(SUPERSEDE, of_person=record.person, of_id=record.id, by=by)


async def list_of_facility(
    tx: Transaction,
    encryptor: Encryptor,
    persons: Sequence[UUID],
    facility: str,
    since: datetime,
    before: datetime,
) -> list[Immunization]:
    rows = await tx.fetch(OF_FACILITY, persons=list(persons), facility=facility, since=since, before=before)
    return [_immunization(row, encryptor) for row in rows]


async def list_of_person(
    tx: Transaction, encryptor: Encryptor, scope: ReadScope, *, before: Cursor, limit: int
) -> list[Immunization]:
    rows = await tx.fetch(
        LIST,
        persons=list(scope.persons),
        reader=scope.reader,
        confined_to=list(scope.confined_to),
        hidden=scope.hidden,
        before=before.time,
        before_id=before.id,
        limit=limit,
    )
    return [_immunization(row, encryptor) for row in rows]


def _immunization(row: Record, encryptor: Encryptor) -> Immunization:
    written = json.loads(encryptor.decrypt(row["sealed"], associated_data=_context(row["id"])))
    return Immunization(**{name: row[name] for name in _PLAIN}, dose=_dose(written))


def _dose(written: dict[str, Any]) -> Dose:
    codes = {name: tuple(written[name]) for name in ("vaccine", "body_site", "route")}
    expiry = written["lot_expiry"]
    others = {
        "immunize_time": datetime.fromisoformat(written["immunize_time"]),
        "lot_expiry": PartialDate(**expiry) if expiry else None,
        "reactions": tuple(map(_reaction, written["reactions"])),
    }
    return Dose(**written | codes | others)


def _reaction(written: dict[str, Any]) -> Reaction:
    onset = written["onset_time"]
    return Reaction(
        tuple(written["kind"]), datetime.fromisoformat(onset) if onset else None, written["severity"]
    )


def _context(immunization: UUID) -> bytes:
    return b"immunization " + immunization.bytes

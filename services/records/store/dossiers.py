"""Dossiers and their originals."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, bindparam, func, insert, literal, or_, select, tuple_, update

from chassis.db import Record, Transaction
from chassis.sql import sql

from ..model.dossiers import Dossier, Note
from ..schema import dossiers, originals

COLUMNS = tuple(dossiers.c)

# One at a time for one encounter: of two versions sent at once, one comes second.
LOCK = sql(select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("encounter"), literal(0)))))

LATEST = sql(
    select(*COLUMNS)
    .where(and_(dossiers.c.facility == bindparam("facility"), dossiers.c.link_key == bindparam("link_key")))
    .order_by(dossiers.c.version.desc())
    .limit(literal(1))
)
GET = sql(select(*COLUMNS).where(dossiers.c.id == bindparam("id")))
INSERT = sql(insert(dossiers).values({column.name: bindparam(column.name) for column in COLUMNS}))
SUPERSEDE = sql(
    update(dossiers)
    .where(dossiers.c.id == bindparam("of_id"))
    .values(state="superseded", superseded_by=bindparam("by"))
)
LIST = sql(
    select(*COLUMNS)
    .where(
        and_(
            dossiers.c.facility == bindparam("facility"),
            or_(bindparam("link_key") == "", dossiers.c.link_key == bindparam("link_key")),
            dossiers.c.receive_time >= bindparam("since"),
            tuple_(dossiers.c.receive_time, dossiers.c.id)
            < tuple_(bindparam("before"), bindparam("before_id")),
        )
    )
    .order_by(dossiers.c.receive_time.desc(), dossiers.c.id.desc())
    .limit(bindparam("limit"))
)
SAVE_ORIGINAL = sql(insert(originals).values(dossier=bindparam("dossier"), sealed=bindparam("sealed")))
GET_ORIGINAL = sql(select(originals.c.sealed).where(originals.c.dossier == bindparam("dossier")))


def to_dossier(row: Record) -> Dossier:
    """Return the dossier in a row of `COLUMNS`."""
    values = dict(row)
    values["tables"] = tuple((str(code), int(count)) for code, count in values["tables"])
    values["warnings"] = tuple(Note(*note) for note in values["warnings"])
    return Dossier(**values)


async def lock_encounter(tx: Transaction, facility: str, link_key: str) -> None:
    """Wait until no other transaction works on this encounter, and hold it to the end of this one."""
    await tx.fetchval(LOCK, encounter=f"{facility}\0{link_key}".replace("\0", "/"))


async def latest(tx: Transaction, facility: str, link_key: str) -> Dossier | None:
    """Return the newest version of an encounter's dossier, or None."""
    row = await tx.fetchrow(LATEST, facility=facility, link_key=link_key)
    return to_dossier(row) if row else None


async def get(tx: Transaction, dossier: UUID) -> Dossier | None:
    """Return a dossier of any state, or None."""
    row = await tx.fetchrow(GET, id=dossier)
    return to_dossier(row) if row else None


async def add(tx: Transaction, dossier: Dossier, sealed: bytes) -> None:
    """Add a dossier and its sealed original."""
    values = {column.name: getattr(dossier, column.name) for column in COLUMNS}
    values["tables"] = [list(table) for table in dossier.tables]
    values["warnings"] = [[note.rule, note.path, note.vi, note.en] for note in dossier.warnings]
    await tx.execute(INSERT, **values)
    await tx.execute(SAVE_ORIGINAL, dossier=dossier.id, sealed=sealed)


async def supersede(tx: Transaction, old: UUID, by: UUID) -> None:
    """Note that a newer version took the place of *old*."""
    await tx.execute(SUPERSEDE, of_id=old, by=by)


async def list_of(
    tx: Transaction,
    facility: str,
    *,
    link_key: str,
    since: datetime,
    before: tuple[datetime, UUID],
    limit: int,
) -> Sequence[Dossier]:
    """Return up to *limit* dossiers of a facility, newest first, received before *before* (time and id)."""
    rows = await tx.fetch(
        LIST,
        facility=facility,
        link_key=link_key,
        since=since,
        before=before[0],
        before_id=before[1],
        limit=limit,
    )
    return [to_dossier(row) for row in rows]


async def original(tx: Transaction, dossier: UUID) -> bytes | None:
    """Return the sealed original, or None."""
    found: bytes | None = await tx.fetchval(GET_ORIGINAL, dossier=dossier)
    return found

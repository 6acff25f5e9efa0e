"""Dossiers, a row a version, and the files as they were sent."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Text,
    any_,
    bindparam,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
    update,
)

from chassis.db import Record, Transaction
from chassis.pagination import Cursor
from chassis.sql import sql
from common.faults import Fault

from ..model.dossiers import Dossier
from ..schema import dossiers

COLUMNS = tuple(dossiers.c)

# One at a time for one encounter: of two versions sent at once, one comes second.
LOCK_ENCOUNTER = sql(
    select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("encounter"), literal(0))))
)

LATEST = sql(
    select(*COLUMNS)
    .where(dossiers.c.facility == bindparam("facility"), dossiers.c.link_key == bindparam("link_key"))
    .order_by(dossiers.c.version.desc())
    .limit(literal(1))
)
HAS_VERSION = sql(
    select(
        exists().where(
            dossiers.c.facility == bindparam("facility"),
            dossiers.c.link_key == bindparam("link_key"),
            dossiers.c.sha256 == bindparam("sha256"),
        )
    )
)
PERSONS = sql(
    select(dossiers.c.link_key, dossiers.c.person).where(
        dossiers.c.facility == bindparam("facility"),
        dossiers.c.link_key == any_(bindparam("link_keys", type_=ARRAY(Text))),
        dossiers.c.state == "accepted",
    )
)
GET = sql(select(*COLUMNS).where(dossiers.c.id == bindparam("id")))
INSERT = sql(insert(dossiers).values({column.name: bindparam(column.name) for column in COLUMNS}))
SUPERSEDE = sql(
    update(dossiers)
    .where(dossiers.c.id == bindparam("of_id"))
    .values(state="superseded", superseded_by=bindparam("by"))
)
WITHDRAW = sql(update(dossiers).where(dossiers.c.id == bindparam("of_id")).values(state="withdrawn"))
LIST = sql(
    select(*COLUMNS)
    .where(
        dossiers.c.facility == bindparam("facility"),
        or_(bindparam("link_key") == "", dossiers.c.link_key == bindparam("link_key")),
        dossiers.c.receive_time >= bindparam("since"),
        tuple_(dossiers.c.receive_time, dossiers.c.id) < tuple_(bindparam("before"), bindparam("before_id")),
    )
    .order_by(dossiers.c.receive_time.desc(), dossiers.c.id.desc())
    .limit(bindparam("limit"))
)


async def lock_encounter(tx: Transaction, facility: str, link_key: str) -> None:
    """Wait until no other transaction works on this encounter, and hold it to the end of this one."""
    await tx.fetchval(LOCK_ENCOUNTER, encounter=f"{facility}/{link_key}")


async def get_latest(tx: Transaction, facility: str, link_key: str) -> Dossier | None:
    """Return the latest version of an encounter's dossier, of any state, or None."""
    row = await tx.fetchrow(LATEST, facility=facility, link_key=link_key)
    return _dossier(row) if row else None


async def has_version(tx: Transaction, facility: str, link_key: str, sha256: bytes) -> bool:
    """Tell whether any version of an encounter's dossier, of any state, has these very bytes."""
    exists: bool = await tx.fetchval(HAS_VERSION, facility=facility, link_key=link_key, sha256=sha256)
    return exists


async def list_persons(tx: Transaction, facility: str, link_keys: Collection[str]) -> list[tuple[str, UUID]]:
    """Return whom the dossiers that stand under these keys are about."""
    rows = await tx.fetch(PERSONS, facility=facility, link_keys=list(link_keys))
    return [(row["link_key"], row["person"]) for row in rows]


async def get(tx: Transaction, dossier: UUID) -> Dossier | None:
    row = await tx.fetchrow(GET, id=dossier)
    return _dossier(row) if row else None


async def insert_dossier(tx: Transaction, dossier: Dossier) -> None:
    values = {column.name: getattr(dossier, column.name) for column in COLUMNS}
    values["tables"] = [list(table) for table in dossier.tables]
    values["warnings"] = [[fault.rule, fault.field, fault.vi, fault.en] for fault in dossier.warnings]
    await tx.execute(INSERT, **values)


async def supersede(tx: Transaction, dossier: UUID, by: UUID) -> None:
    await tx.execute(SUPERSEDE, of_id=dossier, by=by)


async def withdraw(tx: Transaction, dossier: UUID) -> None:
    await tx.execute(WITHDRAW, of_id=dossier)


async def list_dossiers(
    tx: Transaction,
    facility: str,
    *,
    link_key: str,
    since: datetime,
    before: Cursor,
    limit: int,
) -> list[Dossier]:
    """Return up to *limit* dossiers of a facility (bare code), the last received first."""
    rows = await tx.fetch(
        LIST,
        facility=facility,
        link_key=link_key,
        since=since,
        before=before.time,
        before_id=before.id,
        limit=limit,
    )
    return [_dossier(row) for row in rows]


def _dossier(row: Record) -> Dossier:
    values = dict(row)
    values["tables"] = tuple((str(code), int(count)) for code, count in values["tables"])
    values["warnings"] = tuple(
        Fault(path, rule, en, vi, refuses=False) for rule, path, vi, en in values["warnings"]
    )
    return Dossier(**values)

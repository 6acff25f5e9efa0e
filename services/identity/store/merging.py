"""
Merges: the links, and where the records are in their trees.

Whoever changes a tree holds the row of its survivor.  These are locked in the order of their ids, and
the tree is read after that, by a statement that sees what was committed while it waited: so two
merges at once come one after the other, and neither can make a loop out of the other's tree.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, any_, bindparam, func, insert, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.db import Record, Transaction
from chassis.pagination import Cursor
from chassis.sql import sql

from ..model.identifiers import Identifier, Kind, State
from ..model.merges import Merge, PersonRecord
from ..model.persons import PersonState
from ..schema import identifiers, merges, persons

_IDS = bindparam("ids", type_=ARRAY(persons.c.id.type))
_RECORD = (
    persons.c.id,
    persons.c.state,
    persons.c.merged_into,
    persons.c.merged_root,
    persons.c.mother,
    persons.c.version,
)

LOCK_RECORDS = sql(
    select(*_RECORD).where(persons.c.id == any_(_IDS)).order_by(persons.c.id).with_for_update(key_share=True)
)

# The rows below the survivors too: imports write them too, so they are locked before they are written.
LOCK_TREES = sql(
    select(*_RECORD)
    .where(or_(persons.c.id == any_(_IDS), persons.c.merged_root == any_(_IDS)))
    .order_by(persons.c.id)
    .with_for_update(key_share=True)
)

SURVIVOR = sql(
    select(func.coalesce(persons.c.merged_root, persons.c.id)).where(persons.c.id == bindparam("id"))
)

_itself = persons.alias("itself")
_survivor = (
    select(func.coalesce(_itself.c.merged_root, _itself.c.id))
    .where(_itself.c.id == bindparam("id"))
    .scalar_subquery()
)
# The survivor, then those merged into it, in the order of their ids.
CLUSTER = sql(
    select(persons.c.id)
    .where(or_(persons.c.id == _survivor, persons.c.merged_root == _survivor))
    .order_by(persons.c.merged_root.is_not(None), persons.c.id)
)

UPDATE_LINKS = sql(
    update(persons)
    .where(persons.c.id == bindparam("of_id"))
    .values(
        state=bindparam("to"),
        merged_into=bindparam("into"),
        merged_root=bindparam("root"),
        version=bindparam("as_version"),
        update_time=bindparam("at"),
    )
)

_WRITTEN = ("id", "loser", "winner", "reason", "caller", "merge_time", "state_before")
INSERT = sql(insert(merges).values({name: bindparam(name) for name in _WRITTEN}))

GET = sql(select(*merges.c).where(merges.c.id == bindparam("id")))

END = sql(
    update(merges)
    .where(merges.c.id == bindparam("of_id"))
    .values(unmerge_time=bindparam("at"), unmerger=bindparam("by"), unmerge_reason=bindparam("reason"))
)

LIST = sql(
    select(*merges.c)
    .where(
        and_(
            or_(merges.c.loser == any_(_IDS), merges.c.winner == any_(_IDS)),
            or_(bindparam("ended"), merges.c.unmerge_time.is_(None)),
            tuple_(merges.c.merge_time, merges.c.id) < tuple_(bindparam("before"), bindparam("before_id")),
        )
    )
    .order_by(merges.c.merge_time.desc(), merges.c.id.desc())
    .limit(bindparam("limit"))
)

_number = identifiers.c
IDENTIFIERS = sql(
    select(_number.kind, _number.value, _number.state, _number.valid_from, _number.valid_to, _number.country)
    .where(_number.person_id == any_(_IDS))
    .order_by(_number.state, _number.kind, _number.create_time.desc(), _number.value)
)


async def lock_records(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, PersonRecord]:
    """Return these records, locked until the transaction ends; those that are there."""
    return _records(await tx.fetch(LOCK_RECORDS, ids=list(ids)))


async def lock_trees(tx: Transaction, survivors: Iterable[UUID]) -> dict[UUID, PersonRecord]:
    """Return every record that *survivors*, locked before, stand for, themselves too; all locked."""
    return _records(await tx.fetch(LOCK_TREES, ids=list(survivors)))


async def survivor_of(tx: Transaction, person_id: UUID) -> UUID | None:
    """Return the record that stands for *person_id*, or None when nobody is known so."""
    survivor: UUID | None = await tx.fetchval(SURVIVOR, id=person_id)
    return survivor


async def cluster(tx: Transaction, person_id: UUID) -> list[UUID]:
    """Return every record of the same person, the survivor first; empty when nobody is known so."""
    return [row["id"] for row in await tx.fetch(CLUSTER, id=person_id)]


async def update_links(tx: Transaction, changed: Iterable[PersonRecord], at: datetime) -> None:
    rows = [
        {
            "of_id": record.id,
            "to": int(record.state),
            "into": record.merged_into,
            "root": record.merged_root,
            "as_version": record.version,
            "at": at,
        }
        for record in changed
    ]
    await tx.executemany(UPDATE_LINKS, rows)


async def insert_merge(tx: Transaction, merge: Merge) -> None:
    values = {name: getattr(merge, name) for name in _WRITTEN}
    await tx.execute(INSERT, **{**values, "state_before": int(merge.state_before)})


async def get_merge(tx: Transaction, merge_id: UUID) -> Merge | None:
    row = await tx.fetchrow(GET, id=merge_id)
    return _merge(row) if row else None


async def end_merge(tx: Transaction, merge_id: UUID, *, at: datetime, by: str, reason: str) -> None:
    await tx.execute(END, of_id=merge_id, at=at, by=by, reason=reason)


async def list_merges(
    tx: Transaction, records: Sequence[UUID], *, ended: bool, before: Cursor, limit: int
) -> list[Merge]:
    """Return up to *limit* links from or to *records*, newest first, older than *before*.

    Those that stand; with *ended* those undone too.
    """
    rows = await tx.fetch(
        LIST, ids=list(records), ended=ended, before=before.time, before_id=before.id, limit=limit
    )
    return [_merge(row) for row in rows]


async def list_identifiers(tx: Transaction, records: Sequence[UUID]) -> list[Identifier]:
    rows = await tx.fetch(IDENTIFIERS, ids=list(records))
    return [Identifier(Kind(row[0]), row[1], State(row[2]), *row[3:]) for row in rows]


def _records(rows: Iterable[Record]) -> dict[UUID, PersonRecord]:
    return {row["id"]: PersonRecord(row[0], PersonState(row[1]), *row[2:]) for row in rows}


def _merge(row: Record) -> Merge:
    return Merge(**{**dict(row), "state_before": PersonState(row["state_before"])})

"""Persons as registers tell them, a batch at a time."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, any_, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, TEXT

from chassis.db import Transaction
from chassis.sql import sql

from ..model.identifiers import SINGLE, Kind, State
from ..model.imports import Holder, Known, PersonRow
from ..model.persons import Origin, PersonState
from ..schema import identifiers, person_sources, persons
from .persons import birth_of, demographics
from .staging import put, staging

# What a register says of a person.  State and origin of an entry that is there stay, but for
# a death, which has a statement of its own.
PERSONS = staging(
    persons,
    (
        "id",
        "full_name",
        "birth_year",
        "birth_month",
        "birth_day",
        "sex",
        "nationality",
        "ethnicity",
        "address_line",
        "commune_code",
        "district_code",
        "province_code",
        "address_as_of",
        "phone",
    ),
    key=("id",),
    stamped=True,
    fixed={
        "state": int(PersonState.ACTIVE),
        "origin": int(Origin.REGISTER),
        "birth_time": "",
        "facility": "",
    },
)

IDENTIFIERS = staging(
    identifiers, ("person_id", "kind", "value", "state", "valid_to"), ("person_id", "kind", "value")
)
SOURCES = staging(person_sources, ("source", "key", "person_id"), ("source", "key"))

_staged = IDENTIFIERS.staged.c

# A number of a kind that one has once takes the place of the one before.
SUPERSEDE = sql(
    update(identifiers)
    .where(
        and_(
            identifiers.c.person_id == _staged.person_id,
            identifiers.c.kind == _staged.kind,
            identifiers.c.value != _staged.value,
            identifiers.c.state == int(State.CURRENT),
            identifiers.c.kind == any_(bindparam("kinds", type_=ARRAY(identifiers.c.kind.type))),
        )
    )
    .values(state=int(State.SUPERSEDED), valid_to=func.current_date())
)

DIED = sql(
    update(persons)
    .where(
        and_(
            persons.c.id == any_(bindparam("ids", type_=ARRAY(persons.c.id.type))),
            persons.c.state == int(PersonState.ACTIVE),
        )
    )
    .values(state=int(PersonState.DECEASED), update_time=func.now(), version=persons.c.version + 1)
)

# Imports of persons run one after the other: two that met the same new number at once would
# make two entries of one person.  Any number that no other lock has.
IMPORT_LOCK = 5_417_101
ONE_IMPORT = sql(select(func.pg_advisory_xact_lock(bindparam("lock"))))

BY_KEY = sql(
    select(person_sources.c.key, person_sources.c.person_id).where(
        and_(
            person_sources.c.source == bindparam("source"),
            person_sources.c.key == any_(bindparam("keys", type_=ARRAY(TEXT))),
        )
    )
)

BY_NUMBER = sql(
    select(
        identifiers.c.value,
        identifiers.c.person_id,
        persons.c.birth_year,
        persons.c.birth_month,
        persons.c.birth_day,
    )
    .join(persons, persons.c.id == identifiers.c.person_id)
    .where(
        and_(
            identifiers.c.value == any_(bindparam("values", type_=ARRAY(TEXT))),
            identifiers.c.kind == bindparam("kind"),
            identifiers.c.state == int(State.CURRENT),
            persons.c.merged_into.is_(None),
        )
    )
)


async def lock_imports(tx: Transaction) -> None:
    """Wait until no other import of persons runs; until the transaction ends, none begins."""
    await tx.fetchval(ONE_IMPORT, lock=IMPORT_LOCK)


async def known(tx: Transaction, source: str, keys: Sequence[str], personal_ids: Sequence[str]) -> Known:
    """Return what the index knows of a batch's keys and personal IDs."""
    by_key = await tx.fetch(BY_KEY, source=source, keys=keys) if keys else []
    holders = await holders_of(tx, Kind.PERSONAL_ID, personal_ids)
    return Known({row["key"]: row["person_id"] for row in by_key}, holders)


async def holders_of(tx: Transaction, kind: Kind, values: Sequence[str]) -> dict[str, list[Holder]]:
    """Return who has each of *values* now; merged entries do not count."""
    found: dict[str, list[Holder]] = {}
    for row in await tx.fetch(BY_NUMBER, kind=int(kind), values=values) if values else []:
        found.setdefault(row["value"], []).append(Holder(row["person_id"], birth_of(row)))
    return found


async def put_persons(tx: Transaction, source: str, rows: Sequence[tuple[UUID, PersonRow]]) -> None:
    """Write a batch of a register: persons, their numbers, their keys.  No person may come twice."""
    await put(tx, PERSONS, (_staged_row(person_id, row) for person_id, row in rows))
    numbers = [
        (person_id, int(kind), value, int(State.CURRENT), None)
        for person_id, row in rows
        for kind, value in row.numbers
    ]
    await put(tx, IDENTIFIERS, numbers)
    await tx.execute(SUPERSEDE, kinds=[int(kind) for kind in SINGLE])
    await put(tx, SOURCES, [(source, row.source_key, person_id) for person_id, row in rows if row.source_key])
    dead = [person_id for person_id, row in rows if row.deceased]
    if dead:
        await tx.execute(DIED, ids=dead)


def _staged_row(person_id: UUID, row: PersonRow) -> tuple[object, ...]:
    facts = demographics(row.full_name, row.birth, row.sex, row.address)
    facts |= {"id": person_id, "nationality": row.nationality, "ethnicity": row.ethnicity, "phone": row.phone}
    return tuple(facts[column] for column in PERSONS.columns)

"""Persons and their numbers."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import and_, any_, bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.db import Record, Transaction
from chassis.sql import sql

from ..model.dates import PartialDate
from ..model.identifiers import SINGLE, Identifier, Kind, Sex, State
from ..model.imports import Holder, Known, PersonRow
from ..model.persons import Address, Origin, Person, PersonState, Registration
from ..schema import identifiers, person_sources, persons
from .staging import put, staging

# How many entries that claim one number are looked at: two are one too many already.
CLAIMANTS = 5

_COLUMNS = [column for column in persons.c if column.name != "facility"]
_NUMBERS = (
    identifiers.c.kind,
    identifiers.c.value,
    identifiers.c.state,
    identifiers.c.valid_from,
    identifiers.c.valid_to,
    identifiers.c.country,
)

GET = sql(select(*_COLUMNS).where(persons.c.id == bindparam("id")))

FIND = sql(
    select(identifiers.c.state, identifiers.c.person_id)
    .where(
        and_(
            identifiers.c.value == bindparam("value"),
            identifiers.c.kind == bindparam("kind"),
            identifiers.c.state != int(State.CANCELLED),
        )
    )
    .order_by(identifiers.c.state, identifiers.c.person_id)
    .limit(CLAIMANTS)
)

NUMBERS = sql(
    select(*_NUMBERS)
    .where(identifiers.c.person_id == bindparam("id"))
    .order_by(identifiers.c.state, identifiers.c.kind, identifiers.c.create_time.desc(), identifiers.c.value)
)

INSERT = sql(
    insert(persons).values(
        {column.name: bindparam(column.name) for column in persons.c if column.name != "version"}
    )
)

INSERT_NUMBER = sql(
    upsert(identifiers)
    .values({name: bindparam(name) for name in ("person_id", "kind", "value", "state", "country")})
    .on_conflict_do_nothing()
)


async def get_person(tx: Transaction, person_id: UUID) -> Person | None:
    """Return the person, merged or not, or None."""
    row = await tx.fetchrow(GET, id=person_id)
    return _person(row) if row else None


async def find(tx: Transaction, kind: Kind, value: str) -> list[tuple[State, UUID]]:
    """Return who claims a number, those in use first; cancelled numbers find nobody."""
    rows = await tx.fetch(FIND, kind=int(kind), value=value)
    return [(State(row["state"]), row["person_id"]) for row in rows]


async def list_identifiers(tx: Transaction, person_id: UUID) -> list[Identifier]:
    """Return every number of a person, those in use first."""
    rows = await tx.fetch(NUMBERS, id=person_id)
    return [Identifier(Kind(row["kind"]), row["value"], State(row["state"]), *row[3:]) for row in rows]


async def insert_person(tx: Transaction, person: Person, asked: Registration) -> None:
    """Write a person that a facility registers."""
    await tx.execute(
        INSERT,
        id=person.id,
        state=int(person.state),
        origin=int(person.origin),
        **_demographics(person.full_name, person.birth, person.sex, person.address),
        birth_time=person.birth_time,
        nationality=person.nationality,
        ethnicity=person.ethnicity,
        phone=person.phone,
        mother=person.mother,
        merged_into=None,
        facility=asked.facility,
        create_time=person.create_time,
        update_time=person.update_time,
    )


async def insert_identifiers(tx: Transaction, person_id: UUID, numbers: Iterable[Identifier]) -> None:
    """Give a person their numbers."""
    for one in numbers:
        await tx.execute(
            INSERT_NUMBER,
            person_id=person_id,
            kind=int(one.kind),
            value=one.value,
            state=int(one.state),
            country=one.country,
        )


def _demographics(full_name: str, birth: PartialDate | None, sex: int, address: Address) -> dict[str, object]:
    born = birth or PartialDate(0)
    return {
        "full_name": full_name,
        "birth_year": born.year,
        "birth_month": born.month,
        "birth_day": born.day,
        "sex": int(sex),
        "address_line": address.line,
        "commune_code": address.commune_code,
        "district_code": address.district_code,
        "province_code": address.province_code,
        "address_as_of": address.as_of,
    }


def _person(row: Record) -> Person:
    return Person(
        id=row["id"],
        state=PersonState(row["state"]),
        origin=Origin(row["origin"]),
        full_name=row["full_name"],
        birth=_birth(row),
        birth_time=row["birth_time"],
        sex=Sex(row["sex"]),
        nationality=row["nationality"],
        ethnicity=row["ethnicity"],
        address=Address(
            row["address_line"],
            row["commune_code"],
            row["district_code"],
            row["province_code"],
            row["address_as_of"],
        ),
        phone=row["phone"],
        mother=row["mother"],
        merged_into=row["merged_into"],
        create_time=row["create_time"],
        update_time=row["update_time"],
        version=row["version"],
    )


def _birth(row: Record) -> PartialDate | None:
    if not row["birth_year"]:
        return None
    return PartialDate(row["birth_year"], row["birth_month"], row["birth_day"])


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
        found.setdefault(row["value"], []).append(Holder(row["person_id"], _birth(row)))
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
    facts = _demographics(row.full_name, row.birth, row.sex, row.address)
    facts |= {"id": person_id, "nationality": row.nationality, "ethnicity": row.ethnicity, "phone": row.phone}
    return tuple(facts[column] for column in PERSONS.columns)

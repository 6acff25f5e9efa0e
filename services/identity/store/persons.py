"""Persons and their numbers."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import and_, bindparam, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.db import Record, Transaction
from chassis.sql import sql

from ..model.dates import PartialDate
from ..model.identifiers import Identifier, Kind, Sex, State
from ..model.persons import Address, Origin, Person, PersonState, Registration
from ..schema import identifiers, persons

# How many entries that claim one number are looked at: two are one too many already.
CLAIMANTS = 5

_COLUMNS = [column for column in persons.c if column.name not in ("facility", "merged_root")]
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
        {
            column.name: bindparam(column.name)
            for column in persons.c
            if column.name not in ("version", "merged_root")
        }
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
        **demographics(person.full_name, person.birth, person.sex, person.address),
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


def demographics(full_name: str, birth: PartialDate | None, sex: int, address: Address) -> dict[str, object]:
    """Return the columns that say who somebody is."""
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
        birth=birth_of(row),
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


def birth_of(row: Record) -> PartialDate | None:
    """Return the birth date in *row*; None when not even the year is known."""
    if not row["birth_year"]:
        return None
    return PartialDate(row["birth_year"], row["birth_month"], row["birth_day"])

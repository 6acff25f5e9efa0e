"""Persons and their numbers."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.db import Record, Transaction
from chassis.sql import sql
from common.values import PartialDate

from ..model.identifiers import Identifier, Sex
from ..model.persons import Address, Origin, Person, PersonState, Registration
from ..schema import identifiers as identifiers_table
from ..schema import persons

COLUMNS = [column for column in persons.c if column.name not in ("facility", "merged_root")]
_named = persons.alias("named")

GET = sql(select(*COLUMNS).where(persons.c.id == bindparam("id")))

# The survivor of a record: itself, or the one it was merged into in the end.
SURVIVOR = sql(
    select(*COLUMNS).where(
        persons.c.id
        == select(func.coalesce(_named.c.merged_root, _named.c.id))
        .where(_named.c.id == bindparam("id"))
        .scalar_subquery()
    )
)

_WRITTEN = [column.name for column in persons.c if column.name not in ("version", "merged_root")]
INSERT = sql(insert(persons).values({name: bindparam(name) for name in _WRITTEN}))

INSERT_IDENTIFIER = sql(
    upsert(identifiers_table)
    .values({name: bindparam(name) for name in ("person_id", "kind", "value", "state", "country")})
    .on_conflict_do_nothing()
)


async def get_person(tx: Transaction, person_id: UUID) -> Person | None:
    row = await tx.fetchrow(GET, id=person_id)
    return person_of(row) if row else None


async def get_survivor(tx: Transaction, person_id: UUID) -> Person | None:
    """Return the record that stands for a person: itself, or the one it was merged into."""
    row = await tx.fetchrow(SURVIVOR, id=person_id)
    return person_of(row) if row else None


async def insert_person(tx: Transaction, person: Person, registration: Registration) -> None:
    born, home = person.birth or PartialDate(0), person.address
    await tx.execute(
        INSERT,
        id=person.id,
        state=int(person.state),
        origin=int(person.origin),
        full_name=person.full_name,
        birth_year=born.year,
        birth_month=born.month,
        birth_day=born.day,
        sex=int(person.sex),
        address_line=home.line,
        commune_code=home.commune_code,
        district_code=home.district_code,
        province_code=home.province_code,
        address_as_of=home.as_of,
        birth_time=person.birth_time,
        nationality=person.nationality,
        ethnicity=person.ethnicity,
        phone=person.phone,
        mother=person.mother,
        merged_into=None,
        facility=registration.facility,
        create_time=person.create_time,
        update_time=person.update_time,
    )


async def insert_identifiers(tx: Transaction, person_id: UUID, identifiers: Iterable[Identifier]) -> None:
    for identifier in identifiers:
        await tx.execute(
            INSERT_IDENTIFIER,
            person_id=person_id,
            kind=int(identifier.kind),
            value=identifier.value,
            state=int(identifier.state),
            country=identifier.country,
        )


def person_of(row: Record) -> Person:
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

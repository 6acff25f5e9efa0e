"""
What a person's history holds.

`own` is a facility's code to confine a query to, or empty for all; `hidden` a mask of restricted
kinds that are left out, but for the rows of the facility `reader`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ARRAY, Table, Text, and_, any_, bindparam, literal, or_, select, tuple_
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.sql.elements import ColumnElement

from chassis.db import Record, Transaction
from chassis.sql import Sql, sql

from ..model.books import FoundEncounter, FoundMedicine, FoundResult, FoundService, FoundSummary, Source
from ..model.history import Encounter, Medicine, Result, Service
from ..schema import diagnoses, encounters, medicines, other_rows, results, services

T = TypeVar("T")


def visible(table: Table) -> ColumnElement[bool]:
    """The person's rows that may be seen: the reader's own or of no hidden kind; of one facility at will."""
    return and_(
        table.c.person == bindparam("person"),
        or_(
            table.c.facility == bindparam("reader"),
            table.c.classes.op("&")(bindparam("hidden")) == literal(0),
        ),
        or_(bindparam("own") == "", table.c.facility == bindparam("own")),
    )


def of_dossiers(table: Table) -> ColumnElement[bool]:
    """The person's rows of these dossiers, which were found visible before."""
    listed = any_(bindparam("dossiers", type_=ARRAY(PG_UUID(as_uuid=True))))
    return and_(table.c.person == bindparam("person"), table.c.dossier == listed)


CLASSES = sql(select(encounters.c.classes).distinct().where(encounters.c.person == bindparam("person")))
ENCOUNTERS = sql(
    select(encounters)
    .where(and_(visible(encounters), encounters.c.arrival_time < bindparam("before")))
    .order_by(encounters.c.arrival_time.desc(), encounters.c.dossier)
    .limit(bindparam("limit"))
)
DIAGNOSES = sql(
    select(diagnoses.c.dossier, diagnoses.c.code)
    .where(of_dossiers(diagnoses))
    .order_by(diagnoses.c.dossier, diagnoses.c.position)
)


def part(table: Table, newest: str, *more: ColumnElement[bool]) -> Sql:
    """The rows of a table in these dossiers, newest first."""
    return sql(
        select(table)
        .where(and_(of_dossiers(table), *more))
        .order_by(table.c[newest].desc(), table.c.dossier, table.c.row_number)
    )


RESULTS = part(results, "result_time")
MEDICINES = part(medicines, "order_time")
# MA_NHOM 8 and 18: operations and procedures.
PROCEDURES = part(
    services, "order_time", services.c.group_code == any_(bindparam("groups", type_=ARRAY(Text)))
)
SUMMARIES = sql(
    select(other_rows).where(and_(of_dossiers(other_rows), other_rows.c.table_code == bindparam("table")))
)

LIST_RESULTS = sql(
    select(results)
    .where(
        and_(
            visible(results),
            or_(bindparam("service") == "", results.c.service_code == bindparam("service")),
            or_(bindparam("indicator") == "", results.c.indicator_code == bindparam("indicator")),
            results.c.result_time >= bindparam("since"),
            tuple_(results.c.result_time, results.c.id) < tuple_(bindparam("before"), bindparam("before_id")),
        )
    )
    .order_by(results.c.result_time.desc(), results.c.id.desc())
    .limit(bindparam("limit"))
)

# The latest of each indicator of each service; of each mask of kinds too, for one may be hidden later.
LATEST = sql(
    select(results)
    .ext(distinct_on(results.c.service_code, results.c.indicator_code, results.c.classes))
    .where(
        and_(
            visible(results),
            or_(
                results.c.service_code == any_(bindparam("services", type_=ARRAY(Text))),
                results.c.indicator_code == any_(bindparam("indicators", type_=ARRAY(Text))),
            ),
        )
    )
    .order_by(
        results.c.service_code, results.c.indicator_code, results.c.classes, results.c.result_time.desc()
    )
)


def source(row: Record) -> Source:
    return Source(row["dossier"], row["facility"], row["classes"])


def made(kind: type[T], row: Record) -> T:
    """Return a value of the model from the columns named as its fields."""
    names: Sequence[str] = kind.__slots__  # type: ignore[attr-defined]
    return kind(**{name: row[name] for name in names})


def found_result(row: Record) -> FoundResult:
    return FoundResult(source(row), row["id"], made(Result, row))


async def classes_of(tx: Transaction, person: UUID) -> int:
    """Return the mask of the restricted kinds that occur in a person's history."""
    mask = 0
    for row in await tx.fetch(CLASSES, person=person):
        mask |= row["classes"]
    return mask


async def list_encounters(
    tx: Transaction, person: UUID, *, hidden: int, reader: str, own: str, before: datetime, limit: int
) -> list[FoundEncounter]:
    """Return up to *limit* encounters that began before *before*, latest first."""
    rows = await tx.fetch(
        ENCOUNTERS, person=person, hidden=hidden, reader=reader, own=own, before=before, limit=limit
    )
    codes: dict[UUID, list[str]] = {}
    for entry in await tx.fetch(DIAGNOSES, person=person, dossiers=[row["dossier"] for row in rows]):
        codes.setdefault(entry["dossier"], []).append(entry["code"])
    return [
        FoundEncounter(source(row), made(Encounter, row), tuple(codes.get(row["dossier"], ())))
        for row in rows
    ]


async def results_of(tx: Transaction, person: UUID, dossiers: Sequence[UUID]) -> list[FoundResult]:
    """Return the results of these dossiers, latest first."""
    return [found_result(row) for row in await tx.fetch(RESULTS, person=person, dossiers=list(dossiers))]


async def medicines_of(tx: Transaction, person: UUID, dossiers: Sequence[UUID]) -> list[FoundMedicine]:
    """Return the medicines ordered in these dossiers, latest first."""
    rows = await tx.fetch(MEDICINES, person=person, dossiers=list(dossiers))
    return [FoundMedicine(source(row), made(Medicine, row)) for row in rows]


async def procedures_of(tx: Transaction, person: UUID, dossiers: Sequence[UUID]) -> list[FoundService]:
    """Return the operations and procedures of these dossiers, latest first."""
    rows = await tx.fetch(PROCEDURES, person=person, dossiers=list(dossiers), groups=["8", "18"])
    return [FoundService(source(row), made(Service, row)) for row in rows]


async def summaries_of(tx: Transaction, person: UUID, dossiers: Sequence[UUID]) -> list[FoundSummary]:
    """Return the record summaries of these dossiers."""
    rows = await tx.fetch(SUMMARIES, person=person, dossiers=list(dossiers), table="XML8")
    return [FoundSummary(source(row), row["data"]) for row in rows]


async def list_results(tx: Transaction, person: UUID, **params: Any) -> list[FoundResult]:
    """Return results, latest first.

    *params*: hidden, reader, own, service, indicator (empty for all), since, before and before_id, limit.
    """
    return [found_result(row) for row in await tx.fetch(LIST_RESULTS, person=person, **params)]


async def latest_results(
    tx: Transaction,
    person: UUID,
    *,
    hidden: int,
    reader: str,
    own: str,
    services: Sequence[str],
    indicators: Sequence[str],
) -> list[FoundResult]:
    """Return the latest result of each indicator of these services, and of these indicators."""
    rows = await tx.fetch(
        LATEST,
        person=person,
        hidden=hidden,
        reader=reader,
        own=own,
        services=list(services),
        indicators=list(indicators),
    )
    return [found_result(row) for row in rows]

"""
What a person's history holds.

A person is a list of ids, for entries of theirs may have been merged: one id, for nearly all.
The statements do not compare with the list but go through it, id by id: so PostgreSQL looks into the
one partition that has it, where `= ANY` in a prepared statement would look into all sixteen.

`own` is a facility's code to confine a query to, or empty for all; `hidden` a mask of restricted
kinds that are left out, but for the rows of the facility `reader`.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Join,
    Select,
    Table,
    Text,
    and_,
    any_,
    bindparam,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import LateralFromClause

from chassis.db import Record, Transaction
from chassis.sql import Sql, sql

from ..model.clinical_history import Encounter, Medicine, Result, Service
from ..model.health_books import (
    FoundEncounter,
    FoundMedicine,
    FoundResult,
    FoundService,
    FoundSummary,
    Source,
)
from ..schema import diagnoses, encounters, medicines, other_rows, results, services

T = TypeVar("T")


_IDS = (
    func.unnest(bindparam("persons", type_=ARRAY(PG_UUID(as_uuid=True))))
    .table_valued("id", name="ids")
    .render_derived()
)
# Keeps the inner query of each id whole; PostgreSQL would else mix it with the list as it thinks best.
_WHOLE: ColumnElement[int] = literal_column("0")


def of_each(inner: Select[Any], about: Table) -> tuple[LateralFromClause, Join[Any]]:
    """The rows that *inner* finds in *about* for each of the person's ids, and where to select them from."""
    rows = inner.where(about.c.person == _IDS.c.id).offset(_WHOLE).lateral("found")
    return rows, _IDS.join(rows, true())


def visible(table: Table) -> ColumnElement[bool]:
    """The rows that may be seen: the reader's own or of no hidden kind; of one facility at will."""
    return and_(
        or_(
            table.c.facility == bindparam("reader"),
            table.c.classes.op("&")(bindparam("hidden")) == literal(0),
        ),
        or_(bindparam("own") == "", table.c.facility == bindparam("own")),
    )


def of_dossiers(table: Table) -> ColumnElement[bool]:
    """The rows of these dossiers, which were found visible before."""
    return table.c.dossier == any_(bindparam("dossiers", type_=ARRAY(PG_UUID(as_uuid=True))))


def whole(inner: Select[Any], about: Table, order: Callable[[Any], Sequence[ColumnElement[Any]]]) -> Sql:
    """All rows that *inner* finds in *about* for a person, in the order of the found columns."""
    rows, ids = of_each(inner, about)
    return sql(select(rows).select_from(ids).order_by(*order(rows.c)), about=about.name)


def newest(inner: Select[Any], about: Table, order: Callable[[Any], Sequence[ColumnElement[Any]]]) -> Sql:
    """Up to `limit` rows that *inner* finds in *about* for a person, the first in this order."""
    limit: ColumnElement[int] = bindparam("limit")
    rows, ids = of_each(inner.order_by(*order(about.c)).limit(limit), about)
    return sql(select(rows).select_from(ids).order_by(*order(rows.c)).limit(limit), about=about.name)


CLASSES = whole(select(encounters.c.classes).distinct(), encounters, lambda found: (found.classes,))
ENCOUNTERS = newest(
    select(encounters).where(visible(encounters), encounters.c.arrival_time < bindparam("before")),
    encounters,
    lambda found: (found.arrival_time.desc(), found.dossier),
)
DIAGNOSES = whole(
    select(diagnoses.c.dossier, diagnoses.c.code, diagnoses.c.position).where(of_dossiers(diagnoses)),
    diagnoses,
    lambda found: (found.dossier, found.position),
)


def part(table: Table, time: str, *more: ColumnElement[bool]) -> Sql:
    """The rows of a table in these dossiers, newest first."""
    inner = select(table).where(of_dossiers(table), *more)
    return whole(inner, table, lambda found: (found[time].desc(), found.dossier, found.row_number))


RESULTS = part(results, "result_time")
MEDICINES = part(medicines, "order_time")
# MA_NHOM 8 and 18: operations and procedures.
PROCEDURES = part(
    services, "order_time", services.c.group_code == any_(bindparam("groups", type_=ARRAY(Text)))
)
SUMMARIES = whole(
    select(other_rows).where(of_dossiers(other_rows), other_rows.c.table_code == bindparam("table")),
    other_rows,
    lambda found: (found.dossier, found.row_number),
)

LIST_RESULTS = newest(
    select(results).where(
        visible(results),
        or_(bindparam("service") == "", results.c.service_code == bindparam("service")),
        or_(bindparam("indicator") == "", results.c.indicator_code == bindparam("indicator")),
        results.c.result_time >= bindparam("since"),
        tuple_(results.c.result_time, results.c.id) < tuple_(bindparam("before"), bindparam("before_id")),
    ),
    results,
    lambda found: (found.result_time.desc(), found.id.desc()),
)

# The latest of each indicator of each service; of each mask of kinds too, for one may be hidden later.
_ordered, _of_each = of_each(
    select(results).where(
        visible(results),
        or_(
            results.c.service_code == any_(bindparam("services", type_=ARRAY(Text))),
            results.c.indicator_code == any_(bindparam("indicators", type_=ARRAY(Text))),
        ),
    ),
    results,
)
_one = (_ordered.c.service_code, _ordered.c.indicator_code, _ordered.c.classes)
LATEST = sql(
    select(_ordered)
    .ext(distinct_on(*_one))
    .select_from(_of_each)
    .order_by(*_one, _ordered.c.result_time.desc()),
    about="results",
)


def source(row: Record) -> Source:
    return Source(row["dossier"], row["facility"], row["classes"])


def made(kind: type[T], row: Record) -> T:
    """Return a value of the model from the columns named as its fields."""
    names: Sequence[str] = kind.__slots__  # type: ignore[attr-defined]
    return kind(**{name: row[name] for name in names})


def found_result(row: Record) -> FoundResult:
    return FoundResult(source(row), row["id"], made(Result, row))


async def classes_of(tx: Transaction, persons: Sequence[UUID]) -> int:
    """Return the mask of the restricted kinds that occur in a person's history."""
    mask = 0
    for row in await tx.fetch(CLASSES, persons=list(persons)):
        mask |= row["classes"]
    return mask


async def list_encounters(
    tx: Transaction,
    persons: Sequence[UUID],
    *,
    hidden: int,
    reader: str,
    own: str,
    before: datetime,
    limit: int,
) -> list[FoundEncounter]:
    """Return up to *limit* encounters that began before *before*, latest first."""
    rows = await tx.fetch(
        ENCOUNTERS, persons=list(persons), hidden=hidden, reader=reader, own=own, before=before, limit=limit
    )
    codes: dict[UUID, list[str]] = {}
    for entry in await tx.fetch(DIAGNOSES, persons=list(persons), dossiers=[row["dossier"] for row in rows]):
        codes.setdefault(entry["dossier"], []).append(entry["code"])
    return [
        FoundEncounter(source(row), made(Encounter, row), tuple(codes.get(row["dossier"], ())))
        for row in rows
    ]


async def results_of(tx: Transaction, persons: Sequence[UUID], dossiers: Sequence[UUID]) -> list[FoundResult]:
    """Return the results of these dossiers, latest first."""
    return [
        found_result(row) for row in await tx.fetch(RESULTS, persons=list(persons), dossiers=list(dossiers))
    ]


async def medicines_of(
    tx: Transaction, persons: Sequence[UUID], dossiers: Sequence[UUID]
) -> list[FoundMedicine]:
    """Return the medicines ordered in these dossiers, latest first."""
    rows = await tx.fetch(MEDICINES, persons=list(persons), dossiers=list(dossiers))
    return [FoundMedicine(source(row), made(Medicine, row)) for row in rows]


async def procedures_of(
    tx: Transaction, persons: Sequence[UUID], dossiers: Sequence[UUID]
) -> list[FoundService]:
    """Return the operations and procedures of these dossiers, latest first."""
    rows = await tx.fetch(PROCEDURES, persons=list(persons), dossiers=list(dossiers), groups=["8", "18"])
    return [FoundService(source(row), made(Service, row)) for row in rows]


async def summaries_of(
    tx: Transaction, persons: Sequence[UUID], dossiers: Sequence[UUID]
) -> list[FoundSummary]:
    """Return the record summaries of these dossiers."""
    rows = await tx.fetch(SUMMARIES, persons=list(persons), dossiers=list(dossiers), table="XML8")
    return [FoundSummary(source(row), row["data"]) for row in rows]


async def list_results(tx: Transaction, persons: Sequence[UUID], **params: Any) -> list[FoundResult]:
    """Return results, latest first.

    *params*: hidden, reader, own, service, indicator (empty for all), since, before and before_id, limit.
    """
    return [found_result(row) for row in await tx.fetch(LIST_RESULTS, persons=list(persons), **params)]


async def latest_results(
    tx: Transaction,
    persons: Sequence[UUID],
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
        persons=list(persons),
        hidden=hidden,
        reader=reader,
        own=own,
        services=list(services),
        indicators=list(indicators),
    )
    return [found_result(row) for row in rows]

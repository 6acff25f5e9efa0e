"""
What is on record of a person: the entries of the health book.

A person is a list of ids, for entries of theirs may have been merged: one id, for nearly all.  Every
statement compares `person` with that list where it begins (docs/adr/0069).  A page has a form for one
id besides: PostgreSQL reads that in the order of an index, and no more than the page.

What the reader may see is in the scope: `confined_to`, codes of facilities or none for all, and
`hidden`, a mask of restricted classes that are left out but for the rows of the facility `reader`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import text

from chassis.db import Record, Transaction
from chassis.pagination import Cursor
from chassis.sql import Sql, sql

from ..model.clinical_history import Encounter, Medicine, Result, Service
from ..model.health_books import (
    EncounterEntry,
    MedicineEntry,
    ProcedureEntry,
    ResultEntry,
    Source,
)
from ..model.read_scope import ReadScope

T = TypeVar("T")

VISIBLE = """
    (facility = :reader OR classes & :hidden = 0)
    AND (cardinality(CAST(:confined_to AS text[])) = 0 OR facility = ANY (CAST(:confined_to AS text[])))
"""

_RESULT_COLUMNS = """
    dossier, facility, classes, id, row_number, service_code, service_name, indicator_code, indicator_name,
    value, unit, description, conclusion, result_time, given_time, perform_time,
    study
"""

# `Result.known_time`: from when a result's age counts; null when nobody knows.
_KNOWN_TIME = "coalesce(least(given_time, perform_time), CASE WHEN value <> '' THEN result_time END)"


def _paged(statement: str, about: str) -> tuple[Sql, Sql]:
    """Return a statement about `{persons}` for one id, and for several."""
    of_one_id, of_several = (
        sql(text(statement.format(persons=persons)), about=about)
        for persons in ("person = (CAST(:persons AS uuid[]))[1]", "person = ANY (:persons)")
    )
    return of_one_id, of_several


# The latest encounters that the reader may see, without those that are left out.
ENCOUNTERS = _paged(
    f"""
    SELECT dossier, facility, classes, form_of_care, arrival_time, discharge_time, reason,
        admission_diagnosis, discharge_diagnosis, treatment, outcome, discharge_type, note,
        coalesce(weight, '') AS weight, coalesce(blood_group, '') AS blood_group,
        coalesce(reexamination, '') AS reexamination
    FROM encounters
    WHERE {{persons}} AND (arrival_time, dossier) < (:before, :before_id) AND {VISIBLE}
        AND dossier <> ALL (:left_out)
    ORDER BY arrival_time DESC, dossier DESC
    LIMIT :limit
    """,
    about="encounters",
)

# The coded diagnoses of these dossiers, the main one of each first.
DIAGNOSES = sql(
    text("""
    SELECT dossier, code, position
    FROM diagnoses
    WHERE person = ANY (:persons) AND dossier = ANY (:dossiers)
    ORDER BY dossier, position
    """),
    about="diagnoses",
)

# The results of these dossiers, the latest first; in this and what follows, what lies after `latest`, so in
# the future, comes last.
RESULTS = sql(
    text(f"""
    SELECT {_RESULT_COLUMNS} FROM results WHERE person = ANY (:persons) AND dossier = ANY (:dossiers)
    ORDER BY result_time > :latest, result_time DESC, dossier, row_number
    """),
    about="results",
)

# The medicines ordered in these dossiers, the latest first; all of them without a limit.
MEDICINES = sql(
    text("""
    SELECT dossier, facility, classes, row_number, drug_code, drug_name, strength, quantity, unit,
        dosage, instructions, route, registration_number, order_time
    FROM medicines
    WHERE person = ANY (:persons) AND dossier = ANY (:dossiers)
    ORDER BY order_time > :latest, order_time DESC, dossier, row_number
    LIMIT :limit
    """),
    about="medicines",
)

# The operations and procedures (MA_NHOM 8 and 18) of these dossiers, the latest first; all of them
# without a limit.
PROCEDURES = sql(
    text("""
    SELECT dossier, facility, classes, row_number, service_code, service_name, supply_code, group_code,
        quantity, unit, order_time, perform_time, result_time, unit_price
    FROM services
    WHERE person = ANY (:persons) AND dossier = ANY (:dossiers) AND group_code IN ('8', '18')
    ORDER BY order_time > :latest, order_time DESC, dossier, row_number
    LIMIT :limit
    """),
    about="services",
)

# The results that the reader may see, the latest first; an empty code is any.
LIST_RESULTS = _paged(
    f"""
    SELECT {_RESULT_COLUMNS}
    FROM results
    WHERE {{persons}} AND {VISIBLE}
        AND (:service_code = '' OR service_code = :service_code)
        AND (:indicator_code = '' OR indicator_code = :indicator_code)
        AND result_time >= :since
        AND (result_time, id) < (:before, :before_id)
    ORDER BY result_time DESC, id DESC
    LIMIT :limit
    """,
    about="results",
)

# The latest result that the reader may see of each indicator of each service of each facility, one whose
# time nobody knows or that lies in the future only where there is no other.  Of several dossiers that tell
# one time it is always the same, for every indicator.
LATEST_RESULTS = sql(
    text(f"""
    SELECT DISTINCT ON (service_code, indicator_code, facility) {_RESULT_COLUMNS}, {_KNOWN_TIME} AS known_time
    FROM results
    WHERE person = ANY (:persons) AND {VISIBLE}
        AND (service_code = ANY (:service_codes) OR indicator_code = ANY (:indicator_codes))
    ORDER BY service_code, indicator_code, facility,
        {_KNOWN_TIME} <= :latest DESC NULLS LAST, known_time DESC NULLS LAST, dossier, row_number
    """),
    about="results",
)


async def list_encounters(
    tx: Transaction, scope: ReadScope, *, before: Cursor, left_out: Sequence[UUID], limit: int
) -> list[EncounterEntry]:
    rows = await tx.fetch(
        ENCOUNTERS[len(scope.persons) > 1],
        **visible(scope),
        before=before.time,
        before_id=before.id,
        left_out=list(left_out),
        limit=limit,
    )
    dossiers = [row["dossier"] for row in rows]
    codes: dict[UUID, list[str]] = {}
    for diagnosis in await tx.fetch(DIAGNOSES, persons=list(scope.persons), dossiers=dossiers):
        codes.setdefault(diagnosis["dossier"], []).append(diagnosis["code"])
    return [
        EncounterEntry(source_of(row), _value(Encounter, row), tuple(codes.get(row["dossier"], ())))
        for row in rows
    ]


async def results_of(
    tx: Transaction, persons: Sequence[UUID], dossiers: Sequence[UUID], latest: datetime
) -> list[ResultEntry]:
    rows = await tx.fetch(RESULTS, persons=list(persons), dossiers=list(dossiers), latest=latest)
    return [_result_entry(row) for row in rows]


async def medicines_of(
    tx: Transaction,
    persons: Sequence[UUID],
    dossiers: Sequence[UUID],
    latest: datetime,
    limit: int | None = None,
) -> list[MedicineEntry]:
    rows = await tx.fetch(
        MEDICINES, persons=list(persons), dossiers=list(dossiers), latest=latest, limit=limit
    )
    return [MedicineEntry(source_of(row), _value(Medicine, row)) for row in rows]


async def procedures_of(
    tx: Transaction,
    persons: Sequence[UUID],
    dossiers: Sequence[UUID],
    latest: datetime,
    limit: int | None = None,
) -> list[ProcedureEntry]:
    rows = await tx.fetch(
        PROCEDURES, persons=list(persons), dossiers=list(dossiers), latest=latest, limit=limit
    )
    return [ProcedureEntry(source_of(row), _value(Service, row)) for row in rows]


async def list_results(
    tx: Transaction,
    scope: ReadScope,
    *,
    service_code: str,
    indicator_code: str,
    since: datetime,
    before: Cursor,
    limit: int,
) -> list[ResultEntry]:
    rows = await tx.fetch(
        LIST_RESULTS[len(scope.persons) > 1],
        **visible(scope),
        service_code=service_code,
        indicator_code=indicator_code,
        since=since,
        before=before.time,
        before_id=before.id,
        limit=limit,
    )
    return [_result_entry(row) for row in rows]


# One result, if the reader may see it.
RESULT = sql(
    text(f"SELECT {_RESULT_COLUMNS} FROM results WHERE person = ANY (:persons) AND id = :id AND {VISIBLE}"),
    about="results",
)


async def get_result(tx: Transaction, scope: ReadScope, result: UUID) -> ResultEntry | None:
    row = await tx.fetchrow(RESULT, **visible(scope), id=result)
    return _result_entry(row) if row else None


async def latest_results(
    tx: Transaction,
    scope: ReadScope,
    *,
    service_codes: Sequence[str],
    indicator_codes: Sequence[str],
    latest: datetime,
) -> list[ResultEntry]:
    rows = await tx.fetch(
        LATEST_RESULTS,
        **visible(scope),
        service_codes=list(service_codes),
        indicator_codes=list(indicator_codes),
        latest=latest,
    )
    return [_result_entry(row) for row in rows]


def visible(scope: ReadScope) -> dict[str, Any]:
    return {
        "persons": list(scope.persons),
        "reader": scope.reader,
        "confined_to": list(scope.confined_to),
        "hidden": scope.hidden,
    }


def source_of(row: Record) -> Source:
    return Source(row["dossier"], row["facility"], row["classes"])


def _value(kind: type[T], row: Record) -> T:
    names: Sequence[str] = kind.__slots__  # type: ignore[attr-defined]
    return kind(**{name: row[name] for name in names})


def _result_entry(row: Record) -> ResultEntry:
    return ResultEntry(source_of(row), row["id"], _value(Result, row))

"""What is held of a person's encounters, and where they have been."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from chassis.db import Transaction
from chassis.pagination import Cursor
from chassis.sql import sql

from ..model.held_records import HeldRecord
from ..model.read_scope import ReadScope
from .health_books import VISIBLE

# Who has seen a person: beyond these nobody is told.
MAX_FACILITIES = 50

LIST = sql(
    text(f"""
    SELECT encounters.dossier, facility, form_of_care, arrival_time, discharge_time,
        (SELECT count(*) FROM results
         WHERE results.person = ANY (:persons) AND results.dossier = encounters.dossier) AS result_count
    FROM encounters
    WHERE person = ANY (:persons) AND (arrival_time, dossier) < (:before, :before_id) AND {VISIBLE}
        AND arrival_time >= :since AND arrival_time < :until
    ORDER BY arrival_time DESC, dossier DESC
    LIMIT :limit
    """),
    about="encounters",
)

# The facilities of the encounters that the reader may see, whoever was there last first.
OF_ENCOUNTERS = sql(
    text(f"""
    SELECT facility, max(arrival_time) AS arrival_time FROM encounters
    WHERE person = ANY (:persons) AND {VISIBLE} AND arrival_time >= :since AND arrival_time < :until
    GROUP BY facility ORDER BY arrival_time DESC LIMIT :limit
    """),
    about="encounters",
)
OF_CHECK_INS = sql(
    text("""
    SELECT facility, max(arrival_time) AS arrival_time FROM check_ins
    WHERE person = ANY (:persons) AND arrival_time >= :since AND arrival_time < :until
    GROUP BY facility ORDER BY arrival_time DESC LIMIT :limit
    """),
    about="check_ins",
)


async def list_held_records(
    tx: Transaction, scope: ReadScope, since: datetime, until: datetime, before: Cursor, limit: int
) -> list[HeldRecord]:
    rows = await tx.fetch(
        LIST, **_of(scope), since=since, until=until, before=before.time, before_id=before.id, limit=limit
    )
    return [HeldRecord(**dict(row)) for row in rows]


async def list_facilities(
    tx: Transaction, scope: ReadScope, since: datetime, until: datetime, *, with_check_ins: bool
) -> list[str]:
    """Return the codes of who has seen the person, the latest first."""
    days = {"since": since, "until": until, "limit": MAX_FACILITIES}
    rows = await tx.fetch(OF_ENCOUNTERS, **_of(scope), **days)
    if with_check_ins:
        rows = [*rows, *await tx.fetch(OF_CHECK_INS, persons=_ids(scope.persons), **days)]
    latest: dict[str, datetime] = {}
    for row in rows:
        facility = row["facility"]
        latest[facility] = max(row["arrival_time"], latest.get(facility, row["arrival_time"]))
    return sorted(latest, key=lambda code: (latest[code], code), reverse=True)[:MAX_FACILITIES]


def _of(scope: ReadScope) -> dict[str, object]:
    return {
        "persons": _ids(scope.persons),
        "reader": scope.reader,
        "confined_to": scope.confined_to,
        "hidden": scope.hidden,
    }


def _ids(persons: Sequence[UUID]) -> list[UUID]:
    return list(persons)

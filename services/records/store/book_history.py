"""
What a health book compiles from all encounters of a person, and the rows that are words: summaries, notes.

As `health_books`: every statement compares `person` where it begins, and leaves out what the reader may not
see, and the dossiers that came after the day that the book is of.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import text

from chassis.db import Transaction
from chassis.sql import sql

from ..model.book_history import MAX_CONDITIONS, Condition, VitalSigns, vital_signs_of
from ..model.health_books import SummaryEntry
from ..model.read_scope import ReadScope
from .health_books import VISIBLE, source_of, visible

# The diagnoses of all encounters, the latest first.
CONDITIONS = sql(
    text(f"""
    SELECT code, count(DISTINCT dossier)::integer AS encounter_count,
        min(arrival_time) AS first_time, max(arrival_time) AS last_time,
        (array_agg(discharge_diagnosis ORDER BY arrival_time DESC) FILTER (WHERE main))[1] AS words
    FROM encounters JOIN diagnoses USING (person, dossier, facility, classes)
    WHERE person = ANY (:persons) AND arrival_time < :latest AND {VISIBLE} AND dossier <> ALL (:left_out)
    GROUP BY code
    ORDER BY max(arrival_time) DESC, code
    LIMIT :limit
    """),
    about="diagnoses",
)

# The record summaries (XML8) of these dossiers and of all others that speak of allergies (dị ứng), and the
# notes (XML5) of these dossiers that hold vital signs.
NOTES = sql(
    text(f"""
    SELECT dossier, facility, classes, table_code, data
    FROM other_rows
    WHERE person = ANY (:persons) AND {VISIBLE} AND dossier <> ALL (:left_out)
        AND (
            table_code = 'XML8'
                AND (dossier = ANY (:dossiers) OR :everywhere AND data::text ~* 'd[ịỊ] [ứỨ]ng')
            OR table_code = 'XML5' AND dossier = ANY (:dossiers) AND data ->> 'DIEN_BIEN_LS' LIKE '%CSST%'
        )
    ORDER BY dossier, table_code, row_number
    LIMIT 5000
    """),
    about="other_rows",
)


# Where vital signs without a time stand: last.
UNKNOWN_TIME = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Notes:
    """What dossiers say in words; *elsewhere* are summaries of others, for what they say of allergies."""

    summaries: list[SummaryEntry] = field(default_factory=list)
    elsewhere: list[SummaryEntry] = field(default_factory=list)
    vital_signs: list[VitalSigns] = field(default_factory=list)


async def list_conditions(
    tx: Transaction, scope: ReadScope, *, latest: datetime, left_out: Sequence[UUID]
) -> list[Condition]:
    rows = await tx.fetch(
        CONDITIONS, **visible(scope), latest=latest, left_out=list(left_out), limit=MAX_CONDITIONS
    )
    return [
        Condition(
            row["code"], row["words"] or "", row["encounter_count"], row["first_time"], row["last_time"]
        )
        for row in rows
    ]


async def notes_of(
    tx: Transaction,
    scope: ReadScope,
    dossiers: Sequence[UUID],
    *,
    left_out: Sequence[UUID],
    everywhere: bool,
) -> Notes:
    """Return the notes of *dossiers*, in their order; *everywhere*: and what all others say of allergies."""
    rows = await tx.fetch(
        NOTES,
        **visible(scope),
        dossiers=list(dossiers),
        left_out=list(left_out),
        everywhere=everywhere,
    )
    place, notes = {dossier: number for number, dossier in enumerate(dossiers)}, Notes()
    for row in sorted(rows, key=lambda row: place.get(row["dossier"], len(place))):
        source, data = source_of(row), row["data"]
        if row["table_code"] == "XML8":
            part = notes.summaries if row["dossier"] in place else notes.elsewhere
            part.append(SummaryEntry(source, data))
        elif signs := vital_signs_of(source, data):
            notes.vital_signs.append(signs)
    notes.vital_signs.sort(key=lambda signs: signs.time or UNKNOWN_TIME, reverse=True)
    return notes

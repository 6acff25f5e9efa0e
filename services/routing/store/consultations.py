"""Consultations."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select, text, update

from chassis.db import Record, Transaction
from chassis.pagination import Cursor
from chassis.sql import sql

from ..model.consultations import Consultation, Opinion, State
from ..schema import consultations

c = consultations.c
COLUMNS: Final = tuple(c)
COLUMN_LIST: Final = ", ".join(column.name for column in COLUMNS)

# The columns of a signature, in the order of `Opinion`.
OPINION: Final = ("opinion_body", "opinion_signature", "opinion_certificate", "opinion_signer")

# The columns that a `Consultation` holds as they are, or nearly so.
PLAIN: Final = tuple(column.name for column in COLUMNS if column.name not in OPINION)
NEW: Final = tuple(name for name in PLAIN if name != "create_time")

# What a transition may change.
CHANGING: Final = (
    "state",
    "taker",
    "take_time",
    "answer_time",
    "decline_time",
    "withdraw_time",
    "expire_time",
    "note",
    "opinion_message_id",
)

INSERT = sql(
    insert(consultations)
    .values({name: bindparam(name) for name in NEW})
    .values(create_time=func.clock_timestamp())
    .returning(c.create_time)
)
GET = sql(select(*COLUMNS).where(c.id == bindparam("id")))
LOCK = sql(
    select(*COLUMNS, func.clock_timestamp().label("now")).where(c.id == bindparam("id")).with_for_update()
)
UPDATE = sql(
    update(consultations)
    .where(c.id == bindparam("id_"))
    .values({name: bindparam(name) for name in (*CHANGING, *OPINION)})
)

# Open consultations whose time is past, by the database's clock.
LOCK_OVERDUE = sql(
    text(
        f"""
        SELECT {COLUMN_LIST}, clock_timestamp() AS now FROM consultations
        WHERE state IN ('asked', 'taken') AND answer_by_time < now()
        LIMIT :limit FOR UPDATE SKIP LOCKED
        """
    ),
    about="consultations",
)

# A page of the consultations of one person, under all their names, newest first.  An empty facility or state
# means any.
LIST_OF_PERSON = sql(
    text(
        f"""
        SELECT {COLUMN_LIST} FROM consultations
        WHERE person = ANY (:persons)
          AND (:facility = '' OR requester = :facility OR consultant = :facility)
          AND (:state = '' OR state = :state)
          AND (create_time, id) < (:before_time, :before_id)
        ORDER BY create_time DESC, id DESC LIMIT :limit
        """
    ),
    about="consultations",
)

# A page of what a facility asked for or was asked for, newest first; an empty state means any.
# Each half goes down its own index; nobody asks itself, so the halves do not overlap.
LIST_OF_FACILITY = sql(
    text(
        f"""
        SELECT * FROM (
            (SELECT {COLUMN_LIST} FROM consultations
             WHERE requester = :facility AND (:state = '' OR state = :state)
               AND (create_time, id) < (:before_time, :before_id)
             ORDER BY create_time DESC, id DESC LIMIT :limit)
            UNION ALL
            (SELECT {COLUMN_LIST} FROM consultations
             WHERE consultant = :facility AND (:state = '' OR state = :state)
               AND (create_time, id) < (:before_time, :before_id)
             ORDER BY create_time DESC, id DESC LIMIT :limit)
        ) AS consultations_of_facility
        ORDER BY create_time DESC, id DESC LIMIT :limit
        """
    ),
    about="consultations_of_facility",
)


def _consultation_from_row(row: Record) -> Consultation:
    values: dict[str, Any] = {name: row[name] for name in PLAIN}
    opinion = Opinion(*(row[name] for name in OPINION)) if row["opinion_signature"] is not None else None
    return Consultation(**{**values, "state": State(row["state"]), "opinion": opinion})


def _opinion_to_row(opinion: Opinion | None) -> dict[str, bytes | str | None]:
    if opinion is None:
        return dict.fromkeys(OPINION)
    values = (opinion.body, opinion.signature, opinion.certificate, opinion.signer)
    return dict(zip(OPINION, values, strict=True))


async def insert_consultation(tx: Transaction, consultation: Consultation) -> datetime:
    created: datetime = await tx.fetchval(INSERT, **{name: getattr(consultation, name) for name in NEW})
    return created


async def get_consultation(tx: Transaction, consultation_id: UUID) -> Consultation | None:
    row = await tx.fetchrow(GET, id=consultation_id)
    return _consultation_from_row(row) if row else None


async def lock_consultation(tx: Transaction, consultation_id: UUID) -> tuple[Consultation, datetime] | None:
    """Return the consultation, which nobody else may now change, and the time; or None."""
    row = await tx.fetchrow(LOCK, id=consultation_id)
    return (_consultation_from_row(row), row["now"]) if row else None


async def update_consultation(tx: Transaction, consultation: Consultation) -> None:
    values = {name: getattr(consultation, name) for name in CHANGING}
    await tx.execute(UPDATE, id_=consultation.id, **values, **_opinion_to_row(consultation.opinion))


async def lock_overdue(tx: Transaction, limit: int) -> list[tuple[Consultation, datetime]]:
    rows = await tx.fetch(LOCK_OVERDUE, limit=limit)
    return [(_consultation_from_row(row), row["now"]) for row in rows]


async def list_consultations(
    tx: Transaction, persons: Sequence[str], facility: str, state: str, before: Cursor, limit: int
) -> list[Consultation]:
    """Return consultations of a person, under all their names in *persons*, or else of *facility*.

    Newest first.  An empty *state* means any; so does an empty *facility* of a person.
    """
    page = {
        "facility": facility,
        "state": state,
        "before_time": before.time,
        "before_id": before.id,
        "limit": limit,
    }
    if persons:
        rows = await tx.fetch(LIST_OF_PERSON, persons=persons, **page)
    else:
        rows = await tx.fetch(LIST_OF_FACILITY, **page)
    return [_consultation_from_row(row) for row in rows]

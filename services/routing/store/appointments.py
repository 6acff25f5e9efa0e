"""Appointments."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ARRAY, Text, any_, bindparam, func, literal, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from chassis.db import Record, Transaction
from chassis.sql import sql

from ..model.appointments import Appointment, State
from ..schema import appointments
from .referrals import DIAGNOSIS, diagnosis_from_row, diagnosis_to_row

a = appointments.c
COLUMNS: Final = tuple(a)
COLUMN_LIST: Final = ", ".join(column.name for column in COLUMNS)

# The columns that an `Appointment` holds as they are, or nearly so.
PLAIN: Final = tuple(column.name for column in COLUMNS if column.name not in DIAGNOSIS)
NEW: Final = tuple(name for name in PLAIN if name != "create_time")

# What a transition may change.
CHANGING: Final = ("state", "use_time", "cancel_time", "replaced_by", "remind_time")

INSERT = sql(
    insert(appointments)
    .values({name: bindparam(name) for name in (*NEW, *DIAGNOSIS)})
    .values(create_time=func.clock_timestamp())
    .on_conflict_do_nothing()
    .returning(a.create_time)
)
GET = sql(select(*COLUMNS).where(a.id == bindparam("id")))
LOCK = sql(
    select(*COLUMNS, func.clock_timestamp().label("now")).where(a.id == bindparam("id")).with_for_update()
)
GET_BY_SLIP = sql(
    select(*COLUMNS).where(
        a.facility == bindparam("facility"),
        a.slip_number == bindparam("slip_number"),
        a.state != State.CANCELLED.value,
    )
)
GET_BY_ENCOUNTER = sql(
    select(*COLUMNS).where(
        a.facility == bindparam("facility"),
        a.encounter == bindparam("encounter"),
        a.encounter != literal(""),
        a.state != State.CANCELLED.value,
    )
)
LOCK_OF_SOURCE = sql(
    select(*COLUMNS, func.clock_timestamp().label("now"))
    .where(
        a.facility == bindparam("facility"),
        a.source_slip == bindparam("source_slip"),
        a.source_slip != literal(""),
        a.state != State.CANCELLED.value,
    )
    .with_for_update()
)
LATEST_OF_SOURCE = sql(
    select(*COLUMNS)
    .where(
        a.facility == bindparam("facility"),
        a.source_slip == bindparam("source_slip"),
        a.source_slip != literal(""),
    )
    .order_by(a.create_time.desc())
    .limit(literal(1))
)

# Appointments that come within some days in Viet Nam, by the database's clock, of which nobody was reminded:
# not those that are past, nor those that were booked when it was as near already.
LOCK_UNREMINDED = sql(
    text(
        f"""
        SELECT {COLUMN_LIST}, clock_timestamp() AS now FROM appointments
        WHERE state = 'booked' AND remind_time IS NULL
          AND day >= CAST(now() AT TIME ZONE 'Asia/Ho_Chi_Minh' AS date)
          AND day <= CAST(now() AT TIME ZONE 'Asia/Ho_Chi_Minh' AS date) + CAST(:days AS integer)
          AND CAST(create_time AT TIME ZONE 'Asia/Ho_Chi_Minh' AS date) < day - CAST(:days AS integer)
        ORDER BY day, id LIMIT :limit FOR UPDATE SKIP LOCKED
        """
    ),
    about="appointments",
)
UPDATE = sql(
    update(appointments).where(a.id == bindparam("id_")).values({name: bindparam(name) for name in CHANGING})
)

# A page of appointments, the latest day first; an empty state means any.
_LATEST_FIRST = (
    select(*COLUMNS)
    .where(
        or_(bindparam("state") == "", a.state == bindparam("state")),
        tuple_(a.day, a.id) < tuple_(bindparam("before_day"), bindparam("before_id")),
    )
    .order_by(a.day.desc(), a.id.desc())
    .limit(bindparam("limit"))
)
LIST_OF_FACILITY = sql(_LATEST_FIRST.where(a.facility == bindparam("facility")))

# *persons* are all names of one person: entries of theirs may have been merged.  An empty facility
# means any.
LIST_OF_PERSON = sql(
    _LATEST_FIRST.where(
        a.person == any_(bindparam("persons", type_=ARRAY(Text))),
        or_(bindparam("facility") == "", a.facility == bindparam("facility")),
    )
)


def _appointment_from_row(row: Record) -> Appointment:
    values = {name: row[name] for name in PLAIN}
    return Appointment(**{**values, "diagnosis": diagnosis_from_row(row), "state": State(row["state"])})


async def insert_appointment(tx: Transaction, appointment: Appointment) -> datetime | None:
    """Insert *appointment* and return when.

    None when its facility has one in force of its number, or of its encounter.
    """
    values = {name: getattr(appointment, name) for name in NEW}
    created: datetime | None = await tx.fetchval(INSERT, **values, **diagnosis_to_row(appointment.diagnosis))
    return created


async def get_appointment_by_slip(tx: Transaction, facility: str, slip_number: str) -> Appointment | None:
    row = await tx.fetchrow(GET_BY_SLIP, facility=facility, slip_number=slip_number)
    return _appointment_from_row(row) if row else None


async def get_appointment_by_encounter(tx: Transaction, facility: str, encounter: str) -> Appointment | None:
    row = await tx.fetchrow(GET_BY_ENCOUNTER, facility=facility, encounter=encounter)
    return _appointment_from_row(row) if row else None


async def lock_unreminded(tx: Transaction, days: int, limit: int) -> list[tuple[Appointment, datetime]]:
    """Return appointments that come within *days* and of which nobody was reminded, and the time."""
    rows = await tx.fetch(LOCK_UNREMINDED, days=days, limit=limit)
    return [(_appointment_from_row(row), row["now"]) for row in rows]


async def lock_appointment_of_source(
    tx: Transaction, facility: str, source_slip: str
) -> tuple[Appointment, datetime] | None:
    """Return the appointment in force that *facility*'s slip of a dossier made, and the time; or None.

    Nobody else may now change it.  An empty name is of no slip.
    """
    row = await tx.fetchrow(LOCK_OF_SOURCE, facility=facility, source_slip=source_slip)
    return (_appointment_from_row(row), row["now"]) if row else None


async def get_latest_of_source(tx: Transaction, facility: str, source_slip: str) -> Appointment | None:
    """Return what *facility*'s slip of a dossier made last, whether or not it is in force."""
    row = await tx.fetchrow(LATEST_OF_SOURCE, facility=facility, source_slip=source_slip)
    return _appointment_from_row(row) if row else None


async def get_appointment(tx: Transaction, appointment_id: UUID) -> Appointment | None:
    row = await tx.fetchrow(GET, id=appointment_id)
    return _appointment_from_row(row) if row else None


async def lock_appointment(tx: Transaction, appointment_id: UUID) -> tuple[Appointment, datetime] | None:
    """Return the appointment, which nobody else may now change, and the time; or None."""
    row = await tx.fetchrow(LOCK, id=appointment_id)
    return (_appointment_from_row(row), row["now"]) if row else None


async def update_appointment(tx: Transaction, appointment: Appointment) -> None:
    await tx.execute(UPDATE, id_=appointment.id, **{name: getattr(appointment, name) for name in CHANGING})


async def list_appointments(
    tx: Transaction, persons: Sequence[str], facility: str, state: str, before: tuple[date, UUID], limit: int
) -> list[Appointment]:
    """Return appointments of a person, under all their names in *persons*, or else at *facility*.

    The latest day comes first; *before* is the day and the id to go on before.  An empty *state*
    means any; so does an empty *facility* of a person.
    """
    page = {
        "facility": facility,
        "state": state,
        "before_day": before[0],
        "before_id": before[1],
        "limit": limit,
    }
    if persons:
        rows = await tx.fetch(LIST_OF_PERSON, persons=persons, **page)
    else:
        rows = await tx.fetch(LIST_OF_FACILITY, **page)
    return [_appointment_from_row(row) for row in rows]

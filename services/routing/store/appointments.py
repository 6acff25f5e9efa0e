"""Appointments."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ARRAY, Text, and_, any_, bindparam, func, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from chassis.db import Record, Transaction
from chassis.sql import sql

from ..model.appointments import Appointment, State
from ..model.referrals import Diagnosis
from ..schema import appointments

a = appointments.c
COLUMNS: Final = tuple(a)

INSERT = sql(
    insert(appointments)
    .values({column.name: bindparam(column.name) for column in COLUMNS if column.name != "create_time"})
    .values(create_time=func.clock_timestamp())
    .on_conflict_do_nothing(
        index_elements=["facility", "slip_number"],
        index_where=text("slip_number <> '' AND state <> 'cancelled'"),
    )
    .returning(a.create_time)
)
GET = sql(select(*COLUMNS).where(a.id == bindparam("id")))
LOCK = sql(
    select(*COLUMNS, func.clock_timestamp().label("now")).where(a.id == bindparam("id")).with_for_update()
)
IN_FORCE = sql(
    select(*COLUMNS).where(
        a.facility == bindparam("facility"),
        a.slip_number == bindparam("slip_number"),
        a.state != State.CANCELLED.value,
    )
)
SAVE = sql(
    update(appointments)
    .where(a.id == bindparam("id_"))
    .values({name: bindparam(name) for name in ("state", "use_time", "cancel_time")})
)

_STATE = bindparam("state", type_=Text)
_FACILITY = bindparam("facility", type_=Text)
# All names of one person: entries of theirs may have been merged.
_PERSONS = bindparam("persons", type_=ARRAY(Text))
_PAGE = (
    select(*COLUMNS)
    .where(
        or_(_STATE == "", a.state == _STATE),
        and_(
            a.day <= bindparam("before"),
            tuple_(a.day, a.id) < tuple_(bindparam("before"), bindparam("before_id")),
        ),
    )
    .order_by(a.day.desc(), a.id.desc())
    .limit(bindparam("limit"))
)
OF_PERSON = sql(_PAGE.where(a.person == any_(_PERSONS), or_(_FACILITY == "", a.facility == _FACILITY)))
OF_FACILITY = sql(_PAGE.where(a.facility == _FACILITY))


def _appointment(row: Record) -> Appointment:
    values = {column.name: row[column.name] for column in COLUMNS}
    parts = [values.pop(f"diagnosis_{part}") for part in ("system", "code", "display")]
    return Appointment(**{**values, "diagnosis": Diagnosis(*parts), "state": State(values["state"])})


async def insert_appointment(tx: Transaction, appointment: Appointment) -> datetime | None:
    """Keep *appointment* and return when, or None when its facility has a slip of its number in force."""
    values = {field.name: getattr(appointment, field.name) for field in fields(Appointment)}
    del values["diagnosis"], values["create_time"]
    found = appointment.diagnosis
    created: datetime | None = await tx.fetchval(
        INSERT,
        **{**values, "state": appointment.state.value},
        diagnosis_system=found.system,
        diagnosis_code=found.code,
        diagnosis_display=found.display,
    )
    return created


async def slip_in_force(tx: Transaction, facility: str, slip_number: str) -> Appointment | None:
    """Return the appointment that holds the number *slip_number* of *facility*, or None."""
    row = await tx.fetchrow(IN_FORCE, facility=facility, slip_number=slip_number)
    return _appointment(row) if row else None


async def get_appointment(tx: Transaction, appointment_id: UUID) -> Appointment | None:
    """Return the appointment, or None."""
    row = await tx.fetchrow(GET, id=appointment_id)
    return _appointment(row) if row else None


async def lock_appointment(tx: Transaction, appointment_id: UUID) -> tuple[Appointment, datetime] | None:
    """Return the appointment, which nobody else may now change, and the time; or None."""
    row = await tx.fetchrow(LOCK, id=appointment_id)
    return (_appointment(row), row["now"]) if row else None


async def save_appointment(tx: Transaction, appointment: Appointment) -> None:
    """Write what may change of *appointment*."""
    await tx.execute(
        SAVE,
        id_=appointment.id,
        state=appointment.state.value,
        use_time=appointment.use_time,
        cancel_time=appointment.cancel_time,
    )


async def list_of_person(
    tx: Transaction, persons: Sequence[str], facility: str, state: str, before: tuple[date, UUID], limit: int
) -> list[Appointment]:
    """Return appointments of a person, under all their names, the latest day first.

    An empty *facility* or *state* means any.
    """
    rows = await tx.fetch(
        OF_PERSON,
        persons=list(persons),
        facility=facility,
        state=state,
        before=before[0],
        before_id=before[1],
        limit=limit,
    )
    return [_appointment(row) for row in rows]


async def list_of_facility(
    tx: Transaction, facility: str, state: str, before: tuple[date, UUID], limit: int
) -> list[Appointment]:
    """Return appointments at *facility*, the latest day first; an empty *state* means any."""
    rows = await tx.fetch(
        OF_FACILITY, facility=facility, state=state, before=before[0], before_id=before[1], limit=limit
    )
    return [_appointment(row) for row in rows]

"""Referrals."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    func,
    or_,
    select,
    text,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.elements import ColumnElement

from chassis.db import Record, Transaction
from chassis.sql import sql

from ..model.referrals import WITHDRAWN, Diagnosis, Referral, State
from ..schema import referrals

r = referrals.c
COLUMNS: Final = tuple(r)

# What a move may change.
CHANGING: Final = (
    "state",
    "deliver_time",
    "accept_time",
    "decline_time",
    "complete_time",
    "cancel_time",
    "expire_time",
    "note",
)

INSERT = sql(
    insert(referrals)
    .values({column.name: bindparam(column.name) for column in COLUMNS if column.name != "create_time"})
    .values(create_time=func.clock_timestamp())
    .on_conflict_do_nothing(
        index_elements=["sender", "slip_number"],
        index_where=text("slip_number <> '' AND state NOT IN ('declined', 'cancelled', 'expired')"),
    )
    .returning(r.create_time)
)
GET = sql(select(*COLUMNS).where(r.id == bindparam("id")))
LOCK = sql(
    select(*COLUMNS, func.clock_timestamp().label("now")).where(r.id == bindparam("id")).with_for_update()
)
IN_FORCE = sql(
    select(*COLUMNS).where(
        r.sender == bindparam("sender"),
        r.slip_number == bindparam("slip_number"),
        *(r.state != state.value for state in sorted(WITHDRAWN)),
    )
)
SAVE = sql(
    update(referrals).where(r.id == bindparam("id_")).values({name: bindparam(name) for name in CHANGING})
)
OVER = sql(
    select(*COLUMNS, func.clock_timestamp().label("now"))
    .where(
        text("state IN ('issued', 'delivered')"),
        r.valid_until < bindparam("today"),
    )
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)


def _page(*conditions: ColumnElement[bool]) -> Select[tuple[object, ...]]:
    """Return one page of what meets *conditions*, newest first, with the optional filter on the state."""
    state = bindparam("state", type_=Text)
    bound = tuple_(r.create_time, r.id) < tuple_(bindparam("before"), bindparam("before_id"))
    return (
        select(*COLUMNS)
        .where(
            *conditions,
            or_(state == "", r.state == state),
            and_(r.create_time <= bindparam("before"), bound),
        )
        .order_by(r.create_time.desc(), r.id.desc())
        .limit(bindparam("limit"))
    )


_FACILITY = bindparam("facility", type_=Text)
# All names of one person: entries of theirs may have been merged.
_PERSONS = bindparam("persons", type_=ARRAY(Text))
OF_PERSON = sql(
    _page(r.person == any_(_PERSONS), or_(_FACILITY == "", r.sender == _FACILITY, r.recipient == _FACILITY))
)
# Each half goes down its own index; nobody refers to itself, so the halves do not overlap.
_BOTH = union_all(
    select(_page(r.sender == _FACILITY).subquery()), select(_page(r.recipient == _FACILITY).subquery())
).subquery("referrals_of_facility")
OF_FACILITY = sql(
    select(_BOTH).order_by(_BOTH.c.create_time.desc(), _BOTH.c.id.desc()).limit(bindparam("limit"))
)


def _referral(row: Record) -> Referral:
    values = {column.name: row[column.name] for column in COLUMNS}
    parts = [values.pop(f"diagnosis_{part}") for part in ("system", "code", "display")]
    return Referral(**{**values, "diagnosis": Diagnosis(*parts), "state": State(values["state"])})


def _values(referral: Referral) -> dict[str, object]:
    values: dict[str, object] = {field.name: getattr(referral, field.name) for field in fields(Referral)}
    del values["diagnosis"], values["create_time"]
    found = referral.diagnosis
    return {
        **values,
        "state": referral.state.value,
        "diagnosis_system": found.system,
        "diagnosis_code": found.code,
        "diagnosis_display": found.display,
    }


async def insert_referral(tx: Transaction, referral: Referral) -> datetime | None:
    """Keep *referral* and return when, or None when its sender has a slip of its number in force."""
    created: datetime | None = await tx.fetchval(INSERT, **_values(referral))
    return created


async def slip_in_force(tx: Transaction, sender: str, slip_number: str) -> Referral | None:
    """Return the referral that holds the number *slip_number* of *sender*, or None."""
    row = await tx.fetchrow(IN_FORCE, sender=sender, slip_number=slip_number)
    return _referral(row) if row else None


async def get_referral(tx: Transaction, referral_id: UUID) -> Referral | None:
    """Return the referral, or None."""
    row = await tx.fetchrow(GET, id=referral_id)
    return _referral(row) if row else None


async def lock_referral(tx: Transaction, referral_id: UUID) -> tuple[Referral, datetime] | None:
    """Return the referral, which nobody else may now change, and the time; or None."""
    row = await tx.fetchrow(LOCK, id=referral_id)
    return (_referral(row), row["now"]) if row else None


async def save_referral(tx: Transaction, referral: Referral) -> None:
    """Write what may change of *referral*."""
    values = _values(referral)
    await tx.execute(SAVE, id_=referral.id, **{name: values[name] for name in CHANGING})


async def over(tx: Transaction, today: date, limit: int) -> list[tuple[Referral, datetime]]:
    """Return up to *limit* open referrals whose last day is before *today*, each with the time."""
    return [(_referral(row), row["now"]) for row in await tx.fetch(OVER, today=today, limit=limit)]


async def list_of_person(
    tx: Transaction,
    persons: Sequence[str],
    facility: str,
    state: str,
    before: tuple[datetime, UUID],
    limit: int,
) -> list[Referral]:
    """Return referrals of a person, under all their names, newest first.

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
    return [_referral(row) for row in rows]


async def list_of_facility(
    tx: Transaction, facility: str, state: str, before: tuple[datetime, UUID], limit: int
) -> list[Referral]:
    """Return referrals that *facility* sent or gets, newest first; an empty *state* means any."""
    rows = await tx.fetch(
        OF_FACILITY, facility=facility, state=state, before=before[0], before_id=before[1], limit=limit
    )
    return [_referral(row) for row in rows]

"""Referrals, and the columns of a diagnosis."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import insert

from chassis.db import Record, Transaction
from chassis.pagination import Cursor
from chassis.sql import sql

from ..model.referrals import REFERRALS, WITHDRAWN, Diagnosis, Referral, State, Step
from ..schema import referrals

r = referrals.c
COLUMNS: Final = tuple(r)
COLUMN_LIST: Final = ", ".join(column.name for column in COLUMNS)
DIAGNOSIS: Final = ("diagnosis_system", "diagnosis_code", "diagnosis_display")

# The columns that a `Referral` holds as they are, or nearly so.
PLAIN: Final = tuple(column.name for column in COLUMNS if column.name not in DIAGNOSIS)
NEW: Final = tuple(name for name in PLAIN if name != "create_time")

# What a transition may change.
CHANGING: Final = (
    "state",
    "deliver_time",
    "accept_time",
    "decline_time",
    "complete_time",
    "cancel_time",
    "expire_time",
    "note",
    "replaced_by",
    "encounter",
    "use_time",
    "outcome",
)

INSERT = sql(
    insert(referrals)
    .values({name: bindparam(name) for name in (*NEW, *DIAGNOSIS)})
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
GET_BY_SLIP = sql(
    select(*COLUMNS).where(
        r.sender == bindparam("sender"),
        r.slip_number == bindparam("slip_number"),
        *(r.state != state.value for state in sorted(WITHDRAWN)),
    )
)
LOCK_BY_SLIP = sql(
    select(*COLUMNS, func.clock_timestamp().label("now"))
    .where(
        r.sender == bindparam("sender"),
        r.slip_number == bindparam("slip_number"),
        r.recipient == bindparam("recipient"),
        *(r.state != state.value for state in sorted(WITHDRAWN)),
    )
    .with_for_update()
)
LOCK_OF_SOURCE = sql(
    select(*COLUMNS, func.clock_timestamp().label("now"))
    .where(
        r.sender == bindparam("sender"),
        r.source_slip == bindparam("source_slip"),
        r.source_slip != literal(""),
        *(r.state != state.value for state in sorted(WITHDRAWN)),
    )
    .with_for_update()
)
LATEST_OF_SOURCE = sql(
    select(*COLUMNS)
    .where(
        r.sender == bindparam("sender"),
        r.source_slip == bindparam("source_slip"),
        r.source_slip != literal(""),
    )
    .order_by(r.create_time.desc())
    .limit(literal(1))
)

# A referral by which a slip came to a facility.
RECEIVED = sql(
    select(r.id)
    .where(r.recipient == bindparam("recipient"), r.slip_sha256 == bindparam("slip_sha256"))
    .limit(literal(1))
)
UPDATE = sql(
    update(referrals).where(r.id == bindparam("id_")).values({name: bindparam(name) for name in CHANGING})
)

# Open referrals whose last day in Viet Nam is past, by the database's clock.
LOCK_OVERDUE = sql(
    text(
        f"""
        SELECT {COLUMN_LIST}, clock_timestamp() AS now FROM referrals
        WHERE state IN ('issued', 'delivered')
          AND valid_until < CAST(now() AT TIME ZONE 'Asia/Ho_Chi_Minh' AS date)
        LIMIT :limit FOR UPDATE SKIP LOCKED
        """
    ),
    about="referrals",
)

# A page of the referrals of one person, under all their names, newest first: entries of theirs
# may have been merged.  An empty facility or state means any.
LIST_OF_PERSON = sql(
    text(
        f"""
        SELECT {COLUMN_LIST} FROM referrals
        WHERE person = ANY (:persons)
          AND (:facility = '' OR sender = :facility OR recipient = :facility)
          AND (:state = '' OR state = :state)
          AND (create_time, id) < (:before_time, :before_id)
        ORDER BY create_time DESC, id DESC LIMIT :limit
        """
    ),
    about="referrals",
)

# A page of what a facility sent or gets, newest first; an empty state means any.  Each half goes
# down its own index; nobody refers to itself, so the halves do not overlap.
LIST_OF_FACILITY = sql(
    text(
        f"""
        SELECT * FROM (
            (SELECT {COLUMN_LIST} FROM referrals
             WHERE sender = :facility AND (:state = '' OR state = :state)
               AND (create_time, id) < (:before_time, :before_id)
             ORDER BY create_time DESC, id DESC LIMIT :limit)
            UNION ALL
            (SELECT {COLUMN_LIST} FROM referrals
             WHERE recipient = :facility AND (:state = '' OR state = :state)
               AND (create_time, id) < (:before_time, :before_id)
             ORDER BY create_time DESC, id DESC LIMIT :limit)
        ) AS referrals_of_facility
        ORDER BY create_time DESC, id DESC LIMIT :limit
        """
    ),
    about="referrals_of_facility",
)


def diagnosis_from_row(row: Record) -> Diagnosis:
    return Diagnosis(*(row[name] for name in DIAGNOSIS))


def diagnosis_to_row(diagnosis: Diagnosis) -> dict[str, str]:
    return dict(zip(DIAGNOSIS, (diagnosis.system, diagnosis.code, diagnosis.display), strict=True))


def _referral_from_row(row: Record) -> Referral:
    values = {name: row[name] for name in PLAIN}
    state, step = State(row["state"]), Step(row["step"])
    return Referral(**{**values, "diagnosis": diagnosis_from_row(row), "state": state, "step": step})


async def insert_referral(tx: Transaction, referral: Referral) -> datetime | None:
    """Insert *referral* and return when, or None when its sender has a slip of its number in force."""
    values = {name: getattr(referral, name) for name in NEW}
    created: datetime | None = await tx.fetchval(INSERT, **values, **diagnosis_to_row(referral.diagnosis))
    return created


async def get_referral_by_slip(tx: Transaction, sender: str, slip_number: str) -> Referral | None:
    row = await tx.fetchrow(GET_BY_SLIP, sender=sender, slip_number=slip_number)
    return _referral_from_row(row) if row else None


async def lock_referral_by_slip(
    tx: Transaction, sender: str, slip_number: str, recipient: str
) -> tuple[Referral, datetime] | None:
    """Return the referral in force of a slip that came to *recipient*, and the time; or None."""
    row = await tx.fetchrow(LOCK_BY_SLIP, sender=sender, slip_number=slip_number, recipient=recipient)
    return (_referral_from_row(row), row["now"]) if row else None


async def lock_referral_of_source(
    tx: Transaction, sender: str, source_slip: str
) -> tuple[Referral, datetime] | None:
    """Return the referral in force that *sender*'s slip of a dossier made, and the time; or None.

    Nobody else may now change it.  An empty name is of no slip.
    """
    row = await tx.fetchrow(LOCK_OF_SOURCE, sender=sender, source_slip=source_slip)
    return (_referral_from_row(row), row["now"]) if row else None


async def get_latest_of_source(tx: Transaction, sender: str, source_slip: str) -> Referral | None:
    """Return what *sender*'s slip of a dossier made last, whether or not it is in force."""
    row = await tx.fetchrow(LATEST_OF_SOURCE, sender=sender, source_slip=source_slip)
    return _referral_from_row(row) if row else None


async def find_received(tx: Transaction, facility: str, slip_sha256: bytes) -> str:
    """Return the full name of a referral by which the slip came to *facility*; empty when it did not."""
    referral_id = await tx.fetchval(RECEIVED, recipient=facility, slip_sha256=slip_sha256)
    return f"{REFERRALS}{referral_id}" if referral_id else ""


async def get_referral(tx: Transaction, referral_id: UUID) -> Referral | None:
    row = await tx.fetchrow(GET, id=referral_id)
    return _referral_from_row(row) if row else None


async def lock_referral(tx: Transaction, referral_id: UUID) -> tuple[Referral, datetime] | None:
    """Return the referral, which nobody else may now change, and the time; or None."""
    row = await tx.fetchrow(LOCK, id=referral_id)
    return (_referral_from_row(row), row["now"]) if row else None


async def update_referral(tx: Transaction, referral: Referral) -> None:
    await tx.execute(UPDATE, id_=referral.id, **{name: getattr(referral, name) for name in CHANGING})


async def lock_overdue(tx: Transaction, limit: int) -> list[tuple[Referral, datetime]]:
    rows = await tx.fetch(LOCK_OVERDUE, limit=limit)
    return [(_referral_from_row(row), row["now"]) for row in rows]


async def list_referrals(
    tx: Transaction, persons: Sequence[str], facility: str, state: str, before: Cursor, limit: int
) -> list[Referral]:
    """Return referrals of a person, under all their names in *persons*, or else of *facility*; newest first.

    An empty *state* means any; so does an empty *facility* of a person.
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
    return [_referral_from_row(row) for row in rows]

"""Emergency accesses and their review."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, any_, bindparam, func, insert, literal_column, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.db import Record, Transaction
from chassis.pagination import Cursor
from chassis.sql import Sql, sql

from ..model.emergencies import EmergencyAccess, ReviewState
from ..schema import emergency_accesses as table
from ..schema import facilities

_WRITTEN = [
    column for column in table.c if column.name not in ("reviewer", "review_time", "review_note", "version")
]
_ONE = table.c.id == bindparam("of_id")

# Every record of one person: an access to one of them is an access to the person.
_RECORDS = any_(bindparam("records", type_=ARRAY(table.c.person_id.type)))

INSERT = sql(
    insert(table)
    .values({column.name: bindparam(column.name) for column in _WRITTEN})
    .returning(select(facilities.c.kind).where(facilities.c.code == bindparam("facility")).scalar_subquery()),
    logs_access=True,
)

# State 1, open, is written out: so the partial index serves.
COUNT_OPEN = sql(
    select(func.count(), func.min(table.c.access_time)).where(table.c.state == literal_column("1"))
)

# One more read within the time of an access that is there.
USE = sql(
    update(table)
    .where(
        table.c.id
        == select(table.c.id)
        .where(
            and_(
                table.c.person_id == _RECORDS,
                table.c.facility == bindparam("facility"),
                table.c.practitioner == bindparam("practitioner"),
                table.c.caller == bindparam("caller"),
                table.c.reason == bindparam("reason"),
                table.c.consent.is_(None),
                table.c.access_time > bindparam("since"),
                table.c.expire_time > bindparam("now"),
                table.c.state == int(ReviewState.OPEN),
            )
        )
        .order_by(table.c.access_time.desc())
        .limit(1)
        .scalar_subquery()
    )
    .values(use_count=table.c.use_count + 1, version=table.c.version + 1)
    .returning(*table.c),
    logs_access=True,
)

# One more read that rests on a consent which is under review.
USE_CONSENT = sql(
    update(table)
    .where(
        table.c.id
        == select(table.c.id)
        .where(
            and_(
                table.c.person_id == _RECORDS,
                table.c.consent == bindparam("of_consent"),
                table.c.state == int(ReviewState.OPEN),
            )
        )
        .order_by(table.c.access_time)
        .limit(1)
        .scalar_subquery()
    )
    .values(use_count=table.c.use_count + 1, version=table.c.version + 1)
    .returning(*table.c),
    logs_access=True,
)

GET = sql(select(*table.c).where(_ONE).with_for_update())

REVIEW = sql(
    update(table)
    .where(_ONE)
    .values(
        state=bindparam("to"),
        reviewer=bindparam("by"),
        review_time=bindparam("at"),
        review_note=bindparam("note"),
        version=table.c.version + 1,
    )
    .returning(*table.c)
)


def _list(*, person: bool, facility: bool) -> Sql:
    where = [tuple_(table.c.access_time, table.c.id) < tuple_(bindparam("before"), bindparam("before_id"))]
    if person:
        where.append(table.c.person_id == _RECORDS)
    if facility:
        where.append(table.c.facility == bindparam("facility"))
    state = bindparam("state", type_=table.c.state.type)
    where.append(or_(state == 0, table.c.state == bindparam("state")))
    order = (table.c.access_time.desc(), table.c.id.desc())
    return sql(select(*table.c).where(and_(*where)).order_by(*order).limit(bindparam("limit")))


LISTS = {
    (person, facility): _list(person=person, facility=facility)
    for person in (False, True)
    for facility in (False, True)
}


async def use_again(
    tx: Transaction,
    *,
    records: Sequence[UUID],
    facility: str,
    practitioner: str,
    caller: str,
    reason: str,
    now: datetime,
    since: datetime,
) -> EmergencyAccess | None:
    """Count one more read for the same reason under an access that is open and has not run out, or None.

    *since* is before any such access began: it bounds the search.
    """
    row = await tx.fetchrow(
        USE,
        records=list(records),
        facility=facility,
        practitioner=practitioner,
        caller=caller,
        reason=reason,
        now=now,
        since=since,
    )
    return _access(row) if row else None


async def use_consent_again(
    tx: Transaction, *, records: Sequence[UUID], consent: UUID
) -> EmergencyAccess | None:
    """Count one more read under *consent*, while its review is open; None when there is none yet."""
    row = await tx.fetchrow(USE_CONSENT, records=list(records), of_consent=consent)
    return _access(row) if row else None


async def insert_access(tx: Transaction, access: EmergencyAccess) -> int:
    values = {column.name: getattr(access, column.name) for column in _WRITTEN}
    return await tx.fetchval(INSERT, **{**values, "state": int(access.state)}) or 0


async def count_open(tx: Transaction) -> tuple[int, datetime | None]:
    """Return how many emergency accesses wait for their review, and when the oldest of them was."""
    row = await tx.fetchrow(COUNT_OPEN)
    assert row is not None  # an aggregate has one row
    return row[0], row[1]


async def get_access(tx: Transaction, access_id: UUID) -> EmergencyAccess | None:
    """Return the emergency access, locked until the transaction ends, or None."""
    row = await tx.fetchrow(GET, of_id=access_id)
    return _access(row) if row else None


async def review(
    tx: Transaction, access: EmergencyAccess, *, state: ReviewState, by: str, at: datetime, note: str
) -> EmergencyAccess:
    row = await tx.fetchrow(REVIEW, of_id=access.id, to=int(state), by=by, at=at, note=note)
    assert row is not None  # it was locked by get_access
    return _access(row)


async def list_accesses(
    tx: Transaction,
    *,
    records: Sequence[UUID] | None,
    facility: str,
    state: int,
    before: Cursor,
    limit: int,
) -> list[EmergencyAccess]:
    """Return up to *limit* emergency accesses to a person's *records*, newest first, older than *before*.

    None, empty and 0 mean any.
    """
    params: dict[str, object] = {
        "state": state,
        "before": before.time,
        "before_id": before.id,
        "limit": limit,
    }
    if records is not None:
        params["records"] = list(records)
    if facility:
        params["facility"] = facility
    rows = await tx.fetch(LISTS[records is not None, bool(facility)], **params)
    return [_access(row) for row in rows]


def _access(row: Record) -> EmergencyAccess:
    return EmergencyAccess(**{**dict(row), "state": ReviewState(row["state"])})

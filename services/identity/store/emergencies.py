"""Emergency accesses and their review."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, bindparam, insert, or_, select, tuple_, update

from chassis.db import Record, Transaction
from chassis.sql import Sql, sql

from ..model.emergencies import EmergencyAccess, ReviewState
from ..schema import emergency_accesses as table

_WRITTEN = [
    column for column in table.c if column.name not in ("reviewer", "review_time", "review_note", "version")
]
_ONE = table.c.id == bindparam("of_id")

INSERT = sql(insert(table).values({column.name: bindparam(column.name) for column in _WRITTEN}))

# One more read within the time of an access that is there.
USE = sql(
    update(table)
    .where(
        table.c.id
        == select(table.c.id)
        .where(
            and_(
                table.c.person_id == bindparam("person_id"),
                table.c.facility == bindparam("facility"),
                table.c.practitioner == bindparam("practitioner"),
                table.c.caller == bindparam("caller"),
                table.c.reason == bindparam("reason"),
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
    .returning(*table.c)
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
    """Return the list by the filters that have an index."""
    where = [tuple_(table.c.access_time, table.c.id) < tuple_(bindparam("before"), bindparam("before_id"))]
    if person:
        where.append(table.c.person_id == bindparam("person_id"))
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
    person_id: UUID,
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
        person_id=person_id,
        facility=facility,
        practitioner=practitioner,
        caller=caller,
        reason=reason,
        now=now,
        since=since,
    )
    return _access(row) if row else None


async def insert_access(tx: Transaction, access: EmergencyAccess) -> None:
    """Write a new emergency access."""
    values = {column.name: getattr(access, column.name) for column in _WRITTEN}
    await tx.execute(INSERT, **{**values, "state": int(access.state)})


async def get_access(tx: Transaction, access_id: UUID) -> EmergencyAccess | None:
    """Return the emergency access, locked until the transaction ends, or None."""
    row = await tx.fetchrow(GET, of_id=access_id)
    return _access(row) if row else None


async def review(
    tx: Transaction, access: EmergencyAccess, *, state: ReviewState, by: str, at: datetime, note: str
) -> EmergencyAccess:
    """Write down a review and return what it made."""
    row = await tx.fetchrow(REVIEW, of_id=access.id, to=int(state), by=by, at=at, note=note)
    assert row is not None  # it was locked by get_access
    return _access(row)


async def list_accesses(
    tx: Transaction,
    *,
    person_id: UUID | None,
    facility: str,
    state: int,
    before: tuple[datetime, UUID],
    limit: int,
) -> list[EmergencyAccess]:
    """Return up to *limit* emergency accesses, newest first, older than *before*.

    None, empty and 0 mean any.
    """
    given: dict[str, object] = {"state": state, "before": before[0], "before_id": before[1], "limit": limit}
    if person_id:
        given["person_id"] = person_id
    if facility:
        given["facility"] = facility
    rows = await tx.fetch(LISTS[person_id is not None, bool(facility)], **given)
    return [_access(row) for row in rows]


def _access(row: Record) -> EmergencyAccess:
    return EmergencyAccess(**{**dict(row), "state": ReviewState(row["state"])})

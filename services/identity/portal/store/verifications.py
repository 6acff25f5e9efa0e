"""
Who is to be asked about again.

The database's clock rules the tasks, so that replicas agree.  A claim is a lease: a
replica that dies with tasks in its hands leaves them to the others when it runs out,
and what it still says of them then does not match.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Interval, bindparam, delete, func, literal_column, select, text, update

from chassis.db import Transaction
from chassis.sql import sql

from ...model.staleness import StaleReason
from ...schema import verifications
from ..retry_schedule import KEPT, LEASE, Later, Task

# The gauge counts no further: a count is a scan.
COUNTED: Final = 100_000

# One task a person, however often they were told unconfirmed; of many persons at once.
OPEN = sql(
    text(
        "INSERT INTO verifications (person_id, reason)"
        " SELECT * FROM unnest(CAST(:persons AS uuid[]), CAST(:reasons AS text[]))"
        " ON CONFLICT DO NOTHING"
    )
)

DONE = sql(delete(verifications).where(verifications.c.person_id == bindparam("person_id")))

_due = (
    select(verifications.c.person_id)
    .where(verifications.c.next_time <= func.now())
    .order_by(verifications.c.next_time)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
    .cte("due")
)
CLAIM = sql(
    update(verifications)
    .where(verifications.c.person_id == _due.c.person_id)
    .values(
        attempts=verifications.c.attempts + literal_column("1"),
        next_time=func.now() + bindparam("lease", type_=Interval),
    )
    .returning(verifications.c.person_id, verifications.c.attempts)
)

_held = (
    verifications.c.person_id == bindparam("person_id"),
    verifications.c.attempts == bindparam("held"),
)
LATER = sql(
    update(verifications)
    .where(*_held)
    .values(
        attempts=bindparam("attempts"),
        reason=bindparam("reason"),
        next_time=func.now() + bindparam("wait", type_=Interval),
    )
)
GIVE_UP = sql(delete(verifications).where(*_held))

SWEEP = sql(
    delete(verifications).where(
        verifications.c.person_id.in_(
            select(verifications.c.person_id)
            .where(verifications.c.create_time < func.now() - bindparam("kept", type_=Interval))
            .limit(bindparam("limit"))
        )
    )
)

_some = select(verifications.c.create_time).order_by(verifications.c.next_time).limit(COUNTED).subquery()
COUNT = sql(
    select(func.count(), func.extract("epoch", func.now() - func.min(_some.c.create_time))).select_from(_some)
)


async def open_tasks(tx: Transaction, told: Sequence[tuple[UUID, StaleReason]]) -> None:
    """Have persons asked about again who were *told* unconfirmed, and why."""
    persons, reasons = [person for person, _ in told], [reason.name for _, reason in told]
    await tx.execute(OPEN, persons=persons, reasons=reasons)


async def claim(tx: Transaction, limit: int) -> list[Task]:
    """Return tasks that are due, at most *limit*; nobody else gets them for the time of the lease."""
    rows = await tx.fetch(CLAIM, limit=limit, lease=LEASE)
    return [Task(row["person_id"], row["attempts"]) for row in rows]


async def done(tx: Transaction, person_id: UUID) -> None:
    """Take a person's task away: the portal told.  Under the name it was put down by, merged since or not."""
    await tx.execute(DONE, person_id=person_id)


async def postpone(tx: Transaction, task: Task, later: Later, reason: StaleReason) -> None:
    """Put *task* off; nothing when it is not ours any more."""
    await tx.execute(
        LATER,
        person_id=task.person_id,
        held=task.attempts,
        attempts=later.attempts,
        reason=reason.name,
        wait=later.wait,
    )


async def give_up(tx: Transaction, task: Task) -> None:
    """Take *task* away unfinished; nothing when it is not ours any more."""
    await tx.execute(GIVE_UP, person_id=task.person_id, held=task.attempts)


async def sweep(tx: Transaction, limit: int, kept: timedelta = KEPT) -> int:
    """Return how many tasks, at most *limit*, were taken away because they are too old to help anybody."""
    return await tx.execute(SWEEP, limit=limit, kept=kept)


async def depth(tx: Transaction) -> tuple[int, float]:
    """Return how many tasks are open, as far as COUNTED, and the age of the oldest of these, in seconds."""
    row = await tx.fetchrow(COUNT)
    return (row[0], float(row[1] or 0)) if row else (0, 0.0)

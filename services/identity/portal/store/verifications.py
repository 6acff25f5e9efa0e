"""
Who is to be asked about again.

The database's clock rules the tasks, so that replicas agree.  A claim is a lease: a
replica that dies with tasks in its hands leaves them to the others when it runs out,
and what it still says of them then does not match.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import Interval, bindparam, delete, func, text, update

from chassis.db import Transaction
from chassis.sql import sql

from ...model.staleness import StaleReason
from ...schema import verifications
from ..retry_schedule import LEASE, RETENTION, Retry, VerificationTask

# The gauge counts no further: a count is a scan.
MAX_COUNTED: Final = 100_000

# One task a person, however often they got an unconfirmed answer; of many persons at once.
INSERT_TASKS = sql(
    text("""
        INSERT INTO verifications (person_id, reason)
        SELECT * FROM unnest(CAST(:persons AS uuid[]), CAST(:reasons AS text[]))
        ON CONFLICT DO NOTHING
    """),
    about="verifications",
)

COMPLETE = sql(delete(verifications).where(verifications.c.person_id == bindparam("person_id")))

# Takes tasks that are due and that nobody else is taking, for the time of the lease.
CLAIM = sql(
    text("""
        UPDATE verifications SET attempts = attempts + 1, next_time = now() + CAST(:lease AS interval)
        WHERE person_id = ANY(ARRAY(
            SELECT person_id FROM verifications
            WHERE next_time <= now()
            ORDER BY next_time
            LIMIT CAST(:max_claimed AS integer)
            FOR UPDATE SKIP LOCKED
        ))
        RETURNING person_id, attempts
    """),
    about="verifications",
)

_is_ours = (
    verifications.c.person_id == bindparam("person_id"),
    verifications.c.attempts == bindparam("claimed_attempts"),
)
POSTPONE = sql(
    update(verifications)
    .where(*_is_ours)
    .values(
        attempts=bindparam("attempts"),
        reason=bindparam("reason"),
        next_time=func.now() + bindparam("delay", type_=Interval),
    )
)
ABANDON = sql(delete(verifications).where(*_is_ours))

# Deletes some of the tasks that are too old to help anybody.
SWEEP = sql(
    text("""
        DELETE FROM verifications WHERE person_id IN (
            SELECT person_id FROM verifications
            WHERE create_time < now() - CAST(:retention AS interval)
            LIMIT CAST(:max_swept AS integer)
        )
    """),
    about="verifications",
)

# How many tasks are open, as far as they are counted, and the age of the oldest of these, in seconds.
COUNT_TASKS = sql(
    text("""
        SELECT count(*) AS tasks, coalesce(extract(epoch FROM now() - min(create_time)), 0) AS oldest_s
        FROM (
            SELECT create_time FROM verifications ORDER BY next_time LIMIT CAST(:max_counted AS integer)
        ) AS counted
    """),
    about="verifications",
)


async def insert_tasks(tx: Transaction, tasks: Sequence[tuple[UUID, StaleReason]]) -> None:
    persons, reasons = [person_id for person_id, _ in tasks], [reason.name for _, reason in tasks]
    await tx.execute(INSERT_TASKS, persons=persons, reasons=reasons)


async def claim(tx: Transaction, max_claimed: int) -> list[VerificationTask]:
    rows = await tx.fetch(CLAIM, max_claimed=max_claimed, lease=LEASE)
    return [VerificationTask(row["person_id"], row["attempts"]) for row in rows]


async def complete(tx: Transaction, person_id: UUID) -> None:
    """Delete a person's task: the portal answered.  Under the name it was opened by, merged since or not."""
    await tx.execute(COMPLETE, person_id=person_id)


async def postpone(tx: Transaction, task: VerificationTask, retry: Retry, reason: StaleReason) -> None:
    """Put *task* off; nothing when it is not ours any more."""
    await tx.execute(
        POSTPONE,
        person_id=task.person_id,
        claimed_attempts=task.attempts,
        attempts=retry.attempts,
        reason=reason.name,
        delay=retry.delay,
    )


async def abandon(tx: Transaction, task: VerificationTask) -> None:
    await tx.execute(ABANDON, person_id=task.person_id, claimed_attempts=task.attempts)


async def sweep(tx: Transaction, max_swept: int) -> int:
    return await tx.execute(SWEEP, max_swept=max_swept, retention=RETENTION)


async def count_tasks(tx: Transaction) -> tuple[int, float]:
    row = await tx.fetchrow(COUNT_TASKS, max_counted=MAX_COUNTED)
    return (row["tasks"], float(row["oldest_s"])) if row else (0, 0.0)

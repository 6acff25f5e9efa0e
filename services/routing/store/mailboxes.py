"""What is in the mailboxes, one by one: counted where something waits, is held, or is dead."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text

from chassis.db import Transaction
from chassis.pagination import NEWEST
from chassis.sql import sql

from ..model.mailboxes import Mailbox

# A state at a time, by the index that each has: finished messages are far more than open ones.
LIST = sql(
    text(
        """
        WITH open AS (
            SELECT recipient, state, size, enqueue_time FROM messages WHERE state = 'accepted'
            UNION ALL SELECT recipient, state, size, enqueue_time FROM messages WHERE state = 'leased'
            UNION ALL SELECT recipient, state, size, enqueue_time FROM messages WHERE state = 'dead'
        ), boxes AS (
            SELECT recipient, min(enqueue_time) FILTER (WHERE state = 'accepted') AS oldest_time,
                count(*) FILTER (WHERE state = 'accepted') AS waiting,
                coalesce(sum(size) FILTER (WHERE state = 'accepted'), 0)::bigint AS waiting_bytes,
                count(*) FILTER (WHERE state = 'leased') AS held,
                count(*) FILTER (WHERE state = 'dead') AS dead
            FROM open GROUP BY recipient
        )
        SELECT * FROM boxes WHERE (coalesce(oldest_time, :never), recipient) > (:after_time, :after_recipient)
        ORDER BY coalesce(oldest_time, :never), recipient LIMIT :limit
        """
    ),
    operation="SELECT",
    about="messages",
)


async def list_mailboxes(
    tx: Transaction, after_time: datetime, after_recipient: str, limit: int
) -> Sequence[Mailbox]:
    """Return mailboxes by the time of what waits longest in them; those in which nothing waits last."""
    rows = await tx.fetch(
        LIST, never=NEWEST.time, after_time=after_time, after_recipient=after_recipient, limit=limit
    )
    return [Mailbox(**row) for row in rows]

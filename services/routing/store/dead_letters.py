"""Dead messages: listed, the newest first, and locked to be replayed or stopped, the oldest first."""

from datetime import datetime
from typing import Final

from sqlalchemy import text

from chassis.db import Transaction
from chassis.pagination import Cursor
from chassis.sql import sql

from ..model.messages import Message
from .messages import COLUMN_LIST, message_from_row

# Of whom and of what; an empty party means any, an empty reason any.
_MEANT: Final = """
    state = 'dead' AND (:sender = '' OR sender = :sender) AND (:recipient = '' OR recipient = :recipient)
    AND (:reason = '' OR dead_reason = :reason)
"""

# A page, those that died last first.
LIST_DEAD = sql(
    text(
        f"""
        SELECT {COLUMN_LIST} FROM messages
        WHERE {_MEANT} AND (dead_time, id) < (:before_time, :before_id)
        ORDER BY dead_time DESC, id DESC LIMIT :limit
        """
    ),
    about="messages",
)

# A page to change, those that were accepted first first.  What came from another node is dead there too.
LOCK_DEAD = sql(
    text(
        f"""
        SELECT {COLUMN_LIST}, clock_timestamp() AS now FROM messages
        WHERE {_MEANT} AND (accept_time, id) > (:after_time, :after_id)
          AND NOT EXISTS (SELECT FROM arrivals WHERE message_id = messages.id AND origin <> '')
        ORDER BY accept_time, id LIMIT :limit FOR UPDATE
        """
    ),
    about="messages",
)

COUNT_BY_REASON = sql(
    text("SELECT dead_reason, count(*) AS messages FROM messages WHERE state = 'dead' GROUP BY dead_reason"),
    about="messages",
)


async def list_dead(
    tx: Transaction, sender: str, recipient: str, reason: str, before: Cursor, limit: int
) -> list[Message]:
    rows = await tx.fetch(
        LIST_DEAD,
        sender=sender,
        recipient=recipient,
        reason=reason,
        limit=limit,
        before_time=before.time,
        before_id=before.id,
    )
    return [message_from_row(row) for row in rows]


async def lock_dead(
    tx: Transaction, sender: str, recipient: str, reason: str, after: Cursor, limit: int
) -> list[tuple[Message, datetime]]:
    """Return dead messages that nobody else may now change, each with the time."""
    rows = await tx.fetch(
        LOCK_DEAD,
        sender=sender,
        recipient=recipient,
        reason=reason,
        limit=limit,
        after_time=after.time,
        after_id=after.id,
    )
    return [(message_from_row(row), row["now"]) for row in rows]


async def count_by_reason(tx: Transaction) -> dict[str, int]:
    return {row["dead_reason"]: row["messages"] for row in await tx.fetch(COUNT_BY_REASON)}

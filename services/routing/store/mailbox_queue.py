"""
The mailbox as a queue: what waits, what is leased, and what is due by its age.

Deliveries of one mailbox are decided one after another, under a lock of the
transaction on the recipient's name (`lock_mailbox`); sends, acknowledgements
and other mailboxes do not wait for it.

A state is written out in each statement: a partial index serves only a query
that says what it says.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text

from chassis.db import Transaction
from chassis.sql import sql

from ..model.messages import Message
from ..model.pair_turns import Head, Holding
from .messages import COLUMN_LIST, message_from_row

NOTIFY_CHANNEL: Final = "routing_mailbox"

# The first number sets these locks apart from others: any that no other use has.
LOCK_MAILBOX = sql(
    text("SELECT pg_advisory_xact_lock(5417101, hashtext(:recipient)), clock_timestamp() AS now")
)

# What receivers hold of a mailbox, in order.
LOCK_LEASED = sql(
    text(
        f"""
        SELECT {COLUMN_LIST} FROM messages
        WHERE recipient = :recipient AND state = 'leased'
        ORDER BY sequence FOR UPDATE
        """
    ),
    about="messages",
)

# Who holds how much of a mailbox, and until when.
LIST_HOLDINGS = sql(
    text(
        """
        SELECT sender, lease_stream AS stream, count(*) AS messages, max(attempts) AS attempts,
            min(lease_expire_time) AS expire_time
        FROM messages WHERE recipient = :recipient AND state = 'leased' GROUP BY sender, lease_stream
        """
    ),
    about="messages",
)


def _walk(name: str, bounds: str) -> str:
    """Return the SQL that goes from sender to sender of what waits, an index probe each."""
    waiting = "recipient = :recipient AND state = 'accepted'"
    return f"""
        {name} AS (
            (SELECT sender, attempts, 1 AS turn FROM messages
             WHERE {waiting} AND {bounds} ORDER BY sender, sequence LIMIT 1)
            UNION ALL
            SELECT next.sender, next.attempts, {name}.turn + 1 FROM {name} CROSS JOIN LATERAL (
                SELECT sender, attempts FROM messages
                WHERE {waiting} AND sender > {name}.sender AND {bounds} ORDER BY sender, sequence LIMIT 1
            ) AS next WHERE {name}.turn < :limit
        )
    """


# The first message of each sender in a mailbox, the senders after :after and then, from the beginning, the
# others.  So many probes, however much waits of each.
LIST_HEADS = sql(
    text(
        f"""
        WITH RECURSIVE {_walk("onward", "sender > :after")}, {_walk("again", "sender <= :after")}
        SELECT sender, attempts FROM (
            SELECT 1 AS lap, * FROM onward UNION ALL SELECT 2 AS lap, * FROM again
        ) AS walked ORDER BY lap, turn LIMIT :limit
        """
    ),
    operation="SELECT",
    about="messages",
)

# The first messages that wait of some senders, in order, so many of each.
LOCK_WAITING = sql(
    text(
        f"""
        SELECT {COLUMN_LIST} FROM
            unnest(CAST(:senders AS text[]), CAST(:counts AS integer[]))
                WITH ORDINALITY AS share (pair, count, turn),
            LATERAL (
                SELECT {COLUMN_LIST} FROM messages
                WHERE recipient = :recipient AND state = 'accepted' AND sender = share.pair
                ORDER BY sequence LIMIT share.count FOR UPDATE
            ) AS line
        ORDER BY turn, sequence
        """
    ),
    about="messages",
)

# Whose mailboxes have a lease that ran out.
LIST_WITH_EXPIRED_LEASES = sql(
    text(
        """
        SELECT DISTINCT recipient FROM messages
        WHERE state = 'leased' AND lease_expire_time <= clock_timestamp() LIMIT :limit
        """
    ),
    about="messages",
)

# Messages that have waited for an age, and whose sender was not told.
LOCK_UNNOTICED = sql(
    text(
        f"""
        SELECT {COLUMN_LIST}, clock_timestamp() AS now FROM messages
        WHERE state = 'accepted' AND notice_time IS NULL
          AND enqueue_time <= clock_timestamp() - CAST(:age AS interval)
        ORDER BY enqueue_time LIMIT :limit FOR UPDATE SKIP LOCKED
        """
    ),
    about="messages",
)

# Messages that have waited for an age.
LOCK_UNCOLLECTED = sql(
    text(
        f"""
        SELECT {COLUMN_LIST}, clock_timestamp() AS now FROM messages
        WHERE state = 'accepted' AND enqueue_time <= clock_timestamp() - CAST(:age AS interval)
        ORDER BY enqueue_time LIMIT :limit FOR UPDATE SKIP LOCKED
        """
    ),
    about="messages",
)

# One NOTIFY for each payload.
NOTIFY = sql(text(f"SELECT pg_notify('{NOTIFY_CHANNEL}', unnest(CAST(:payloads AS text[])))"))

# What waits in all mailboxes, and the seconds since the first of it entered.
MEASURE_WAITING = sql(
    text(
        """
        SELECT count(*) AS depth,
            coalesce(extract(epoch FROM clock_timestamp() - min(enqueue_time)), 0)::float8 AS oldest
        FROM messages WHERE state = 'accepted'
        """
    ),
    about="messages",
)


async def lock_mailbox(tx: Transaction, recipient: str) -> datetime:
    """Make deliveries from *recipient*'s mailbox wait for this transaction; return the time afterwards."""
    row = await tx.fetchrow(LOCK_MAILBOX, recipient=recipient)
    assert row is not None
    now: datetime = row["now"]
    return now


async def lock_leased(tx: Transaction, recipient: str) -> list[Message]:
    return [message_from_row(row) for row in await tx.fetch(LOCK_LEASED, recipient=recipient)]


async def list_holdings(tx: Transaction, recipient: str) -> list[Holding]:
    rows = await tx.fetch(LIST_HOLDINGS, recipient=recipient)
    return [Holding(**row) for row in rows]


async def list_heads(tx: Transaction, recipient: str, after: str, limit: int) -> list[Head]:
    """Return the first message of each of *limit* senders: those after *after*, then from the beginning."""
    rows = await tx.fetch(LIST_HEADS, recipient=recipient, after=after, limit=limit)
    return [Head(row["sender"], row["attempts"]) for row in rows]


async def lock_waiting(tx: Transaction, recipient: str, shares: Sequence[tuple[str, int]]) -> list[Message]:
    """Return the first messages that wait of each sender in *shares*, so many as it says, in that order."""
    senders, counts = [sender for sender, _ in shares], [count for _, count in shares]
    rows = await tx.fetch(LOCK_WAITING, recipient=recipient, senders=senders, counts=counts)
    return [message_from_row(row) for row in rows]


async def list_with_expired_leases(tx: Transaction, limit: int) -> list[str]:
    return [row["recipient"] for row in await tx.fetch(LIST_WITH_EXPIRED_LEASES, limit=limit)]


async def lock_unnoticed(tx: Transaction, age: timedelta, limit: int) -> list[tuple[Message, datetime]]:
    rows = await tx.fetch(LOCK_UNNOTICED, age=age, limit=limit)
    return [(message_from_row(row), row["now"]) for row in rows]


async def lock_uncollected(tx: Transaction, age: timedelta, limit: int) -> list[tuple[Message, datetime]]:
    rows = await tx.fetch(LOCK_UNCOLLECTED, age=age, limit=limit)
    return [(message_from_row(row), row["now"]) for row in rows]


async def notify(tx: Transaction, payloads: Iterable[str]) -> None:
    await tx.fetch(NOTIFY, payloads=list(payloads))


async def measure_waiting(tx: Transaction) -> tuple[int, float]:
    """Return how many messages wait, and for how many seconds the first of them has."""
    row = await tx.fetchrow(MEASURE_WAITING)
    assert row is not None
    return row["depth"], max(row["oldest"], 0.0)

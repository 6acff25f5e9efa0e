"""
The mailbox as a queue: what waits, what is held, and what the sweeper looks for.

Deliveries of one mailbox are decided one after another, under a lock of the
transaction on the recipient's name (`lock_mailbox`); sends, acknowledgements
and other mailboxes do not wait for it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ARRAY, Interval, Text, bindparam, func, select

from chassis.db import Transaction
from chassis.sql import sql

from ..model.messages import Message, State
from ..schema import messages
from .messages import COLUMNS, in_state, m, message_of

CHANNEL: Final = "routing_mailbox"

# Sets these locks apart from others: any number that no other use has.
LOCK_CLASS: Final = 5_417_101

LOCK_MAILBOX = sql(
    select(
        func.pg_advisory_xact_lock(LOCK_CLASS, func.hashtext(bindparam("recipient", type_=Text))),
        func.clock_timestamp().label("now"),
    )
)
HELD = sql(
    select(*COLUMNS)
    .where(m.recipient == bindparam("recipient"), in_state(State.LEASED))
    .order_by(m.sequence)
    .with_for_update()
)
WAITING = sql(
    select(*COLUMNS)
    .where(
        m.recipient == bindparam("recipient"),
        in_state(State.ACCEPTED),
        m.sender != func.all(bindparam("busy", type_=ARRAY(Text))),
    )
    .order_by(m.sequence)
    .limit(bindparam("limit"))
    .with_for_update()
)
LAPSING = sql(
    select(m.recipient)
    .distinct()
    .where(in_state(State.LEASED), m.lease_expire_time <= func.clock_timestamp())
    .limit(bindparam("limit"))
)
_AGE = bindparam("age", type_=Interval)
LATE = sql(
    select(*COLUMNS, func.clock_timestamp().label("now"))
    .where(
        in_state(State.ACCEPTED),
        m.enqueue_time <= func.clock_timestamp() - _AGE,
        m.notice_time.is_(None),
    )
    .order_by(m.enqueue_time)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
UNCOLLECTED = sql(
    select(*COLUMNS, func.clock_timestamp().label("now"))
    .where(in_state(State.ACCEPTED), m.enqueue_time <= func.clock_timestamp() - _AGE)
    .order_by(m.enqueue_time)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
ANNOUNCE = sql(
    select(
        func.pg_notify(CHANNEL, func.unnest(bindparam("payloads", type_=ARRAY(Text)))),
    )
)
DEPTH = sql(select(func.count()).select_from(messages).where(in_state(State.ACCEPTED)))


async def lock_mailbox(tx: Transaction, recipient: str) -> datetime:
    """Make deliveries from *recipient*'s mailbox wait for this transaction; return the time afterwards."""
    row = await tx.fetchrow(LOCK_MAILBOX, recipient=recipient)
    assert row is not None
    now: datetime = row["now"]
    return now


async def held(tx: Transaction, recipient: str) -> list[Message]:
    """Return what receivers hold of *recipient*'s mailbox, in order; nobody else may now change it."""
    return [message_of(row) for row in await tx.fetch(HELD, recipient=recipient)]


async def waiting(tx: Transaction, recipient: str, busy: Sequence[str], limit: int) -> list[Message]:
    """Return the first *limit* messages that wait, in order, leaving out the senders in *busy*."""
    rows = await tx.fetch(WAITING, recipient=recipient, busy=list(busy), limit=limit)
    return [message_of(row) for row in rows]


async def lapsing_mailboxes(tx: Transaction, limit: int) -> list[str]:
    """Return up to *limit* recipients with a lease that ran out."""
    return [str(row[0]) for row in await tx.fetch(LAPSING, limit=limit)]


async def late(tx: Transaction, age: timedelta, limit: int) -> list[tuple[Message, datetime]]:
    """Return messages that have waited for *age* and whose sender was not told, each with the time."""
    return [(message_of(row), row["now"]) for row in await tx.fetch(LATE, age=age, limit=limit)]


async def uncollected(tx: Transaction, age: timedelta, limit: int) -> list[tuple[Message, datetime]]:
    """Return messages that have waited for *age*, each with the time."""
    return [(message_of(row), row["now"]) for row in await tx.fetch(UNCOLLECTED, age=age, limit=limit)]


async def announce(tx: Transaction, payloads: Iterable[str]) -> None:
    """Tell the other replicas *payloads* when the transaction commits."""
    await tx.fetch(ANNOUNCE, payloads=list(payloads))


async def depth(tx: Transaction) -> int:
    """Return how many messages wait, in all mailboxes."""
    return int(await tx.fetchval(DEPTH))

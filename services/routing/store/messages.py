"""Messages without their bodies: inserted, read, updated, listed."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Integer, bindparam, func, insert, or_, select, tuple_, update

from chassis.db import Record, Transaction
from chassis.pagination import Cursor
from chassis.sql import sql

from ..model.messages import DeadReason, Kind, Lease, Message, State
from ..schema import message_sequence, messages

m = messages.c

# What a new message says of itself; the rest is set by `INSERT`, or later.
NEW: Final = (
    "id",
    "sender",
    "recipient",
    "kind",
    "media_type",
    "size",
    "sha256",
    "about",
    "person",
    "correlation",
    "traceparent",
)

# What a transition may change.
CHANGING: Final = (
    "sequence",
    "state",
    "enqueue_time",
    "attempts",
    "dead_reason",
    "dead_note",
    "lease_time",
    "acknowledge_time",
    "dead_time",
    "replay_time",
    "stop_time",
    "notice_time",
)
LEASE: Final = ("lease_token", "lease_stream", "lease_expire_time", "lease_begin_time")

# A message without its body, for the statements in Core and for those in text.
COLUMNS: Final = tuple(m[name] for name in (*NEW, "accept_time", "restore_time", *CHANGING, *LEASE))
COLUMN_LIST: Final = ", ".join(column.name for column in COLUMNS)

# The columns that a `Message` holds as they are.
_PLAIN: Final = tuple(
    column.name for column in COLUMNS if column.name not in ("kind", "state", "dead_reason", *LEASE)
)

INSERT = sql(
    insert(messages)
    .values({name: bindparam(name) for name in (*NEW, "body")})
    .values(
        sequence=message_sequence.next_value(),
        state=State.ACCEPTED.value,
        accept_time=func.clock_timestamp(),
        enqueue_time=func.clock_timestamp(),
        attempts=0,
        dead_note="",
    )
    .returning(m.sequence, m.accept_time, m.enqueue_time)
)
GET = sql(select(*COLUMNS).where(m.id == bindparam("id")))
LOCK = sql(
    select(*COLUMNS, func.clock_timestamp().label("now")).where(m.id == bindparam("id")).with_for_update()
)
# What the same stream holds of the same sender behind a message, in order.
LOCK_BEHIND = sql(
    select(*COLUMNS)
    .where(
        m.recipient == bindparam("recipient"),
        m.state == State.LEASED.value,
        m.sender == bindparam("sender"),
        m.lease_stream == bindparam("stream"),
        m.sequence > bindparam("sequence"),
    )
    .order_by(m.sequence)
    .with_for_update()
)
# Passes over what is just being given out: whoever does that holds its row.
LOCK_UNDELIVERED = sql(
    select(*COLUMNS, func.clock_timestamp().label("now"))
    .where(m.id == bindparam("id"), or_(m.state == State.ACCEPTED.value, m.state == State.DEAD.value))
    .with_for_update(skip_locked=True)
)
UPDATE = sql(
    update(messages)
    .where(m.id == bindparam("id_"))
    .values({name: bindparam(name) for name in (*CHANGING, *LEASE)})
)
NEXT_SEQUENCES = sql(
    select(message_sequence.next_value().label("sequence")).select_from(
        func.generate_series(1, bindparam("count", type_=Integer))
    )
)

# A page of messages, newest first, and of whom: what a facility sent, or what is for it.  An empty
# state means any.
_NEWEST_FIRST = (
    select(*COLUMNS)
    .where(
        or_(bindparam("state") == "", m.state == bindparam("state")),
        tuple_(m.accept_time, m.id) < tuple_(bindparam("before_time"), bindparam("before_id")),
    )
    .order_by(m.accept_time.desc(), m.id.desc())
    .limit(bindparam("limit"))
)
LIST_SENT = sql(_NEWEST_FIRST.where(m.sender == bindparam("party")))
LIST_RECEIVED = sql(_NEWEST_FIRST.where(m.recipient == bindparam("party")))


def message_from_row(row: Record) -> Message:
    token, reason = row["lease_token"], row["dead_reason"]
    return Message(
        **{name: row[name] for name in _PLAIN},
        kind=Kind(row["kind"]),
        state=State(row["state"]),
        dead_reason=DeadReason(reason) if reason else None,
        lease=Lease(*(row[name] for name in LEASE)) if token else None,
    )


async def insert_message(tx: Transaction, message: Message, body: bytes | None) -> Message:
    """Put a new message into its mailbox, behind what is there, and return it as it is there.

    *body* is the encrypted body; None when it is in pieces.
    """
    row = await tx.fetchrow(INSERT, **{name: getattr(message, name) for name in NEW}, body=body)
    assert row is not None
    return replace(message, **dict(row))


async def get_message(tx: Transaction, message_id: UUID) -> Message | None:
    row = await tx.fetchrow(GET, id=message_id)
    return message_from_row(row) if row else None


async def lock_message(tx: Transaction, message_id: UUID) -> tuple[Message, datetime] | None:
    """Return the message, which nobody else may now change, and the time; or None."""
    row = await tx.fetchrow(LOCK, id=message_id)
    return (message_from_row(row), row["now"]) if row else None


async def lock_behind(tx: Transaction, message: Message) -> list[Message]:
    """Return what the stream that holds *message* also holds of its sender, behind it."""
    rows = await tx.fetch(
        LOCK_BEHIND,
        recipient=message.recipient,
        sender=message.sender,
        stream=message.stream,
        sequence=message.sequence,
    )
    return [message_from_row(row) for row in rows]


async def lock_undelivered(tx: Transaction, message_id: UUID) -> tuple[Message, datetime] | None:
    """Return the message as `lock_message` does, if it waits, and is not being given out, or is dead."""
    row = await tx.fetchrow(LOCK_UNDELIVERED, id=message_id)
    return (message_from_row(row), row["now"]) if row else None


async def update_messages(tx: Transaction, changed: Iterable[Message]) -> None:
    rows = [_changes(message) for message in changed]
    if len(rows) == 1:  # the usual case, and cheaper than a batch of one
        await tx.execute(UPDATE, **rows[0])
    else:
        await tx.executemany(UPDATE, rows)


def _changes(message: Message) -> dict[str, object]:
    lease = message.lease
    return {
        **{name: getattr(message, name) for name in CHANGING},
        "id_": message.id,
        "lease_token": lease.token if lease else None,
        "lease_stream": lease.stream if lease else None,
        "lease_expire_time": lease.expire_time if lease else None,
        "lease_begin_time": lease.begin_time if lease else None,
    }


async def next_sequence(tx: Transaction) -> int:
    [place] = await next_sequences(tx, 1)
    return place


async def next_sequences(tx: Transaction, count: int) -> list[int]:
    """Return *count* places behind all others in all mailboxes, in order."""
    return sorted(row["sequence"] for row in await tx.fetch(NEXT_SEQUENCES, count=count))


async def list_messages(
    tx: Transaction, side: str, party: str, state: str, before: Cursor, limit: int
) -> list[Message]:
    """Return messages whose *side*, `sender` or `recipient`, is *party*."""
    statement = LIST_SENT if side == "sender" else LIST_RECEIVED
    rows = await tx.fetch(
        statement, party=party, state=state, limit=limit, before_time=before.time, before_id=before.id
    )
    return [message_from_row(row) for row in rows]

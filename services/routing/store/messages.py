"""Messages one by one: put in, read, changed, listed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Text, and_, bindparam, func, insert, literal_column, or_, select, tuple_, update
from sqlalchemy.sql.elements import ColumnElement

from chassis.db import Record, Transaction
from chassis.sql import sql

from ..model.messages import DeadReason, Kind, Lease, Message, State
from ..schema import message_sequence, messages

m = messages.c

# A message without its body, in the order of `message_of`.
COLUMNS: Final = (
    m.id,
    m.sequence,
    m.sender,
    m.recipient,
    m.kind,
    m.media_type,
    m.size,
    m.sha256,
    m.about,
    m.person,
    m.correlation,
    m.traceparent,
    m.state,
    m.accept_time,
    m.enqueue_time,
    m.attempts,
    m.dead_reason,
    m.dead_note,
    m.lease_token,
    m.lease_stream,
    m.lease_expire_time,
    m.lease_time,
    m.acknowledge_time,
    m.dead_time,
    m.replay_time,
    m.stop_time,
    m.notice_time,
)


# The columns that a `Message` holds as they are.
_PLAIN: Final = tuple(
    column.name
    for column in COLUMNS
    if column.name not in ("kind", "state", "dead_reason", "lease_token", "lease_stream", "lease_expire_time")
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A message about to be put in.  *body* is the sealed body; None when it is in pieces."""

    id: UUID
    sender: str
    recipient: str
    kind: Kind
    media_type: str
    size: int
    sha256: bytes
    about: str
    person: str
    correlation: str
    traceparent: str
    body: bytes | None


def message_of(row: Record) -> Message:
    """Return the message of a row that begins with `COLUMNS`."""
    token, reason = row["lease_token"], row["dead_reason"]
    values = {name: row[name] for name in _PLAIN}
    return Message(
        **values,
        kind=Kind(row["kind"]),
        state=State(row["state"]),
        dead_reason=DeadReason(reason) if reason else None,
        lease=Lease(token, row["lease_stream"], row["lease_expire_time"]) if token else None,
    )


INSERT = sql(
    insert(messages)
    .values(
        {
            **{name: bindparam(name) for name in Draft.__dataclass_fields__},
            "sequence": message_sequence.next_value(),
            "state": State.ACCEPTED.value,
            "accept_time": func.clock_timestamp(),
            "enqueue_time": func.clock_timestamp(),
            "attempts": 0,
            "dead_note": "",
        }
    )
    .returning(m.sequence, m.accept_time, m.enqueue_time)
)


async def insert_message(tx: Transaction, draft: Draft) -> Message:
    """Put *draft* into its mailbox, behind what is there, and return it as accepted."""
    row = await tx.fetchrow(
        INSERT,
        **{name: getattr(draft, name) for name in Draft.__dataclass_fields__ if name != "kind"},
        kind=draft.kind.value,
    )
    assert row is not None
    return Message(
        id=draft.id,
        sequence=row["sequence"],
        sender=draft.sender,
        recipient=draft.recipient,
        kind=draft.kind,
        media_type=draft.media_type,
        size=draft.size,
        sha256=draft.sha256,
        about=draft.about,
        person=draft.person,
        correlation=draft.correlation,
        traceparent=draft.traceparent,
        state=State.ACCEPTED,
        accept_time=row["accept_time"],
        enqueue_time=row["enqueue_time"],
    )


GET = sql(select(*COLUMNS).where(m.id == bindparam("id")))
LOCK = sql(
    select(*COLUMNS, func.clock_timestamp().label("now")).where(m.id == bindparam("id")).with_for_update()
)


async def get_message(tx: Transaction, message_id: UUID) -> Message | None:
    """Return the message, or None."""
    row = await tx.fetchrow(GET, id=message_id)
    return message_of(row) if row else None


async def lock_message(tx: Transaction, message_id: UUID) -> tuple[Message, datetime] | None:
    """Return the message, which nobody else may now change, and the time; or None."""
    row = await tx.fetchrow(LOCK, id=message_id)
    return (message_of(row), row["now"]) if row else None


SAVE = sql(
    update(messages)
    .where(m.id == bindparam("id_"))
    .values(
        {
            name: bindparam(name)
            for name in (
                "sequence",
                "state",
                "enqueue_time",
                "attempts",
                "dead_reason",
                "dead_note",
                "lease_token",
                "lease_stream",
                "lease_expire_time",
                "lease_time",
                "acknowledge_time",
                "dead_time",
                "replay_time",
                "stop_time",
                "notice_time",
            )
        }
    )
)


async def save_messages(tx: Transaction, changed: Iterable[Message]) -> None:
    """Write what may change of each message."""
    rows = [_changes(message) for message in changed]
    if len(rows) == 1:  # the usual case, and cheaper than a batch of one
        await tx.execute(SAVE, **rows[0])
    else:
        await tx.executemany(SAVE, rows)


def _changes(message: Message) -> dict[str, object]:
    lease = message.lease
    return {
        "id_": message.id,
        "sequence": message.sequence,
        "state": message.state.value,
        "enqueue_time": message.enqueue_time,
        "attempts": message.attempts,
        "dead_reason": message.dead_reason.value if message.dead_reason else None,
        "dead_note": message.dead_note,
        "lease_token": lease.token if lease else None,
        "lease_stream": lease.stream if lease else None,
        "lease_expire_time": lease.expire_time if lease else None,
        "lease_time": message.lease_time,
        "acknowledge_time": message.acknowledge_time,
        "dead_time": message.dead_time,
        "replay_time": message.replay_time,
        "stop_time": message.stop_time,
        "notice_time": message.notice_time,
    }


NEXT_SEQUENCE = sql(select(message_sequence.next_value()))


async def next_sequence(tx: Transaction) -> int:
    """Return the place at the end of every mailbox."""
    return int(await tx.fetchval(NEXT_SEQUENCE))


def in_state(state: State) -> ColumnElement[bool]:
    """Return the condition, written out: a partial index serves only a query that says what it says."""
    return m.state == literal_column(f"'{state.value}'")


def _any_or(column: ColumnElement[str], name: str) -> ColumnElement[bool]:
    """Return the filter on *column* that an empty parameter turns off."""
    given = bindparam(name, type_=Text)
    return or_(given == "", column == given)


def _before(time: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Return the bound of a page: older than the last row that the caller has."""
    return and_(
        time <= bindparam("before"), tuple_(time, m.id) < tuple_(bindparam("before"), bindparam("before_id"))
    )


SENT = sql(
    select(*COLUMNS)
    .where(m.sender == bindparam("party"), _any_or(m.state, "state"), _before(m.accept_time))
    .order_by(m.accept_time.desc(), m.id.desc())
    .limit(bindparam("limit"))
)
RECEIVED = sql(
    select(*COLUMNS)
    .where(m.recipient == bindparam("party"), _any_or(m.state, "state"), _before(m.accept_time))
    .order_by(m.accept_time.desc(), m.id.desc())
    .limit(bindparam("limit"))
)
DEAD = sql(
    select(*COLUMNS)
    .where(
        in_state(State.DEAD),
        _any_or(m.sender, "sender"),
        _any_or(m.recipient, "recipient"),
        _before(m.dead_time),
    )
    .order_by(m.dead_time.desc(), m.id.desc())
    .limit(bindparam("limit"))
)


async def list_sent(
    tx: Transaction, sender: str, state: str, before: tuple[datetime, UUID], limit: int
) -> list[Message]:
    """Return what *sender* sent, newest first, older than *before*; *state* may be empty: all."""
    rows = await tx.fetch(SENT, party=sender, state=state, before=before[0], before_id=before[1], limit=limit)
    return [message_of(row) for row in rows]


async def list_received(
    tx: Transaction, recipient: str, state: str, before: tuple[datetime, UUID], limit: int
) -> list[Message]:
    """Return what is for *recipient*, newest first, older than *before*; *state* may be empty: all."""
    rows = await tx.fetch(
        RECEIVED, party=recipient, state=state, before=before[0], before_id=before[1], limit=limit
    )
    return [message_of(row) for row in rows]


async def list_dead(
    tx: Transaction, sender: str, recipient: str, before: tuple[datetime, UUID], limit: int
) -> list[Message]:
    """Return dead messages, those that died last first; an empty party means any."""
    rows = await tx.fetch(
        DEAD, sender=sender, recipient=recipient, before=before[0], before_id=before[1], limit=limit
    )
    return [message_of(row) for row in rows]

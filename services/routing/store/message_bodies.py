"""Bodies, sealed: short ones in the message's row, long ones in pieces."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ARRAY, Interval, bindparam, delete, func, insert, literal_column, select, text, update
from sqlalchemy.dialects.postgresql import UUID as UUIDColumn
from sqlalchemy.sql.expression import any_

from chassis.db import Transaction
from chassis.sql import sql

from ..schema import messages, pieces

_IDS = bindparam("ids", type_=ARRAY(UUIDColumn(as_uuid=True)))
_AGE = bindparam("age", type_=Interval)

PUT_PIECE = sql(
    insert(pieces).values(
        message_id=bindparam("message_id"), ordinal=bindparam("ordinal"), sealed=bindparam("sealed")
    )
)
GET_PIECE = sql(
    select(pieces.c.sealed).where(
        pieces.c.message_id == bindparam("message_id"), pieces.c.ordinal == bindparam("ordinal")
    )
)
DROP_PIECES = sql(delete(pieces).where(pieces.c.message_id == any_(_IDS)))
BODIES = sql(select(messages.c.id, messages.c.body).where(messages.c.id == any_(_IDS)))
BODY = sql(select(messages.c.body, messages.c.remove_time).where(messages.c.id == bindparam("id")))

# An upload is at most minutes long: pieces of an hour ago without a message will never get one.
BROKEN_OFF = sql(
    select(pieces.c.message_id)
    .where(
        pieces.c.ordinal == literal_column("0"),
        pieces.c.create_time <= func.clock_timestamp() - _AGE,
        ~select(messages.c.id).where(messages.c.id == pieces.c.message_id).exists(),
    )
    .limit(bindparam("limit"))
)
KEPT_LONG = sql(
    select(messages.c.id)
    .where(
        text("state IN ('acknowledged', 'stopped')"),
        messages.c.remove_time.is_(None),
        messages.c.accept_time <= func.clock_timestamp() - _AGE,
    )
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
REMOVE_BODIES = sql(
    update(messages).where(messages.c.id == any_(_IDS)).values(body=None, remove_time=func.clock_timestamp())
)


async def put_piece(tx: Transaction, message_id: UUID, ordinal: int, sealed: bytes) -> None:
    """Keep one sealed piece of a body."""
    await tx.execute(PUT_PIECE, message_id=message_id, ordinal=ordinal, sealed=sealed)


async def get_piece(tx: Transaction, message_id: UUID, ordinal: int) -> bytes | None:
    """Return one sealed piece of a body, or None behind the last."""
    sealed: bytes | None = await tx.fetchval(GET_PIECE, message_id=message_id, ordinal=ordinal)
    return sealed


async def drop_pieces(tx: Transaction, message_ids: Sequence[UUID]) -> None:
    """Delete the pieces of *message_ids*."""
    await tx.execute(DROP_PIECES, ids=list(message_ids))


async def short_bodies(tx: Transaction, message_ids: Sequence[UUID]) -> dict[UUID, bytes | None]:
    """Return the sealed short bodies of *message_ids*; None for those in pieces or removed."""
    rows = await tx.fetch(BODIES, ids=list(message_ids))
    return {row["id"]: row["body"] for row in rows}


async def short_body(tx: Transaction, message_id: UUID) -> tuple[bytes | None, bool]:
    """Return the sealed short body of a message, None when it is in pieces; and whether it was removed."""
    row = await tx.fetchrow(BODY, id=message_id)
    return (row["body"], row["remove_time"] is not None) if row else (None, True)


async def drop_broken_off(tx: Transaction, age: timedelta, limit: int) -> int:
    """Delete the pieces of up to *limit* uploads that broke off at least *age* ago; return how many."""
    found = [row["message_id"] for row in await tx.fetch(BROKEN_OFF, age=age, limit=limit)]
    if found:
        await drop_pieces(tx, found)
    return len(found)


async def remove_bodies(tx: Transaction, age: timedelta, limit: int) -> int:
    """Remove up to *limit* bodies of finished messages accepted at least *age* ago; return how many."""
    found = [row["id"] for row in await tx.fetch(KEPT_LONG, age=age, limit=limit)]
    if found:
        await tx.execute(REMOVE_BODIES, ids=found)
        await drop_pieces(tx, found)
    return len(found)

"""Bodies, encrypted: short ones in the message's row, long ones in pieces."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ARRAY, bindparam, delete, func, insert, select, text, update
from sqlalchemy.sql.expression import any_

from chassis.db import Transaction
from chassis.sql import sql

from ..schema import messages, pieces

_IDS = bindparam("ids", type_=ARRAY(messages.c.id.type))

INSERT_PIECE = sql(
    insert(pieces).values({name: bindparam(name) for name in ("message_id", "ordinal", "sealed")})
)
GET_PIECE = sql(
    select(pieces.c.sealed).where(
        pieces.c.message_id == bindparam("message_id"), pieces.c.ordinal == bindparam("ordinal")
    )
)
DELETE_PIECES = sql(delete(pieces).where(pieces.c.message_id == any_(_IDS)))
GET_BODIES = sql(select(messages.c.id, messages.c.body).where(messages.c.id == any_(_IDS)))
GET_BODY = sql(select(messages.c.body, messages.c.remove_time).where(messages.c.id == bindparam("id")))
REMOVE_BODIES = sql(
    update(messages).where(messages.c.id == any_(_IDS)).values(body=None, remove_time=func.now())
)

# Uploads that broke off: an upload is at most minutes long, and old pieces without a message
# will never get one.
LIST_BROKEN_UPLOADS = sql(
    text(
        """
        SELECT message_id FROM pieces
        WHERE ordinal = 0 AND create_time <= clock_timestamp() - CAST(:age AS interval)
          AND NOT EXISTS (SELECT FROM messages WHERE messages.id = pieces.message_id)
        LIMIT :limit
        """
    ),
    about="pieces",
)

# Finished messages whose body was kept for as long as it has to be.
LOCK_OLD_BODIES = sql(
    text(
        """
        SELECT id FROM messages
        WHERE state IN ('acknowledged', 'stopped') AND remove_time IS NULL
          AND accept_time <= clock_timestamp() - CAST(:age AS interval)
        LIMIT :limit FOR UPDATE SKIP LOCKED
        """
    ),
    about="messages",
)


async def insert_piece(tx: Transaction, message_id: UUID, ordinal: int, ciphertext: bytes) -> None:
    await tx.execute(INSERT_PIECE, message_id=message_id, ordinal=ordinal, sealed=ciphertext)


async def get_piece(tx: Transaction, message_id: UUID, ordinal: int) -> bytes | None:
    """Return one encrypted piece of a body, or None behind the last."""
    ciphertext: bytes | None = await tx.fetchval(GET_PIECE, message_id=message_id, ordinal=ordinal)
    return ciphertext


async def delete_pieces(tx: Transaction, message_ids: Sequence[UUID]) -> None:
    await tx.execute(DELETE_PIECES, ids=message_ids)


async def get_short_bodies(tx: Transaction, message_ids: Sequence[UUID]) -> dict[UUID, bytes | None]:
    """Return the encrypted short bodies of *message_ids*; None for those in pieces or removed."""
    rows = await tx.fetch(GET_BODIES, ids=message_ids)
    return {row["id"]: row["body"] for row in rows}


async def get_short_body(tx: Transaction, message_id: UUID) -> tuple[bytes | None, bool]:
    """Return the encrypted short body, None when it is in pieces; and whether the body was removed."""
    row = await tx.fetchrow(GET_BODY, id=message_id)
    return (row["body"], row["remove_time"] is not None) if row else (None, True)


async def delete_broken_uploads(tx: Transaction, age: timedelta, limit: int) -> int:
    message_ids = [row["message_id"] for row in await tx.fetch(LIST_BROKEN_UPLOADS, age=age, limit=limit)]
    if message_ids:
        await delete_pieces(tx, message_ids)
    return len(message_ids)


async def remove_old_bodies(tx: Transaction, age: timedelta, limit: int) -> int:
    message_ids = [row["id"] for row in await tx.fetch(LOCK_OLD_BODIES, age=age, limit=limit)]
    if message_ids:
        await tx.execute(REMOVE_BODIES, ids=message_ids)
        await delete_pieces(tx, message_ids)
    return len(message_ids)

"""
The sentinel: one sealed value in the database, which a replica opens before it serves.

A replica with another folder of keys would seal what the others cannot open, and fail on what they
sealed.  The first replica of a database writes the sentinel; where there are sealed answers already, only
if it opens the newest of them.  Whoever finds it sealed by an older key than the active one seals it
again, so that the old key can go.
"""

from typing import Final

from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import insert

from .db import Transaction
from .encryption import DecryptionError, Encryptor, split
from .idempotency import reply_context
from .schema import key_sentinel, replies
from .sql import sql

CONTENT: Final = b"lientuyen"
CONTEXT: Final = b"key_sentinel"

GET = sql(select(key_sentinel.c.sealed))

_insert = insert(key_sentinel).values(id=1, sealed=bindparam("sealed"))
WRITE = sql(_insert.on_conflict_do_nothing())
REPLACE = sql(
    text("UPDATE key_sentinel SET sealed = :sealed, seal_time = now() WHERE sealed = :old"),
    about="key_sentinel",
)
NEWEST_REPLY = sql(
    select(replies.c.caller, replies.c.request_id, replies.c.reply)
    .where(replies.c.reply.is_not(None))
    .order_by(replies.c.claim_time.desc())
    .limit(1)
)


async def check(tx: Transaction, encryptor: Encryptor) -> str:
    """Return why the keys do not suit the database; empty when they open its sentinel."""
    own = encryptor.derive("sentinel")
    sealed = await tx.fetchval(GET)
    if sealed is None:
        fault = await _fault_of_newest_reply(tx, encryptor)
        if not fault:
            await tx.execute(WRITE, sealed=own.encrypt(CONTENT, associated_data=CONTEXT))
        return fault
    if not own.opens(sealed, associated_data=CONTEXT):
        return _fault(sealed)
    if split(sealed)[0] != own.active_key:
        await tx.execute(REPLACE, old=sealed, sealed=own.encrypt(CONTENT, associated_data=CONTEXT))
    return ""


async def _fault_of_newest_reply(tx: Transaction, encryptor: Encryptor) -> str:
    row = await tx.fetchrow(NEWEST_REPLY)
    if row is None:
        return ""
    context = reply_context(row["caller"], row["request_id"])
    return "" if encryptor.opens(row["reply"], associated_data=context) else _fault(row["reply"])


def _fault(sealed: bytes) -> str:
    try:
        key_id = split(sealed)[0]
    except DecryptionError:
        key_id = "of no known form"
    return f"the keys do not open what the database holds; it was sealed by the key {key_id}"

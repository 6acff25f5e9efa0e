"""What other nodes attested of a message, and where it came from."""

from uuid import UUID

from sqlalchemy import bindparam, literal, select

from chassis.db import Transaction
from chassis.sql import sql

from ..schema import arrivals, far_receipts

LIST = sql(
    select(far_receipts.c.node, far_receipts.c.kind, far_receipts.c.receipt)
    .where(far_receipts.c.message_id == bindparam("id"))
    .order_by(far_receipts.c.create_time)
)
NODE_OF = sql(
    select(arrivals.c.node)
    .where(arrivals.c.message_id == bindparam("id"), arrivals.c.origin != literal(""))
    .limit(literal(1))
)


async def list_far_receipts(tx: Transaction, message_id: UUID) -> list[tuple[str, str, bytes]]:
    """Return node, kind and the receipt as it came, in the order in which they came."""
    return [(row["node"], row["kind"], row["receipt"]) for row in await tx.fetch(LIST, id=message_id)]


async def node_of_arrival(tx: Transaction, message_id: UUID) -> str:
    """Return the node that handed us a message; empty for one that was sent here."""
    return str(await tx.fetchval(NODE_OF, id=message_id) or "")

"""Receipts: written once, read as they were given."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, bindparam, insert, select
from sqlalchemy.dialects.postgresql import UUID as UUIDColumn
from sqlalchemy.sql.expression import any_

from chassis.db import Record, Transaction
from chassis.sql import sql

from ..model.receipts import Algorithm, Kind, Receipt
from ..schema import receipts

r = receipts.c
COLUMNS = (r.message_id, r.kind, r.body, r.signature, r.certificate, r.algorithm)

PUT = sql(insert(receipts).values({column.name: bindparam(column.name) for column in COLUMNS}))
GET = sql(select(*COLUMNS).where(r.message_id == bindparam("message_id"), r.kind == bindparam("kind")))
GET_MANY = sql(
    select(*COLUMNS).where(
        r.message_id == any_(bindparam("ids", type_=ARRAY(UUIDColumn(as_uuid=True)))),
        r.kind == bindparam("kind"),
    )
)


def _receipt(row: Record) -> Receipt:
    message_id, kind, body, signature, certificate, algorithm = row
    return Receipt(message_id, Kind(kind), body, signature, certificate, Algorithm(algorithm))


async def put_receipt(tx: Transaction, receipt: Receipt) -> None:
    """Keep *receipt*."""
    await tx.execute(
        PUT,
        message_id=receipt.message_id,
        kind=receipt.kind.value,
        body=receipt.body,
        signature=receipt.signature,
        certificate=receipt.certificate,
        algorithm=receipt.algorithm.value,
    )


async def get_receipt(tx: Transaction, message_id: UUID, kind: Kind) -> Receipt | None:
    """Return a receipt, or None."""
    row = await tx.fetchrow(GET, message_id=message_id, kind=kind.value)
    return _receipt(row) if row else None


async def acceptances(tx: Transaction, message_ids: Sequence[UUID]) -> dict[UUID, Receipt]:
    """Return the receipts of acceptance of *message_ids*."""
    rows = await tx.fetch(GET_MANY, ids=list(message_ids), kind=Kind.ACCEPTANCE.value)
    return {row["message_id"]: _receipt(row) for row in rows}

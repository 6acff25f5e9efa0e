"""Receipts: written once, read as they were given."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import ARRAY, bindparam, insert, select
from sqlalchemy.sql.expression import any_

from chassis.db import Record, Transaction
from chassis.sql import sql

from ..model.receipts import Algorithm, Kind, Receipt
from ..schema import log_queue, receipts

r = receipts.c
COLUMNS = (r.message_id, r.kind, r.body, r.signature, r.certificate, r.algorithm)

# With it goes the leaf that the log will take up, so that neither is without the other.
_QUEUE = insert(log_queue).values(leaf_hash=bindparam("leaf")).cte("queued")
INSERT = sql(
    insert(receipts).values({column.name: bindparam(column.name) for column in COLUMNS}).add_cte(_QUEUE)
)
GET = sql(select(*COLUMNS).where(r.message_id == bindparam("message_id"), r.kind == bindparam("kind")))
GET_MANY = sql(
    select(*COLUMNS).where(
        r.message_id == any_(bindparam("ids", type_=ARRAY(r.message_id.type))), r.kind == bindparam("kind")
    )
)


def _receipt_from_row(row: Record) -> Receipt:
    message_id, kind, body, signature, certificate, algorithm = row
    return Receipt(message_id, Kind(kind), body, signature, certificate, Algorithm(algorithm))


async def insert_receipt(tx: Transaction, receipt: Receipt) -> None:
    await tx.execute(INSERT, **_parameters(receipt))


async def insert_receipts(tx: Transaction, written: Iterable[Receipt]) -> None:
    await tx.executemany(INSERT, map(_parameters, written))


def _parameters(receipt: Receipt) -> dict[str, object]:
    return {"leaf": receipt.leaf, **{column.name: getattr(receipt, column.name) for column in COLUMNS}}


async def get_receipt(tx: Transaction, message_id: UUID, kind: Kind) -> Receipt | None:
    row = await tx.fetchrow(GET, message_id=message_id, kind=kind)
    return _receipt_from_row(row) if row else None


async def get_acceptances(tx: Transaction, message_ids: Sequence[UUID]) -> dict[UUID, Receipt]:
    rows = await tx.fetch(GET_MANY, ids=message_ids, kind=Kind.ACCEPTANCE)
    return {row["message_id"]: _receipt_from_row(row) for row in rows}

"""Record requests."""

from dataclasses import fields
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select, update

from chassis.db import Record, Transaction
from chassis.sql import sql

from ..model.record_requests import RecordRequest, State
from ..schema import record_requests

r = record_requests.c
COLUMNS: Final = tuple(r[field.name] for field in fields(RecordRequest))
NEW: Final = tuple(column.name for column in COLUMNS if column.name != "create_time")

# What a transition may change.
CHANGING: Final = ("state", "message_id", "note", "finish_time")

INSERT = sql(
    insert(record_requests)
    .values({name: bindparam(name) for name in NEW})
    .values(create_time=func.clock_timestamp())
    .returning(r.create_time)
)
GET = sql(select(*COLUMNS).where(r.id == bindparam("id")))
LOCK = sql(
    select(*COLUMNS, func.clock_timestamp().label("now")).where(r.id == bindparam("id")).with_for_update()
)
UPDATE = sql(
    update(record_requests)
    .where(r.id == bindparam("id_"))
    .values({name: bindparam(name) for name in CHANGING})
)


def _record_request_from_row(row: Record) -> RecordRequest:
    values = {column.name: row[column.name] for column in COLUMNS}
    return RecordRequest(**{**values, "state": State(row["state"])})


async def insert_record_request(tx: Transaction, request: RecordRequest) -> datetime:
    created: datetime = await tx.fetchval(INSERT, **{name: getattr(request, name) for name in NEW})
    return created


async def get_record_request(tx: Transaction, request_id: UUID) -> RecordRequest | None:
    row = await tx.fetchrow(GET, id=request_id)
    return _record_request_from_row(row) if row else None


async def lock_record_request(tx: Transaction, request_id: UUID) -> tuple[RecordRequest, datetime] | None:
    """Return the record request, which nobody else may now change, and the time; or None."""
    row = await tx.fetchrow(LOCK, id=request_id)
    return (_record_request_from_row(row), row["now"]) if row else None


async def update_record_request(tx: Transaction, request: RecordRequest) -> None:
    await tx.execute(UPDATE, id_=request.id, **{name: getattr(request, name) for name in CHANGING})

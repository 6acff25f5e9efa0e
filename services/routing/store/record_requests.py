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
COLUMNS: Final = tuple(r)

INSERT = sql(
    insert(record_requests)
    .values({column.name: bindparam(column.name) for column in COLUMNS if column.name != "create_time"})
    .values(create_time=func.clock_timestamp())
    .returning(r.create_time)
)
GET = sql(select(*COLUMNS).where(r.id == bindparam("id")))
LOCK = sql(
    select(*COLUMNS, func.clock_timestamp().label("now")).where(r.id == bindparam("id")).with_for_update()
)
SAVE = sql(
    update(record_requests)
    .where(r.id == bindparam("id_"))
    .values({name: bindparam(name) for name in ("state", "message_id", "note", "finish_time")})
)


def _request(row: Record) -> RecordRequest:
    values = {column.name: row[column.name] for column in COLUMNS}
    return RecordRequest(**{**values, "state": State(values["state"])})


async def insert_request(tx: Transaction, asked: RecordRequest) -> datetime:
    """Keep *asked* and return when."""
    values = {field.name: getattr(asked, field.name) for field in fields(RecordRequest)}
    del values["create_time"]
    created: datetime = await tx.fetchval(INSERT, **{**values, "state": asked.state.value})
    return created


async def get_request(tx: Transaction, request_id: UUID) -> RecordRequest | None:
    """Return the record request, or None."""
    row = await tx.fetchrow(GET, id=request_id)
    return _request(row) if row else None


async def lock_request(tx: Transaction, request_id: UUID) -> tuple[RecordRequest, datetime] | None:
    """Return the record request, which nobody else may now change, and the time; or None."""
    row = await tx.fetchrow(LOCK, id=request_id)
    return (_request(row), row["now"]) if row else None


async def save_request(tx: Transaction, asked: RecordRequest) -> None:
    """Write what may change of *asked*."""
    await tx.execute(
        SAVE,
        id_=asked.id,
        state=asked.state.value,
        message_id=asked.message_id,
        note=asked.note,
        finish_time=asked.finish_time,
    )

"""Check-ins."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Text, any_, bindparam, insert, select

from chassis.db import Transaction
from chassis.sql import sql

from ..model.dossiers import CheckIn
from ..schema import check_ins

COLUMNS = tuple(column.name for column in check_ins.c)
INSERT = sql(insert(check_ins).values({name: bindparam(name) for name in COLUMNS}))
PERSONS = sql(
    select(check_ins.c.link_key, check_ins.c.person)
    .where(
        check_ins.c.facility == bindparam("facility"),
        check_ins.c.link_key == any_(bindparam("link_keys", type_=ARRAY(Text))),
    )
    .distinct()
)


async def insert_check_ins(tx: Transaction, rows: Sequence[CheckIn]) -> None:
    await tx.executemany(INSERT, ({name: getattr(row, name) for name in COLUMNS} for row in rows))


async def list_persons(tx: Transaction, facility: str, link_keys: Collection[str]) -> list[tuple[str, UUID]]:
    """Return who was checked in at *facility* (bare code) under these keys, each pair once."""
    rows = await tx.fetch(PERSONS, facility=facility, link_keys=list(link_keys))
    return [(row["link_key"], row["person"]) for row in rows]

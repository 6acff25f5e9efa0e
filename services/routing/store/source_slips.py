"""Slips of dossiers: of two corrections of one slip, one comes second."""

from sqlalchemy import bindparam, func, literal, select

from chassis.db import Transaction
from chassis.sql import sql

LOCK = sql(select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("source_slip"), literal(0)))))


async def lock_source_slip(tx: Transaction, source_slip: str) -> None:
    """Wait until no other transaction works on this slip, and hold it to the end of this one."""
    if source_slip:
        await tx.fetchval(LOCK, source_slip=source_slip)

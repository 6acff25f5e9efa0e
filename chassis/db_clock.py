"""
What time the database says it is.

Replicas' clocks differ: one that was 40 days ahead made everybody forget what was answered, and ended
referrals that lived.  Whatever deletes a row, or ends something that more than one replica sees, takes
its time from here or says `now()` in its statement; never from `chassis.clock` (docs/adr/0049).
"""

from datetime import datetime

from sqlalchemy import func, select

from .db import Transaction
from .sql import sql

NOW = sql(select(func.clock_timestamp()))


async def db_now(tx: Transaction) -> datetime:
    """Return the present instant of the database, in UTC; one round trip."""
    now: datetime = await tx.fetchval(NOW)
    return now

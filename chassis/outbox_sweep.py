"""
What the outbox forgets: done events after 7 days (they answer "was it sent?"), dead and stopped after 60.
"""

from datetime import timedelta
from typing import Final

from . import outbox_sql as rows
from .db import Database
from .purging import Purge, purge

DONE_RETENTION: Final = timedelta(days=7)
DEAD_RETENTION: Final = timedelta(days=60)

PURGES: Final = (
    Purge("outbox", rows.SWEEP_DONE, DONE_RETENTION),
    Purge("outbox", rows.SWEEP_DEAD, DEAD_RETENTION),
)


async def sweep(db: Database) -> int:
    """Delete what was kept long enough, some thousands at a time; return how many rows."""
    return sum([await purge(db, what) for what in PURGES])

"""Which beds dossiers are paid for, from and to a minute."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, delete, text
from sqlalchemy.dialects.postgresql import insert

from chassis.db import Transaction
from chassis.purging import Purge
from chassis.sql import sql
from kcb.bed_overlaps import Bed

from ..schema import bed_uses

COLUMNS: Final[dict[str, Any]] = {column.name: bindparam(column.name) for column in bed_uses.c}
INSERT = sql(insert(bed_uses).values(COLUMNS).on_conflict_do_nothing())
DELETE = sql(
    delete(bed_uses).where(
        bed_uses.c.facility == bindparam("facility"), bed_uses.c.link_key == bindparam("link_key")
    )
)

# A line of a bed is a day's; no stay is so long that one which began before these would reach into another.
LONGEST: Final = timedelta(days=31)

# Who else is paid for these beds in that time.  Each bed goes down the index by itself.
OF_OTHERS = sql(
    text(
        """
        SELECT wanted.department, wanted.bed, other.begin_time, other.end_time
        FROM unnest(CAST(:departments AS text[]), CAST(:beds AS text[])) AS wanted (department, bed)
        CROSS JOIN LATERAL (
            SELECT begin_time, end_time FROM bed_uses
            WHERE facility = :facility AND department = wanted.department AND bed = wanted.bed
              AND begin_time > :since AND begin_time < :until AND end_time > :begin AND link_key <> :link_key
            ORDER BY begin_time LIMIT :limit
        ) AS other
        """
    ),
    about="bed_uses",
)

# Uses of one bed that are looked at: those of a stay of a year.
MAX_USES: Final = 400

# By then every settlement that a bed counts in is closed.
SWEEP = sql(
    text(
        """
        DELETE FROM bed_uses WHERE ctid IN (
            SELECT ctid FROM bed_uses WHERE begin_time < now() - CAST(:retention AS interval)
            ORDER BY begin_time LIMIT :limit FOR UPDATE SKIP LOCKED)
        """
    ),
    about="bed_uses",
)
PURGE: Final = Purge("bed_uses", SWEEP, timedelta(days=400))

# A bed, from and to.
Use = tuple[Bed, datetime, datetime]


async def replace_uses(tx: Transaction, facility: str, link_key: str, uses: Collection[Use]) -> None:
    """Keep the beds of the dossier that stands in the place of those of the version before."""
    await tx.execute(DELETE, facility=facility, link_key=link_key)
    rows = [
        {
            "facility": facility,
            "link_key": link_key,
            "department": bed.department,
            "bed": bed.number,
            "begin_time": begin,
            "end_time": end,
        }
        for bed, begin, end in sorted(uses)
    ]
    if rows:
        await tx.executemany(INSERT, rows)


async def list_uses_of_others(
    tx: Transaction, facility: str, link_key: str, beds: Sequence[Bed], begin: datetime, end: datetime
) -> list[Use]:
    """Return who is paid for *beds* between *begin* and *end* beside the encounter of *link_key*."""
    rows = await tx.fetch(
        OF_OTHERS,
        departments=[bed.department for bed in beds],
        beds=[bed.number for bed in beds],
        facility=facility,
        link_key=link_key,
        since=begin - LONGEST,
        begin=begin,
        until=end,
        limit=MAX_USES,
    )
    return [(Bed(row["department"], row["bed"]), row["begin_time"], row["end_time"]) for row in rows]

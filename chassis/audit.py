"""
The access log (nhật ký truy cập): who looked at whom, why, and whether it was allowed.

A row is written in the transaction of the read's own decision, so that neither
exists without the other.  The caller, the method and the trace id come from the
call being answered; the handler says whom, on what ground, and what it decided.
The law lets a person ask who processed their data (Luật 91/2025/QH15), so the
rows name callers and practitioners, and of the person only the resource name.

Rows are only ever added.  Triggers in the database refuse UPDATE, DELETE and
TRUNCATE, whoever asks through SQL; what is left is the owner of the database,
who can drop a trigger, and whose own acts the database's log records.

The table has a partition a month, so that a month is taken away as a whole when
the law no longer asks for it: `ALTER TABLE audit DETACH PARTITION`, an archive,
`DROP TABLE`.  Partitions are made three months ahead.  Should that ever fail for
so long, rows go to the default partition: a read is never refused for want of one.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple
from uuid import UUID

import asyncpg
from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    and_,
    bindparam,
    column,
    func,
    insert,
    select,
    text,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY

from lientuyen.type.v1.access_pb2 import AccessContext

from . import call_context, clock
from .db import Database, Record, Transaction
from .errors import PermissionDenied, ServiceError
from .logs import redacted
from .schema import audit
from .sql import sql

# How many months have a partition before they begin.
AHEAD: Final = 3

# Seconds between two looks at the partitions: a day, for a margin of three months.
LOOK_AGAIN: Final = 86_400.0

# Of two replicas that want the same partition one waits: any number that no other lock has.
PARTITION_LOCK: Final = 5_417_001

# What a row says beside its time: in the order of `Entry`, and whom it is about.
_SAID: Final = (
    audit.c.caller,
    audit.c.practitioner,
    audit.c.method,
    audit.c.purpose,
    audit.c.legal_basis,
    audit.c.reason,
    audit.c.flagged,
    audit.c.trace_id,
)
_TOLD: Final = ("subject", "allowed")

RECORD = sql(
    insert(audit).values({name: bindparam(name) for name in (*(said.name for said in _SAID), *_TOLD)})
)

# The entries of a batch, as a table that a statement reads; `n` counts them from 1.
entries: Final = (
    func.unnest(*(bindparam(f"entry_{said.name}", type_=ARRAY(said.type)) for said in _SAID))
    .table_valued(*(column(said.name, said.type) for said in _SAID), with_ordinality="n", name="entries")
    .render_derived()
)

# The newest of each subject, then the newest of these: each is a walk along the index that ends
# after a page.  The bound on `access_time` alone lets PostgreSQL leave out the months after it.
_subjects = (
    func.unnest(bindparam("subjects", type_=ARRAY(audit.c.subject.type)))
    .table_valued("subject", name="subjects")
    .render_derived()
)
_newest = (
    select(*audit.c)
    .where(
        and_(
            audit.c.subject == _subjects.c.subject,
            audit.c.access_time <= bindparam("before"),
            tuple_(audit.c.access_time, audit.c.id) < tuple_(bindparam("before"), bindparam("before_id")),
        )
    )
    .order_by(audit.c.access_time.desc(), audit.c.id.desc())
    .limit(bindparam("limit"))
    .lateral("newest")
)
LIST = sql(
    select(*_newest.c)
    .select_from(_subjects.join(_newest, true()))
    .order_by(_newest.c.access_time.desc(), _newest.c.id.desc())
    .limit(bindparam("limit")),
    about="audit",
)

ONE_AT_A_TIME = sql(select(func.pg_advisory_xact_lock(bindparam("lock"))))
IS_THERE = sql(select(func.to_regclass(bindparam("name")).is_not(None)))

# The first page begins after everything.
END_OF_TIME: Final = datetime(9000, 1, 1, tzinfo=UTC)
LAST_ID: Final = UUID(int=2**128 - 1)


class Entry(NamedTuple):
    """What a row says of the call being answered; whom it is about is told when it is written."""

    caller: str
    practitioner: str
    method: str
    purpose: int
    legal_basis: int
    reason: str
    flagged: bool
    trace_id: str


def entry(access: AccessContext | None, *, flagged: bool = False) -> Entry:
    """Return the entry of the call being answered; *access* and *flagged* are as `record` has them."""
    now, given = call_context.current(), access or AccessContext()
    return Entry(
        str(now.caller),
        given.practitioner,
        now.full_method,
        int(given.purpose),
        int(given.legal_basis),
        redacted(given.reason),
        flagged,
        call_context.trace_id(),
    )


def columns(batch: Sequence[Entry]) -> dict[str, Sequence[object]]:
    """Return *batch* as the parameters of a statement that reads `entries`."""
    said = zip(Entry._fields, zip(*batch, strict=True), strict=True)
    return {f"entry_{name}": values for name, values in said}


def logged(found: FromClause, subject: ColumnElement[str], anybody: ColumnElement[bool]) -> CTE:
    """Return the part of a statement that writes a row for each of *found*, all of them allowed.

    *found* has the columns of `entries`; *subject* is whom a row is about, a full resource
    name, empty for nobody.  An entry is flagged only where there is *anybody*.
    """
    said = {column.name: found.c[column.name] for column in _SAID}
    flagged = {"flagged": and_(said["flagged"], anybody)}
    rows = select(*(said | flagged).values(), subject, true())
    return insert(audit).from_select([*said, *_TOLD], rows, include_defaults=False).cte("logged")


async def record(
    tx: Transaction,
    *,
    subject: str,
    access: AccessContext | None,
    allowed: bool = True,
    flagged: bool = False,
) -> None:
    """Write down the access of the call being answered to *subject*, a person's full resource name.

    *access* is None for a refusal before it was read.  *flagged* marks what
    rests on an emergency (cấp cứu) and is to be reviewed.  The reason is free words that must not
    name the person; numbers of people in it are struck out all the same, for the log is kept in
    the clear in services that know nobody's number.
    """
    row = entry(access, flagged=flagged)
    await tx.execute(RECORD, **row._asdict(), subject=subject, allowed=allowed)


async def record_each(tx: Transaction, subjects: Iterable[str], *, access: AccessContext) -> None:
    """Write down, in one batch, that this call looked at each of *subjects*; as `record` does."""
    said = entry(access)._asdict()
    await tx.executemany(RECORD, [{**said, "subject": subject, "allowed": True} for subject in subjects])


async def record_refusal(db: Database, refusal: PermissionDenied, access: AccessContext | None) -> None:
    """Write down *refusal* of the call being answered, in a transaction of its own.

    The server does it for what escapes a handler; a handler that answers many questions in
    one call does it for each that it refuses.  *access* is None when it was not read.
    """
    async with db.transaction() as tx:
        await record(tx, subject=refusal.metadata.get("subject", ""), access=access, allowed=False)


async def accesses(
    tx: Transaction,
    *subjects: str,
    limit: int,
    before: tuple[datetime, UUID] = (END_OF_TIME, LAST_ID),
) -> list[Record]:
    """Return up to *limit* accesses to any of *subjects*, newest first, that are older than *before*.

    *before* is the time and the id of the last access that the caller has.
    """
    return await tx.fetch(LIST, subjects=subjects, before=before[0], before_id=before[1], limit=limit)


async def keep_partitions(db: Database) -> None:
    """Make partitions before they are needed, until cancelled.

    A database that does not answer, or a table that is busy for four seconds,
    is asked again a day later: there are three months of margin.
    """
    while True:
        for month in months(clock.now(), AHEAD):
            try:
                await make_partition(db, month)
            except (ServiceError, asyncpg.LockNotAvailableError):
                break
            except asyncpg.CheckViolationError:
                continue  # rows of this month are in the default partition already, and may stay there
        await asyncio.sleep(LOOK_AGAIN)


async def make_partition(db: Database, month: datetime) -> None:
    """Make the partition of the month that begins at *month*, unless it is there."""
    async with db.transaction() as tx:
        await tx.fetchval(ONE_AT_A_TIME, lock=PARTITION_LOCK)
        if not await tx.fetchval(IS_THERE, name=partition_name(month)):
            for statement in partition_ddl(month):
                await tx.execute(sql(text(statement)))


def months(now: datetime, ahead: int) -> list[datetime]:
    """Return the first instants, in UTC, of the month of *now* and of the *ahead* months after it."""
    first = now.year * 12 + now.month - 1
    return [datetime(at // 12, at % 12 + 1, 1, tzinfo=UTC) for at in range(first, first + ahead + 1)]


def partition_name(month: datetime) -> str:
    """Return the name of a month's partition: `audit_2026_11`."""
    return f"audit_{month:%Y_%m}"


def partition_ddl(month: datetime) -> list[str]:
    """Return the statements that make a month's partition.

    The table is made beside `audit` and then attached: that lets reads of
    persons go on meanwhile, where CREATE TABLE … PARTITION OF would stop them.
    The triggers for rows come with attaching; the one for TRUNCATE does not.
    """
    name, end = partition_name(month), months(month, 1)[1]
    return [
        "SET LOCAL lock_timeout = '4s'",
        f"CREATE TABLE {name} (LIKE audit INCLUDING ALL)",
        f"ALTER TABLE audit ATTACH PARTITION {name}"
        f" FOR VALUES FROM ('{month:%Y-%m-%d} 00:00+00') TO ('{end:%Y-%m-%d} 00:00+00')",
        f"CREATE TRIGGER {name}_whole BEFORE TRUNCATE ON {name}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()",
    ]

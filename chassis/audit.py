"""
The access log (nhật ký truy cập): who looked at whom, why, and whether it was allowed.

A row is written in the transaction of the read's own decision, so that neither
exists without the other; or, where a read has a snapshot of its own, before it.
The caller, the method and the trace id come from the call being answered; the
handler says whom, on what ground, and what it decided.
The law lets a person ask who processed their data (Luật 91/2025/QH15), so the
rows name callers and practitioners, and of the person only the resource name.

Rows are only ever added.  Triggers in the database refuse UPDATE, DELETE and
TRUNCATE, whoever asks through SQL; what is left is the owner of the database,
who can drop a trigger, and whose own acts the database's log records.

While the disk of the database is full the rows go into room that is kept for them; where that is spent,
the read is refused (docs/adr/0062).

The table has a partition a month (`audit_partitions`).
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from sqlalchemy import bindparam, insert, text

from lientuyen.type.v1.access_pb2 import AccessContext

from . import call_context
from .call_context import Caller
from .db import Database, Record, Transaction
from .errors import ServiceError
from .logs import redacted
from .pagination import NEWEST, Cursor
from .schema import audit
from .spans import trace_id
from .sql import sql
from .texts import escaped

# Characters, as the contract says of an `AccessContext`.
MAX_PRACTITIONER: Final = 255
MAX_REASON: Final = 500

_COLUMNS: Final = (
    "caller",
    "practitioner",
    "method",
    "purpose",
    "legal_basis",
    "reason",
    "flagged",
    "trace_id",
    "subject",
    "allowed",
)

RECORD = sql(insert(audit).values({name: bindparam(name) for name in _COLUMNS}), logs_access=True)

# The newest of each subject, then the newest of these: each is a walk along the index that ends
# after a page.  The bound on `access_time` alone lets PostgreSQL leave out the months after it.
LIST = sql(
    text("""
    SELECT newest.*
    FROM unnest(CAST(:subjects AS text[])) AS subjects(subject)
    CROSS JOIN LATERAL (
        SELECT *, right(CAST(CAST(tableoid AS regclass) AS text), 9) = '_restored' AS restored FROM audit
        WHERE audit.subject = subjects.subject AND access_time <= :before
          AND (access_time, id) < (:before, :before_id)
        ORDER BY access_time DESC, id DESC LIMIT :limit
    ) AS newest
    ORDER BY access_time DESC, id DESC LIMIT :limit
    """),
    about="audit",
)


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


def entry(access: AccessContext | None, *, flagged: bool = False, acting_for: Caller | None = None) -> Entry:
    """Return the entry of the call being answered; *access* and *flagged* are as `record` has them.

    *acting_for* is for whom the caller, one of our own services, asks: that is who the entry names first.
    """
    call, access = call_context.current(), access or AccessContext()
    return Entry(
        str(call.caller) if acting_for is None else f"{acting_for} via {call.caller}",
        _words(access.practitioner, MAX_PRACTITIONER),
        call.full_method,
        access.purpose if access.purpose in AccessContext.Purpose.values() else 0,
        access.legal_basis if access.legal_basis in AccessContext.LegalBasis.values() else 0,
        _words(_reason_of(access), MAX_REASON),
        flagged,
        trace_id(),
    )


def _reason_of(access: AccessContext) -> str:
    """Return the words given for an access, after the full name of the referral that it rests on."""
    return f"{access.referral} {access.reason}".strip() if access.referral else access.reason


def _words(text: str, most: int) -> str:
    """Return *text* as a row takes it whatever it holds: a row that cannot be written is no row."""
    return redacted(escaped(text[:most]))[:most]  # type: ignore[no-any-return]


async def record(
    tx: Transaction,
    *,
    subject: str,
    access: AccessContext | None,
    allowed: bool = True,
    flagged: bool = False,
    acting_for: Caller | None = None,
) -> None:
    """Write down the access of the call being answered to *subject*, a person's full resource name.

    *access* is None for a refusal before it was read; *acting_for* as `entry` has it.  *flagged* marks what
    rests on an emergency (cấp cứu) and is to be reviewed.  The reason is free words that must not
    name the person; numbers of people in it are struck out all the same, for the log is kept in
    the clear in services that know nobody's number.
    """
    row = entry(access, flagged=flagged, acting_for=acting_for)
    await tx.execute(RECORD, **row._asdict(), subject=subject, allowed=allowed)


async def record_each(tx: Transaction, subjects: Iterable[str], *, access: AccessContext) -> None:
    """Write down, in one batch, that this call looked at each of *subjects*; as `record` does."""
    row = entry(access)._asdict()
    await tx.executemany(RECORD, [{**row, "subject": subject, "allowed": True} for subject in subjects])


async def record_refusal(db: Database, refusal: ServiceError, access: AccessContext | None) -> None:
    """Write down *refusal* of the call being answered, in a transaction of its own.

    The server does it for what escapes a handler; a handler that answers many questions in
    one call does it for each that it refuses.  *access* is None when it was not read, and may break every
    rule of the contract.
    """
    async with db.transaction() as tx:
        await record(tx, subject=refusal.metadata.get("subject", ""), access=access, allowed=False)


async def accesses(
    tx: Transaction,
    *subjects: str,
    limit: int,
    before: Cursor = NEWEST,
) -> list[Record]:
    """Return up to *limit* accesses to any of *subjects*, newest first, that are older than *before*."""
    return await tx.fetch(LIST, subjects=subjects, before=before.time, before_id=before.id, limit=limit)

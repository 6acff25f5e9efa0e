"""The claims of pharmacies on prescriptions: at most one open claim a prescription (a unique index)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ARRAY, any_, bindparam, insert, select, text, update
from sqlalchemy.dialects.postgresql import UUID as Uuid

from chassis.db import Transaction
from chassis.purging import Purge
from chassis.sql import sql

from ..model.prescriptions import Claim, Prescription
from ..schema import claims

OPEN_CLAIMS = sql(
    select(claims.c.prescription_id, claims.c.pharmacy, claims.c.digest, claims.c.expire_time).where(
        claims.c.prescription_id == any_(bindparam("ids", type_=ARRAY(Uuid))), claims.c.end_time.is_(None)
    )
)

NEW = ("prescription_id", "pharmacy", "digest", "claim_time", "expire_time")
INSERT = sql(insert(claims).values({name: bindparam(name) for name in NEW}))

END = sql(
    update(claims)
    .where(claims.c.prescription_id == bindparam("prescription"), claims.c.end_time.is_(None))
    .values(end_time=bindparam("end_time"), outcome=bindparam("outcome"))
)

# A claim is good until it expires; then it only tells who held the prescription when.
SWEEP = sql(
    text("""
        DELETE FROM claims WHERE id IN (
            SELECT id FROM claims WHERE expire_time < now() - CAST(:retention AS interval)
            ORDER BY expire_time LIMIT :limit FOR UPDATE SKIP LOCKED)
    """),
    about="claims",
)
PURGE: Final = Purge("claims", SWEEP, timedelta(days=90))


async def open_claims(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, Claim]:
    rows = await tx.fetch(OPEN_CLAIMS, ids=ids)
    return {row["prescription_id"]: Claim(row["pharmacy"], row["digest"], row["expire_time"]) for row in rows}


async def insert_claim(tx: Transaction, prescription: Prescription, now: datetime) -> None:
    """Keep the claim of *prescription*, taken at *now*, in place of one that was open."""
    if prescription.claim is None:
        raise ValueError("nothing is claimed")
    await end_claim(tx, prescription.id, now, "overtaken")
    await tx.execute(
        INSERT,
        prescription_id=prescription.id,
        pharmacy=prescription.claim.pharmacy,
        digest=prescription.claim.digest,
        claim_time=now,
        expire_time=prescription.claim.expire_time,
    )


async def end_claim(tx: Transaction, prescription: UUID, now: datetime, outcome: str) -> None:
    """End the open claim, if there is one: *outcome* is `dispensed`, `released` or `overtaken`."""
    await tx.execute(END, prescription=prescription, end_time=now, outcome=outcome)

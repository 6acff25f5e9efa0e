"""Heads of other logs: kept once, never changed, those too that do not go on from the ones before."""

from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import insert

from chassis.db import Record, Transaction
from chassis.sql import sql
from chassis.tree_heads import SignedHead
from transparency.tree_heads import TreeHead

from ..schema import witnessed_heads


class Verdict(StrEnum):
    """Whether a head goes on from those that were kept before it."""

    CONSISTENT = "consistent"
    INCONSISTENT = "inconsistent"


class Witnessed(NamedTuple):
    """A head of another log, when it came, and what became of it."""

    signed: SignedHead
    verdict: Verdict
    receive_time: datetime


w = witnessed_heads.c

# Heads of one log are judged one after another.  The first number sets these locks apart from others.
LOCK_ORIGIN = sql(
    text("SELECT pg_advisory_xact_lock(5417109, hashtext(:origin)), clock_timestamp() AS now"),
    operation="SELECT",
)
INSERT = sql(
    insert(witnessed_heads)
    .values(
        {
            name: bindparam(name)
            for name in (
                "origin",
                "sha256",
                "tree_size",
                "head_time",
                "root",
                "body",
                "signature",
                "certificate",
                "algorithm",
                "verdict",
            )
        }
    )
    .on_conflict_do_nothing()
    .returning(w.receive_time)
)
COLUMNS = (w.body, w.signature, w.certificate, w.algorithm, w.verdict, w.receive_time)
GET = sql(select(*COLUMNS).where(w.origin == bindparam("origin"), w.sha256 == bindparam("sha256")))
NEWEST = sql(
    select(*COLUMNS)
    .where(w.origin == bindparam("origin"), w.verdict == Verdict.CONSISTENT.value)
    .order_by(w.tree_size.desc(), w.head_time.desc())
    .limit(1)
)
LIST = sql(
    text(
        """
        SELECT body, signature, certificate, algorithm, verdict, receive_time FROM witnessed_heads
        WHERE origin = :origin AND (tree_size, head_time, sha256) < (:size, :time, :sha256)
        ORDER BY tree_size DESC, head_time DESC, sha256 DESC LIMIT :limit
        """
    ),
    about="witnessed_heads",
)


async def lock_origin(tx: Transaction, origin: str) -> datetime:
    """Let nobody else judge heads of *origin* before this transaction ends; return the time afterwards."""
    row = await tx.fetchrow(LOCK_ORIGIN, origin=origin)
    assert row is not None
    now: datetime = row["now"]
    return now


async def get_witnessed(tx: Transaction, signed: SignedHead) -> Witnessed | None:
    row = await tx.fetchrow(GET, origin=signed.head.origin, sha256=sha256(signed.body).digest())
    return _from_row(row) if row else None


async def newest_witnessed(tx: Transaction, origin: str) -> Witnessed | None:
    """Return the largest head of *origin* that went on from those before."""
    row = await tx.fetchrow(NEWEST, origin=origin)
    return _from_row(row) if row else None


async def insert_witnessed(tx: Transaction, signed: SignedHead, verdict: Verdict) -> Witnessed:
    """Keep a head that is not kept yet."""
    receive_time = await tx.fetchval(
        INSERT,
        origin=signed.head.origin,
        sha256=sha256(signed.body).digest(),
        tree_size=signed.head.size,
        head_time=signed.head.time,
        root=signed.head.root,
        body=signed.body,
        signature=signed.signature,
        certificate=signed.certificate,
        algorithm=signed.algorithm,
        verdict=verdict.value,
    )
    return Witnessed(signed, verdict, receive_time)


async def list_witnessed(
    tx: Transaction, origin: str, size: int, time: datetime, digest: bytes, limit: int
) -> list[Witnessed]:
    """Return up to *limit* heads of *origin* that come before these in the list, the newest first."""
    rows = await tx.fetch(LIST, origin=origin, size=size, time=time, sha256=digest, limit=limit)
    return [_from_row(row) for row in rows]


def _from_row(row: Record) -> Witnessed:
    signed = SignedHead(
        TreeHead.from_bytes(row["body"]), row["body"], row["signature"], row["certificate"], row["algorithm"]
    )
    return Witnessed(signed, Verdict(row["verdict"]), row["receive_time"])

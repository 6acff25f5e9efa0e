"""What doctors did with reusable results: one row a facility, day, dossier and service."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import insert

from chassis.db import Record, Transaction
from chassis.sql import Sql, sql

from ..model.reuse_decisions import RepeatReason, ReuseDecision, ReuseReport
from ..schema import reuse_decisions

_KEY = ("facility", "month", "day", "dossier", "service_code")
_NAMES = tuple(column.name for column in reuse_decisions.c)
_INSERT = insert(reuse_decisions).values({name: bindparam(name) for name in _NAMES})

# Keeps a decision; tells whether it is the first of its key, and not in the place of another.
PUT = sql(
    _INSERT.on_conflict_do_update(
        index_elements=_KEY, set_={name: _INSERT.excluded[name] for name in _NAMES if name not in _KEY}
    ).returning(text("xmax = 0"))
)

# What a service cost: in that dossier, else in the person's latest that tells a price.
PRICE = sql(
    text("""
    SELECT unit_price FROM services
    WHERE person = ANY (:persons) AND service_code = :service_code AND supply_code = ''
        AND unit_price IS NOT NULL
    ORDER BY dossier = :dossier DESC, order_time DESC, dossier, row_number
    LIMIT 1
    """),
    about="services",
)

_REPEATS = ",\n".join(
    f"        count(*) FILTER (WHERE kind = 2 AND reusable AND repeat_reason = {reason:d})"
    f" AS {reason.name.lower()}"
    for reason in RepeatReason
    if reason
)


def _reports(where: str) -> Sql:
    return sql(
        text(f"""
    SELECT month, facility,
        count(*) FILTER (WHERE kind = 1 AND reusable) AS avoided_repeats,
        CAST(coalesce(sum(price) FILTER (WHERE kind = 1 AND reusable), 0) AS bigint) AS saved,
        count(*) FILTER (WHERE kind = 1 AND reusable AND price IS NULL) AS unpriced,
{_REPEATS}
    FROM reuse_decisions
    WHERE {where}
    GROUP BY month, facility
    ORDER BY month DESC, facility
    LIMIT :limit
    """),
        about="reuse_decisions",
    )


# The months of one facility, by the beginning of its key; and of all.
REPORTS_OF_FACILITY = _reports("facility = :facility AND month < :month")
REPORTS = _reports("month <= :month AND (month < :month OR facility > :after)")


async def put(tx: Transaction, decision: ReuseDecision) -> bool:
    """Keep *decision*; False when it takes the place of another of the same day."""
    values = {name: getattr(decision, name) for name in _NAMES}
    row = await tx.fetchrow(PUT, **values)
    return bool(row and row[0])


async def price_of(tx: Transaction, persons: Sequence[UUID], dossier: UUID, service_code: str) -> int | None:
    """Return what the service costs, in whole đồng; None when no dossier of the person tells."""
    row = await tx.fetchrow(PRICE, persons=list(persons), dossier=dossier, service_code=service_code)
    return row[0] if row else None


async def list_reports(
    tx: Transaction, facility: str, *, month: date, after: str, limit: int
) -> list[ReuseReport]:
    """Return reports after that of (*month*, *after*): the latest month first; an empty *facility* is any."""
    if facility:
        rows = await tx.fetch(REPORTS_OF_FACILITY, facility=facility, month=month, limit=limit)
    else:
        rows = await tx.fetch(REPORTS, month=month, after=after, limit=limit)
    return [_report(row) for row in rows]


def _report(row: Record) -> ReuseReport:
    repeats = {reason: row[reason.name.lower()] for reason in RepeatReason if reason}
    return ReuseReport(
        row["month"],
        row["facility"],
        row["avoided_repeats"],
        row["saved"],
        row["unpriced"],
        {reason: count for reason, count in repeats.items() if count},
    )

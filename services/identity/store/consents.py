"""Consents, and what the decision to let somebody read needs to know."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, any_, bindparam, func, insert, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY, TEXT

from chassis.db import Record, Transaction
from chassis.pagination import Cursor
from chassis.sql import sql
from common.restricted import DataClass

from ..model.consents import Consent, ConsentState
from ..schema import consents, facilities, persons

# Consents of one person that may bear on one decision: the newest.
MAX_BEARING = 100

_COLUMNS = [column for column in consents.c if column.name not in ("withdrawer", "withdraw_reason")]
_WRITTEN = [column for column in _COLUMNS if column.name not in ("withdraw_time", "version", "upheld")]
_ONE = and_(consents.c.person_id == bindparam("of_person"), consents.c.id == bindparam("of_id"))

# Every record of one person: what any of them gave counts for all.
_RECORDS = any_(bindparam("records", type_=ARRAY(consents.c.person_id.type)))

INSERT = sql(insert(consents).values({column.name: bindparam(column.name) for column in _WRITTEN}))

GET = sql(
    select(*_COLUMNS)
    .where(and_(consents.c.person_id == _RECORDS, consents.c.id == bindparam("id")))
    .with_for_update()
)

WITHDRAW = sql(
    update(consents)
    .where(_ONE)
    .values(
        state=int(ConsentState.WITHDRAWN),
        withdraw_time=bindparam("at"),
        withdrawer=bindparam("by"),
        withdraw_reason=bindparam("reason"),
        version=consents.c.version + 1,
    )
)

UPHOLD = sql(update(consents).where(_ONE).values(upheld=True, version=consents.c.version + 1))

LIST = sql(
    select(*_COLUMNS)
    .where(
        and_(
            consents.c.person_id == _RECORDS,
            tuple_(consents.c.create_time, consents.c.id)
            < tuple_(bindparam("before"), bindparam("before_id")),
            or_(
                bindparam("any_state", type_=consents.c.state.type) == 1,
                consents.c.state == int(ConsentState.ACTIVE),
            ),
            or_(
                bindparam("facility", type_=TEXT) == "",
                consents.c.facility == "",
                consents.c.facility == bindparam("facility"),
            ),
        )
    )
    .order_by(consents.c.create_time.desc(), consents.c.id.desc())
    .limit(bindparam("limit"))
)

BEARING = sql(
    select(*_COLUMNS)
    .where(
        and_(
            consents.c.person_id == _RECORDS,
            consents.c.state == int(ConsentState.ACTIVE),
            consents.c.purpose == bindparam("purpose"),
            or_(consents.c.facility == "", consents.c.facility == bindparam("facility")),
            consents.c.valid_from <= bindparam("day"),
            or_(consents.c.valid_to.is_(None), consents.c.valid_to >= bindparam("day")),
        )
    )
    .order_by(consents.c.create_time.desc(), consents.c.id.desc())
    .limit(MAX_BEARING)
)

_survivor = (
    select(func.coalesce(persons.c.merged_root, persons.c.id))
    .where(persons.c.id == bindparam("person_id"))
    .scalar_subquery()
)
_others = persons.alias("others")
_merged = select(_others.c.id).where(_others.c.merged_root == _survivor).order_by(_others.c.id)

# A facility gives care from the day it opened to the day it closed.
_works = and_(
    or_(facilities.c.open_date.is_(None), facilities.c.open_date <= bindparam("day")),
    or_(facilities.c.close_date.is_(None), facilities.c.close_date >= bindparam("day")),
)

# Both parties in one round trip: this runs before every read of the other services.
PARTIES = sql(
    select(
        _survivor.label("survivor"),
        func.array(_merged.scalar_subquery()).label("merged"),
        select(facilities.c.kind)
        .where(and_(facilities.c.code == bindparam("facility"), _works))
        .scalar_subquery()
        .label("kind"),
        select(facilities.c.state)
        .where(facilities.c.code == bindparam("facility"))
        .scalar_subquery()
        .label("state"),
    )
)


class Parties(NamedTuple):
    """Who is asked about, merges followed, and the facility's kind and state; None is not known.

    *merged* are the records that were merged into the survivor.  *kind* is None too of a facility
    that has not opened yet, or has closed.
    """

    survivor: UUID | None
    merged: list[UUID]
    kind: int | None
    state: int | None

    @property
    def records(self) -> list[UUID]:
        """Every record of the person, the survivor first; none when nobody is known so."""
        return [self.survivor, *self.merged] if self.survivor else []


async def get_parties(tx: Transaction, person_id: UUID, facility: str, day: date) -> Parties:
    row = await tx.fetchrow(PARTIES, person_id=person_id, facility=facility, day=day)
    return Parties(*row) if row else Parties(None, [], None, None)


async def insert_consent(tx: Transaction, consent: Consent) -> None:
    values = {column.name: getattr(consent, column.name) for column in _WRITTEN}
    values |= {"state": int(consent.state), "data_classes": sorted(map(int, consent.data_classes))}
    await tx.execute(INSERT, **values)


async def get_consent(tx: Transaction, records: Sequence[UUID], consent_id: UUID) -> Consent | None:
    """Return the consent of one of a person's *records*, locked until the transaction ends, or None."""
    row = await tx.fetchrow(GET, records=list(records), id=consent_id)
    return _consent(row) if row else None


async def withdraw(tx: Transaction, consent: Consent, *, at: datetime, by: str, reason: str) -> Consent:
    await tx.execute(WITHDRAW, of_person=consent.person_id, of_id=consent.id, at=at, by=by, reason=reason)
    return replace(consent, state=ConsentState.WITHDRAWN, withdraw_time=at, version=consent.version + 1)


async def uphold(tx: Transaction, consent: Consent) -> None:
    await tx.execute(UPHOLD, of_person=consent.person_id, of_id=consent.id)


async def list_consents(
    tx: Transaction,
    records: Sequence[UUID],
    *,
    facility: str,
    active: bool,
    before: Cursor,
    limit: int,
) -> list[Consent]:
    """Return up to *limit* consents of a person's *records*, newest first, older than *before*.

    Of *facility* and of all facilities; empty means any.
    """
    rows = await tx.fetch(
        LIST,
        records=list(records),
        facility=facility,
        any_state=int(not active),
        before=before.time,
        before_id=before.id,
        limit=limit,
    )
    return [_consent(row) for row in rows]


async def list_bearing(
    tx: Transaction, records: Sequence[UUID], *, facility: str, purpose: int, day: date
) -> list[Consent]:
    rows = await tx.fetch(BEARING, records=list(records), facility=facility, purpose=purpose, day=day)
    return [_consent(row) for row in rows]


def _consent(row: Record) -> Consent:
    values = dict(row)
    values["state"] = ConsentState(row["state"])
    values["data_classes"] = frozenset(map(DataClass, row["data_classes"]))
    return Consent(**values)

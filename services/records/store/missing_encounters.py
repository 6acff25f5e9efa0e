"""What is known of encounters that a health book does not hold: check-ins, and dossiers of any state."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Text, any_, bindparam, literal, select
from sqlalchemy.dialects.postgresql import UUID as UuidType

from chassis.db import Record, Transaction
from chassis.sql import sql

from ..model.missing_encounters import CheckedIn, EncounterKey, Version
from ..schema import check_ins, dossiers, encounters

# Rows of each that are looked at, the latest first: those of a life.
MAX_ROWS = 1000

_PERSONS = bindparam("persons", type_=ARRAY(UuidType(as_uuid=True)))

CHECK_INS = sql(
    select(check_ins.c.facility, check_ins.c.link_key, check_ins.c.form_of_care, check_ins.c.arrival_time)
    .where(check_ins.c.person == any_(_PERSONS), check_ins.c.receive_time < bindparam("at"))
    .order_by(check_ins.c.arrival_time.desc())
    .limit(literal(MAX_ROWS))
)
WITHDRAWN = sql(
    select(dossiers.c.facility, dossiers.c.link_key)
    .where(dossiers.c.person == any_(_PERSONS), dossiers.c.state == "withdrawn")
    .limit(literal(MAX_ROWS))
)
VERSIONS = sql(
    select(
        dossiers.c.facility,
        dossiers.c.link_key,
        dossiers.c.state,
        dossiers.c.arrival_time,
        dossiers.c.receive_time,
    )
    .where(
        dossiers.c.facility == any_(bindparam("facilities", type_=ARRAY(Text))),
        dossiers.c.link_key == any_(bindparam("link_keys", type_=ARRAY(Text))),
    )
    .order_by(dossiers.c.version)
)
ENCOUNTERS = sql(select(encounters.c.dossier).where(encounters.c.person == any_(_PERSONS)))
RECEIVED_LATER = sql(
    select(dossiers.c.id, dossiers.c.facility, dossiers.c.link_key).where(
        dossiers.c.id == any_(bindparam("dossiers", type_=ARRAY(UuidType(as_uuid=True)))),
        dossiers.c.receive_time >= bindparam("at"),
    )
)


async def list_check_ins(tx: Transaction, persons: Sequence[UUID], at: datetime) -> list[CheckedIn]:
    """Return the check-ins that had been received before *at*."""
    rows = await tx.fetch(CHECK_INS, persons=list(persons), at=at)
    return [CheckedIn(_key(row), row["form_of_care"], row["arrival_time"]) for row in rows]


async def list_withdrawn(tx: Transaction, persons: Sequence[UUID]) -> list[EncounterKey]:
    """Return the encounters of which a dossier has ever been withdrawn."""
    return [_key(row) for row in await tx.fetch(WITHDRAWN, persons=list(persons))]


async def list_versions(tx: Transaction, keys: Collection[EncounterKey]) -> list[Version]:
    """Return every version of the dossiers of these encounters, each encounter's in their order."""
    if not keys:
        return []
    facilities, link_keys = {key.facility for key in keys}, {key.link_key for key in keys}
    rows = await tx.fetch(VERSIONS, facilities=sorted(facilities), link_keys=sorted(link_keys))
    versions = (Version(_key(row), row["state"], row["arrival_time"], row["receive_time"]) for row in rows)
    return [version for version in versions if version.key in keys]


async def received_later(
    tx: Transaction, persons: Sequence[UUID], at: datetime
) -> list[tuple[UUID, EncounterKey]]:
    """Return the dossiers of the history that were received at *at* or later."""
    rows = await tx.fetch(ENCOUNTERS, persons=list(persons))
    received = await tx.fetch(RECEIVED_LATER, dossiers=[row["dossier"] for row in rows], at=at)
    return [(row["id"], _key(row)) for row in received]


def _key(row: Record) -> EncounterKey:
    return EncounterKey(row["facility"], row["link_key"])

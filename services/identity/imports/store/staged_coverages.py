"""
Insurance cards as registers tell them, a batch at a time.

As in `person_imports`: copied, their owners found, then written, a statement each.  An owner
who alone has the number never leaves PostgreSQL; only what is in doubt does.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, Integer, MetaData, Table, text

from chassis.db import Transaction
from chassis.sql import sql

from ...model.identifiers import Kind, State
from ...schema import coverages
from ..model.person_rows import COVERAGE_COLUMNS, Holder

_FACTS = [name for name in COVERAGE_COLUMNS if name in coverages.c]
_KEY = ("card_number", "valid_from")
_TYPES = {name: coverages.c[name].type.compile() for name in _FACTS}

STAGED = Table(
    "staged_coverages",
    MetaData(),
    Column("place", Integer),
    *(Column(name, coverages.c[name].type if name in coverages.c else None) for name in COVERAGE_COLUMNS),
)
COLUMNS = ("place", *COVERAGE_COLUMNS)

STAGE = sql(
    text(
        "CREATE TEMP TABLE staged_coverages (place integer, person_id uuid, "
        + ", ".join(f"{name} {_TYPES.get(name, 'text')}" for name in COVERAGE_COLUMNS)
        + ") ON COMMIT DROP"
    )
)

FIND_BY_KEY = sql(
    text(
        "UPDATE staged_coverages s SET person_id = k.person_id FROM"
        " (SELECT t.place, f.person_id FROM staged_coverages t CROSS JOIN LATERAL"
        " (SELECT k.person_id FROM person_sources k"
        " WHERE k.source = CAST(:source AS text) AND k.key = t.source_key OFFSET 0) f OFFSET 0) k"
        " WHERE s.place = k.place"
    )
)

_HOLDERS = (
    "(SELECT array_agg(i.person_id) AS ids FROM identifiers i"
    f" WHERE {{only}} i.value = t.{{name}} AND i.kind = {{kind}} AND i.state = {int(State.CURRENT)} OFFSET 0)"
)

# Of those whom no key decided: whose the card is, if the personal ID has one holder; or nobody has it,
# and the social-insurance number has one.  One holder is its own entry, merged or not.
FIND_ALONE = sql(
    text(
        "UPDATE staged_coverages s SET person_id = f.ids[1] FROM"
        " (SELECT t.ctid AS at, coalesce(p.ids, n.ids) AS ids FROM staged_coverages t"
        f" CROSS JOIN LATERAL {_HOLDERS.format(only='', name='personal_id', kind=int(Kind.PERSONAL_ID))} p"
        " CROSS JOIN LATERAL "
        + _HOLDERS.format(
            only="p.ids IS NULL AND", name="insurance_number", kind=int(Kind.SOCIAL_INSURANCE_NUMBER)
        )
        + " n WHERE t.person_id IS NULL OFFSET 0) f WHERE s.ctid = f.at AND cardinality(f.ids) = 1"
    )
)

# Of those whom neither decided: who has the personal ID, and who has the social-insurance number.
CANDIDATES = sql(
    text(
        " UNION ALL ".join(
            f"SELECT s.place, {int(kind)} AS kind, p.id, p.root FROM staged_coverages s"
            " CROSS JOIN LATERAL (SELECT i.person_id FROM identifiers i"
            f" WHERE i.value = s.{name} AND i.kind = {int(kind)}"
            f" AND i.state = {int(State.CURRENT)} OFFSET 0) i"
            " CROSS JOIN LATERAL (SELECT p.id, coalesce(p.merged_root, p.id) AS root"
            " FROM persons p WHERE p.id = i.person_id OFFSET 0) p"
            f" WHERE s.person_id IS NULL AND s.{name} <> ''"
            for name, kind in (
                ("personal_id", Kind.PERSONAL_ID),
                ("insurance_number", Kind.SOCIAL_INSURANCE_NUMBER),
            )
        )
    )
)

UNOWNED = sql(text("SELECT place FROM staged_coverages WHERE person_id IS NULL"))

SETTLE = sql(
    text(
        "UPDATE staged_coverages s SET person_id = t.id"
        " FROM unnest(CAST(:places AS integer[]), CAST(:ids AS uuid[])) t (place, id) WHERE t.place = s.place"
    )
)

LEAVE_OUT = sql(text("DELETE FROM staged_coverages WHERE place = any(CAST(:places AS integer[]))"))

DOUBLED = sql(
    text(
        "SELECT place FROM (SELECT place, row_number() OVER"
        " (PARTITION BY person_id, card_number, valid_from ORDER BY place) AS nth"
        " FROM staged_coverages WHERE person_id IS NOT NULL) s WHERE nth > 1"
    )
)

_facts = ", ".join(_FACTS)

# In one order, so that two who bring the same cards wait for each other and not in a ring.
PUT = sql(
    text(
        f"INSERT INTO coverages (person_id, source, verify_time, {_facts})"
        " SELECT s.person_id, CAST(:source AS text), CAST(:verify_time AS timestamptz), "
        + ", ".join(f"s.{name}" for name in _FACTS)
        + " FROM staged_coverages s ORDER BY s.person_id, s.card_number, s.valid_from"
        " ON CONFLICT (person_id, card_number, valid_from) DO UPDATE SET unlisted_time = NULL, "
        + ", ".join(
            f"{name} = excluded.{name}" for name in ("source", "verify_time", *_FACTS) if name not in _KEY
        )
    )
)

# What a card teaches of its owner's numbers; of one that is known it changes nothing.
PUT_NUMBERS = sql(
    text(
        "INSERT INTO identifiers (person_id, kind, value, state)"
        f" SELECT s.person_id, n.kind, n.value, {int(State.CURRENT)}"
        " FROM staged_coverages s CROSS JOIN LATERAL (VALUES"
        f" (CAST({int(Kind.SOCIAL_INSURANCE_NUMBER)} AS smallint), s.insurance_number),"
        f" (CAST({int(Kind.CARD_NUMBER)} AS smallint),"
        " CASE WHEN length(s.card_number) = 15 THEN s.card_number ELSE '' END)) n (kind, value)"
        " WHERE n.value <> '' AND NOT EXISTS (SELECT FROM identifiers i"
        " WHERE i.person_id = s.person_id AND i.kind = n.kind AND i.value = n.value OFFSET 0)"
        " ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING"
    )
)


async def stage(tx: Transaction, rows: Iterable[Sequence[object]]) -> None:
    """Copy a batch: each row its place and `COVERAGE_COLUMNS`.  Once in a transaction."""
    await tx.execute(STAGE)
    await tx.copy(STAGED, COLUMNS, rows)


async def find_by_key(tx: Transaction, source: str) -> int:
    """Find whom the keys of *source* mean; return how many rows have an owner by them."""
    return await tx.execute(FIND_BY_KEY, source=source)


async def find_alone(tx: Transaction) -> int:
    """Find the owners whom no key told and who alone have their number; return how many."""
    return await tx.execute(FIND_ALONE)


async def candidates(tx: Transaction) -> dict[int, list[Holder]]:
    """Return who has the number of each row without an owner yet, by its place.

    Of the two numbers of a row the personal ID counts, if anybody has it.
    """
    found: dict[int, list[Holder]] = {}
    kinds: dict[int, int] = {}
    for row in sorted(await tx.fetch(CANDIDATES), key=lambda row: row["kind"]):
        place, kind = row["place"], row["kind"]
        if kinds.setdefault(place, kind) == kind:
            found.setdefault(place, []).append(Holder(row["id"], row["root"], birth=None))
    return found


async def unowned(tx: Transaction) -> list[int]:
    """Return the places of rows whose owner is not found yet."""
    return [row["place"] for row in await tx.fetch(UNOWNED)]


async def settle(tx: Transaction, found: Mapping[int, UUID], refused: Sequence[int]) -> None:
    """Say of the rows *found* whose they are, and leave out those *refused*."""
    if found:
        await tx.execute(SETTLE, places=list(found), ids=list(found.values()))
    if refused:
        await tx.execute(LEAVE_OUT, places=refused)


async def doubled(tx: Transaction) -> list[int]:
    """Return the places of rows that say again what an earlier row of the same owner's card says."""
    return [row["place"] for row in await tx.fetch(DOUBLED)]


async def write(tx: Transaction, source: str, verify_time: datetime) -> None:
    """Write the batch: cards that *source* told at *verify_time*, and the numbers they teach."""
    await tx.execute(PUT, source=source, verify_time=verify_time)
    await tx.execute(PUT_NUMBERS)

"""
Persons as registers tell them, a batch at a time.

A batch is copied into a table that ends with the transaction, each row with the id of the
entry it makes if it is about nobody known.  `find_by_key` and `settle` put the ids of those
who are known in their place, `write` brings the batch into the tables: a statement each,
whatever the number of rows.  No statement is kept planned over batches, because the table is
made anew each time: a plan made while a register was empty would be ruinous when it is full.
For the same reason every look into a large table is fenced (`OFFSET 0`): before it is first
analyzed, the planner takes a few persons to have all of its rows, and reads it whole.

A batch of which probably nobody is known may be written before anybody has looked:
`write_early`, `any_known`, and `take_back` when somebody is.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Column, Integer, MetaData, Table, bindparam, func, select, text

from chassis.db import Transaction
from chassis.sql import sql

from ...model.identifiers import Identifier, Kind, State
from ...model.persons import Origin, PersonState
from ...schema import persons
from ...store.persons import birth_of
from ..model.person_rows import PERSON_COLUMNS, Holder

# The ways a row of a batch is known: not, by the sender's key, by its number.
NEW, BY_KEY, BY_NUMBER = 0, 1, 2

# What a register says of an entry; who they are, but not how they came here.
_FACTS = [name for name in PERSON_COLUMNS if name in persons.c]
_NUMBERS = {
    "personal_id": Kind.PERSONAL_ID,
    "old_id": Kind.OLD_ID,
    "social_insurance_number": Kind.SOCIAL_INSURANCE_NUMBER,
}
_TYPES = {name: persons.c[name].type.compile() for name in _FACTS} | {"deceased": "boolean"}

STAGED = Table(
    "staged_persons",
    MetaData(),
    Column("place", Integer),
    Column("person_id", persons.c.id.type),
    *(Column(name, persons.c[name].type if name in persons.c else None) for name in PERSON_COLUMNS),
)
COLUMNS = ("place", "person_id", *PERSON_COLUMNS)

STAGE = sql(
    text(
        f"CREATE TEMP TABLE staged_persons (place integer, person_id uuid, known smallint DEFAULT {NEW}, "
        + ", ".join(f"{name} {_TYPES.get(name, 'text')}" for name in PERSON_COLUMNS)
        + ") ON COMMIT DROP"
    )
)

FIND_BY_KEY = sql(
    text(
        f"UPDATE staged_persons s SET person_id = k.person_id, known = {BY_KEY} FROM"
        " (SELECT t.place, f.person_id FROM staged_persons t CROSS JOIN LATERAL"
        " (SELECT k.person_id FROM person_sources k"
        " WHERE k.source = CAST(:source AS text) AND k.key = t.source_key OFFSET 0) f OFFSET 0) k"
        " WHERE s.place = k.place"
    )
)

# Whether an entry that is not of this batch has a key or a personal ID of it, or had.
ANY_KNOWN = sql(
    text(
        "SELECT CAST(:keyed AS boolean) AND EXISTS (SELECT FROM staged_persons s CROSS JOIN LATERAL"
        " (SELECT FROM person_sources k WHERE k.source = CAST(:source AS text) AND k.key = s.source_key"
        " OFFSET 0) k) OR EXISTS (SELECT FROM staged_persons s CROSS JOIN LATERAL"
        " (SELECT FROM identifiers i WHERE i.value = s.personal_id"
        f" AND i.kind = {int(Kind.PERSONAL_ID)} AND i.state <> {int(State.CANCELLED)}"
        " AND i.person_id <> s.person_id OFFSET 0) i WHERE s.personal_id <> '')"
    )
)

CANDIDATES = sql(
    text(
        "SELECT s.place, p.id, p.root, i.state, p.birth_year, p.birth_month, p.birth_day"
        " FROM staged_persons s CROSS JOIN LATERAL (SELECT i.person_id, i.state FROM identifiers i"
        f" WHERE i.value = s.personal_id AND i.kind = {int(Kind.PERSONAL_ID)}"
        f" AND i.state <> {int(State.CANCELLED)} OFFSET 0) i"
        " CROSS JOIN LATERAL (SELECT p.id, coalesce(p.merged_root, p.id) AS root,"
        " p.birth_year, p.birth_month, p.birth_day FROM persons p WHERE p.id = i.person_id OFFSET 0) p"
        f" WHERE s.known = {NEW} AND s.personal_id <> ''"
    )
)

SETTLE = sql(
    text(
        f"UPDATE staged_persons s SET person_id = t.id, known = {BY_NUMBER}"
        " FROM unnest(CAST(:places AS integer[]), CAST(:ids AS uuid[])) t (place, id) WHERE t.place = s.place"
    )
)

LEAVE_OUT = sql(text("DELETE FROM staged_persons WHERE place = any(CAST(:places AS integer[]))"))

# Rows that turn out to be about one entry: all but the first.
DOUBLED = sql(
    text(
        "SELECT place FROM (SELECT place, row_number() OVER (PARTITION BY person_id ORDER BY place) AS nth"
        f" FROM staged_persons WHERE known <> {NEW}) s WHERE nth > 1"
    )
)

_DEAD = f"s.deceased AND p.state = {int(PersonState.ACTIVE)}"
_facts = ", ".join(_FACTS)
_staged_facts = ", ".join(f"s.{name}" for name in _FACTS)

_numbers_differ = " OR ".join(
    # One that is in use and not told, or one told that is not in use.
    f"s.{name} <> '' AND (coalesce(bool_or(i.kind = {int(kind)} AND i.value <> s.{name}), false)"
    f" OR NOT coalesce(bool_or(i.kind = {int(kind)} AND i.value = s.{name}), false))"
    for name, kind in _NUMBERS.items()
)

# The rows that say anything new of somebody known.
CHANGED = sql(
    text(
        "SELECT s.place, p.differs AS facts, n.differs AS numbers FROM staged_persons s"
        f" CROSS JOIN LATERAL (SELECT {_DEAD} OR ({', '.join(f'p.{name}' for name in _FACTS)})"
        f" IS DISTINCT FROM ({_staged_facts}) AS differs"
        " FROM persons p WHERE p.id = s.person_id OFFSET 0) p"
        f" CROSS JOIN LATERAL (SELECT {_numbers_differ} AS differs FROM identifiers i"
        f" WHERE i.person_id = s.person_id AND i.state = {int(State.CURRENT)} OFFSET 0) n"
        f" WHERE s.known <> {NEW} AND (p.differs OR n.differs)"
    )
)

_THESE = "s.place = any(CAST(:places AS integer[]))"

# An entry that is merged stays merged.
UPDATE_PERSONS = sql(
    text(
        "UPDATE persons p SET "
        + ", ".join(f"{name} = s.{name}" for name in _FACTS)
        + f", state = CASE WHEN {_DEAD} THEN {int(PersonState.DECEASED)} ELSE p.state END"
        ", update_time = now(), version = p.version + 1"
        f" FROM staged_persons s WHERE {_THESE} AND p.id = s.person_id"
    )
)

# Who died while merged is found dead when the merge is undone.
DIED_MERGED = sql(
    text(
        f"UPDATE merges m SET state_before = {int(PersonState.DECEASED)} FROM staged_persons s"
        f" WHERE s.known <> {NEW} AND s.deceased AND m.loser = s.person_id AND m.unmerge_time IS NULL"
    )
)

_numbers = (
    " FROM staged_persons s CROSS JOIN LATERAL (VALUES "
    + ", ".join(f"(CAST({int(kind)} AS smallint), s.{name})" for name, kind in _NUMBERS.items())
    + ") n (kind, value)"
)

# Each in the order of the index that it touches all over; in the others the ids of a batch lie together.
INSERT_NEW = sql(
    text(
        f"WITH entered AS (INSERT INTO persons (id, state, origin, birth_time, facility, {_facts})"
        f" SELECT s.person_id, CASE WHEN s.deceased THEN {int(PersonState.DECEASED)}"
        f" ELSE {int(PersonState.ACTIVE)} END, {int(Origin.REGISTER)}, '', '', {_staged_facts}"
        f" FROM staged_persons s WHERE s.known = {NEW} ORDER BY s.birth_year, s.birth_month, s.birth_day)"
        " INSERT INTO identifiers (person_id, kind, value, state)"
        f" SELECT s.person_id, n.kind, n.value, {int(State.CURRENT)}{_numbers}"
        f" WHERE s.known = {NEW} AND n.value <> '' ORDER BY n.value, n.kind"
    )
)

ADD_NUMBERS = sql(
    text(
        "INSERT INTO identifiers AS i (person_id, kind, value, state)"
        f" SELECT s.person_id, n.kind, n.value, {int(State.CURRENT)}{_numbers}"
        f" WHERE {_THESE} AND n.value <> ''"
        " ON CONFLICT (person_id, kind, value) DO UPDATE SET state = excluded.state, valid_to = NULL"
        " WHERE i.state <> excluded.state"
    )
)

# A number of a kind that one has once takes the place of the one before.
SUPERSEDE = sql(
    text(
        f"UPDATE identifiers i SET state = {int(State.SUPERSEDED)}, valid_to = CAST(:today AS date)"
        " FROM (SELECT o.* FROM staged_persons s CROSS JOIN LATERAL"
        " (SELECT i.person_id, i.kind, i.value FROM identifiers i"
        f" WHERE i.person_id = s.person_id AND i.state = {int(State.CURRENT)} AND ("
        + " OR ".join(
            f"(i.kind = {int(kind)} AND s.{name} <> '' AND i.value <> s.{name})"
            for name, kind in _NUMBERS.items()
        )
        + f") OFFSET 0) o WHERE {_THESE} OFFSET 0) o"
        " WHERE i.person_id = o.person_id AND i.kind = o.kind AND i.value = o.value"
    )
)

PUT_HISTORY = sql(
    text(
        "INSERT INTO identifiers AS i (person_id, kind, value, state, valid_from, valid_to, country)"
        " SELECT s.person_id, h.kind, h.value, h.state, h.valid_from, h.valid_to, h.country"
        " FROM unnest(CAST(:places AS integer[]), CAST(:kinds AS smallint[]), CAST(:values AS text[]),"
        " CAST(:states AS smallint[]), CAST(:begins AS date[]), CAST(:ends AS date[]),"
        " CAST(:countries AS text[])) h (place, kind, value, state, valid_from, valid_to, country)"
        " JOIN staged_persons s ON s.place = h.place"
        " ON CONFLICT (person_id, kind, value) DO UPDATE SET state = excluded.state,"
        " valid_from = excluded.valid_from, valid_to = excluded.valid_to, country = excluded.country"
        " WHERE (i.state, i.valid_from, i.valid_to, i.country) IS DISTINCT FROM"
        " (excluded.state, excluded.valid_from, excluded.valid_to, excluded.country)"
    )
)

INSERT_KEYS = sql(
    text(
        "INSERT INTO person_sources (source, key, person_id)"
        " SELECT CAST(:source AS text), s.source_key, s.person_id FROM staged_persons s"
        f" WHERE s.known <> {BY_KEY} AND s.source_key <> '' ORDER BY s.source_key"
    )
)

EARLY = sql(text("SAVEPOINT early"))
NOT_EARLY = sql(text("ROLLBACK TO SAVEPOINT early"))

# Imports of persons find and commit one after the other: two that met the same new number at once
# would make two entries of one person.  Any number that no other lock has.
IMPORT_LOCK = 5_417_101
ONE_IMPORT = sql(select(func.pg_advisory_xact_lock(bindparam("lock"))))


async def stage(tx: Transaction, rows: Iterable[Sequence[object]]) -> None:
    """Copy a batch: each row its place, the id of the entry it would make, and `PERSON_COLUMNS`.

    Once in a transaction.
    """
    await tx.execute(STAGE)
    await tx.copy(STAGED, COLUMNS, rows)


async def lock_imports(tx: Transaction) -> None:
    """Wait until no other import of persons writes; until the transaction ends, none begins."""
    await tx.fetchval(ONE_IMPORT, lock=IMPORT_LOCK)


async def any_known(tx: Transaction, source: str, keyed: bool) -> bool:
    """Whether any row is about somebody who is here; *keyed* when rows have keys, which *source* gave."""
    return bool(await tx.fetchval(ANY_KNOWN, source=source, keyed=keyed))


async def write_early(tx: Transaction) -> None:
    """Write a batch as if nobody in it were known, so that it can be taken back."""
    await tx.execute(EARLY)
    await tx.execute(INSERT_NEW)


async def take_back(tx: Transaction) -> None:
    """Take back what was written early, and with it every lock that was taken since."""
    await tx.execute(NOT_EARLY)


async def find_by_key(tx: Transaction, source: str) -> int:
    """Find whom the keys of *source* mean; return how many rows are known by them."""
    return await tx.execute(FIND_BY_KEY, source=source)


async def candidates(tx: Transaction) -> dict[int, list[Holder]]:
    """Return who has or had the personal ID of each row that no key decided, by its place."""
    found: dict[int, list[Holder]] = {}
    for row in await tx.fetch(CANDIDATES):
        current = row["state"] == State.CURRENT
        holder = Holder(row["id"], row["root"], birth_of(row), current)
        found.setdefault(row["place"], []).append(holder)
    return found


async def settle(tx: Transaction, found: Mapping[int, UUID], refused: Sequence[int]) -> None:
    """Say of the rows *found* whom they are about, and leave out those *refused*."""
    if found:
        await tx.execute(SETTLE, places=list(found), ids=list(found.values()))
    await leave_out(tx, refused)


async def leave_out(tx: Transaction, places: Sequence[int]) -> None:
    """Take rows out of the batch."""
    if places:
        await tx.execute(LEAVE_OUT, places=places)


async def doubled(tx: Transaction) -> list[int]:
    """Return the places of rows about an entry that an earlier row is about, too."""
    return [row["place"] for row in await tx.fetch(DOUBLED)]


async def write(tx: Transaction, today: date, known: int, new: int) -> None:
    """Write the batch: *known* rows of people who are here, *new* ones of others."""
    if new:
        await tx.execute(INSERT_NEW)
    if known:
        await _write_known(tx, today)


async def write_keys(tx: Transaction, source: str) -> None:
    """Write the keys of *source* that nobody had before."""
    await tx.execute(INSERT_KEYS, source=source)


async def _write_known(tx: Transaction, today: date) -> None:
    changed = await tx.fetch(CHANGED)
    facts = [row["place"] for row in changed if row["facts"]]
    if facts:
        await tx.execute(UPDATE_PERSONS, places=facts)
    numbers = [row["place"] for row in changed if row["numbers"]]
    if numbers:
        await tx.execute(ADD_NUMBERS, places=numbers)
        await tx.execute(SUPERSEDE, places=numbers, today=today)
    await tx.execute(DIED_MERGED)


async def write_history(tx: Transaction, history: Mapping[int, Sequence[Identifier]]) -> None:
    """Write the numbers of the rows at these places that are not simply in use."""
    numbers = [(place, one) for place, several in history.items() for one in several]
    if numbers:
        await tx.execute(
            PUT_HISTORY,
            places=[place for place, _ in numbers],
            kinds=[int(one.kind) for _, one in numbers],
            values=[one.value for _, one in numbers],
            states=[int(one.state) for _, one in numbers],
            begins=[one.valid_from for _, one in numbers],
            ends=[one.valid_to for _, one in numbers],
            countries=[one.country for _, one in numbers],
        )

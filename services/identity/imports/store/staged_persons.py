"""
A batch of persons in a staging table, and who of them is known.

A batch is copied into a table that ends with the transaction, each row with the id of the
entry it makes if it is about nobody known.  `find_by_key` and `settle` put the ids of those
who are known in their place; `person_writes` brings the batch into the tables.  It is a statement
each, whatever the number of rows.  No statement is kept planned over batches, because the table
is made anew each time: a plan made while a register was empty would be ruinous when it is full.
For the same reason every look into a large table is fenced (`OFFSET 0`): before it is first
analyzed, the planner takes a few persons to have all of its rows, and reads it whole.
"""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from sqlalchemy import MetaData, Table, text

from chassis.db import Transaction
from chassis.sql import sql
from common.values import PartialDate

from ...model.identifiers import Kind, State
from ...store.persons import birth_of
from ..model.person_resolution import Holder
from ..model.person_rows import PersonRow

# By what a row of a batch is known: by nothing yet, by the sender's key, by its number.
NOTHING, KEY, NUMBER = 0, 1, 2

PERSONAL_ID = int(Kind.PERSONAL_ID)
CURRENT, CANCELLED = int(State.CURRENT), int(State.CANCELLED)

# A birth date of which nothing is known, as the columns hold it.
UNKNOWN_DATE = PartialDate(0)

# Any number that no other lock has.
IMPORT_LOCK = 5_417_101

STAGED = Table("staged_persons", MetaData())
COLUMNS = (
    *("row_index", "person_id", "source_key", "personal_id", "old_id", "social_insurance_number"),
    *("full_name", "birth_year", "birth_month", "birth_day", "sex", "nationality", "ethnicity"),
    *("address_line", "commune_code", "district_code", "province_code", "address_as_of", "phone"),
    "deceased",
)

CREATE_STAGED = sql(
    text(
        f"""
        CREATE TEMP TABLE staged_persons (
            row_index integer, person_id uuid, known_by smallint DEFAULT {NOTHING}, source_key text,
            personal_id text, old_id text, social_insurance_number text,
            full_name text, birth_year smallint, birth_month smallint, birth_day smallint, sex smallint,
            nationality text, ethnicity text, address_line text, commune_code text, district_code text,
            province_code text, address_as_of date, phone text, deceased boolean
        ) ON COMMIT DROP
        """
    )
)

# Imports of persons find and commit one after the other: two that met the same new number at once
# would make two entries of one person.
LOCK_IMPORTS = sql(text("SELECT pg_advisory_xact_lock(:lock)"))

# Whom the keys of the sender mean.
FIND_BY_KEY = sql(
    text(
        f"""
        UPDATE staged_persons s SET person_id = k.person_id, known_by = {KEY}
        FROM (
            SELECT t.row_index, k.person_id
            FROM staged_persons t CROSS JOIN LATERAL (
                SELECT k.person_id FROM person_sources k
                WHERE k.source = CAST(:source AS text) AND k.key = t.source_key OFFSET 0
            ) k
            OFFSET 0
        ) k
        WHERE s.row_index = k.row_index
        """
    ),
    about="staged_persons",
)

# Who has, or had, the personal ID of a row that no key decided.
CANDIDATES = sql(
    text(
        f"""
        SELECT s.row_index, p.id, p.root, i.state, p.full_name, p.birth_year, p.birth_month, p.birth_day
        FROM staged_persons s
        CROSS JOIN LATERAL (
            SELECT i.person_id, i.state FROM identifiers i
            WHERE i.value = s.personal_id AND i.kind = {PERSONAL_ID} AND i.state <> {CANCELLED} OFFSET 0
        ) i
        CROSS JOIN LATERAL (
            SELECT p.id, coalesce(p.merged_root, p.id) AS root, p.full_name,
                   p.birth_year, p.birth_month, p.birth_day
            FROM persons p WHERE p.id = i.person_id OFFSET 0
        ) p
        WHERE s.known_by = {NOTHING} AND s.personal_id <> ''
        """
    ),
    about="staged_persons",
)

# Whom these rows are about, as their numbers decided.
SETTLE = sql(
    text(
        f"""
        UPDATE staged_persons s SET person_id = t.person_id, known_by = {NUMBER}
        FROM unnest(CAST(:indexes AS integer[]), CAST(:ids AS uuid[])) t (row_index, person_id)
        WHERE t.row_index = s.row_index
        """
    ),
    about="staged_persons",
)

LEAVE_OUT = sql(
    text("DELETE FROM staged_persons WHERE row_index = any(CAST(:indexes AS integer[]))"),
    about="staged_persons",
)

# Rows that turn out to be about one entry: all but the first.
SAME_PERSON = sql(
    text(
        f"""
        SELECT row_index FROM (
            SELECT row_index, row_number() OVER (PARTITION BY person_id ORDER BY row_index) AS nth
            FROM staged_persons WHERE known_by <> {NOTHING}
        ) s
        WHERE nth > 1
        """
    ),
    about="staged_persons",
)


async def stage(tx: Transaction, rows: Mapping[int, PersonRow], ids: Sequence[str]) -> None:
    """Copy a batch, *rows* by their index; each of *ids* is that of the entry its row would make.

    Once in a transaction.
    """
    await tx.execute(CREATE_STAGED)
    await tx.copy(STAGED, COLUMNS, staged_rows(rows, ids))


def staged_rows(rows: Mapping[int, PersonRow], ids: Sequence[str]) -> Iterator[tuple[object, ...]]:
    """Give the rows as `COLUMNS`, in the order of the index that they are looked up in."""
    ordered = sorted(rows.items(), key=lambda item: item[1].personal_id)
    for (index, row), person_id in zip(ordered, ids, strict=True):
        birth, address = row.birth or UNKNOWN_DATE, row.address
        yield (
            *(index, person_id, row.source_key, row.personal_id, row.old_id, row.social_insurance_number),
            *(row.full_name, birth.year, birth.month, birth.day, row.sex, row.nationality, row.ethnicity),
            *(address.line, address.commune_code, address.district_code, address.province_code),
            *(address.as_of, row.phone, row.deceased),
        )


async def lock_imports(tx: Transaction) -> None:
    """Wait until no other import of persons writes; until the transaction ends, none begins."""
    await tx.fetchval(LOCK_IMPORTS, lock=IMPORT_LOCK)


async def find_by_key(tx: Transaction, source: str) -> int:
    return await tx.execute(FIND_BY_KEY, source=source)


async def list_candidates(tx: Transaction) -> dict[int, list[Holder]]:
    holders: dict[int, list[Holder]] = {}
    for row in await tx.fetch(CANDIDATES):
        is_current = row["state"] == CURRENT
        holder = Holder(row["id"], row["root"], birth_of(row), is_current, row["full_name"])
        holders.setdefault(row["row_index"], []).append(holder)
    return holders


async def settle(tx: Transaction, persons: Mapping[int, UUID]) -> None:
    if persons:
        await tx.execute(SETTLE, indexes=list(persons), ids=list(persons.values()))


async def leave_out(tx: Transaction, indexes: Sequence[int]) -> None:
    if indexes:
        await tx.execute(LEAVE_OUT, indexes=indexes)


async def list_same_person(tx: Transaction) -> list[int]:
    """Return the indexes of rows about an entry that an earlier row is about, too."""
    return [row["row_index"] for row in await tx.fetch(SAME_PERSON)]

"""
Insurance cards as registers tell of them, a batch at a time.

As in `staged_persons`: copied, their owners found, then written, a statement each.  An owner
who alone has the number never leaves PostgreSQL; only what is in doubt does.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import MetaData, Table, text

from chassis.db import Transaction
from chassis.sql import sql

from ...model.identifiers import Kind, State
from ..model.coverage_rows import CoverageRow
from ..model.person_resolution import Holder

PERSONAL_ID, CARD_NUMBER = int(Kind.PERSONAL_ID), int(Kind.CARD_NUMBER)
INSURANCE_NUMBER = int(Kind.SOCIAL_INSURANCE_NUMBER)
CURRENT = int(State.CURRENT)

STAGED = Table("staged_coverages", MetaData())
COLUMNS = (
    *("row_index", "source_key", "personal_id", "insurance_number", "card_number", "valid_from", "valid_to"),
    *("group_code", "benefit_level", "initial_facility", "area_code", "five_years_date"),
    *("issuer", "standing", "exempt_from"),
)

CREATE_STAGED = sql(
    text(
        """
        CREATE TEMP TABLE staged_coverages (
            row_index integer, person_id uuid, source_key text, personal_id text, insurance_number text,
            card_number text, valid_from date, valid_to date, group_code text, benefit_level smallint,
            initial_facility text, area_code text, five_years_date date, issuer smallint, standing text,
            exempt_from date
        ) ON COMMIT DROP
        """
    )
)

# Whom the keys of the sender mean.
FIND_BY_KEY = sql(
    text(
        """
        UPDATE staged_coverages s SET person_id = k.person_id
        FROM (
            SELECT t.row_index, k.person_id
            FROM staged_coverages t CROSS JOIN LATERAL (
                SELECT k.person_id FROM person_sources k
                WHERE k.source = CAST(:source AS text) AND k.key = t.source_key OFFSET 0
            ) k
            OFFSET 0
        ) k
        WHERE s.row_index = k.row_index
        """
    ),
    about="staged_coverages",
)

# Of those whom no key decided: whose the card is, if the personal ID has one holder; or nobody has it,
# and the social-insurance number has one.  One holder is its own entry, merged or not.
FIND_SOLE_HOLDER = sql(
    text(
        f"""
        UPDATE staged_coverages s SET person_id = owners.ids[1]
        FROM (
            SELECT t.ctid AS at, coalesce(p.ids, n.ids) AS ids
            FROM staged_coverages t
            CROSS JOIN LATERAL (
                SELECT array_agg(i.person_id) AS ids FROM identifiers i
                WHERE i.value = t.personal_id AND i.kind = {PERSONAL_ID} AND i.state = {CURRENT} OFFSET 0
            ) p
            CROSS JOIN LATERAL (
                SELECT array_agg(i.person_id) AS ids FROM identifiers i
                WHERE p.ids IS NULL AND i.value = t.insurance_number AND i.kind = {INSURANCE_NUMBER}
                  AND i.state = {CURRENT} OFFSET 0
            ) n
            WHERE t.person_id IS NULL OFFSET 0
        ) owners
        WHERE s.ctid = owners.at AND cardinality(owners.ids) = 1
        """
    ),
    about="staged_coverages",
)

# Of those whom neither decided: who has the personal ID, and who has the social-insurance number.
CANDIDATES = sql(
    text(
        f"""
        SELECT s.row_index, n.kind, p.id, p.root
        FROM staged_coverages s
        CROSS JOIN LATERAL (
            VALUES ({PERSONAL_ID}, s.personal_id), ({INSURANCE_NUMBER}, s.insurance_number)
        ) n (kind, value)
        CROSS JOIN LATERAL (
            SELECT i.person_id FROM identifiers i
            WHERE i.value = n.value AND i.kind = n.kind AND i.state = {CURRENT} OFFSET 0
        ) i
        CROSS JOIN LATERAL (
            SELECT p.id, coalesce(p.merged_root, p.id) AS root
            FROM persons p WHERE p.id = i.person_id OFFSET 0
        ) p
        WHERE s.person_id IS NULL AND n.value <> ''
        ORDER BY n.kind
        """
    ),
    about="staged_coverages",
)

UNOWNED = sql(
    text("SELECT row_index FROM staged_coverages WHERE person_id IS NULL"), about="staged_coverages"
)

# Whose the cards of these rows are, as their numbers decided.
SETTLE = sql(
    text(
        """
        UPDATE staged_coverages s SET person_id = t.person_id
        FROM unnest(CAST(:indexes AS integer[]), CAST(:ids AS uuid[])) t (row_index, person_id)
        WHERE t.row_index = s.row_index
        """
    ),
    about="staged_coverages",
)

LEAVE_OUT = sql(
    text("DELETE FROM staged_coverages WHERE row_index = any(CAST(:indexes AS integer[]))"),
    about="staged_coverages",
)

# Rows that turn out to tell of one card of one owner: all but the first.
SAME_CARD = sql(
    text(
        """
        SELECT row_index FROM (
            SELECT row_index, row_number() OVER (
                PARTITION BY person_id, card_number, valid_from ORDER BY row_index) AS nth
            FROM staged_coverages WHERE person_id IS NOT NULL
        ) s
        WHERE nth > 1
        """
    ),
    about="staged_coverages",
)

# In one order, so that two who bring the same cards wait for each other and not in a ring.
UPSERT = sql(
    text(
        """
        INSERT INTO coverages (
            person_id, source, verify_time, card_number, valid_from, valid_to, group_code, benefit_level,
            initial_facility, area_code, five_years_date, issuer, standing, exempt_from)
        SELECT s.person_id, CAST(:source AS text), CAST(:verify_time AS timestamptz), s.card_number,
               s.valid_from, s.valid_to, s.group_code, s.benefit_level, s.initial_facility, s.area_code,
               s.five_years_date, s.issuer, s.standing, s.exempt_from
        FROM staged_coverages s ORDER BY s.person_id, s.card_number, s.valid_from
        ON CONFLICT (person_id, card_number, valid_from) DO UPDATE
        SET unlisted_time = NULL, source = excluded.source, verify_time = excluded.verify_time,
            valid_to = excluded.valid_to, group_code = excluded.group_code,
            benefit_level = excluded.benefit_level, initial_facility = excluded.initial_facility,
            area_code = excluded.area_code, five_years_date = excluded.five_years_date,
            issuer = excluded.issuer, standing = excluded.standing, exempt_from = excluded.exempt_from
        """
    ),
    about="coverages",
)

# What a card teaches of its owner's numbers; of one that is known it changes nothing.
INSERT_NUMBERS = sql(
    text(
        f"""
        INSERT INTO identifiers (person_id, kind, value, state)
        SELECT s.person_id, n.kind, n.value, {CURRENT}
        FROM staged_coverages s CROSS JOIN LATERAL (
            VALUES ({INSURANCE_NUMBER}, s.insurance_number),
                   ({CARD_NUMBER}, CASE WHEN length(s.card_number) = 15 THEN s.card_number ELSE '' END)
        ) n (kind, value)
        WHERE n.value <> '' AND NOT EXISTS (
            SELECT FROM identifiers i
            WHERE i.person_id = s.person_id AND i.kind = n.kind AND i.value = n.value OFFSET 0)
        ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING
        """
    ),
    about="identifiers",
)


async def stage(tx: Transaction, rows: Mapping[int, CoverageRow]) -> None:
    """Copy a batch, *rows* by their index.  Once in a transaction."""
    await tx.execute(CREATE_STAGED)
    await tx.copy(STAGED, COLUMNS, staged_rows(rows))


def staged_rows(rows: Mapping[int, CoverageRow]) -> Iterator[tuple[object, ...]]:
    """Give the rows as `COLUMNS`, in the order of the index that they are looked up in."""
    for index, row in sorted(rows.items(), key=lambda item: item[1].personal_id):
        yield (
            *(index, row.source_key, row.personal_id, row.insurance_number, row.card_number),
            *(row.valid_from, row.valid_to, row.card_group, row.card_benefit_level, row.initial_facility),
            *(row.area_code, row.five_years_date, row.card_issuer, row.standing, row.exempt_from),
        )


async def find_by_key(tx: Transaction, source: str) -> int:
    return await tx.execute(FIND_BY_KEY, source=source)


async def find_sole_holder(tx: Transaction) -> int:
    """Find the owners whom no key told and who alone have their number; return how many."""
    return await tx.execute(FIND_SOLE_HOLDER)


async def list_candidates(tx: Transaction) -> dict[int, list[Holder]]:
    """Return who has the number of each row without an owner yet, by its index.

    Of the two numbers of a row the personal ID counts, if anybody has it.
    """
    holders: dict[int, list[Holder]] = {}
    kinds: dict[int, int] = {}
    for row in await tx.fetch(CANDIDATES):
        index, kind = row["row_index"], row["kind"]
        if kinds.setdefault(index, kind) == kind:
            holders.setdefault(index, []).append(Holder(row["id"], row["root"], birth=None))
    return holders


async def list_unowned(tx: Transaction) -> list[int]:
    return [row["row_index"] for row in await tx.fetch(UNOWNED)]


async def settle(tx: Transaction, owners: Mapping[int, UUID]) -> None:
    if owners:
        await tx.execute(SETTLE, indexes=list(owners), ids=list(owners.values()))


async def leave_out(tx: Transaction, indexes: Sequence[int]) -> None:
    if indexes:
        await tx.execute(LEAVE_OUT, indexes=indexes)


async def list_same_card(tx: Transaction) -> list[int]:
    """Return the indexes of rows that say again what an earlier row of the same owner's card says."""
    return [row["row_index"] for row in await tx.fetch(SAME_CARD)]


async def upsert(tx: Transaction, source: str, verify_time: datetime) -> None:
    """Write the batch: cards that *source* told at *verify_time*, and the numbers they teach."""
    await tx.execute(UPSERT, source=source, verify_time=verify_time)
    await tx.execute(INSERT_NUMBERS)

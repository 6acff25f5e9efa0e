"""
Staged persons brought into the tables: entries that are new, what changed of the others, their numbers.

The batch is in the table of `staged_persons`, and whom its rows are about is settled.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import text

from chassis.db import Transaction
from chassis.sql import sql

from ...model.identifiers import Identifier, Kind, State
from ...model.persons import Origin, PersonState
from .staged_persons import KEY, NOTHING

PERSONAL_ID, OLD_ID = int(Kind.PERSONAL_ID), int(Kind.OLD_ID)
INSURANCE_NUMBER = int(Kind.SOCIAL_INSURANCE_NUMBER)
CURRENT, SUPERSEDED = int(State.CURRENT), int(State.SUPERSEDED)
ACTIVE, DECEASED = int(PersonState.ACTIVE), int(PersonState.DECEASED)

# What a register says of an entry: who they are, but not how they came here.
FACTS = """
    full_name, birth_year, birth_month, birth_day, sex, nationality, ethnicity,
    address_line, commune_code, district_code, province_code, address_as_of, phone
"""
STAGED_FACTS = """
    s.full_name, s.birth_year, s.birth_month, s.birth_day, s.sex, s.nationality, s.ethnicity,
    s.address_line, s.commune_code, s.district_code, s.province_code, s.address_as_of, s.phone
"""
# The numbers of a row that have a field of their own.
NUMBERS = f"""
    (VALUES ({PERSONAL_ID}, s.personal_id), ({OLD_ID}, s.old_id),
            ({INSURANCE_NUMBER}, s.social_insurance_number)) n (kind, value)
"""

# New entries, with their numbers.  Each in the order of the index that it touches all over; in the others
# the ids of a batch lie together.
INSERT_NEW = sql(
    text(
        f"""
        WITH entered AS (
            INSERT INTO persons (id, state, origin, birth_time, facility, {FACTS})
            SELECT s.person_id, CASE WHEN s.deceased THEN {DECEASED} ELSE {ACTIVE} END,
                   {int(Origin.REGISTER)}, '', '', {STAGED_FACTS}
            FROM staged_persons s WHERE s.known_by = {NOTHING}
            ORDER BY s.birth_year, s.birth_month, s.birth_day
        )
        INSERT INTO identifiers (person_id, kind, value, state)
        SELECT s.person_id, n.kind, n.value, {CURRENT}
        FROM staged_persons s CROSS JOIN LATERAL {NUMBERS}
        WHERE s.known_by = {NOTHING} AND n.value <> '' ORDER BY n.value, n.kind
        """
    ),
    about="persons",
)

# The rows that say anything new of somebody known: other facts; a number that is not in use, or another
# one in use where they tell one.
CHANGED = sql(
    text(
        f"""
        SELECT s.row_index, p.differs AS facts, n.differs AS numbers
        FROM staged_persons s
        CROSS JOIN LATERAL (
            SELECT s.deceased AND p.state = {ACTIVE}
                OR (p.full_name, p.birth_year, p.birth_month, p.birth_day, p.sex, p.nationality, p.ethnicity,
                    p.address_line, p.commune_code, p.district_code, p.province_code, p.address_as_of,
                    p.phone) IS DISTINCT FROM ({STAGED_FACTS}) AS differs
            FROM persons p WHERE p.id = s.person_id OFFSET 0
        ) p
        CROSS JOIN LATERAL (
            SELECT s.personal_id <> '' AND array_agg(i.value) FILTER (WHERE i.kind = {PERSONAL_ID})
                    IS DISTINCT FROM ARRAY[s.personal_id]
                OR s.old_id <> '' AND array_agg(i.value) FILTER (WHERE i.kind = {OLD_ID})
                    IS DISTINCT FROM ARRAY[s.old_id]
                OR s.social_insurance_number <> ''
                    AND array_agg(i.value) FILTER (WHERE i.kind = {INSURANCE_NUMBER})
                    IS DISTINCT FROM ARRAY[s.social_insurance_number] AS differs
            FROM identifiers i WHERE i.person_id = s.person_id AND i.state = {CURRENT} OFFSET 0
        ) n
        WHERE s.known_by <> {NOTHING} AND (p.differs OR n.differs)
        """
    ),
    about="staged_persons",
)

# An entry that is merged stays merged.
UPDATE_PERSONS = sql(
    text(
        f"""
        UPDATE persons p
        SET ({FACTS}) = ROW({STAGED_FACTS}),
            state = CASE WHEN s.deceased AND p.state = {ACTIVE} THEN {DECEASED} ELSE p.state END,
            update_time = now(), version = p.version + 1
        FROM staged_persons s
        WHERE s.row_index = any(CAST(:indexes AS integer[])) AND p.id = s.person_id
        """
    ),
    about="persons",
)

# Who died while merged is found dead when the merge is undone.
MARK_MERGED_DECEASED = sql(
    text(
        f"""
        UPDATE merges m SET state_before = {DECEASED}
        FROM staged_persons s
        WHERE s.known_by <> {NOTHING} AND s.deceased
          AND m.loser = s.person_id AND m.unmerge_time IS NULL
        """
    ),
    about="merges",
)

# The numbers that are in use now; one that was not, is again.
ADD_NUMBERS = sql(
    text(
        f"""
        INSERT INTO identifiers AS i (person_id, kind, value, state)
        SELECT s.person_id, n.kind, n.value, {CURRENT}
        FROM staged_persons s CROSS JOIN LATERAL {NUMBERS}
        WHERE s.row_index = any(CAST(:indexes AS integer[])) AND n.value <> ''
        ON CONFLICT (person_id, kind, value) DO UPDATE SET state = excluded.state, valid_to = NULL
            WHERE i.state <> excluded.state
        """
    ),
    about="identifiers",
)

# A number of a kind that one has once takes the place of the one before.
SUPERSEDE = sql(
    text(
        f"""
        UPDATE identifiers i SET state = {SUPERSEDED}, valid_to = CAST(:today AS date)
        FROM (
            SELECT o.person_id, o.kind, o.value
            FROM staged_persons s CROSS JOIN LATERAL (
                SELECT i.person_id, i.kind, i.value FROM identifiers i
                WHERE i.person_id = s.person_id AND i.state = {CURRENT} AND (
                    i.kind = {PERSONAL_ID} AND s.personal_id NOT IN ('', i.value)
                    OR i.kind = {OLD_ID} AND s.old_id NOT IN ('', i.value)
                    OR i.kind = {INSURANCE_NUMBER} AND s.social_insurance_number NOT IN ('', i.value))
                OFFSET 0
            ) o
            WHERE s.row_index = any(CAST(:indexes AS integer[])) OFFSET 0
        ) o
        WHERE i.person_id = o.person_id AND i.kind = o.kind AND i.value = o.value
        """
    ),
    about="identifiers",
)

# The keys of the sender that nobody had before.
INSERT_KEYS = sql(
    text(
        f"""
        INSERT INTO person_sources (source, key, person_id)
        SELECT CAST(:source AS text), s.source_key, s.person_id FROM staged_persons s
        WHERE s.known_by <> {KEY} AND s.source_key <> '' ORDER BY s.source_key
        """
    ),
    about="person_sources",
)

# Numbers with their history; those that say nothing new are not touched.
UPSERT_HISTORY = sql(
    text(
        """
        INSERT INTO identifiers AS i (person_id, kind, value, state, valid_from, valid_to, country)
        SELECT s.person_id, h.kind, h.value, h.state, h.valid_from, h.valid_to, h.country
        FROM unnest(CAST(:indexes AS integer[]), CAST(:kinds AS smallint[]), CAST(:values AS text[]),
                    CAST(:states AS smallint[]), CAST(:valid_froms AS date[]), CAST(:valid_tos AS date[]),
                    CAST(:countries AS text[]))
             h (row_index, kind, value, state, valid_from, valid_to, country)
        JOIN staged_persons s ON s.row_index = h.row_index
        ON CONFLICT (person_id, kind, value) DO UPDATE
        SET state = excluded.state, valid_from = excluded.valid_from, valid_to = excluded.valid_to,
            country = excluded.country
        WHERE (i.state, i.valid_from, i.valid_to, i.country)
            IS DISTINCT FROM (excluded.state, excluded.valid_from, excluded.valid_to, excluded.country)
        """
    ),
    about="identifiers",
)


async def insert_new(tx: Transaction) -> None:
    await tx.execute(INSERT_NEW)


async def update_known(tx: Transaction, today: date) -> None:
    """Write what is new of those who are known; who has a new number loses the old one as of *today*."""
    changed = await tx.fetch(CHANGED)
    facts = [row["row_index"] for row in changed if row["facts"]]
    if facts:
        await tx.execute(UPDATE_PERSONS, indexes=facts)
    numbers = [row["row_index"] for row in changed if row["numbers"]]
    if numbers:
        await tx.execute(ADD_NUMBERS, indexes=numbers)
        await tx.execute(SUPERSEDE, indexes=numbers, today=today)
    await tx.execute(MARK_MERGED_DECEASED)


async def insert_keys(tx: Transaction, source: str) -> None:
    await tx.execute(INSERT_KEYS, source=source)


async def upsert_history(tx: Transaction, history: Mapping[int, Sequence[Identifier]]) -> None:
    """Write the numbers of the rows at these indexes that are not simply in use."""
    numbers = [(index, number) for index, row_numbers in history.items() for number in row_numbers]
    if numbers:
        await tx.execute(
            UPSERT_HISTORY,
            indexes=[index for index, _ in numbers],
            kinds=[int(number.kind) for _, number in numbers],
            values=[number.value for _, number in numbers],
            states=[int(number.state) for _, number in numbers],
            valid_froms=[number.valid_from for _, number in numbers],
            valid_tos=[number.valid_to for _, number in numbers],
            countries=[number.country for _, number in numbers],
        )

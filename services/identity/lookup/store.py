"""
Who has a number: many questions in one statement, which writes the access log as it reads.

The row of a look-up names whom it found, so the statement that finds is the one that
logs: the answer and its row are one transaction, and one round trip for a whole batch.
A statement reads, for each question, an index for the number, the record that has it,
the records merged into that, and their numbers or cards; nothing else grows with the nation.

Merges are followed by `persons.merged_root`, kept up to date by whoever merges.
"""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Final, NamedTuple

from sqlalchemy import text

from chassis import audit
from chassis.db import Record, Transaction
from chassis.sql import sql

from ..model.identifiers import Identifier, Kind, Sex, State
from ..store.coverages import card_of
from ..store.persons import birth_of, person_of
from .model import FoundInsured, FoundPerson, Insured, LookupKey

# The sessions that the statements below want.  A batch is planned once and not each time (which would
# cost as much again), and always by the indexes, for PostgreSQL cannot know how short the arrays are.
LOOKUP_SESSION: Final[Mapping[str, str]] = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "enable_hashjoin": "off",
}

# For each question: how many survivors claim it, `id` when it is one, and the record that is its `holder`:
# the survivor itself, if it has the number.  66 claims are looked at, for a survivor and the 64 that may
# have been merged into it may all have the number, and then one more is one too many.  State 1 is a
# current number, 3 a cancelled one.  `logged` writes the rows, all of them allowed.
_FOUND: Final = """
    WITH claims AS (
        SELECT given.question, given.rank, claim.state, persons.id AS record,
               coalesce(persons.merged_root, persons.id) AS survivor
        FROM unnest(CAST(:questions AS integer[]), CAST(:kinds AS smallint[]), CAST(:numbers AS text[]))
             WITH ORDINALITY AS given(question, kind, number, rank)
        CROSS JOIN LATERAL (
            SELECT state, person_id FROM identifiers
            WHERE value = given.number AND kind = given.kind AND state <> 3
            ORDER BY state, person_id LIMIT 66
        ) AS claim
        JOIN persons ON persons.id = claim.person_id
        UNION ALL
        SELECT named.question, 0, 1, persons.id,
               CASE WHEN named.itself THEN persons.id ELSE coalesce(persons.merged_root, persons.id) END
        FROM unnest(CAST(:named_questions AS integer[]), CAST(:named AS uuid[]), CAST(:selves AS boolean[]))
             AS named(question, id, itself)
        JOIN persons ON persons.id = named.id
    ),
    surest AS (
        SELECT DISTINCT ON (question) question, state, array_agg(DISTINCT survivor) AS survivors,
               array_agg(record ORDER BY record = survivor DESC, record) AS holders
        FROM claims GROUP BY question, rank, state ORDER BY question, rank, state
    ),
    found AS (
        SELECT entry.*, surest.state, surest.holders[1] AS holder,
               coalesce(cardinality(surest.survivors), 0) AS claimed_by,
               CASE WHEN cardinality(surest.survivors) = 1 THEN surest.survivors[1] END AS id
        FROM unnest(
                 CAST(:callers AS text[]), CAST(:practitioners AS text[]), CAST(:methods AS text[]),
                 CAST(:purposes AS smallint[]), CAST(:legal_bases AS smallint[]), CAST(:reasons AS text[]),
                 CAST(:flags AS boolean[]), CAST(:trace_ids AS text[])
             ) WITH ORDINALITY
             AS entry(caller, practitioner, method, purpose, legal_basis, reason, flagged, trace_id, question)
        LEFT JOIN surest USING (question)
    ),
    logged AS (
        INSERT INTO audit (subject, allowed, caller, practitioner, method, purpose, legal_basis, reason,
                           flagged, trace_id)
        SELECT coalesce('//identity.lientuyen/persons/' || id, ''), true, caller, practitioner, method,
               purpose, legal_basis, reason, flagged AND id IS NOT NULL, trace_id
        FROM found
    )
"""

# The person that each number belongs to, with the numbers of every record of theirs, those in use first.
# Wants LOOKUP_SESSION.
PERSONS = sql(
    text(f"""
    {_FOUND}
    SELECT found.question, found.state AS number_state, found.claimed_by, found.holder,
           persons.id, persons.state, persons.origin, persons.full_name,
           persons.birth_year, persons.birth_month, persons.birth_day, persons.birth_time,
           persons.sex, persons.nationality, persons.ethnicity, persons.address_line,
           persons.commune_code, persons.district_code, persons.province_code, persons.address_as_of,
           persons.phone, persons.mother, persons.merged_into,
           persons.create_time, persons.update_time, persons.version,
           ARRAY(
               SELECT row(kind, value, state, valid_from, valid_to, country) FROM identifiers
               WHERE person_id = ANY (
                   ARRAY(SELECT merged.id FROM persons AS merged WHERE merged.merged_root = found.id)
                   || found.id
               )
               ORDER BY state, kind, create_time DESC, value
           ) AS numbers
    FROM found LEFT JOIN persons ON persons.id = found.id
    """),
    about="persons",
    operation="SELECT",
    logs_access=True,
)

# Whose insurance each number belongs to, with the newest 50 cards (forty years of yearly ones) of every
# record of theirs, those too that no source names any longer.  Wants LOOKUP_SESSION.
INSURED = sql(
    text(f"""
    {_FOUND}
    SELECT found.question, found.claimed_by, found.holder, persons.id, persons.full_name,
           persons.birth_year, persons.birth_month, persons.birth_day, persons.sex,
           ARRAY(
               SELECT row(card_number, valid_from, valid_to, group_code, benefit_level, initial_facility,
                          area_code, five_years_date, issuer, standing, verify_time, exempt_from, source,
                          unlisted_time)
               FROM coverages
               WHERE person_id = ANY (
                   ARRAY(SELECT merged.id FROM persons AS merged WHERE merged.merged_root = found.id)
                   || found.id
               )
               ORDER BY valid_from DESC, card_number LIMIT 50
           ) AS cards
    FROM found LEFT JOIN persons ON persons.id = found.id
    """),
    about="persons",
    operation="SELECT",
    logs_access=True,
)


class Lookup(NamedTuple):
    key: LookupKey
    entry: audit.Entry


async def find_persons(tx: Transaction, lookups: Sequence[Lookup]) -> list[FoundPerson]:
    """Answer each of *lookups*, in order, and write its row of the access log."""
    rows = await tx.fetch(PERSONS, **_parameters(lookups))
    return [_person(row) for row in sorted(rows, key=itemgetter("question"))]


async def find_insured(tx: Transaction, lookups: Sequence[Lookup]) -> list[FoundInsured]:
    rows = await tx.fetch(INSURED, **_parameters(lookups))
    return [_insured(row) for row in sorted(rows, key=itemgetter("question"))]


def _parameters(lookups: Sequence[Lookup]) -> dict[str, object]:
    numbers = [
        (question, kind, number)
        for question, lookup in enumerate(lookups, 1)
        for kind, number in lookup.key.numbers
    ]
    named = [(question, lookup.key) for question, lookup in enumerate(lookups, 1) if lookup.key.person]
    return {
        "questions": [question for question, _, _ in numbers],
        "kinds": [int(kind) for _, kind, _ in numbers],
        "numbers": [number for _, _, number in numbers],
        "named_questions": [question for question, _ in named],
        "named": [key.person for _, key in named],
        "selves": [key.itself for _, key in named],
        "callers": [lookup.entry.caller for lookup in lookups],
        "practitioners": [lookup.entry.practitioner for lookup in lookups],
        "methods": [lookup.entry.method for lookup in lookups],
        "purposes": [lookup.entry.purpose for lookup in lookups],
        "legal_bases": [lookup.entry.legal_basis for lookup in lookups],
        "reasons": [lookup.entry.reason for lookup in lookups],
        "flags": [lookup.entry.flagged for lookup in lookups],
        "trace_ids": [lookup.entry.trace_id for lookup in lookups],
    }


def _person(row: Record) -> FoundPerson:
    if row["id"] is None:
        return FoundPerson(row["claimed_by"], State.CURRENT, None, None, [])
    numbers = [
        Identifier(Kind(kind), value, State(state), *rest) for kind, value, state, *rest in row["numbers"]
    ]
    return FoundPerson(row["claimed_by"], State(row["number_state"]), person_of(row), row["holder"], numbers)


def _insured(row: Record) -> FoundInsured:
    if row["id"] is None:
        return FoundInsured(row["claimed_by"], None, [])
    insured = Insured(row["id"], row["full_name"], birth_of(row), Sex(row["sex"]))
    cards = [card_of(card) for card in row["cards"]]
    return FoundInsured(row["claimed_by"], insured, cards, row["holder"])

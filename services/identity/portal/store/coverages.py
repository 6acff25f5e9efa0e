"""
Whom the insurance portal is asked about, and what it said: of many persons at once, one statement each.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import text

from chassis.db import Record, Transaction
from chassis.sql import sql
from common.values import PartialDate

from ...model.coverages import PORTAL
from ...model.identifiers import Kind, State
from ..model import STOPPED_CODES, USABLE_CODES, PortalResponse, Subject

# Numbers by which the portal is asked about one person, the surest first: the personal ID, else the
# social-insurance number, else the newest card.
MAX_NUMBERS: Final = 2
NUMBER_KINDS: Final = (Kind.PERSONAL_ID, Kind.SOCIAL_INSURANCE_NUMBER, Kind.CARD_NUMBER)

# The entry that stands for each person in the end, and the numbers of all entries joined to it.
LOAD_SUBJECTS = sql(
    text("""
        SELECT asked.id AS asked, p.id, p.full_name, p.birth_year, p.birth_month, p.birth_day,
            ARRAY(
                SELECT i.value FROM identifiers i
                WHERE i.person_id = ANY(ARRAY(
                        SELECT p.id UNION ALL SELECT m.id FROM persons m WHERE m.merged_root = p.id
                    ))
                    AND i.state = CAST(:state AS smallint) AND i.kind = ANY(CAST(:kinds AS smallint[]))
                ORDER BY i.kind, i.create_time DESC
                LIMIT CAST(:max_numbers AS integer)
            ) AS numbers
        FROM unnest(CAST(:ids AS uuid[])) asked (id)
        JOIN persons entry ON entry.id = asked.id
        JOIN persons p ON p.id = coalesce(entry.merged_root, entry.id)
    """),
    about="identifiers",
)

# The columns that a card of the portal fills in, each an array of `WRITE_RESPONSES`.
CARD_COLUMNS: Final = (
    "card_number",
    "valid_from",
    "valid_to",
    "group_code",
    "benefit_level",
    "initial_facility",
    "area_code",
    "five_years_date",
    "issuer",
    "standing",
    "verify_time",
)

# Writes the cards named, in the order in which imports write, so that one waits for the other and never
# in a ring; what the portal does not say (the level of a 10-digit card) stays as it was.  Writes the
# numbers learnt.  What was known of the present and is named no more counts only for the days before,
# where the portal names a usable card; these are counted.  Deletes the open tasks.
WRITE_RESPONSES = sql(
    text("""
        WITH cards AS (
            SELECT * FROM unnest(
                CAST(:owner AS uuid[]), CAST(:card_number AS text[]), CAST(:valid_from AS date[]),
                CAST(:valid_to AS date[]), CAST(:group_code AS text[]), CAST(:benefit_level AS smallint[]),
                CAST(:initial_facility AS text[]), CAST(:area_code AS text[]),
                CAST(:five_years_date AS date[]), CAST(:issuer AS smallint[]), CAST(:standing AS text[]),
                CAST(:verify_time AS timestamptz[])
            ) AS card (
                person_id, card_number, valid_from, valid_to, group_code, benefit_level,
                initial_facility, area_code, five_years_date, issuer, standing, verify_time
            )
        ),
        written AS (
            INSERT INTO coverages AS c (
                person_id, card_number, valid_from, valid_to, group_code, benefit_level,
                initial_facility, area_code, five_years_date, issuer, standing, verify_time, source
            )
            SELECT *, CAST(:source AS text) FROM cards ORDER BY person_id, card_number, valid_from
            ON CONFLICT (person_id, card_number, valid_from) DO UPDATE SET
                valid_to = excluded.valid_to,
                group_code = coalesce(nullif(excluded.group_code, ''), c.group_code),
                benefit_level = coalesce(nullif(excluded.benefit_level, 0::smallint), c.benefit_level),
                initial_facility = excluded.initial_facility,
                area_code = excluded.area_code,
                five_years_date = coalesce(excluded.five_years_date, c.five_years_date),
                issuer = excluded.issuer,
                standing = excluded.standing,
                verify_time = excluded.verify_time,
                source = excluded.source,
                unlisted_time = NULL
        ),
        learnt AS (
            INSERT INTO identifiers (person_id, kind, value, state)
            SELECT * FROM unnest(
                CAST(:number_owner AS uuid[]), CAST(:number_kind AS smallint[]),
                CAST(:number AS text[]), CAST(:number_state AS smallint[])
            )
            ON CONFLICT DO NOTHING
        ),
        unlisted AS (
            UPDATE coverages c SET unlisted_time = usable.time
            FROM unnest(CAST(:usable_person AS uuid[]), CAST(:usable_time AS timestamptz[]))
                AS usable (person_id, time)
            WHERE c.person_id = usable.person_id AND c.unlisted_time IS NULL
                AND (c.valid_to IS NULL OR c.valid_to >= CAST(:today AS date))
                AND NOT EXISTS (
                    SELECT FROM cards
                    WHERE cards.person_id = c.person_id AND cards.card_number = c.card_number
                        AND cards.valid_from = c.valid_from
                )
            RETURNING 1
        ),
        verified AS (
            DELETE FROM verifications v WHERE v.person_id = ANY(CAST(:person AS uuid[]))
        )
        SELECT count(*) FROM unlisted
    """),
    about="coverages",
)

# A stop that names no card is said of whatever the person has now.
STOP_CARDS = sql(
    text("""
        UPDATE coverages c
        SET standing = stop.code, verify_time = stop.time, source = CAST(:source AS text)
        FROM unnest(CAST(:person AS uuid[]), CAST(:code AS text[]), CAST(:time AS timestamptz[]))
            AS stop (person_id, code, time)
        WHERE c.person_id = stop.person_id AND c.unlisted_time IS NULL
            AND (c.valid_to IS NULL OR c.valid_to >= CAST(:today AS date))
    """),
    about="coverages",
)


async def load_subjects(tx: Transaction, ids: Sequence[UUID]) -> list[Subject | None]:
    """Return whom to ask the portal about, for each of *ids*; None where there is no such person."""
    rows = await tx.fetch(
        LOAD_SUBJECTS, ids=list(ids), state=State.CURRENT, kinds=list(NUMBER_KINDS), max_numbers=MAX_NUMBERS
    )
    subjects = {row["asked"]: _subject(row) for row in rows}
    return [subjects.get(person_id) for person_id in ids]


def _subject(row: Record) -> Subject:
    year, month, day = row["birth_year"], row["birth_month"], row["birth_day"]
    birth = PartialDate(year, month, day) if year else None
    return Subject(row["id"], row["full_name"], birth, tuple(row["numbers"]))


async def write_responses(tx: Transaction, responses: Sequence[PortalResponse], today: date) -> int:
    """Write what the portal said; whoever was to be asked about again need not.

    Return how many cards count only for the days before: known of *today* or later, and
    no more named by a portal that names a usable one.
    """
    cards = {
        (response.person_id, card.card_number, card.valid_from): card
        for response in responses
        for card in response.cards
    }
    numbers = [(response.person_id, number) for response in responses for number in response.numbers]
    usable = [response for response in responses if response.code in USABLE_CODES]
    unlisted: int = await tx.fetchval(
        WRITE_RESPONSES,
        owner=[person_id for person_id, _, _ in cards],
        **{column: [getattr(card, column) for card in cards.values()] for column in CARD_COLUMNS},
        source=PORTAL,
        number_owner=[person_id for person_id, _ in numbers],
        number_kind=[int(number.kind) for _, number in numbers],
        number=[number.value for _, number in numbers],
        number_state=[int(number.state) for _, number in numbers],
        usable_person=[response.person_id for response in usable],
        usable_time=[response.time for response in usable],
        person=[response.person_id for response in responses],
        today=today,
    )
    stops = [response for response in responses if response.code in STOPPED_CODES and not response.cards]
    if stops:
        await _stop_cards(tx, stops, today)
    return unlisted


async def _stop_cards(tx: Transaction, stops: Sequence[PortalResponse], today: date) -> None:
    await tx.execute(
        STOP_CARDS,
        source=PORTAL,
        person=[response.person_id for response in stops],
        code=[response.code for response in stops],
        time=[response.time for response in stops],
        today=today,
    )

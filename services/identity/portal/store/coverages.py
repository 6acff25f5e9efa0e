"""
Whom the insurance portal is asked about, and what it told: of many persons at once, one statement each.

The card columns are written in the order of `CARD`.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from chassis.db import Transaction
from chassis.sql import sql
from common.values import PartialDate

from ...model.coverages import PORTAL
from ...model.identifiers import Kind, State
from ..model import STOPPED, USABLE, Answered, Subject

# Numbers by which the portal is asked about one person, the surest first.
MOST_NUMBERS: Final = 2

# The entry that stands for each person in the end, and the numbers of all entries joined to it: the
# personal ID, else the social-insurance number, else the newest card.
SUBJECTS = sql(
    text(
        "SELECT a.id AS asked, p.id, p.full_name, p.birth_year, p.birth_month, p.birth_day,"
        " ARRAY(SELECT i.value FROM identifiers i WHERE i.person_id = ANY(ARRAY("
        "SELECT p.id UNION ALL SELECT j.id FROM persons j WHERE j.merged_root = p.id))"
        f" AND i.state = {int(State.CURRENT)} AND i.kind IN ({int(Kind.PERSONAL_ID)},"
        f" {int(Kind.SOCIAL_INSURANCE_NUMBER)}, {int(Kind.CARD_NUMBER)})"
        f" ORDER BY i.kind, i.create_time DESC LIMIT {MOST_NUMBERS}) AS numbers"
        " FROM unnest(CAST(:ids AS uuid[])) a (id)"
        " JOIN persons e ON e.id = a.id JOIN persons p ON p.id = coalesce(e.merged_root, e.id)"
    )
)

CARD: Final = {
    "person_id": "uuid",
    "card_number": "text",
    "valid_from": "date",
    "valid_to": "date",
    "group_code": "text",
    "benefit_level": "smallint",
    "initial_facility": "text",
    "area_code": "text",
    "five_years_date": "date",
    "issuer": "smallint",
    "standing": "text",
    "verify_time": "timestamptz",
}
_KEY: Final = ("person_id", "card_number", "valid_from")
# What the portal does not say (the level of a 10-digit card) stays as it was.
_KEPT: Final = {
    "group_code": "coalesce(nullif(excluded.group_code, ''), c.group_code)",
    "benefit_level": "coalesce(nullif(excluded.benefit_level, 0::smallint), c.benefit_level)",
    "five_years_date": "coalesce(excluded.five_years_date, c.five_years_date)",
}
_SET: Final = ", ".join(
    f"{name} = {_KEPT.get(name, f'excluded.{name}')}" for name in (*CARD, "source") if name not in _KEY
)
_GIVEN: Final = ", ".join(f"CAST(:{name}s AS {kind}[])" for name, kind in CARD.items())

# In the order in which imports write, so that one waits for the other and never in a ring.
# The cards named are written, the numbers learnt, what was known of the present and is named no more
# counts only for the days before where the portal names a usable card, and the open tasks are done.
REMEMBER = sql(
    text(
        f"WITH told AS (SELECT * FROM unnest({_GIVEN}) t ({', '.join(CARD)})),"
        f" put AS (INSERT INTO coverages AS c ({', '.join(CARD)}, source) SELECT *, '{PORTAL}' FROM told"
        f" ORDER BY {', '.join(_KEY)}"
        f" ON CONFLICT ({', '.join(_KEY)}) DO UPDATE SET {_SET}, unlisted_time = NULL),"
        " learnt AS (INSERT INTO identifiers (person_id, kind, value, state) SELECT * FROM unnest("
        "CAST(:owners AS uuid[]), CAST(:kinds AS smallint[]), CAST(:numbers AS text[]),"
        " CAST(:states AS smallint[])) ON CONFLICT DO NOTHING),"
        " gone AS (UPDATE coverages c SET unlisted_time = n.time"
        " FROM unnest(CAST(:named AS uuid[]), CAST(:times AS timestamptz[])) n (person_id, time)"
        " WHERE c.person_id = n.person_id AND c.unlisted_time IS NULL"
        " AND (c.valid_to IS NULL OR c.valid_to >= CAST(:today AS date)) AND NOT EXISTS ("
        "SELECT FROM told t WHERE t.person_id = c.person_id AND t.card_number = c.card_number"
        " AND t.valid_from = c.valid_from) RETURNING 1),"
        " done AS (DELETE FROM verifications v WHERE v.person_id = ANY(CAST(:persons AS uuid[])))"
        " SELECT count(*) FROM gone"
    )
)

# A stop that names no card is said of whatever the person has now.
STOP = sql(
    text(
        f"UPDATE coverages c SET standing = t.code, verify_time = t.time, source = '{PORTAL}'"
        " FROM unnest(CAST(:persons AS uuid[]), CAST(:codes AS text[]), CAST(:times AS timestamptz[]))"
        " t (person_id, code, time) WHERE c.person_id = t.person_id AND c.unlisted_time IS NULL"
        " AND (c.valid_to IS NULL OR c.valid_to >= CAST(:today AS date))"
    )
)


async def subjects(tx: Transaction, ids: Sequence[UUID]) -> list[Subject | None]:
    """Return whom to ask the portal about, for each of *ids*; None where there is no such person."""
    found = {row["asked"]: _subject(row) for row in await tx.fetch(SUBJECTS, ids=list(ids))}
    return [found.get(one) for one in ids]


def _subject(row: Any) -> Subject:
    year, month, day = row["birth_year"], row["birth_month"], row["birth_day"]
    birth = PartialDate(year, month, day) if year else None
    return Subject(row["id"], row["full_name"], birth, tuple(row["numbers"]))


async def remember(tx: Transaction, told: Sequence[Answered], today: date) -> int:
    """Write what the portal *told*; whoever was to be asked about again need not.

    Return how many cards count only for the days before: known of *today* or later, and
    no more named by a portal that names a usable one.
    """
    cards = {
        (one.person_id, card.card_number, card.valid_from): card for one in told for card in one.reply.cards
    }
    columns: dict[str, list[object]] = {"person_ids": [person for person, _, _ in cards]}
    for name in [name for name in CARD if name != "person_id"]:
        columns[f"{name}s"] = [getattr(card, name) for card in cards.values()]
    learnt = [(one.person_id, number) for one in told for number in one.reply.numbers]
    named = [one for one in told if one.reply.code in USABLE]
    gone: int = await tx.fetchval(
        REMEMBER,
        **columns,
        owners=[person for person, _ in learnt],
        kinds=[int(number.kind) for _, number in learnt],
        numbers=[number.value for _, number in learnt],
        states=[int(number.state) for _, number in learnt],
        named=[one.person_id for one in named],
        times=[one.time for one in named],
        persons=[one.person_id for one in told],
        today=today,
    )
    await _stop(tx, [one for one in told if one.reply.code in STOPPED and not one.reply.cards], today)
    return gone


async def _stop(tx: Transaction, told: Sequence[Answered], today: date) -> None:
    if told:
        await tx.execute(
            STOP,
            persons=[one.person_id for one in told],
            codes=[one.reply.code for one in told],
            times=[one.time for one in told],
            today=today,
        )

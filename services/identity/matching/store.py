"""
Who may be meant: blocks of candidates, each bounded, by index only.

The narrow blocks find nearly everybody: a date that differs in one respect with one of the name's
parts as the given name; the whole name with a date known in part; the telephone; a newborn with the
mother's name.  The wide ones are asked when these find nobody likely: everybody of the birth date,
and the whole name on any day of the year, the likest names first (pg_trgm).

A block is a list of probes of one index, each with a LIMIT, so that what it costs does not grow
with the nation (docs/adr/0022).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import any_, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.db import Record, Transaction
from chassis.sql import sql
from common.values import PartialDate

from ..model.identifiers import Sex
from ..model.persons import Address, Person
from ..schema import persons
from ..store.persons import COLUMNS, birth_of, person_of
from .model.blocking_keys import Keys, days_of
from .model.weights import Description

_FACTS = """
    p.id, coalesce(p.merged_root, p.id) AS survivor, p.full_name, p.birth_year, p.birth_month, p.birth_day,
    p.sex, p.address_line, p.commune_code, p.district_code, p.province_code, p.phone,
    coalesce(m.full_name, '') AS mother_name
"""
_DAYS = """
    unnest(CAST(:{0}_years AS smallint[]), CAST(:{0}_months AS smallint[]), CAST(:{0}_days AS smallint[]))
    AS d(year, month, day)
"""
_NAMES = "unnest(CAST(:{0}_low AS text[]), CAST(:{0}_high AS text[])) AS n(low, high)"
_PROBE = """
    SELECT id, name_key(full_name) AS key FROM persons
    WHERE birth_year = d.year AND birth_month = d.month AND birth_day = d.day
      AND name_key(full_name) COLLATE "C" >= n.low AND name_key(full_name) COLLATE "C" < n.high
"""


def _named(days: str, names: str, each: int, most: int) -> str:
    """Return the block of those born on *days* in the ranges *names*: *each* of a probe, *most* in all."""
    return f"""
    (SELECT found.id FROM {_DAYS.format(days)} CROSS JOIN {_NAMES.format(names)}
     CROSS JOIN LATERAL ({_PROBE} LIMIT {each}) AS found LIMIT {most})
    """


_PHONE = """
    (SELECT id FROM persons WHERE phone <> ''
       AND "right"(translate(phone, ' .-()+', ''), 9) = ANY (CAST(:phones AS text[])) LIMIT 40)
"""
_NEWBORN = f"""
    (SELECT found.id FROM {_DAYS.format("near")} CROSS JOIN LATERAL (
        SELECT child.id, similarity(name_key(mother.full_name), :mother) AS alike
        FROM persons AS child JOIN persons AS mother ON mother.id = child.mother
        WHERE child.mother IS NOT NULL AND :mother <> '' AND child.birth_year = d.year
          AND child.birth_month = d.month AND child.birth_day = d.day
        LIMIT 2000) AS found
     WHERE found.alike > 0.4 ORDER BY found.alike DESC LIMIT 40)
"""
_BORN = f"""
    (SELECT found.id FROM {_DAYS.format("born")} CROSS JOIN LATERAL (
        SELECT id, name_key(full_name) AS key FROM persons
        WHERE birth_year = d.year AND birth_month = d.month AND birth_day = d.day LIMIT 3000) AS found
     ORDER BY similarity(found.key, :key) DESC LIMIT 60)
"""
_GIVEN = f"""
    (SELECT found.id FROM {_DAYS.format("any")} CROSS JOIN {_NAMES.format("given")}
     CROSS JOIN LATERAL ({_PROBE} LIMIT :each) AS found
     ORDER BY similarity(found.key, :key) DESC LIMIT 60)
"""


def _candidates(*blocks: str) -> str:
    return f"""
    WITH near AS MATERIALIZED ({" UNION ".join(blocks)})
    SELECT {_FACTS} FROM near JOIN persons AS p USING (id) LEFT JOIN persons AS m ON m.id = p.mother
    """


NARROW = sql(
    text(
        _candidates(
            _named("near", "given", each=40, most=200),
            _named("part", "whole", each=60, most=120),
            _PHONE,
            _NEWBORN,
        )
    ),
    about="persons",
)
WIDE = sql(text(_candidates(_BORN, _named("year", "whole", each=5, most=100), _GIVEN)), about="persons")

# Whole pages at random: near enough to persons at random, and read without reading the table.
SAMPLE = sql(
    text(
        f"""
        SELECT {_FACTS} FROM persons AS p TABLESAMPLE SYSTEM (:percent)
        LEFT JOIN persons AS m ON m.id = p.mother
        WHERE p.merged_into IS NULL LIMIT :most
        """
    ),
    about="persons",
)

# What the planner believes; -1 for a table that nobody has counted.
ESTIMATED_COUNT = sql(
    text("SELECT reltuples FROM pg_class WHERE oid = to_regclass('persons')"), about="pg_class"
)

BY_IDS = sql(select(*COLUMNS).where(persons.c.id == any_(bindparam("ids", type_=ARRAY(persons.c.id.type)))))


@dataclass(frozen=True, slots=True)
class Near:
    id: UUID
    survivor: UUID
    description: Description


async def estimate_count(tx: Transaction) -> int:
    """Return about how many records there are; 0 when nobody has counted."""
    return max(0, int(await tx.fetchval(ESTIMATED_COUNT) or 0))


async def narrow(tx: Transaction, keys: Keys) -> list[Near]:
    """Return who is found by more than one fact; at most about 400 records."""
    born = keys.born
    part = [day for day in keys.near if not day.day or (day.month, day.day) == (1, 1) or day == born]
    if born and not (born.month and born.day):
        part = days_of([born.year])
    rows = await tx.fetch(
        NARROW,
        **_days("near", keys.near),
        **_ranges("given", keys.given_names),
        **_days("part", part),
        **_ranges("whole", keys.whole_names),
        phones=keys.phones,
        mother=keys.mother,
    )
    return [_near(row) for row in rows]


async def wide(tx: Transaction, keys: Keys) -> list[Near]:
    """Return who has the birth date whatever the name, or the name whatever the day; at most 220 records.

    Of a date known in part: who has a part of the name as the given name, on any day that it may be.
    """
    born = keys.born
    if born is None:
        return []
    whole = bool(born.month and born.day)
    dates = [born, PartialDate(born.year, born.day, born.month)] if whole else []
    rows = await tx.fetch(
        WIDE,
        **_days("born", dates),
        **_days("year", days_of((born.year - 1, born.year, born.year + 1))),
        **_ranges("whole", keys.whole_names[:1]),
        **_days("any", [] if whole else days_of([born.year])),
        **_ranges("given", keys.given_names),
        each=10,
        key=keys.key,
    )
    return [_near(row) for row in rows]


async def sample(tx: Transaction, most: int) -> list[Description]:
    """Return up to *most* records, about as many, from all over the register."""
    percent = min(100.0, 100.0 * most / max(1, await estimate_count(tx)))
    return [_near(row).description for row in await tx.fetch(SAMPLE, percent=percent, most=most)]


async def persons_by_id(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, Person]:
    return {row["id"]: person_of(row) for row in await tx.fetch(BY_IDS, ids=ids)}


def _days(name: str, days: Iterable[PartialDate]) -> dict[str, object]:
    in_order = list(days)
    return {
        f"{name}_years": [day.year for day in in_order],
        f"{name}_months": [day.month for day in in_order],
        f"{name}_days": [day.day for day in in_order],
    }


def _ranges(name: str, ranges: Iterable[tuple[str, str]]) -> dict[str, object]:
    in_order = list(ranges)
    return {f"{name}_low": [low for low, _ in in_order], f"{name}_high": [high for _, high in in_order]}


def _near(row: Record) -> Near:
    return Near(
        row["id"],
        row["survivor"],
        Description(
            full_name=row["full_name"],
            birth=birth_of(row),
            sex=Sex(row["sex"]),
            address=Address(
                row["address_line"], row["commune_code"], row["district_code"], row["province_code"]
            ),
            phone=row["phone"],
            mother_name=row["mother_name"],
        ),
    )

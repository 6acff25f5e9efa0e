"""The catalogue of drugs."""

from sqlalchemy import Integer, Text, bindparam, cast, func, literal_column, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from chassis.db import Record, Transaction
from chassis.sql import sql
from kcb.vietnamese_text import folded

from ..model.drugs import Drug
from ..schema import drugs

COLUMNS = tuple(column for column in drugs.c if column.name not in ("id", "words"))

GET = sql(select(*COLUMNS).where(drugs.c.id == bindparam("id")))

_INSERT = insert(drugs).values({column.name: bindparam(column.name) for column in drugs.c})
# `xmax` is 0 in a row version that an INSERT made.
UPSERT = sql(
    _INSERT.on_conflict_do_update(
        index_elements=[drugs.c.id],
        set_={column.name: _INSERT.excluded[column.name] for column in drugs.c if column.name != "id"},
    ).returning(literal_column("xmax = 0").label("created"))
)

_QUERY = bindparam("query", type_=Text)
# How far the words of a drug are from the query, 0 to 1000: whole, so that a page can begin after it.
_DISTANCE = cast(1000 - 1000 * func.word_similarity(_QUERY, drugs.c.words), Integer)
# `<%` is word_similarity above pg_trgm's threshold of 0.6; it and LIKE both use the trigram index.
SEARCH = sql(
    select(*COLUMNS, _DISTANCE.label("distance"))
    .where(
        or_(_QUERY.op("<%")(drugs.c.words), drugs.c.words.contains(_QUERY, autoescape=False)),
        tuple_(_DISTANCE, drugs.c.id) > tuple_(bindparam("after_distance"), bindparam("after_id")),
    )
    .order_by(_DISTANCE, drugs.c.id)
    .limit(bindparam("limit"))
)

# Nearer than the nearest drug: where the first page begins.
NEAREST = (-1, "")


async def get(tx: Transaction, id_: str) -> Drug | None:
    row = await tx.fetchrow(GET, id=id_)
    return _drug(row) if row is not None else None


async def upsert(tx: Transaction, drug: Drug) -> bool:
    """Keep *drug*, over one with the same number; True when it was new."""
    row = {column.name: getattr(drug, column.name) for column in drugs.c}
    return bool(await tx.fetchval(UPSERT, **row))


async def search(
    tx: Transaction, query: str, *, after: tuple[int, str], limit: int
) -> list[tuple[int, Drug]]:
    """Return the drugs like *query*, each with its distance (0 to 1000), the nearest first.

    *after* is the distance and id of the last one seen.
    """
    rows = await tx.fetch(
        SEARCH, query=folded(query), after_distance=after[0], after_id=after[1], limit=limit
    )
    return [(row["distance"], _drug(row)) for row in rows]


def _drug(row: Record) -> Drug:
    return Drug(**{column.name: row[column.name] for column in COLUMNS})

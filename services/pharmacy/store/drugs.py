"""The catalogue of drugs."""

from sqlalchemy import Integer, Text, bindparam, cast, func, literal_column, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.db import Record, Transaction
from chassis.sql import sql

from ..model.drugs import Drug, fold
from ..schema import drugs

COLUMNS = tuple(column for column in drugs.c if column.name not in ("id", "words"))

GET = sql(select(*COLUMNS).where(drugs.c.id == bindparam("id")))

_ADDED = upsert(drugs).values({column.name: bindparam(column.name) for column in drugs.c})
# `xmax` is 0 in a row version that an INSERT made.
PUT = sql(
    _ADDED.on_conflict_do_update(
        index_elements=[drugs.c.id],
        set_={column.name: _ADDED.excluded[column.name] for column in drugs.c if column.name != "id"},
    ).returning(literal_column("xmax = 0").label("created"))
)

_QUERY = bindparam("query", type_=Text)
# How far the words of a drug are from the query, 0 to 1000: whole, so that a page can begin after it.
_DISTANCE = cast(1000 - 1000 * func.word_similarity(_QUERY, drugs.c.words), Integer)
# `<%` is word_similarity above pg_trgm's threshold of 0.6; it and LIKE both use the trigram index.
_LIKE = or_(_QUERY.op("<%")(drugs.c.words), drugs.c.words.contains(_QUERY, autoescape=False))
_SEARCH = (
    select(*COLUMNS, _DISTANCE.label("distance"))
    .where(_LIKE)
    .order_by(_DISTANCE, drugs.c.id)
    .limit(bindparam("rows"))
)
SEARCH = sql(_SEARCH)
SEARCH_NEXT = sql(
    _SEARCH.where(tuple_(_DISTANCE, drugs.c.id) > tuple_(bindparam("distance"), bindparam("after")))
)


async def get(tx: Transaction, id_: str) -> Drug | None:
    """Return the drug, or None."""
    row = await tx.fetchrow(GET, id=id_)
    return _drug(row) if row is not None else None


async def put(tx: Transaction, drug: Drug) -> bool:
    """Keep *drug*, over one with the same number; True when it was new."""
    row = {column.name: getattr(drug, column.name) for column in drugs.c}
    return bool(await tx.fetchval(PUT, **row))


async def search(
    tx: Transaction, query: str, after: tuple[int, str] | None, rows: int
) -> list[tuple[int, Drug]]:
    """Return the drugs like *query*, each with its distance (0 to 1000), the nearest first."""
    words = fold(query)
    if after is None:
        found = await tx.fetch(SEARCH, query=words, rows=rows)
    else:
        found = await tx.fetch(SEARCH_NEXT, query=words, distance=after[0], after=after[1], rows=rows)
    return [(row["distance"], _drug(row)) for row in found]


def _drug(row: Record) -> Drug:
    return Drug(**{column.name: row[column.name] for column in COLUMNS})

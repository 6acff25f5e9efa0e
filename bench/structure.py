"""The keys and indexes of tables, as the catalogue has them: how each is dropped and made again."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

# What points at a key goes before it and comes after it.
CONSTRAINTS = """
    SELECT conrelid::regclass::text AS owner, quote_ident(conname) AS name, contype = 'f' AS points,
        pg_get_constraintdef(oid) AS definition
    FROM pg_constraint
    WHERE contype IN ('p', 'u', 'x', 'f')
        AND (conrelid::regclass::text = ANY ($1) OR confrelid::regclass::text = ANY ($1))
    ORDER BY contype = 'f', conrelid::regclass::text, conname
"""
INDEXES = """
    SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
    FROM pg_index
    WHERE indrelid::regclass::text = ANY ($1)
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype <> 'f')
    ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Structure:
    """The statements that drop every key and index, and by their names those that make them again."""

    drop: list[str]
    make: dict[str, str]


async def read_structure(
    connection: "asyncpg.Connection[asyncpg.Record]", tables: Sequence[str]
) -> Structure:
    """Return the keys and indexes of *tables*, and the foreign keys that need them, in order."""
    constraints = await connection.fetch(CONSTRAINTS, list(tables))
    indexes = await connection.fetch(INDEXES, list(tables))
    keys = [row for row in constraints if not row["points"]]
    pointers = [row for row in constraints if row["points"]]
    drop = [f"ALTER TABLE {row['owner']} DROP CONSTRAINT {row['name']}" for row in [*pointers, *keys]]
    return Structure(
        [*drop, *(f"DROP INDEX {row['name']}" for row in indexes)],
        {
            **{row["name"]: _added(row) for row in keys},
            **{row["name"]: row["definition"] for row in indexes},
            **{row["name"]: _added(row) for row in pointers},
        },
    )


def _added(row: asyncpg.Record) -> str:
    return f"ALTER TABLE {row['owner']} ADD CONSTRAINT {row['name']} {row['definition']}"

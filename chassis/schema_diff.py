"""
Whether a database is what a schema says, asked of PostgreSQL itself.

The schema is made a second time, in a namespace that is rolled back, and the catalog's words
about the two are compared.  So nothing is lost in translation: checks, partial indexes,
partition keys and defaults are compared as PostgreSQL understood them.
"""

from typing import Final

from sqlalchemy import Connection, MetaData

SCRATCH: Final = "as_described"

# Partitions are left out, and what PostgreSQL 18 calls a not-null constraint: columns say it.
TABLES: Final = """
    SELECT c.oid, c.relname, c.relkind FROM pg_class c
    WHERE c.relnamespace = $1::text::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND c.relname <> 'alembic_version'
"""
FACTS: Final = f"""
    WITH t AS ({TABLES})
    SELECT format('table %s', t.relname), coalesce(pg_get_partkeydef(t.oid), 'plain') FROM t
    UNION ALL
    SELECT format('column %s.%s', t.relname, a.attname),
           concat_ws(' ', format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'NOT NULL' END,
                     'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), nullif(a.attidentity, ''),
                     nullif(a.attgenerated, ''))
    FROM t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
    UNION ALL
    SELECT format('constraint %s.%s', t.relname, k.conname), pg_get_constraintdef(k.oid)
    FROM t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype <> 'n'
    UNION ALL
    SELECT format('index %s.%s', t.relname, i.indexrelid::regclass::name), pg_get_indexdef(i.indexrelid)
    FROM t JOIN pg_index i ON i.indrelid = t.oid
"""


def differences(connection: Connection, metadata: MetaData) -> list[str]:
    """Return a sentence for each fact that holds on one side only.  Leaves the database as it was."""
    connection.exec_driver_sql(f"CREATE SCHEMA {SCRATCH}")
    connection.exec_driver_sql(f"SET LOCAL search_path = {SCRATCH}, public")
    metadata.create_all(connection, checkfirst=False)
    described = _facts(connection, SCRATCH)
    connection.exec_driver_sql("SET LOCAL search_path = public")
    migrated = _facts(connection, "public")
    connection.rollback()
    return [
        *(f"only in the migrations: {fact}" for fact in sorted(migrated - described)),
        *(f"only in the schema: {fact}" for fact in sorted(described - migrated)),
    ]


def _facts(connection: Connection, namespace: str) -> set[str]:
    """Return `column persons.id: uuid NOT NULL` and the like, without the namespace's name."""
    rows = connection.exec_driver_sql(FACTS, (namespace,))
    return {f"{name}: {fact}".replace(f"{namespace}.", "") for name, fact in rows}

"""
What finds candidates by birth date and name, by telephone, and newborns by their mother's; and the
entries merged into one.

The indexes are made without stopping writes (CONCURRENTLY), so each is a step of its own, outside
the file's transaction; a run that broke off leaves an invalid index, which the next takes away
first.  Ten million persons take about a minute an index, and each step waits for the transactions
that were open when it began, stopping nobody meanwhile: the usual limits are lifted for it.
"""

from alembic import op

revision = "0003_pre_matching"
down_revision = "0002_pre_merges"

# The letters are spelled out, so that the index means the same wherever it is restored: the
# rules of the extension unaccent are a file that a new version of PostgreSQL may change.
NAME_KEY = r"""
CREATE OR REPLACE FUNCTION name_key(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN reverse(lower(translate(
    normalize(name, NFD), U&'\0111\0110\0300\0301\0302\0303\0306\0309\031B\0323', 'dd')))
"""

INDEXES = {
    "persons_merged_root": "(merged_root) WHERE merged_root IS NOT NULL",
    "persons_birth": '(birth_year, birth_month, birth_day, name_key(full_name) COLLATE "C")',
    "persons_phone": "(\"right\"(translate(phone, ' .-()+', ''), 9)) WHERE phone <> ''",
    "persons_newborn": "(birth_year, birth_month, birth_day) WHERE mother IS NOT NULL",
}


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute(NAME_KEY)
    with op.get_context().autocommit_block():
        op.execute("SET statement_timeout = 0")
        op.execute("SET lock_timeout = 0")
        for name, definition in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON persons {definition}")
        op.execute("SET statement_timeout = '60s'")
        op.execute("SET lock_timeout = '4s'")

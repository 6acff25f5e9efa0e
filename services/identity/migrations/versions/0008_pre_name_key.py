"""
`name_key` folds a name as `kcb.vietnamese_text.folded` does: Ð and Ɖ are Đ, and what nobody sees is left out.

The function keeps its name, so that the code before this goes on with the index; and the index is made
anew, without stopping writes, for its keys were made by the function as it was.  Until that is done a
record is missed only where the two differ, as it was before.  Ten million persons take about a minute;
the usual limits are lifted for it.
"""

from alembic import op

revision = "0008_pre_name_key"
down_revision = "0007_pre_initial_care"

# Regular expressions of PostgreSQL: the block of combining marks; what nobody sees.
MARKS = r"\u0300-\u036f"
INVISIBLE = r"\u00ad\u061c\u180e\ufeff\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f"
D_WITH_STROKE = r"\0111\0110\00f0\00d0\0256\0189"

NAME_KEY = rf"""
CREATE OR REPLACE FUNCTION name_key(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN reverse(btrim(regexp_replace(lower(translate(
    regexp_replace(normalize(name, NFKD), '[{MARKS}{INVISIBLE}]', '', 'g'),
    U&'{D_WITH_STROKE}', 'dddddd')), '\s+', ' ', 'g')))
"""


def upgrade() -> None:
    op.execute(NAME_KEY)
    with op.get_context().autocommit_block():
        op.execute("SET statement_timeout = 0")
        op.execute("SET lock_timeout = 0")
        # What a run that broke off has left.
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS persons_birth_ccnew")
        op.execute("REINDEX INDEX CONCURRENTLY persons_birth")
        op.execute("SET statement_timeout = '60s'")
        op.execute("SET lock_timeout = '4s'")

"""
Which months have left the database, as sealed files, and which are back for reading.

Old claims are found by their end through an index, made without stopping writes; the usual limits are lifted
for it.
"""

from alembic import op

from chassis.migrate import create_archives

revision = "0003_pre_archives"
down_revision = "0002_pre_key_sentinel"


def upgrade() -> None:
    create_archives(op)
    with op.get_context().autocommit_block():
        op.execute("SET statement_timeout = 0")
        op.execute("SET lock_timeout = 0")
        # What a run that broke off has left.
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS claims_expired")
        op.execute("CREATE INDEX CONCURRENTLY claims_expired ON claims (expire_time)")
        op.execute("SET statement_timeout = '60s'")
        op.execute("SET lock_timeout = '4s'")

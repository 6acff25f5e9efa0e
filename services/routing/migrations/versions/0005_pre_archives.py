"""
Which months have left the database, as sealed files, and which are back for reading.

Messages are found by their month through an index, made without stopping writes; 60 million of them take
some minutes, and the usual limits are lifted for it.
"""

from alembic import op

from chassis.migrate import create_archives

revision = "0005_pre_archives"
down_revision = "0004_pre_key_sentinel"


def upgrade() -> None:
    create_archives(op)
    op.execute("ALTER TABLE messages ADD COLUMN IF NOT EXISTS restore_time timestamptz")
    with op.get_context().autocommit_block():
        op.execute("SET statement_timeout = 0")
        op.execute("SET lock_timeout = 0")
        # What a run that broke off has left.
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS messages_month")
        op.execute("CREATE INDEX CONCURRENTLY messages_month ON messages (accept_time, id)")
        op.execute("SET statement_timeout = '60s'")
        op.execute("SET lock_timeout = '4s'")

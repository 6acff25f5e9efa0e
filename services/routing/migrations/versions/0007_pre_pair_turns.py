"""
From sender to sender of what waits in a mailbox, through an index; and when a delivery began.

The index is made without stopping writes, and holds only what waits.  `messages_waiting` stays for replicas
of the release before.
"""

from alembic import op

revision = "0007_pre_pair_turns"
down_revision = "0006_pre_mailbox_shares"


def upgrade() -> None:
    op.execute("ALTER TABLE messages ADD COLUMN IF NOT EXISTS lease_begin_time timestamptz")
    with op.get_context().autocommit_block():
        op.execute("SET statement_timeout = 0")
        op.execute("SET lock_timeout = 0")
        # What a run that broke off has left.
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS messages_turns")
        op.execute(
            "CREATE INDEX CONCURRENTLY messages_turns ON messages (recipient, sender, sequence)"
            " WHERE state = 'accepted'"
        )
        op.execute("SET statement_timeout = '60s'")
        op.execute("SET lock_timeout = '4s'")

"""
What of each sender waits in each mailbox, counted by the database itself.

Triggers count, and not the code: replicas of the release before run beside this one and know nothing of it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006_pre_mailbox_shares"
down_revision = "0005_pre_archives"

# What waits, or is dead and may be replayed: its body is kept.  Notices of the system count for nobody.
OPEN = "IN ('accepted', 'leased', 'dead')"
COUNTED = "sender <> '//routing.lientuyen/exchange'"

FUNCTIONS = (
    """
    CREATE FUNCTION count_message() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO mailbox_shares AS share (recipient, sender, messages, bytes)
        VALUES (NEW.recipient, NEW.sender, 1, NEW.size)
        ON CONFLICT (recipient, sender) DO UPDATE
        SET messages = share.messages + 1, bytes = share.bytes + NEW.size;
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION discount_message() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        UPDATE mailbox_shares SET messages = messages - 1, bytes = bytes - OLD.size
        WHERE recipient = OLD.recipient AND sender = OLD.sender;
        RETURN NULL;
    END $$
    """,
)
TRIGGERS = (
    f"""
    CREATE TRIGGER messages_entered AFTER INSERT ON messages FOR EACH ROW
    WHEN (NEW.state {OPEN} AND NEW.{COUNTED}) EXECUTE FUNCTION count_message()
    """,
    f"""
    CREATE TRIGGER messages_ended AFTER UPDATE OF state ON messages FOR EACH ROW
    WHEN (OLD.state {OPEN} AND NEW.state NOT {OPEN} AND OLD.{COUNTED}) EXECUTE FUNCTION discount_message()
    """,
    f"""
    CREATE TRIGGER messages_deleted AFTER DELETE ON messages FOR EACH ROW
    WHEN (OLD.state {OPEN} AND OLD.{COUNTED}) EXECUTE FUNCTION discount_message()
    """,
)

# A state at a time, by the index that each has: finished messages are far more than open ones.
FILL = f"""
    INSERT INTO mailbox_shares (recipient, sender, messages, bytes)
    SELECT recipient, sender, count(*), sum(size) FROM (
        SELECT recipient, sender, size FROM messages WHERE state = 'accepted'
        UNION ALL SELECT recipient, sender, size FROM messages WHERE state = 'leased'
        UNION ALL SELECT recipient, sender, size FROM messages WHERE state = 'dead'
    ) AS open WHERE {COUNTED} GROUP BY recipient, sender
"""


def upgrade() -> None:
    op.create_table(
        "mailbox_shares",
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("messages", sa.BigInteger, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("recipient", "sender", name="mailbox_shares_pkey"),
    )
    op.create_index("mailbox_shares_sender", "mailbox_shares", ["sender"])
    # The first trigger stops writes to the table until the end of this migration, so that none is missed.
    for statement in (*FUNCTIONS, *TRIGGERS, FILL):
        op.execute(statement)

"""Messages between nodes: where facilities live, what came from another node, and what one has taken."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "0010_pre_node_links"
down_revision = "0009_pre_access_log_tree"

TIME = sa.DateTime(timezone=True)

# Most messages have no row there; one look at a primary key tells.
ENDED = """
    CREATE FUNCTION end_arrival() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        UPDATE arrivals SET ended = true WHERE message_id = NEW.id;
        RETURN NULL;
    END $$
"""
TRIGGER = """
    CREATE TRIGGER messages_arrival_ended AFTER UPDATE OF state ON messages FOR EACH ROW
    WHEN (OLD.state IN ('accepted', 'leased') AND NEW.state IN ('acknowledged', 'dead', 'stopped'))
    EXECUTE FUNCTION end_arrival()
"""


def upgrade() -> None:
    op.create_table(
        "facility_homes",
        sa.Column("facility", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("node", sa.Text, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("facility", "version", name="facility_homes_pkey"),
    )
    op.create_index("facility_homes_node", "facility_homes", ["node", "facility"])
    op.create_table(
        "node_links",
        sa.Column("node", sa.Text, nullable=False),
        sa.Column("holder", UUID(as_uuid=True), nullable=False),
        sa.Column("hold_expire_time", TIME, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("standing", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column("change_time", TIME, nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("node", name="node_links_pkey"),
    )
    op.create_table(
        "arrivals",
        sa.Column("message_id", UUID(as_uuid=True), nullable=False),
        sa.Column("node", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("enqueue_time", TIME, nullable=False),
        sa.Column("person", sa.LargeBinary),
        sa.Column("ended", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column("confirm_time", TIME),
        sa.PrimaryKeyConstraint("message_id", "node", name="arrivals_pkey"),
    )
    op.create_index(
        "arrivals_untold",
        "arrivals",
        ["node", "message_id"],
        postgresql_where=sa.text("ended AND confirm_time IS NULL"),
    )
    op.create_table(
        "handovers",
        sa.Column("message_id", UUID(as_uuid=True), nullable=False),
        sa.Column("node", sa.Text, nullable=False),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("handover_time", TIME, nullable=False),
        sa.PrimaryKeyConstraint("message_id", name="handovers_pkey"),
    )
    op.create_table(
        "far_receipts",
        sa.Column("message_id", UUID(as_uuid=True), nullable=False),
        sa.Column("node", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("receipt", sa.LargeBinary, nullable=False),
        sa.Column("create_time", TIME, nullable=False, server_default=sa.text("clock_timestamp()")),
        sa.PrimaryKeyConstraint("message_id", "node", "kind", name="far_receipts_pkey"),
    )
    op.execute(ENDED)
    op.execute(TRIGGER)

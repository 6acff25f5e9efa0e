"""What each slip of a dossier became."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID

revision = "0003_pre_slips"
down_revision = "0002_pre_signed"


def upgrade() -> None:
    op.create_table(
        "slips",
        sa.Column("dossier", UUID(as_uuid=True), nullable=False),
        sa.Column("id", UUID(as_uuid=True), nullable=False),
        sa.Column("table_code", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("resource", sa.Text, nullable=False),
        sa.Column("replaces", sa.Text, nullable=False),
        sa.Column("finding", JSONB),
        sa.Column("event_id", UUID(as_uuid=True)),
        sa.Column("update_time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("dossier", "id", name="slips_pkey"),
        sa.CheckConstraint(
            "state IN ('pending', 'issued', 'unchanged', 'replaced', 'cancelled', 'not_sent')",
            name="slips_state",
        ),
    )
    op.create_index("slips_versions", "slips", ["id"])
    op.create_index("slips_event", "slips", ["event_id"], postgresql_where=sa.text("event_id IS NOT NULL"))

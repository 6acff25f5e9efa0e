"""How far the papers of each encounter are, in the order in which something is due."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID

from services.records.migrations.encounter_states import fill

revision = "0014_pre_encounter_states"
down_revision = "0013_pre_access_log_tree"


def upgrade() -> None:
    op.create_table(
        "encounter_states",
        sa.Column("id", UUID(as_uuid=True), nullable=False),
        sa.Column("facility", sa.Text, nullable=False),
        sa.Column("link_key", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("sort_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("duty", sa.SmallInteger),
        sa.Column("due_time", sa.DateTime(timezone=True)),
        sa.Column("needs_check_in", sa.Boolean),
        sa.Column("refuse_time", sa.DateTime(timezone=True)),
        sa.Column("refuse_reason", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("refusals", JSONB, nullable=False, server_default=sa.text("'[]'")),
        sa.Column("refusal_count", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("refused_arrival_time", sa.DateTime(timezone=True)),
        sa.Column("refused_discharge_time", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="encounter_states_pkey"),
        sa.CheckConstraint(
            "state IN ('checked_in', 'accepted', 'corrected', 'refused', 'withdrawn')",
            name="encounter_states_state",
        ),
    )
    fill(op.get_bind())
    op.create_index("encounter_states_listed", "encounter_states", ["facility", "state", "sort_time", "id"])
    op.create_index(
        "encounter_states_due",
        "encounter_states",
        ["due_time", "duty"],
        postgresql_where=sa.text("due_time IS NOT NULL"),
    )

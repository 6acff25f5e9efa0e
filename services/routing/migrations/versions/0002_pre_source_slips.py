"""The slip of a dossier that a referral or an appointment was made from, and what replaced what."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "0002_pre_source_slips"
down_revision = "0001_pre_first"

IN_FORCE = {
    "referrals": "state NOT IN ('declined', 'cancelled', 'expired')",
    "appointments": "state <> 'cancelled'",
}


def upgrade() -> None:
    for table, in_force in IN_FORCE.items():
        op.add_column(table, sa.Column("source_slip", sa.Text, nullable=False, server_default=sa.text("''")))
        op.add_column(table, sa.Column("replaces", UUID(as_uuid=True)))
        op.add_column(table, sa.Column("replaced_by", UUID(as_uuid=True)))
        op.create_index(
            f"{table}_source_slip",
            table,
            ["source_slip"],
            unique=True,
            postgresql_where=sa.text(f"source_slip <> '' AND {in_force}"),
        )

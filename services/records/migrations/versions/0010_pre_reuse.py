"""Results name their study, services their price, and what doctors did with reusable results is kept."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "0010_pre_reuse"
down_revision = "0009_pre_book"


def upgrade() -> None:
    op.add_column("results", sa.Column("study", sa.Text, nullable=False, server_default=sa.text("''")))
    op.add_column("services", sa.Column("unit_price", sa.BigInteger))
    op.create_table(
        "reuse_decisions",
        sa.Column("facility", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("dossier", UUID(as_uuid=True), nullable=False),
        sa.Column("service_code", sa.Text, nullable=False),
        sa.Column("month", sa.Date, nullable=False),
        sa.Column("kind", sa.SmallInteger, nullable=False),
        sa.Column("repeat_reason", sa.SmallInteger, nullable=False),
        sa.Column("repeat_text", sa.Text, nullable=False),
        sa.Column("source_facility", sa.Text, nullable=False),
        sa.Column("reusable", sa.Boolean, nullable=False),
        sa.Column("price", sa.BigInteger),
        sa.Column("decide_time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "facility", "month", "day", "dossier", "service_code", name="reuse_decisions_pkey"
        ),
    )
    op.create_index("reuse_decisions_of_month", "reuse_decisions", [sa.text("month DESC"), "facility"])

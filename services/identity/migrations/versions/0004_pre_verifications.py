"""Cards that were told from memory, to be asked again."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "0004_pre_verifications"
down_revision = "0003_pre_matching"


def upgrade() -> None:
    op.create_table(
        "verifications",
        sa.Column("person_id", UUID(as_uuid=True), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("attempts", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("next_time", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("person_id", name="verifications_pkey"),
    )
    # When a source that is asked first stopped naming a card that a register had brought.
    op.add_column("coverages", sa.Column("unlisted_time", sa.DateTime(timezone=True)))
    op.create_index("verifications_next", "verifications", ["next_time"])

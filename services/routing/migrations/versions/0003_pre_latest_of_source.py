"""What a slip of a dossier made last, also when that is no longer in force, is found by its index."""

import sqlalchemy as sa
from alembic import op

revision = "0003_pre_latest_of_source"
down_revision = "0002_pre_source_slips"


def upgrade() -> None:
    for table in ("referrals", "appointments"):
        op.create_index(
            f"{table}_latest_of_source",
            table,
            ["source_slip", "create_time"],
            postgresql_where=sa.text("source_slip <> ''"),
        )

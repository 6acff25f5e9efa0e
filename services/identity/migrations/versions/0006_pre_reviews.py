"""Emergency accesses that wait for their review are counted every minute."""

from alembic import op

revision = "0006_pre_reviews"
down_revision = "0005_pre_exemptions"


def upgrade() -> None:
    op.create_index(
        "emergency_accesses_open", "emergency_accesses", ["access_time"], postgresql_where="state = 1"
    )

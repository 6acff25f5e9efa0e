"""Since when a card's owner shares no cost any more (thời điểm miễn cùng chi trả)."""

import sqlalchemy as sa
from alembic import op

revision = "0005_pre_exemptions"
down_revision = "0004_pre_verifications"


def upgrade() -> None:
    op.add_column("coverages", sa.Column("exempt_from", sa.Date))

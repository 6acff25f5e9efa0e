"""Which kind of facility of the initial level one is, and whether its basic level is for the time being."""

import sqlalchemy as sa
from alembic import op

revision = "0007_pre_initial_care"
down_revision = "0006_pre_reviews"


def upgrade() -> None:
    # With defaults: a release that does not know the columns goes on writing facilities.
    op.add_column(
        "facilities", sa.Column("initial_care", sa.SmallInteger, nullable=False, server_default=sa.text("0"))
    )
    op.add_column(
        "facilities",
        sa.Column("provisionally_ranked", sa.Boolean, nullable=False, server_default=sa.text("false")),
    )

"""
Results tell when they were given and performed, apart from where they stand among others.

Nullable, so that the code before this goes on writing; its rows are read as that code meant them
(`Result.known_time`).
"""

import sqlalchemy as sa
from alembic import op

revision = "0004_pre_result_times"
down_revision = "0003_pre_slips"


def upgrade() -> None:
    op.add_column("results", sa.Column("given_time", sa.DateTime(timezone=True)))
    op.add_column("results", sa.Column("perform_time", sa.DateTime(timezone=True)))

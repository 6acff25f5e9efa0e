"""What the health book tells besides: weight, blood group, when to come again; and who lacks a dossier."""

import sqlalchemy as sa
from alembic import op

revision = "0009_pre_book"
down_revision = "0008_pre_slip_signatures"


def upgrade() -> None:
    for name in ("weight", "blood_group", "reexamination"):
        op.add_column("encounters", sa.Column(name, sa.Text))
    op.create_index(
        "dossiers_withdrawn", "dossiers", ["person"], postgresql_where=sa.text("state = 'withdrawn'")
    )

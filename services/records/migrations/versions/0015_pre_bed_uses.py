"""Which beds dossiers are paid for, of those that come from now on."""

import sqlalchemy as sa
from alembic import op

revision = "0015_pre_bed_uses"
down_revision = "0014_pre_encounter_states"

KEY = ("facility", "link_key", "department", "bed", "begin_time", "end_time")


def upgrade() -> None:
    op.create_table(
        "bed_uses",
        *(sa.Column(name, sa.Text, nullable=False) for name in KEY[:4]),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in KEY[4:]),
        sa.PrimaryKeyConstraint(*KEY, name="bed_uses_pkey"),
    )
    op.create_index("bed_uses_of_bed", "bed_uses", ["facility", "department", "bed", "begin_time"])
    op.create_index("bed_uses_begun", "bed_uses", ["begin_time"])

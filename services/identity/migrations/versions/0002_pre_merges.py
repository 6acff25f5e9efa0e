"""Two entries for one person are joined by a link."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "0002_pre_merges"
down_revision = "0001_pre_first"


def upgrade() -> None:
    op.add_column("persons", sa.Column("merged_root", UUID(as_uuid=True)))
    op.create_table(
        "merges",
        sa.Column("id", UUID(as_uuid=True), nullable=False),
        sa.Column("loser", UUID(as_uuid=True), nullable=False),
        sa.Column("winner", UUID(as_uuid=True), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("merge_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unmerge_time", sa.DateTime(timezone=True)),
        sa.Column("unmerger", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("unmerge_reason", sa.Text, nullable=False, server_default=sa.text("''")),
        # What the loser was before: ACTIVE or DECEASED.
        sa.Column("state_before", sa.SmallInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="merges_pkey"),
        sa.ForeignKeyConstraint(["loser"], ["persons.id"], name="merges_loser_person"),
        sa.ForeignKeyConstraint(["winner"], ["persons.id"], name="merges_winner_person"),
    )
    op.create_index(
        "merges_standing", "merges", ["loser"], unique=True, postgresql_where="unmerge_time IS NULL"
    )
    op.create_index("merges_loser", "merges", ["loser", "merge_time", "id"])
    op.create_index("merges_winner", "merges", ["winner", "merge_time", "id"])

"""Long originals are kept in sealed pieces; short ones, and those of before, stay whole in `originals`."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "0006_pre_original_pieces"
down_revision = "0005_pre_key_sentinel"


def upgrade() -> None:
    op.create_table(
        "original_pieces",
        sa.Column("dossier", UUID(as_uuid=True), nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("dossier", "ordinal", name="original_pieces_pkey"),
    )
    # Sealed bytes do not compress: do not try.
    op.execute("ALTER TABLE original_pieces ALTER COLUMN sealed SET STORAGE EXTERNAL")

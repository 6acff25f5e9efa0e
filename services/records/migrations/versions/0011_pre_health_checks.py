"""Health checks and immunizations."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID

revision = "0011_pre_health_checks"
down_revision = "0010_pre_reuse"


def upgrade() -> None:
    _health_checks()
    _immunizations()


def _health_checks() -> None:
    op.create_table(
        "health_checks",
        sa.Column("person", UUID(as_uuid=True), nullable=False),
        sa.Column("id", UUID(as_uuid=True), nullable=False),
        sa.Column("facility", sa.Text, nullable=False),
        sa.Column("link_key", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("classes", sa.SmallInteger, nullable=False),
        sa.Column("part_classes", sa.SmallInteger, nullable=False),
        sa.Column("form", sa.SmallInteger, nullable=False),
        sa.Column("check_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("receive_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        sa.Column("size_bytes", sa.Integer, nullable=False),
        sa.Column("doctor_signature", sa.Text, nullable=False),
        sa.Column("facility_signature", sa.Text, nullable=False),
        sa.Column("warnings", JSONB, nullable=False),
        sa.Column("supersedes", UUID(as_uuid=True)),
        sa.Column("superseded_by", UUID(as_uuid=True)),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("person", "id", name="health_checks_pkey"),
        sa.UniqueConstraint("facility", "link_key", "version", name="health_checks_version"),
        sa.CheckConstraint("state IN ('accepted', 'superseded')", name="health_checks_state"),
    )
    op.create_index("health_checks_latest", "health_checks", ["person", "check_time", "id"])
    # Sealed bytes do not compress: do not try.
    op.execute("ALTER TABLE health_checks ALTER COLUMN sealed SET STORAGE EXTERNAL")


def _immunizations() -> None:
    op.create_table(
        "immunizations",
        sa.Column("person", UUID(as_uuid=True), nullable=False),
        sa.Column("id", UUID(as_uuid=True), nullable=False),
        sa.Column("facility", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("classes", sa.SmallInteger, nullable=False),
        sa.Column("immunize_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("receive_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("supersedes", UUID(as_uuid=True)),
        sa.Column("superseded_by", UUID(as_uuid=True)),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("person", "id", name="immunizations_pkey"),
        sa.UniqueConstraint("id", name="immunizations_id"),
        sa.CheckConstraint("state IN ('recorded', 'superseded')", name="immunizations_state"),
    )
    op.create_index("immunizations_latest", "immunizations", ["person", "immunize_time", "id"])

"""Reads of restricted data that rest on a consent which the reading facility recorded itself are reviewed."""

from alembic import op

revision = "0009_pre_consent_review"
down_revision = "0008_pre_name_key"


def upgrade() -> None:
    op.execute("ALTER TABLE consents ADD COLUMN upheld boolean NOT NULL DEFAULT false")
    op.execute("ALTER TABLE emergency_accesses ADD COLUMN consent uuid")

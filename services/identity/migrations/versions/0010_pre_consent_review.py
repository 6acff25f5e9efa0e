"""Reads of restricted data that rest on a consent which the reading facility recorded itself are reviewed."""

from alembic import op

revision = "0010_pre_consent_review"
down_revision = "0009_post_outbox_seen"


def upgrade() -> None:
    op.execute("ALTER TABLE consents ADD COLUMN upheld boolean NOT NULL DEFAULT false")
    op.execute("ALTER TABLE emergency_accesses ADD COLUMN consent uuid")

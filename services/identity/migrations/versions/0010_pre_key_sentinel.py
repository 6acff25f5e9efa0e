"""One sealed value, by which a replica knows the sealing keys of this database."""

from alembic import op

from chassis.migrate import create_key_sentinel

revision = "0010_pre_key_sentinel"
down_revision = "0009_pre_consent_review"


def upgrade() -> None:
    create_key_sentinel(op)

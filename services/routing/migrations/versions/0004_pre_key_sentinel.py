"""One sealed value, by which a replica knows the sealing keys of this database."""

from alembic import op

from chassis.migrate import create_key_sentinel

revision = "0004_pre_key_sentinel"
down_revision = "0003_pre_latest_of_source"


def upgrade() -> None:
    create_key_sentinel(op)

"""One sealed value, by which a replica knows the sealing keys of this database."""

from alembic import op

from chassis.migrate import create_key_sentinel

revision = "0002_pre_key_sentinel"
down_revision = "0001_pre_first"


def upgrade() -> None:
    create_key_sentinel(op)

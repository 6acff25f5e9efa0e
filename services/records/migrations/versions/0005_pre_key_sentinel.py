"""One sealed value, by which a replica knows the sealing keys of this database."""

from alembic import op

from chassis.migrate import create_key_sentinel

revision = "0005_pre_key_sentinel"
down_revision = "0004_pre_result_times"


def upgrade() -> None:
    create_key_sentinel(op)

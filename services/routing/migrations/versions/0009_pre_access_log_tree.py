"""The tree over the access log, by which anybody can tell whether a row was altered or taken away."""

from alembic import op

from chassis.migrate import create_access_log_index, create_access_log_tree

revision = "0009_pre_access_log_tree"
down_revision = "0008_pre_consultations"


def upgrade() -> None:
    create_access_log_tree(op)
    create_access_log_index(op)

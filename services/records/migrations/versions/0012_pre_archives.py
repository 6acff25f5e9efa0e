"""Which months have left the database, as sealed files, and which are back for reading."""

from alembic import op

from chassis.migrate import create_archives

revision = "0012_pre_archives"
down_revision = "0011_pre_health_checks"


def upgrade() -> None:
    create_archives(op)

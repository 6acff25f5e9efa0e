"""Whether a dossier was signed, verified or not: no version without a signature silently replaces one."""

import sqlalchemy as sa
from alembic import op

revision = "0002_pre_signed"
down_revision = "0001_pre_first"


def upgrade() -> None:
    op.add_column("dossiers", sa.Column("signed", sa.Boolean))

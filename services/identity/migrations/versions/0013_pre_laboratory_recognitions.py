"""The directory says by what the laboratories of a facility are recognised."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0013_pre_laboratory_recognitions"
down_revision = "0012_pre_signing_certificates"


def upgrade() -> None:
    op.create_table(
        "laboratory_recognitions",
        sa.Column("facility", sa.Text, nullable=False),
        sa.Column("ordinal", sa.SmallInteger, nullable=False),
        sa.Column("scheme", sa.SmallInteger, nullable=False),
        sa.Column("level", sa.SmallInteger, nullable=False),
        sa.Column("service_prefixes", ARRAY(sa.Text), nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_to", sa.Date),
        sa.PrimaryKeyConstraint("facility", "ordinal", name="laboratory_recognitions_pkey"),
        sa.ForeignKeyConstraint(["facility"], ["facilities.code"], name="laboratory_recognitions_facility"),
    )

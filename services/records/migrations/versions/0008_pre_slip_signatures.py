"""Whether a slip itself is signed, by a practitioner and by the facility."""

from alembic import op

revision = "0008_pre_slip_signatures"
down_revision = "0007_pre_person_first"


def upgrade() -> None:
    for column in ("signed_by_practitioner", "signed_by_facility"):
        op.execute(f"ALTER TABLE slips ADD COLUMN {column} boolean NOT NULL DEFAULT false")

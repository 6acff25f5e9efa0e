"""What servers of before the list of encounters did while this release took their place."""

from alembic import op

from services.records.migrations.encounter_states import fill

revision = "0017_post_encounter_states"
down_revision = "0016_post_outbox_seen"


def upgrade() -> None:
    fill(op.get_bind())

"""What servers of before the list of encounters did while this release took their place."""

from alembic import op

from services.records.migrations.encounter_states import FILL

revision = "0017_post_encounter_states"
down_revision = "0016_post_outbox_seen"


def upgrade() -> None:
    for statement in FILL:
        op.execute(statement)

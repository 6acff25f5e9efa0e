"""The receiver's memory of events is asked by nobody: a peer remembers by `request_id`."""

from alembic import op

from chassis.migrate import drop_outbox_seen

revision = "0013_post_outbox_seen"
down_revision = "0012_pre_receipt_log"


def upgrade() -> None:
    drop_outbox_seen(op)

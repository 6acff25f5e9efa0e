"""A record request goes to many holders, has days, a deadline and more ends."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "0011_pre_record_request_holders"
down_revision = "0010_pre_node_links"

STATES = "state IN ('requested', 'fulfilled', 'declined', 'partial', 'expired', 'cancelled', 'stopped')"
HOLDER_STATES = (
    "state IN ('asked', 'fulfilled', 'declined', 'unreachable', 'expired', 'cancelled', 'stopped')"
)


def upgrade() -> None:
    for column in (
        sa.Column("since", sa.Date),
        sa.Column("until", sa.Date),
        sa.Column("deadline", sa.DateTime(timezone=True)),
    ):
        op.add_column("record_requests", column)
    op.drop_constraint("record_requests_state", "record_requests")
    op.create_check_constraint("record_requests_state", "record_requests", STATES)
    op.create_index("record_requests_requester", "record_requests", ["requester", "create_time", "id"])
    op.create_index(
        "record_requests_holder",
        "record_requests",
        ["holder", "create_time", "id"],
        postgresql_where=sa.text("holder <> ''"),
    )
    op.create_index(
        "record_requests_overdue",
        "record_requests",
        ["deadline"],
        postgresql_where=sa.text("state = 'requested'"),
    )
    _record_request_holders()


def _record_request_holders() -> None:
    op.create_table(
        "record_request_holders",
        sa.Column("request_id", UUID(as_uuid=True), nullable=False),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("ask", UUID(as_uuid=True)),
        sa.Column("answers", sa.ARRAY(UUID(as_uuid=True)), nullable=False, server_default=sa.text("'{}'")),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_time", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("request_id", "holder", name="record_request_holders_pkey"),
        sa.CheckConstraint(HOLDER_STATES, name="record_request_holders_state"),
    )
    op.create_index(
        "record_request_holders_listed", "record_request_holders", ["holder", "create_time", "request_id"]
    )

"""The tables of routing, first of all."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

from chassis.migrate import create_chassis_tables

revision = "0001_pre_first"
down_revision = None


def upgrade() -> None:
    create_chassis_tables(op)
    op.execute(sa.schema.CreateSequence(sa.Sequence("message_sequence")))
    _messages()
    _pieces()
    _receipts()
    _referrals()
    _record_requests()
    _appointments()
    # Sealed bytes do not compress: do not try.
    op.execute("ALTER TABLE messages ALTER COLUMN body SET STORAGE EXTERNAL")
    op.execute("ALTER TABLE pieces ALTER COLUMN sealed SET STORAGE EXTERNAL")


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", UUID(as_uuid=True), nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("correlation", sa.Text, nullable=False),
        sa.Column("traceparent", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("accept_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("enqueue_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("dead_reason", sa.Text),
        sa.Column("dead_note", sa.Text, nullable=False),
        sa.Column("lease_token", UUID(as_uuid=True)),
        sa.Column("lease_stream", UUID(as_uuid=True)),
        sa.Column("lease_expire_time", sa.DateTime(timezone=True)),
        sa.Column("lease_time", sa.DateTime(timezone=True)),
        sa.Column("acknowledge_time", sa.DateTime(timezone=True)),
        sa.Column("dead_time", sa.DateTime(timezone=True)),
        sa.Column("replay_time", sa.DateTime(timezone=True)),
        sa.Column("stop_time", sa.DateTime(timezone=True)),
        sa.Column("notice_time", sa.DateTime(timezone=True)),
        sa.Column("body", sa.LargeBinary),
        sa.Column("remove_time", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="messages_pkey"),
        sa.CheckConstraint(
            "state IN ('accepted', 'leased', 'acknowledged', 'dead', 'stopped')", name="messages_state"
        ),
        sa.CheckConstraint(
            "(state = 'leased') = (lease_token IS NOT NULL AND lease_stream IS NOT NULL"
            " AND lease_expire_time IS NOT NULL)",
            name="messages_lease",
        ),
    )
    op.create_index(
        "messages_waiting",
        "messages",
        ["recipient", "sequence"],
        postgresql_where=sa.text("state = 'accepted'"),
    )
    op.create_index(
        "messages_held", "messages", ["recipient", "sequence"], postgresql_where=sa.text("state = 'leased'")
    )
    op.create_index(
        "messages_lapsing", "messages", ["lease_expire_time"], postgresql_where=sa.text("state = 'leased'")
    )
    op.create_index(
        "messages_late", "messages", ["enqueue_time"], postgresql_where=sa.text("state = 'accepted'")
    )
    op.create_index(
        "messages_dead", "messages", ["dead_time", "id"], postgresql_where=sa.text("state = 'dead'")
    )
    op.create_index(
        "messages_kept",
        "messages",
        ["accept_time"],
        postgresql_where=sa.text("state IN ('acknowledged', 'stopped') AND remove_time IS NULL"),
    )
    op.create_index("messages_sender", "messages", ["sender", "accept_time", "id"])
    op.create_index("messages_recipient", "messages", ["recipient", "accept_time", "id"])


def _pieces() -> None:
    op.create_table(
        "pieces",
        sa.Column("message_id", UUID(as_uuid=True), nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("message_id", "ordinal", name="pieces_pkey"),
    )
    op.create_index("pieces_first", "pieces", ["create_time"], postgresql_where=sa.text("ordinal = 0"))


def _receipts() -> None:
    op.create_table(
        "receipts",
        sa.Column("message_id", UUID(as_uuid=True), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
        sa.Column("certificate", sa.LargeBinary, nullable=False),
        sa.Column("algorithm", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("message_id", "kind", name="receipts_pkey"),
    )


def _referrals() -> None:
    op.create_table(
        "referrals",
        sa.Column("id", UUID(as_uuid=True), nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("slip_number", sa.Text, nullable=False),
        sa.Column("reason_code", sa.Text, nullable=False),
        sa.Column("diagnosis_system", sa.Text, nullable=False),
        sa.Column("diagnosis_code", sa.Text, nullable=False),
        sa.Column("diagnosis_display", sa.Text, nullable=False),
        sa.Column("issue_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source_dossier", sa.Text, nullable=False),
        sa.Column("long_term", sa.Boolean, nullable=False),
        sa.Column("valid_until", sa.Date, nullable=False),
        sa.Column("slip_sha256", sa.LargeBinary, nullable=False),
        sa.Column("message_id", UUID(as_uuid=True), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deliver_time", sa.DateTime(timezone=True)),
        sa.Column("accept_time", sa.DateTime(timezone=True)),
        sa.Column("decline_time", sa.DateTime(timezone=True)),
        sa.Column("complete_time", sa.DateTime(timezone=True)),
        sa.Column("cancel_time", sa.DateTime(timezone=True)),
        sa.Column("expire_time", sa.DateTime(timezone=True)),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="referrals_pkey"),
        sa.CheckConstraint(
            "state IN ('issued', 'delivered', 'accepted', 'declined', 'completed', 'cancelled', 'expired')",
            name="referrals_state",
        ),
    )
    op.create_index(
        "referrals_slip",
        "referrals",
        ["sender", "slip_number"],
        unique=True,
        postgresql_where=sa.text("slip_number <> '' AND state NOT IN ('declined', 'cancelled', 'expired')"),
    )
    op.create_index(
        "referrals_open",
        "referrals",
        ["valid_until"],
        postgresql_where=sa.text("state IN ('issued', 'delivered')"),
    )
    op.create_index("referrals_person", "referrals", ["person", "create_time", "id"])
    op.create_index("referrals_sender", "referrals", ["sender", "create_time", "id"])
    op.create_index("referrals_recipient", "referrals", ["recipient", "create_time", "id"])


def _record_requests() -> None:
    op.create_table(
        "record_requests",
        sa.Column("id", UUID(as_uuid=True), nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("requester", sa.Text, nullable=False),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("access", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("message_id", UUID(as_uuid=True)),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finish_time", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="record_requests_pkey"),
        sa.CheckConstraint("state IN ('requested', 'fulfilled', 'declined')", name="record_requests_state"),
    )


def _appointments() -> None:
    op.create_table(
        "appointments",
        sa.Column("id", UUID(as_uuid=True), nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("facility", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("slip_number", sa.Text, nullable=False),
        sa.Column("diagnosis_system", sa.Text, nullable=False),
        sa.Column("diagnosis_code", sa.Text, nullable=False),
        sa.Column("diagnosis_display", sa.Text, nullable=False),
        sa.Column("care_category", sa.Text, nullable=False),
        sa.Column("source_dossier", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("use_time", sa.DateTime(timezone=True)),
        sa.Column("cancel_time", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="appointments_pkey"),
        sa.CheckConstraint("state IN ('booked', 'used', 'cancelled')", name="appointments_state"),
    )
    op.create_index(
        "appointments_slip",
        "appointments",
        ["facility", "slip_number"],
        unique=True,
        postgresql_where=sa.text("slip_number <> '' AND state <> 'cancelled'"),
    )
    op.create_index("appointments_person", "appointments", ["person", "day", "id"])
    op.create_index("appointments_facility", "appointments", ["facility", "day", "id"])

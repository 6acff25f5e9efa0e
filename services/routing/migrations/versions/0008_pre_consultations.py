"""What becomes of a referral, reminders of appointments, and consultations from afar."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "0008_pre_consultations"
down_revision = "0007_pre_pair_turns"

TEXTS = (
    ("referrals", "practitioner"),
    ("referrals", "step"),
    ("referrals", "encounter"),
    ("appointments", "encounter"),
)
TIMES = ("take_time", "answer_time", "decline_time", "withdraw_time", "expire_time")
STATES = "'asked', 'taken', 'answered', 'declined', 'withdrawn', 'expired'"


def upgrade() -> None:
    for table, name in TEXTS:
        op.add_column(table, sa.Column(name, sa.Text, nullable=False, server_default=sa.text("''")))
    op.add_column("referrals", sa.Column("use_time", sa.DateTime(timezone=True)))
    op.add_column("referrals", sa.Column("outcome", sa.LargeBinary))
    op.add_column("appointments", sa.Column("remind_time", sa.DateTime(timezone=True)))
    op.create_index("referrals_received_slip", "referrals", ["recipient", "slip_sha256"])
    op.create_index(
        "appointments_encounter",
        "appointments",
        ["facility", "encounter"],
        unique=True,
        postgresql_where=sa.text("encounter <> '' AND state <> 'cancelled'"),
    )
    op.create_index(
        "appointments_unreminded",
        "appointments",
        ["day", "id"],
        postgresql_where=sa.text("state = 'booked' AND remind_time IS NULL"),
    )
    create_consultations()


def create_consultations() -> None:
    def text(name: str) -> sa.Column[str]:
        return sa.Column(name, sa.Text, nullable=False)

    def time(name: str) -> sa.Column[object]:
        return sa.Column(name, sa.DateTime(timezone=True))

    op.create_table(
        "consultations",
        sa.Column("id", UUID(as_uuid=True), nullable=False),
        *map(text, ("person", "requester", "consultant", "practitioner", "speciality")),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("answer_by_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message_id", UUID(as_uuid=True), nullable=False),
        text("state"),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        text("taker"),
        *map(time, TIMES),
        text("note"),
        sa.Column("opinion_body", sa.LargeBinary),
        sa.Column("opinion_signature", sa.LargeBinary),
        sa.Column("opinion_certificate", sa.LargeBinary),
        sa.Column("opinion_signer", sa.Text),
        sa.Column("opinion_message_id", UUID(as_uuid=True)),
        sa.PrimaryKeyConstraint("id", name="consultations_pkey"),
        sa.CheckConstraint(f"state IN ({STATES})", name="consultations_state"),
        sa.CheckConstraint(
            "(state = 'answered') = (opinion_signature IS NOT NULL)", name="consultations_opinion"
        ),
    )
    op.create_index(
        "consultations_open",
        "consultations",
        ["answer_by_time"],
        postgresql_where=sa.text("state IN ('asked', 'taken')"),
    )
    for party in ("person", "requester", "consultant"):
        op.create_index(f"consultations_{party}", "consultations", [party, "create_time", "id"])

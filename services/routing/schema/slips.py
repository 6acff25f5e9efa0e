"""Referrals, appointments and consultations, made from slips or by hand."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

from .columns import (
    empty_text_column,
    metadata,
    null_time_columns,
    text_column,
    text_columns,
    time_column,
    uuid_column,
)


def _source_slip() -> list[Column[object]]:
    """The slip of a dossier that something was made from, its full name or empty; and its neighbours."""
    return [
        Column("source_slip", Text, nullable=False, server_default=text("''")),
        Column("replaces", UUID(as_uuid=True)),
        Column("replaced_by", UUID(as_uuid=True)),
    ]


def _one_in_force(name: str, in_force: str) -> Index:
    """What keeps a slip of a dossier from having two of its kind in force."""
    return Index(name, "source_slip", unique=True, postgresql_where=text(f"source_slip <> '' AND {in_force}"))


def _latest_of_source(name: str) -> Index:
    """Leads to what a slip of a dossier made last, whether or not it is in force."""
    return Index(name, "source_slip", "create_time", postgresql_where=text("source_slip <> ''"))


referrals = Table(
    "referrals",
    metadata,
    uuid_column("id"),
    *text_columns("person", "sender", "recipient", "slip_number", "reason_code"),
    *text_columns("diagnosis_system", "diagnosis_code", "diagnosis_display"),
    time_column("issue_time"),
    text_column("source_dossier"),
    Column("long_term", Boolean, nullable=False),
    Column("valid_until", Date, nullable=False),
    Column("slip_sha256", LargeBinary, nullable=False),
    uuid_column("message_id"),
    text_column("state"),
    time_column("create_time"),
    *null_time_columns("deliver_time", "accept_time", "decline_time"),
    *null_time_columns("complete_time", "cancel_time", "expire_time"),
    text_column("note"),
    *_source_slip(),
    # Who referred: a licence number.
    empty_text_column("practitioner"),
    # How the levels of the facilities lie to each other; empty when not known.
    empty_text_column("step"),
    # For which encounter of the recipient it was last used, and when.
    empty_text_column("encounter"),
    time_column("use_time", nullable=True),
    # What became of the patient: a serialised `ReferralOutcome`, sealed.
    Column("outcome", LargeBinary),
    PrimaryKeyConstraint("id", name="referrals_pkey"),
    CheckConstraint(
        "state IN ('issued', 'delivered', 'accepted', 'declined', 'completed', 'cancelled', 'expired')",
        name="referrals_state",
    ),
    # One slip of a number in force.
    Index(
        "referrals_slip",
        "sender",
        "slip_number",
        unique=True,
        postgresql_where=text("slip_number <> '' AND state NOT IN ('declined', 'cancelled', 'expired')"),
    ),
    _one_in_force("referrals_source_slip", "state NOT IN ('declined', 'cancelled', 'expired')"),
    _latest_of_source("referrals_latest_of_source"),
    Index("referrals_open", "valid_until", postgresql_where=text("state IN ('issued', 'delivered')")),
    Index("referrals_person", "person", "create_time", "id"),
    Index("referrals_sender", "sender", "create_time", "id"),
    Index("referrals_recipient", "recipient", "create_time", "id"),
    # Whether a slip came to a facility that now sends it.
    Index("referrals_received_slip", "recipient", "slip_sha256"),
)

appointments = Table(
    "appointments",
    metadata,
    uuid_column("id"),
    *text_columns("person", "facility"),
    Column("day", Date, nullable=False),
    text_column("slip_number"),
    *text_columns("diagnosis_system", "diagnosis_code", "diagnosis_display"),
    *text_columns("care_category", "source_dossier", "state"),
    time_column("create_time"),
    *null_time_columns("use_time", "cancel_time"),
    *_source_slip(),
    # The encounter of the facility that it ends; empty when not told.
    empty_text_column("encounter"),
    time_column("remind_time", nullable=True),
    PrimaryKeyConstraint("id", name="appointments_pkey"),
    CheckConstraint("state IN ('booked', 'used', 'cancelled')", name="appointments_state"),
    Index(
        "appointments_slip",
        "facility",
        "slip_number",
        unique=True,
        postgresql_where=text("slip_number <> '' AND state <> 'cancelled'"),
    ),
    _one_in_force("appointments_source_slip", "state <> 'cancelled'"),
    _latest_of_source("appointments_latest_of_source"),
    Index("appointments_person", "person", "day", "id"),
    Index("appointments_facility", "facility", "day", "id"),
    # One appointment in force of an encounter.
    Index(
        "appointments_encounter",
        "facility",
        "encounter",
        unique=True,
        postgresql_where=text("encounter <> '' AND state <> 'cancelled'"),
    ),
    Index(
        "appointments_unreminded",
        "day",
        "id",
        postgresql_where=text("state = 'booked' AND remind_time IS NULL"),
    ),
)

consultations = Table(
    "consultations",
    metadata,
    uuid_column("id"),
    *text_columns("person", "requester", "consultant", "practitioner", "speciality"),
    Column("urgent", Boolean, nullable=False),
    time_column("answer_by_time"),
    # The message that carries the question.
    uuid_column("message_id"),
    text_column("state"),
    time_column("create_time"),
    text_column("taker"),
    *null_time_columns("take_time", "answer_time", "decline_time", "withdraw_time", "expire_time"),
    text_column("note"),
    # The signature of the opinion, and for whom its certificate is registered.
    Column("opinion_body", LargeBinary),
    Column("opinion_signature", LargeBinary),
    Column("opinion_certificate", LargeBinary),
    Column("opinion_signer", Text),
    Column("opinion_message_id", UUID(as_uuid=True)),
    PrimaryKeyConstraint("id", name="consultations_pkey"),
    CheckConstraint(
        "state IN ('asked', 'taken', 'answered', 'declined', 'withdrawn', 'expired')",
        name="consultations_state",
    ),
    CheckConstraint("(state = 'answered') = (opinion_signature IS NOT NULL)", name="consultations_opinion"),
    Index("consultations_open", "answer_by_time", postgresql_where=text("state IN ('asked', 'taken')")),
    Index("consultations_person", "person", "create_time", "id"),
    Index("consultations_requester", "requester", "create_time", "id"),
    Index("consultations_consultant", "consultant", "create_time", "id"),
)

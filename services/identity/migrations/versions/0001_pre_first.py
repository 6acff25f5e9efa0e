"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from chassis.migrate import create_chassis_tables

revision = "0001_pre_first"
down_revision = None


def upgrade() -> None:
    create_chassis_tables(op)
    create_persons()
    create_identifiers()
    create_person_sources()
    create_coverages()
    create_facilities()
    create_facility_certificates()
    create_practitioners()
    create_lendings()
    create_consents()
    create_emergency_accesses()


def create_persons() -> None:
    op.create_table(
        "persons",
        sa.Column("id", UUID(as_uuid=True), nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("origin", sa.SmallInteger, nullable=False),
        sa.Column("full_name", sa.Text, nullable=False),
        sa.Column("birth_year", sa.SmallInteger, nullable=False),
        sa.Column("birth_month", sa.SmallInteger, nullable=False),
        sa.Column("birth_day", sa.SmallInteger, nullable=False),
        sa.Column("birth_time", sa.Text, nullable=False),
        sa.Column("sex", sa.SmallInteger, nullable=False),
        sa.Column("nationality", sa.Text, nullable=False),
        sa.Column("ethnicity", sa.Text, nullable=False),
        sa.Column("address_line", sa.Text, nullable=False),
        sa.Column("commune_code", sa.Text, nullable=False),
        sa.Column("district_code", sa.Text, nullable=False),
        sa.Column("province_code", sa.Text, nullable=False),
        sa.Column("address_as_of", sa.Date),
        sa.Column("phone", sa.Text, nullable=False),
        sa.Column("mother", UUID(as_uuid=True)),
        sa.Column("merged_into", UUID(as_uuid=True)),
        sa.Column("facility", sa.Text, nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("update_time", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
        sa.PrimaryKeyConstraint("id", name="persons_pkey"),
    )


def create_identifiers() -> None:
    op.create_table(
        "identifiers",
        sa.Column("person_id", UUID(as_uuid=True), nullable=False),
        sa.Column("kind", sa.SmallInteger, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("valid_from", sa.Date),
        sa.Column("valid_to", sa.Date),
        sa.Column("country", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("person_id", "kind", "value", name="identifiers_pkey"),
    )
    op.create_index(
        "identifiers_value", "identifiers", ["value", "kind"], postgresql_include=["person_id", "state"]
    )


def create_person_sources() -> None:
    op.create_table(
        "person_sources",
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("person_id", UUID(as_uuid=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "key", name="person_sources_pkey"),
    )


def create_coverages() -> None:
    op.create_table(
        "coverages",
        sa.Column("person_id", UUID(as_uuid=True), nullable=False),
        sa.Column("card_number", sa.Text, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_to", sa.Date),
        sa.Column("group_code", sa.Text, nullable=False),
        sa.Column("benefit_level", sa.SmallInteger, nullable=False),
        sa.Column("initial_facility", sa.Text, nullable=False),
        sa.Column("area_code", sa.Text, nullable=False),
        sa.Column("five_years_date", sa.Date),
        sa.Column("issuer", sa.SmallInteger, nullable=False),
        sa.Column("standing", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("verify_time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "card_number", "valid_from", name="coverages_pkey"),
        sa.CheckConstraint("valid_to >= valid_from", name="coverages_order"),
    )


def create_facilities() -> None:
    op.create_table(
        "facilities",
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("gln", sa.Text, nullable=False),
        sa.Column("display_name", sa.Text, nullable=False),
        sa.Column("kind", sa.SmallInteger, nullable=False),
        sa.Column("level", sa.SmallInteger, nullable=False),
        sa.Column("points", sa.SmallInteger, nullable=False),
        sa.Column("node", sa.Text, nullable=False),
        sa.Column("former_line", sa.SmallInteger, nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("address_line", sa.Text, nullable=False),
        sa.Column("commune_code", sa.Text, nullable=False),
        sa.Column("province_code", sa.Text, nullable=False),
        sa.Column("open_date", sa.Date),
        sa.Column("close_date", sa.Date),
        sa.Column("max_waiting", sa.Integer, nullable=False),
        sa.Column("keep_days", sa.SmallInteger, nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("update_time", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
        sa.PrimaryKeyConstraint("code", name="facilities_pkey"),
    )


def create_facility_certificates() -> None:
    op.create_table(
        "facility_certificates",
        sa.Column("facility", sa.Text, nullable=False),
        sa.Column("use", sa.SmallInteger, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("der", sa.LargeBinary, nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoke_time", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("facility", "use", "sha256", name="facility_certificates_pkey"),
        sa.ForeignKeyConstraint(["facility"], ["facilities.code"], name="facility_certificates_facility"),
    )


def create_practitioners() -> None:
    op.create_table(
        "practitioners",
        sa.Column("id", UUID(as_uuid=True), nullable=False),
        sa.Column("licence_number", sa.Text, nullable=False),
        sa.Column("full_name", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("valid_from", sa.Date),
        sa.Column("valid_to", sa.Date),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("facility", sa.Text, nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("update_time", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
        sa.PrimaryKeyConstraint("id", name="practitioners_pkey"),
        sa.UniqueConstraint("licence_number", name="practitioners_licence_number"),
    )
    op.create_index("practitioners_facility", "practitioners", ["facility", "licence_number"])


def create_lendings() -> None:
    op.create_table(
        "lendings",
        sa.Column("id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("practitioner_id", UUID(as_uuid=True), nullable=False),
        sa.Column("facility", sa.Text, nullable=False),
        sa.Column("valid_from", sa.Date),
        sa.Column("valid_to", sa.Date),
        sa.PrimaryKeyConstraint("practitioner_id", "id", name="lendings_pkey"),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioners.id"], name="lendings_practitioner"),
    )
    op.create_index("lendings_facility", "lendings", ["facility"])


def create_consents() -> None:
    op.create_table(
        "consents",
        sa.Column("person_id", UUID(as_uuid=True), nullable=False),
        sa.Column("id", UUID(as_uuid=True), nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("facility", sa.Text, nullable=False),
        sa.Column("purpose", sa.SmallInteger, nullable=False),
        sa.Column("data_classes", ARRAY(sa.SmallInteger), nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_to", sa.Date),
        sa.Column("proof_kind", sa.SmallInteger, nullable=False),
        sa.Column("proof_reference", sa.Text, nullable=False),
        sa.Column("proof_sha256", sa.LargeBinary, nullable=False),
        sa.Column("guardian", UUID(as_uuid=True)),
        sa.Column("guardian_relation", sa.SmallInteger, nullable=False),
        sa.Column("child_agreed", sa.Boolean, nullable=False),
        sa.Column("recorder", sa.Text, nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdraw_time", sa.DateTime(timezone=True)),
        sa.Column("withdrawer", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("withdraw_reason", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
        sa.PrimaryKeyConstraint("person_id", "id", name="consents_pkey"),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name="consents_person"),
        sa.CheckConstraint("(state = 2) = (withdraw_time IS NOT NULL)", name="consents_withdrawn"),
    )
    op.create_index("consents_newest", "consents", ["person_id", "create_time", "id"])
    op.create_index(
        "consents_active", "consents", ["person_id", "purpose"], postgresql_where=sa.text("state = 1")
    )


def create_emergency_accesses() -> None:
    op.create_table(
        "emergency_accesses",
        sa.Column("id", UUID(as_uuid=True), nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("person_id", UUID(as_uuid=True), nullable=False),
        sa.Column("facility", sa.Text, nullable=False),
        sa.Column("practitioner", sa.Text, nullable=False),
        sa.Column("purpose", sa.SmallInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("access_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expire_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("use_count", sa.Integer, nullable=False),
        sa.Column("trace_id", sa.Text, nullable=False),
        sa.Column("reviewer", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("review_time", sa.DateTime(timezone=True)),
        sa.Column("review_note", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
        sa.PrimaryKeyConstraint("id", name="emergency_accesses_pkey"),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name="emergency_accesses_person"),
    )
    op.create_index("emergency_accesses_newest", "emergency_accesses", ["access_time", "id"])
    op.create_index("emergency_accesses_person", "emergency_accesses", ["person_id", "access_time", "id"])
    op.create_index("emergency_accesses_facility", "emergency_accesses", ["facility", "access_time", "id"])

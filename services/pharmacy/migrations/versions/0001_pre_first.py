"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from chassis.migrate import create_chassis_tables

revision = "0001_pre_first"
down_revision = None


def upgrade() -> None:
    create_chassis_tables(op)
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    create_prescriptions()
    create_lines()
    create_claims()
    create_dispensings()
    create_dispensing_lines()
    create_drugs()


def create_prescriptions() -> None:
    op.create_table(
        "prescriptions",
        sa.Column("id", UUID(as_uuid=True), nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("code_key", sa.Text, nullable=False),
        sa.Column("facility", sa.Text, nullable=False),
        sa.Column("practitioner", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("treatment_form", sa.SmallInteger, nullable=False),
        sa.Column("diagnoses", JSONB, nullable=False),
        sa.Column("data_classes", ARRAY(sa.SmallInteger), nullable=False),
        sa.Column("chronic", sa.Boolean, nullable=False),
        sa.Column("prescribe_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expire_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tranches", JSONB, nullable=False),
        sa.Column("advice", sa.Text, nullable=False),
        sa.Column("follow_up_days", sa.Integer, nullable=False),
        sa.Column("child", JSONB),
        sa.Column("replaces", UUID(as_uuid=True)),
        sa.Column("replaced_by", UUID(as_uuid=True)),
        sa.Column("cancelled", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column("end_reason", sa.Text),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="prescriptions_pkey"),
        sa.UniqueConstraint("code_key", name="prescriptions_code_key"),
    )
    op.create_index("prescriptions_person", "prescriptions", ["person", "prescribe_time", "id"])


def create_lines() -> None:
    op.create_table(
        "prescription_lines",
        sa.Column("prescription_id", UUID(as_uuid=True), nullable=False),
        sa.Column("number", sa.SmallInteger, nullable=False),
        sa.Column("drug", JSONB, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("prescribed", sa.BigInteger, nullable=False),
        sa.Column("dispensed", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("quantity_words", sa.Text, nullable=False),
        sa.Column("dose", sa.Text, nullable=False),
        sa.Column("days", sa.SmallInteger, nullable=False),
        sa.Column("tranche", sa.SmallInteger, nullable=False),
        sa.PrimaryKeyConstraint("prescription_id", "number", name="prescription_lines_pkey"),
        sa.ForeignKeyConstraint(
            ["prescription_id"], ["prescriptions.id"], name="prescription_lines_prescription"
        ),
        sa.CheckConstraint("dispensed >= 0 AND dispensed <= prescribed", name="prescription_lines_dispensed"),
        sa.CheckConstraint("prescribed > 0", name="prescription_lines_prescribed"),
    )


def create_claims() -> None:
    op.create_table(
        "claims",
        sa.Column("id", UUID(as_uuid=True), nullable=False, server_default=sa.text("gen_random_uuid()")),
        sa.Column("prescription_id", UUID(as_uuid=True), nullable=False),
        sa.Column("pharmacy", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("claim_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expire_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_time", sa.DateTime(timezone=True)),
        sa.Column("outcome", sa.Text),
        sa.PrimaryKeyConstraint("id", name="claims_pkey"),
        sa.ForeignKeyConstraint(["prescription_id"], ["prescriptions.id"], name="claims_prescription"),
        sa.CheckConstraint("outcome IN ('dispensed', 'released', 'overtaken')", name="claims_outcome"),
    )
    op.create_index(
        "claims_open",
        "claims",
        ["prescription_id"],
        unique=True,
        postgresql_where=sa.text("end_time IS NULL"),
    )


def create_dispensings() -> None:
    op.create_table(
        "dispensings",
        sa.Column("id", UUID(as_uuid=True), nullable=False),
        sa.Column("prescription_id", UUID(as_uuid=True), nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("data_classes", ARRAY(sa.SmallInteger), nullable=False),
        sa.Column("pharmacy", sa.Text, nullable=False),
        sa.Column("pharmacist", sa.Text, nullable=False),
        sa.Column("invoice_number", sa.Text, nullable=False),
        sa.Column("dispense_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reverse_time", sa.DateTime(timezone=True)),
        sa.Column("reverse_reason", sa.Text),
        sa.PrimaryKeyConstraint("id", name="dispensings_pkey"),
        sa.ForeignKeyConstraint(["prescription_id"], ["prescriptions.id"], name="dispensings_prescription"),
    )
    op.create_index("dispensings_person", "dispensings", ["person", "dispense_time", "id"])
    op.create_index("dispensings_of_prescription", "dispensings", ["prescription_id", "dispense_time", "id"])


def create_dispensing_lines() -> None:
    op.create_table(
        "dispensing_lines",
        sa.Column("dispensing_id", UUID(as_uuid=True), nullable=False),
        sa.Column("position", sa.SmallInteger, nullable=False),
        sa.Column("prescription_id", UUID(as_uuid=True), nullable=False),
        sa.Column("line", sa.SmallInteger, nullable=False),
        sa.Column("drug", JSONB, nullable=False),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.Column("lot_number", sa.Text, nullable=False),
        sa.Column("lot_expiry", sa.Date),
        sa.Column("substituted", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("dispensing_id", "position", name="dispensing_lines_pkey"),
        sa.ForeignKeyConstraint(["dispensing_id"], ["dispensings.id"], name="dispensing_lines_dispensing"),
        sa.ForeignKeyConstraint(
            ["prescription_id", "line"],
            ["prescription_lines.prescription_id", "prescription_lines.number"],
            name="dispensing_lines_line",
        ),
        sa.CheckConstraint("quantity > 0", name="dispensing_lines_quantity"),
    )


def create_drugs() -> None:
    op.create_table(
        "drugs",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("registration_number", sa.Text, nullable=False),
        sa.Column("inn", sa.Text, nullable=False),
        sa.Column("brand", sa.Text, nullable=False),
        sa.Column("ingredient_code", sa.Text, nullable=False),
        sa.Column("strength", sa.Text, nullable=False),
        sa.Column("route_code", sa.Text, nullable=False),
        sa.Column("dosage_form", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("manufacturer", sa.Text, nullable=False),
        sa.Column("prescription_only", sa.Boolean, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="drugs_pkey"),
    )
    op.create_index(
        "drugs_words", "drugs", ["words"], postgresql_using="gin", postgresql_ops={"words": "gin_trgm_ops"}
    )

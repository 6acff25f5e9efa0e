"""
Tables.

A prescription's state is not among the columns: it follows from the lines, the
open claim, the end and the clock.  The counters of a line are guarded by CHECK,
and one open claim a prescription by a unique index, whatever the code does.
Nothing here is partitioned: a code is looked up by itself, and 10 years of the
nation's prescriptions are one index deep more than one year's.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from chassis.schema import chassis_tables

metadata = MetaData()
chassis_tables(metadata)

prescriptions = Table(
    "prescriptions",
    metadata,
    Column("id", UUID(as_uuid=True), nullable=False),
    # As received, and in lower case for comparing (QĐ 808/QĐ-BYT).
    Column("code", Text, nullable=False),
    Column("code_key", Text, nullable=False),
    Column("facility", Text, nullable=False),
    Column("practitioner", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("treatment_form", SmallInteger, nullable=False),
    Column("diagnoses", JSONB, nullable=False),
    # Numbers of identity's DataClass.
    Column("data_classes", ARRAY(SmallInteger), nullable=False),
    Column("chronic", Boolean, nullable=False),
    Column("prescribe_time", DateTime(timezone=True), nullable=False),
    Column("expire_time", DateTime(timezone=True), nullable=False),
    Column("tranches", JSONB, nullable=False),
    Column("advice", Text, nullable=False),
    Column("follow_up_days", Integer, nullable=False),
    Column("child", JSONB),
    Column("replaces", UUID(as_uuid=True)),
    Column("replaced_by", UUID(as_uuid=True)),
    Column("cancelled", Boolean, nullable=False, server_default=text("false")),
    # Why it was cancelled or replaced.
    Column("end_reason", Text),
    Column("create_time", DateTime(timezone=True), nullable=False),
    Column("version", Integer, nullable=False),
    PrimaryKeyConstraint("id", name="prescriptions_pkey"),
    UniqueConstraint("code_key", name="prescriptions_code_key"),
    Index("prescriptions_person", "person", "prescribe_time", "id"),
)

# Quantities in thousandths of the unit.
prescription_lines = Table(
    "prescription_lines",
    metadata,
    Column("prescription_id", UUID(as_uuid=True), nullable=False),
    Column("number", SmallInteger, nullable=False),
    Column("drug", JSONB, nullable=False),
    Column("unit", Text, nullable=False),
    Column("prescribed", BigInteger, nullable=False),
    Column("dispensed", BigInteger, nullable=False, server_default=text("0")),
    Column("quantity_words", Text, nullable=False),
    Column("dose", Text, nullable=False),
    Column("days", SmallInteger, nullable=False),
    Column("tranche", SmallInteger, nullable=False),
    PrimaryKeyConstraint("prescription_id", "number", name="prescription_lines_pkey"),
    ForeignKeyConstraint(["prescription_id"], ["prescriptions.id"], name="prescription_lines_prescription"),
    # Never oversold, never less than nothing.
    CheckConstraint("dispensed >= 0 AND dispensed <= prescribed", name="prescription_lines_dispensed"),
    CheckConstraint("prescribed > 0", name="prescription_lines_prescribed"),
)

claims = Table(
    "claims",
    metadata,
    Column("id", UUID(as_uuid=True), nullable=False, server_default=text("gen_random_uuid()")),
    Column("prescription_id", UUID(as_uuid=True), nullable=False),
    Column("pharmacy", Text, nullable=False),
    # SHA-256 of the token, which is not kept.
    Column("digest", LargeBinary, nullable=False),
    Column("claim_time", DateTime(timezone=True), nullable=False),
    Column("expire_time", DateTime(timezone=True), nullable=False),
    Column("end_time", DateTime(timezone=True)),
    # dispensed, released, or overtaken by a later claim.
    Column("outcome", Text),
    PrimaryKeyConstraint("id", name="claims_pkey"),
    ForeignKeyConstraint(["prescription_id"], ["prescriptions.id"], name="claims_prescription"),
    CheckConstraint("outcome IN ('dispensed', 'released', 'overtaken')", name="claims_outcome"),
    Index("claims_expired", "expire_time"),
    Index("claims_open", "prescription_id", unique=True, postgresql_where=text("end_time IS NULL")),
)

dispensings = Table(
    "dispensings",
    metadata,
    Column("id", UUID(as_uuid=True), nullable=False),
    Column("prescription_id", UUID(as_uuid=True), nullable=False),
    # Those of the prescription, so that a person's list is one index.
    Column("person", Text, nullable=False),
    Column("data_classes", ARRAY(SmallInteger), nullable=False),
    Column("pharmacy", Text, nullable=False),
    Column("pharmacist", Text, nullable=False),
    Column("invoice_number", Text, nullable=False),
    Column("dispense_time", DateTime(timezone=True), nullable=False),
    Column("reverse_time", DateTime(timezone=True)),
    Column("reverse_reason", Text),
    PrimaryKeyConstraint("id", name="dispensings_pkey"),
    ForeignKeyConstraint(["prescription_id"], ["prescriptions.id"], name="dispensings_prescription"),
    Index("dispensings_person", "person", "dispense_time", "id"),
    Index("dispensings_of_prescription", "prescription_id", "dispense_time", "id"),
)

dispensing_lines = Table(
    "dispensing_lines",
    metadata,
    Column("dispensing_id", UUID(as_uuid=True), nullable=False),
    # The order in which the pharmacy named them, from 0.
    Column("position", SmallInteger, nullable=False),
    Column("prescription_id", UUID(as_uuid=True), nullable=False),
    Column("line", SmallInteger, nullable=False),
    Column("drug", JSONB, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("lot_number", Text, nullable=False),
    Column("lot_expiry", Date),
    Column("substituted", Boolean, nullable=False),
    PrimaryKeyConstraint("dispensing_id", "position", name="dispensing_lines_pkey"),
    ForeignKeyConstraint(["dispensing_id"], ["dispensings.id"], name="dispensing_lines_dispensing"),
    ForeignKeyConstraint(
        ["prescription_id", "line"],
        ["prescription_lines.prescription_id", "prescription_lines.number"],
        name="dispensing_lines_line",
    ),
    CheckConstraint("quantity > 0", name="dispensing_lines_quantity"),
)

drugs = Table(
    "drugs",
    metadata,
    # The registration number as a slug.
    Column("id", Text, nullable=False),
    Column("registration_number", Text, nullable=False),
    Column("inn", Text, nullable=False),
    Column("brand", Text, nullable=False),
    Column("ingredient_code", Text, nullable=False),
    Column("strength", Text, nullable=False),
    Column("route_code", Text, nullable=False),
    Column("dosage_form", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("manufacturer", Text, nullable=False),
    Column("prescription_only", Boolean, nullable=False),
    # INN, brand, strength and number without case and accents, for SearchDrugs.
    Column("words", Text, nullable=False),
    PrimaryKeyConstraint("id", name="drugs_pkey"),
    Index("drugs_words", "words", postgresql_using="gin", postgresql_ops={"words": "gin_trgm_ops"}),
)

"""The tables of records, first of all."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID

from chassis.migrate import create_chassis_tables

revision = "0001_pre_first"
down_revision = None

PARTITIONS = 16


def upgrade() -> None:
    create_chassis_tables(op)
    _dossiers()
    _check_ins()
    _encounters()
    _results()
    _medicines()
    _services()
    # Sealed bytes do not compress: do not try.
    op.execute("ALTER TABLE originals ALTER COLUMN sealed SET STORAGE EXTERNAL")
    op.execute("ALTER TABLE check_in_originals ALTER COLUMN sealed SET STORAGE EXTERNAL")


def _dossiers() -> None:
    op.create_table(
        "dossiers",
        sa.Column("id", UUID(as_uuid=True), nullable=False),
        sa.Column("facility", sa.Text, nullable=False),
        sa.Column("link_key", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("person", UUID(as_uuid=True), nullable=False),
        sa.Column("classes", sa.SmallInteger, nullable=False),
        sa.Column("form_of_care", sa.Text, nullable=False),
        sa.Column("arrival_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("discharge_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("receive_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        sa.Column("size_bytes", sa.Integer, nullable=False),
        sa.Column("signature_verified", sa.Boolean, nullable=False),
        sa.Column("tables", JSONB, nullable=False),
        sa.Column("warnings", JSONB, nullable=False),
        sa.Column("slips", JSONB, nullable=False),
        sa.Column("supersedes", UUID(as_uuid=True)),
        sa.Column("superseded_by", UUID(as_uuid=True)),
        sa.PrimaryKeyConstraint("id", name="dossiers_pkey"),
        sa.UniqueConstraint("facility", "link_key", "version", name="dossiers_version"),
        sa.CheckConstraint("state IN ('accepted', 'superseded', 'withdrawn')", name="dossiers_state"),
    )
    op.create_index("dossiers_listed", "dossiers", ["facility", "receive_time", "id"])
    op.create_index(
        "dossiers_current",
        "dossiers",
        ["facility", "link_key"],
        unique=True,
        postgresql_where=sa.text("state = 'accepted'"),
    )
    op.create_table(
        "originals",
        sa.Column("dossier", UUID(as_uuid=True), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("dossier", name="originals_pkey"),
    )


def _check_ins() -> None:
    op.create_table(
        "check_ins",
        sa.Column("id", UUID(as_uuid=True), nullable=False),
        sa.Column("facility", sa.Text, nullable=False),
        sa.Column("link_key", sa.Text, nullable=False),
        sa.Column("person", UUID(as_uuid=True), nullable=False),
        sa.Column("form_of_care", sa.Text, nullable=False),
        sa.Column("care_category", sa.Text, nullable=False),
        sa.Column("arrival_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("receive_time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="check_ins_pkey"),
    )
    op.create_index("check_ins_of_encounter", "check_ins", ["facility", "link_key"])
    op.create_table(
        "check_in_originals",
        sa.Column("check_in", UUID(as_uuid=True), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("check_in", name="check_in_originals_pkey"),
    )


def _encounters() -> None:
    _by_person(
        "encounters",
        sa.Column("form_of_care", sa.Text, nullable=False),
        sa.Column("arrival_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("discharge_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("admission_diagnosis", sa.Text, nullable=False),
        sa.Column("discharge_diagnosis", sa.Text, nullable=False),
        sa.Column("treatment", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("discharge_type", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        key=(),
    )
    op.create_index("encounters_latest", "encounters", ["person", "arrival_time"])
    _by_person(
        "diagnoses",
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("main", sa.Boolean, nullable=False),
        key=("position",),
    )


def _results() -> None:
    _by_person(
        "results",
        sa.Column("row_number", sa.Integer, nullable=False),
        sa.Column("id", UUID(as_uuid=True), nullable=False),
        sa.Column("service_code", sa.Text, nullable=False),
        sa.Column("service_name", sa.Text, nullable=False),
        sa.Column("indicator_code", sa.Text, nullable=False),
        sa.Column("indicator_name", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("conclusion", sa.Text, nullable=False),
        sa.Column("result_time", sa.DateTime(timezone=True), nullable=False),
        key=("row_number",),
    )
    op.create_index("results_of_service", "results", ["person", "service_code", "result_time"])
    op.create_index("results_of_indicator", "results", ["person", "indicator_code", "result_time"])
    op.create_index("results_latest", "results", ["person", "result_time", "id"])


def _medicines() -> None:
    _by_person(
        "medicines",
        sa.Column("row_number", sa.Integer, nullable=False),
        sa.Column("drug_code", sa.Text, nullable=False),
        sa.Column("drug_name", sa.Text, nullable=False),
        sa.Column("strength", sa.Text, nullable=False),
        sa.Column("quantity", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("dosage", sa.Text, nullable=False),
        sa.Column("instructions", sa.Text, nullable=False),
        sa.Column("route", sa.Text, nullable=False),
        sa.Column("registration_number", sa.Text, nullable=False),
        sa.Column("order_time", sa.DateTime(timezone=True), nullable=False),
        key=("row_number",),
    )


def _services() -> None:
    _by_person(
        "services",
        sa.Column("row_number", sa.Integer, nullable=False),
        sa.Column("service_code", sa.Text, nullable=False),
        sa.Column("service_name", sa.Text, nullable=False),
        sa.Column("supply_code", sa.Text, nullable=False),
        sa.Column("group_code", sa.Text, nullable=False),
        sa.Column("quantity", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("order_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("perform_time", sa.DateTime(timezone=True)),
        sa.Column("result_time", sa.DateTime(timezone=True)),
        key=("row_number",),
    )
    _by_person(
        "other_rows",
        sa.Column("table_code", sa.Text, nullable=False),
        sa.Column("row_number", sa.Integer, nullable=False),
        sa.Column("data", JSONB, nullable=False),
        key=("table_code", "row_number"),
    )


def _by_person(name: str, *columns: sa.Column[object], key: tuple[str, ...]) -> None:
    op.create_table(
        name,
        sa.Column("person", UUID(as_uuid=True), nullable=False),
        sa.Column("dossier", UUID(as_uuid=True), nullable=False),
        sa.Column("facility", sa.Text, nullable=False),
        sa.Column("classes", sa.SmallInteger, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("person", "dossier", *key, name=f"{name}_pkey"),
        postgresql_partition_by="HASH (person)",
    )
    for number in range(PARTITIONS):
        op.execute(
            f"CREATE TABLE {name}_p{number:02} PARTITION OF {name}"
            f" FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {number})"
        )

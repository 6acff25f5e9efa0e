"""What is read by person: tables without partitions, keys that begin with the person, files compressed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "0007_pre_person_first"
down_revision = "0006_pre_original_pieces"

PARTITIONS = 16

# The primary key after (person, dossier), and the indexes, by table.
KEYS: dict[str, tuple[str, ...]] = {
    "encounters": (),
    "diagnoses": ("position",),
    "results": ("row_number",),
    "medicines": ("row_number",),
    "services": ("row_number",),
    "other_rows": ("table_code", "row_number"),
}
INDEXES: dict[str, dict[str, tuple[str, ...]]] = {
    "encounters": {"encounters_latest": ("person", "arrival_time")},
    "results": {
        "results_of_service": ("person", "service_code", "result_time"),
        "results_of_indicator": ("person", "indicator_code", "result_time"),
        "results_latest": ("person", "result_time", "id"),
    },
}


def upgrade() -> None:
    op.create_table(
        "file_pieces",
        sa.Column("person", UUID(as_uuid=True), nullable=False),
        sa.Column("owner", UUID(as_uuid=True), nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("person", "owner", "ordinal", name="file_pieces_pkey"),
    )
    # Sealed bytes do not compress: do not try.
    op.execute("ALTER TABLE file_pieces ALTER COLUMN sealed SET STORAGE EXTERNAL")
    op.drop_constraint("check_ins_pkey", "check_ins")
    op.create_primary_key("check_ins_pkey", "check_ins", ["person", "id"])
    for table in KEYS:
        _join_partitions(table)


def _join_partitions(table: str) -> None:
    """Put the rows of all partitions of *table* into one table of the same name, a partition a statement."""
    before = f"{table}_in_partitions"
    op.rename_table(table, before)
    op.execute(f"CREATE TABLE {table} (LIKE {before})")
    for number in range(PARTITIONS):
        op.execute(f"INSERT INTO {table} SELECT * FROM {table}_p{number:02}")
    op.drop_table(before)
    op.create_primary_key(f"{table}_pkey", table, ["person", "dossier", *KEYS[table]])
    for name, columns in INDEXES.get(table, {}).items():
        op.create_index(name, table, list(columns))

"""The nodes of the exchange, and which facility lives on which."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015_pre_nodes"
down_revision = "0014_pre_access_log_tree"


def upgrade() -> None:
    op.create_table(
        "nodes",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("display_name", sa.Text, nullable=False),
        sa.Column("kind", sa.SmallInteger, nullable=False),
        sa.Column("trust_domain", sa.Text, nullable=False),
        sa.Column("ca_certificates", postgresql.ARRAY(sa.LargeBinary), nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("update_time", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
        sa.PrimaryKeyConstraint("id", name="nodes_pkey"),
        sa.UniqueConstraint("trust_domain", name="nodes_trust_domain"),
    )
    op.execute("CREATE SEQUENCE facility_node_sequence")
    op.create_table(
        "facility_nodes",
        sa.Column("facility", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("node", sa.Text, nullable=False),
        sa.Column("signer", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
        sa.Column("certificate", sa.LargeBinary, nullable=False),
        sa.Column("algorithm", sa.Text, nullable=False),
        sa.Column(
            "sequence",
            sa.BigInteger,
            nullable=False,
            server_default=sa.text("nextval('facility_node_sequence')"),
        ),
        sa.PrimaryKeyConstraint("facility", "version", name="facility_nodes_pkey"),
        sa.UniqueConstraint("sequence", name="facility_nodes_sequence"),
    )

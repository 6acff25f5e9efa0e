"""The log of receipts, and the heads of other logs."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    text,
)

from .columns import metadata, text_column, text_columns, time_column

# The log of receipts (nhật ký minh bạch): leaves that wait for their place, the tree, and its signed heads.
# A leaf waits from the commit of its receipt until the next round of `service/receipt_log.py`.
log_queue = Table(
    "log_queue",
    metadata,
    Column("id", BigInteger, Identity(always=True), nullable=False),
    Column("leaf_hash", LargeBinary, nullable=False),
    Column("queue_time", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("id", name="log_queue_pkey"),
)

# The leaves, of level 0, and of every eighth level above them the nodes of complete subtrees
# (`transparency/stored_nodes.py`).  Rows are only ever added.
log_nodes = Table(
    "log_nodes",
    metadata,
    Column("level", SmallInteger, nullable=False, autoincrement=False),
    Column("index", BigInteger, nullable=False, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
    PrimaryKeyConstraint("level", "index", name="log_nodes_pkey"),
    Index("log_nodes_leaf", "hash", postgresql_where=text("level = 0")),
)

# The signed heads, byte for byte as they were signed, for ever.
log_heads = Table(
    "log_heads",
    metadata,
    Column("tree_size", BigInteger, nullable=False, autoincrement=False),
    time_column("head_time"),
    Column("body", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    # Of the certificate, which is in `signing_keys`.
    Column("certificate_sha256", LargeBinary, nullable=False),
    PrimaryKeyConstraint("tree_size", name="log_heads_pkey"),
)

# The keys that sign here and have ever signed, each with its certificate.
signing_keys = Table(
    "signing_keys",
    metadata,
    Column("certificate_sha256", LargeBinary, nullable=False),
    Column("key_id", LargeBinary, nullable=False),
    Column("certificate", LargeBinary, nullable=False),
    text_column("algorithm"),
    Column("first_use_time", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("certificate_sha256", name="signing_keys_pkey"),
)

# Heads of other logs, byte for byte as they came: of other nodes, of the access logs of services.
witnessed_heads = Table(
    "witnessed_heads",
    metadata,
    text_column("origin"),
    Column("sha256", LargeBinary, nullable=False),
    Column("tree_size", BigInteger, nullable=False),
    time_column("head_time"),
    Column("root", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("certificate", LargeBinary, nullable=False),
    *text_columns("algorithm", "verdict"),
    Column("receive_time", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    # The SHA-256 of the body: a log that was rewritten has two heads of one size.
    PrimaryKeyConstraint("origin", "sha256", name="witnessed_heads_pkey"),
    CheckConstraint("verdict IN ('consistent', 'inconsistent')", name="witnessed_heads_verdict"),
    Index("witnessed_heads_newest", "origin", "tree_size", "head_time"),
)

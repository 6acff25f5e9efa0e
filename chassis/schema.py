"""
The tables that every service's database has beside its own.

`chassis_tables(metadata)` adds them to a service's MetaData, so that the service's schema is
whole; the chassis' own statements are compiled against the tables of `CHASSIS` here.
`chassis/migrate.py` holds the same tables once more, spelled out, for migration 0001; a test
compares the two.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

CHASSIS = MetaData()

# The first answer to each write, kept as long as a client may ask again (chassis/idempotency.py).
# A row that others can see is finished: `reply` and `finish_time` are null only inside the
# transaction that claimed it.  `finish_time` has no index so that finishing updates in place.
replies = Table(
    "replies",
    CHASSIS,
    Column("caller", Text, nullable=False),
    Column("request_id", UUID(as_uuid=True), nullable=False),
    # As `lientuyen.routing.v1.MailboxService/SendMessage`.
    Column("method", Text, nullable=False),
    # SHA-256 over the method and the request: 32 bytes.
    Column("fingerprint", LargeBinary, nullable=False),
    # The response message, sealed.
    Column("reply", LargeBinary),
    Column("claim_time", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("finish_time", DateTime(timezone=True)),
    PrimaryKeyConstraint("caller", "request_id", name="replies_pkey"),
    Index("replies_claim_time", "claim_time"),
)


# Events to be delivered (chassis/outbox.py).  An event is `waiting` until it is `done`, `dead` (given
# up) or `stopped` (by an operator).  While a relay holds a waiting event, `next_time` is when
# its lease ends; otherwise it is when the event is due.  `seq` orders the events of one key.
outbox = Table(
    "outbox",
    CHASSIS,
    Column("id", UUID(as_uuid=True), nullable=False),
    Column("seq", BigInteger, Identity(always=True), nullable=False),
    Column("topic", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    # The W3C trace context of the call that published it; empty when it was not traced.
    Column("traceparent", Text, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'waiting'")),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    # The kind and the reason of the last failure, never its message.
    Column("last_error", Text, nullable=False, server_default=text("''")),
    Column("create_time", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("next_time", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("finish_time", DateTime(timezone=True)),
    PrimaryKeyConstraint("id", name="outbox_pkey"),
    CheckConstraint("state IN ('waiting', 'done', 'dead', 'stopped')", name="outbox_state"),
    Index("outbox_due", "next_time", postgresql_where=text("state = 'waiting'")),
    Index("outbox_key", "key", "seq", postgresql_where=text("state = 'waiting' AND key <> ''")),
    Index("outbox_finished", "finish_time", postgresql_where=text("state <> 'waiting'")),
)

# Who looked at whom (nhật ký truy cập; chassis/audit.py).  A partition a month; triggers refuse
# any change of a row.  The enum columns hold the numbers of `lientuyen.type.v1.AccessContext`.
audit = Table(
    "audit",
    CHASSIS,
    Column("id", UUID(as_uuid=True), nullable=False, server_default=text("gen_random_uuid()")),
    Column("access_time", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("caller", Text, nullable=False),
    Column("practitioner", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("purpose", SmallInteger, nullable=False),
    Column("legal_basis", SmallInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("allowed", Boolean, nullable=False),
    Column("flagged", Boolean, nullable=False),
    Column("trace_id", Text, nullable=False),
    # The transaction that added the row, of all that the database has ever begun: rows enter the tree in this
    # order (chassis/access_log_tree.py).  Null on rows from before there was a tree.
    Column("transaction_id", BigInteger, server_default=text("(pg_current_xact_id()::text)::bigint")),
    PrimaryKeyConstraint("id", "access_time", name="audit_pkey"),
    Index("audit_subject", "subject", "access_time", "id"),
    Index(
        "audit_transaction",
        "transaction_id",
        postgresql_using="brin",
        postgresql_with={"autosummarize": "on"},
    ),
    postgresql_partition_by="RANGE (access_time)",
)

# One sealed value, in the row 1: whoever opens it has this database's sealing keys (chassis/sentinel.py).
key_sentinel = Table(
    "key_sentinel",
    CHASSIS,
    Column("id", SmallInteger, nullable=False, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("seal_time", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("id", name="key_sentinel_pkey"),
)


# Which months have left the database as sealed files (chassis/archives), and which of them are back for
# reading.  A month of the access log has one; one of messages another for those that were finished later.
archives = Table(
    "archives",
    CHASSIS,
    Column("kind", Text, nullable=False),
    Column("month", Date, nullable=False),
    # 1, 2, … within the month.
    Column("number", SmallInteger, nullable=False, autoincrement=False),
    Column("state", Text, nullable=False),
    Column("row_count", BigInteger, nullable=False),
    # Of the file.
    Column("sha256", LargeBinary, nullable=False),
    # What the file is sealed with, itself sealed; so that whoever asks for the keys in use finds it.
    Column("data_key", LargeBinary, nullable=False),
    Column("export_time", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("drop_time", DateTime(timezone=True)),
    Column("restore_time", DateTime(timezone=True)),
    PrimaryKeyConstraint("kind", "month", "number", name="archives_pkey"),
    CheckConstraint("state IN ('exported', 'dropping', 'dropped', 'restored')", name="archives_state"),
)

# The tree over the access log: which rows were put into it together, in its order, up to a thousand.  Rows
# are only ever added.
audit_leaves = Table(
    "audit_leaves",
    CHASSIS,
    Column("first_leaf", BigInteger, nullable=False, autoincrement=False),
    Column("tree_size", BigInteger, nullable=False),
    # 56 bytes a row: id, time, hash (transparency/access_rows.py).
    Column("entries", LargeBinary, nullable=False),
    # The peaks of the tree after it: 32 bytes each.
    Column("peaks", LargeBinary, nullable=False),
    # Of the last row.
    Column("last_transaction", BigInteger, nullable=False),
    Column("last_id", UUID(as_uuid=True), nullable=False),
    Column("log_time", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("first_leaf", name="audit_leaves_pkey"),
)

# The signed heads of that tree, one an hour, byte for byte as they were signed.
audit_heads = Table(
    "audit_heads",
    CHASSIS,
    # The end of the hour.
    Column("hour_end", DateTime(timezone=True), nullable=False),
    Column("tree_size", BigInteger, nullable=False),
    Column("peaks", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("certificate", LargeBinary, nullable=False),
    Column("algorithm", Text, nullable=False),
    # When routing had taken it into its own log.
    Column("send_time", DateTime(timezone=True)),
    PrimaryKeyConstraint("hour_end", name="audit_heads_pkey"),
    Index("audit_heads_unsent", "hour_end", postgresql_where=text("send_time IS NULL")),
)


def chassis_tables(metadata: MetaData) -> None:
    """Add the chassis' tables to *metadata*, a service's own."""
    for table in CHASSIS.sorted_tables:
        table.to_metadata(metadata)

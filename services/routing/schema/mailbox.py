"""
Messages, their bodies and their receipts.

`messages` carries the state machine and the queue at once, so that a message's state and its place in the
mailbox can never disagree; the partial indexes keep the queue's cost by what waits, not by what was ever
sent.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Sequence,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

from .columns import metadata, null_time_columns, text_column, text_columns, time_column, uuid_column

# The places in all mailboxes, in the order in which messages entered them.
message_sequence = Sequence("message_sequence", metadata=metadata)

messages = Table(
    "messages",
    metadata,
    uuid_column("id"),
    Column("sequence", BigInteger, nullable=False),
    *text_columns("sender", "recipient", "kind", "media_type"),
    Column("size", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    *text_columns("about", "person", "correlation"),
    # The W3C trace context of the call that sent it; empty when it was not traced.
    text_column("traceparent"),
    text_column("state"),
    time_column("accept_time"),
    # When it last entered the mailbox: sent, or replayed.
    time_column("enqueue_time"),
    Column("attempts", Integer, nullable=False),
    Column("dead_reason", Text),
    text_column("dead_note"),
    Column("lease_token", UUID(as_uuid=True)),
    Column("lease_stream", UUID(as_uuid=True)),
    *null_time_columns("lease_expire_time", "lease_begin_time", "lease_time", "acknowledge_time"),
    *null_time_columns("dead_time", "replay_time", "stop_time", "notice_time"),
    # The body, sealed, when it is short; else null, and it is in `pieces`, or removed.
    Column("body", LargeBinary),
    # Set when its time of retention was over and the body was removed.
    time_column("remove_time", nullable=True),
    # Set when it is back from an archive, for reading.
    time_column("restore_time", nullable=True),
    PrimaryKeyConstraint("id", name="messages_pkey"),
    CheckConstraint(
        "state IN ('accepted', 'leased', 'acknowledged', 'dead', 'stopped')", name="messages_state"
    ),
    CheckConstraint(
        "(state = 'leased') = (lease_token IS NOT NULL AND lease_stream IS NOT NULL"
        " AND lease_expire_time IS NOT NULL)",
        name="messages_lease",
    ),
    Index("messages_waiting", "recipient", "sequence", postgresql_where=text("state = 'accepted'")),
    Index("messages_turns", "recipient", "sender", "sequence", postgresql_where=text("state = 'accepted'")),
    Index("messages_held", "recipient", "sequence", postgresql_where=text("state = 'leased'")),
    Index("messages_lapsing", "lease_expire_time", postgresql_where=text("state = 'leased'")),
    Index("messages_late", "enqueue_time", postgresql_where=text("state = 'accepted'")),
    Index("messages_dead", "dead_time", "id", postgresql_where=text("state = 'dead'")),
    Index(
        "messages_kept",
        "accept_time",
        postgresql_where=text("state IN ('acknowledged', 'stopped') AND remove_time IS NULL"),
    ),
    Index("messages_month", "accept_time", "id"),
    Index("messages_sender", "sender", "accept_time", "id"),
    Index("messages_recipient", "recipient", "accept_time", "id"),
)

# What of each sender is in each mailbox and has not ended: accepted, leased or dead.  Triggers on `messages`
# keep it, whoever writes there; notices of the system are not counted (docs/adr/0061).
mailbox_shares = Table(
    "mailbox_shares",
    metadata,
    *text_columns("recipient", "sender"),
    Column("messages", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    PrimaryKeyConstraint("recipient", "sender", name="mailbox_shares_pkey"),
    Index("mailbox_shares_sender", "sender"),
)

# Long bodies, in sealed pieces of `chassis.piece_encryption.PIECE_BYTES` bytes.  They are written while the
# upload runs, before their message exists: pieces without a message are an upload that was broken off.
pieces = Table(
    "pieces",
    metadata,
    uuid_column("message_id"),
    Column("ordinal", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("create_time", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("message_id", "ordinal", name="pieces_pkey"),
    Index("pieces_first", "create_time", postgresql_where=text("ordinal = 0")),
)

# Signed receipts, byte for byte as they were given.
receipts = Table(
    "receipts",
    metadata,
    uuid_column("message_id"),
    text_column("kind"),
    Column("body", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("certificate", LargeBinary, nullable=False),
    text_column("algorithm"),
    PrimaryKeyConstraint("message_id", "kind", name="receipts_pkey"),
)

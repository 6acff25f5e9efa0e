"""Other nodes: who lives where, what came from them, and what they have taken."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    text,
)

from .columns import metadata, text_column, text_columns, time_column, uuid_column

# Which node a facility lives on, as identity's directory had it last: every version, the last holds.
facility_homes = Table(
    "facility_homes",
    metadata,
    text_column("facility"),
    Column("version", BigInteger, nullable=False),
    text_column("node"),
    Column("sequence", BigInteger, nullable=False),
    PrimaryKeyConstraint("facility", "version", name="facility_homes_pkey"),
    Index("facility_homes_node", "node", "facility"),
)

# The links to other nodes: which replica holds each, and how often another has taken it (fencing).
node_links = Table(
    "node_links",
    metadata,
    *text_columns("node"),
    uuid_column("holder"),
    time_column("hold_expire_time"),
    Column("epoch", BigInteger, nullable=False, server_default=text("1")),
    # Whether the stream stands, and since when it does or does not; by whoever holds the link.
    Column("standing", Boolean, nullable=False, server_default=text("false")),
    Column("change_time", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("node", name="node_links_pkey"),
)

# Messages that came from another node, or from several: who took it from its sender (empty: we did, and it
# came home), and whether that node knows what became of it.  A trigger on `messages` sets `ended`, whoever
# writes there.
arrivals = Table(
    "arrivals",
    metadata,
    uuid_column("message_id"),
    *text_columns("node", "origin"),
    time_column("enqueue_time"),
    # Who it is about, sealed: a serialised `lientuyen.routing.v1.RelayedPerson`; null when nobody was told.
    Column("person", LargeBinary),
    Column("ended", Boolean, nullable=False, server_default=text("false")),
    time_column("confirm_time", nullable=True),
    PrimaryKeyConstraint("message_id", "node", name="arrivals_pkey"),
    Index("arrivals_untold", "node", "message_id", postgresql_where=text("ended AND confirm_time IS NULL")),
)

# Messages that another node, or another system, has taken: its own name for each.
handovers = Table(
    "handovers",
    metadata,
    uuid_column("message_id"),
    *text_columns("node", "reference"),
    time_column("handover_time"),
    PrimaryKeyConstraint("message_id", name="handovers_pkey"),
)

# What other nodes attested of a message, byte for byte: a serialised `lientuyen.routing.v1.Receipt`, or what
# a system of another make gave.
far_receipts = Table(
    "far_receipts",
    metadata,
    uuid_column("message_id"),
    *text_columns("node", "kind"),
    Column("receipt", LargeBinary, nullable=False),
    Column("create_time", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    PrimaryKeyConstraint("message_id", "node", "kind", name="far_receipts_pkey"),
)

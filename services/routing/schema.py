"""
The tables of routing.

Nothing here says who a person is: `person` columns hold resource names, bodies
are sealed.  `messages` carries the state machine and the queue at once, so that
a message's state and its place in the mailbox can never disagree; the partial
indexes keep the queue's cost by what waits, not by what was ever sent.
"""

from sqlalchemy import (
    ARRAY,
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
    Sequence,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

from chassis.archives.kinds import Dependent, Kind
from chassis.schema import chassis_tables

metadata = MetaData()
chassis_tables(metadata)


def _uuid(name: str) -> Column[object]:
    return Column(name, UUID(as_uuid=True), nullable=False)


def _text(name: str) -> Column[object]:
    return Column(name, Text, nullable=False)


def _texts(*names: str) -> list[Column[object]]:
    return [_text(name) for name in names]


def _empty_text(name: str) -> Column[object]:
    """A column that a release before knows nothing of: empty when it writes the row."""
    return Column(name, Text, nullable=False, server_default=text("''"))


def _time(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _null_times(*names: str) -> list[Column[object]]:
    return [_time(name, nullable=True) for name in names]


def _source_slip() -> list[Column[object]]:
    """The slip of a dossier that something was made from, its full name or empty; and its neighbours."""
    return [
        Column("source_slip", Text, nullable=False, server_default=text("''")),
        Column("replaces", UUID(as_uuid=True)),
        Column("replaced_by", UUID(as_uuid=True)),
    ]


def _one_in_force(name: str, in_force: str) -> Index:
    """What keeps a slip of a dossier from having two of its kind in force."""
    return Index(name, "source_slip", unique=True, postgresql_where=text(f"source_slip <> '' AND {in_force}"))


def _latest_of_source(name: str) -> Index:
    """Leads to what a slip of a dossier made last, whether or not it is in force."""
    return Index(name, "source_slip", "create_time", postgresql_where=text("source_slip <> ''"))


# The places in all mailboxes, in the order in which messages entered them.
message_sequence = Sequence("message_sequence", metadata=metadata)

messages = Table(
    "messages",
    metadata,
    _uuid("id"),
    Column("sequence", BigInteger, nullable=False),
    *_texts("sender", "recipient", "kind", "media_type"),
    Column("size", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    *_texts("about", "person", "correlation"),
    # The W3C trace context of the call that sent it; empty when it was not traced.
    _text("traceparent"),
    _text("state"),
    _time("accept_time"),
    # When it last entered the mailbox: sent, or replayed.
    _time("enqueue_time"),
    Column("attempts", Integer, nullable=False),
    Column("dead_reason", Text),
    _text("dead_note"),
    Column("lease_token", UUID(as_uuid=True)),
    Column("lease_stream", UUID(as_uuid=True)),
    *_null_times("lease_expire_time", "lease_begin_time", "lease_time", "acknowledge_time"),
    *_null_times("dead_time", "replay_time", "stop_time", "notice_time"),
    # The body, sealed, when it is short; else null, and it is in `pieces`, or removed.
    Column("body", LargeBinary),
    # Set when its time of retention was over and the body was removed.
    _time("remove_time", nullable=True),
    # Set when it is back from an archive, for reading.
    _time("restore_time", nullable=True),
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
    *_texts("recipient", "sender"),
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
    _uuid("message_id"),
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
    _uuid("message_id"),
    _text("kind"),
    Column("body", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("certificate", LargeBinary, nullable=False),
    _text("algorithm"),
    PrimaryKeyConstraint("message_id", "kind", name="receipts_pkey"),
)

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
    _time("head_time"),
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
    _text("algorithm"),
    Column("first_use_time", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("certificate_sha256", name="signing_keys_pkey"),
)

# Heads of other logs, byte for byte as they came: of other nodes, of the access logs of services.
witnessed_heads = Table(
    "witnessed_heads",
    metadata,
    _text("origin"),
    Column("sha256", LargeBinary, nullable=False),
    Column("tree_size", BigInteger, nullable=False),
    _time("head_time"),
    Column("root", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("certificate", LargeBinary, nullable=False),
    *_texts("algorithm", "verdict"),
    Column("receive_time", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    # The SHA-256 of the body: a log that was rewritten has two heads of one size.
    PrimaryKeyConstraint("origin", "sha256", name="witnessed_heads_pkey"),
    CheckConstraint("verdict IN ('consistent', 'inconsistent')", name="witnessed_heads_verdict"),
    Index("witnessed_heads_newest", "origin", "tree_size", "head_time"),
)

# Which node a facility lives on, as identity's directory had it last: every version, the last holds.
facility_homes = Table(
    "facility_homes",
    metadata,
    _text("facility"),
    Column("version", BigInteger, nullable=False),
    _text("node"),
    Column("sequence", BigInteger, nullable=False),
    PrimaryKeyConstraint("facility", "version", name="facility_homes_pkey"),
    Index("facility_homes_node", "node", "facility"),
)

# The links to other nodes: which replica holds each, and how often another has taken it (fencing).
node_links = Table(
    "node_links",
    metadata,
    *_texts("node"),
    _uuid("holder"),
    _time("hold_expire_time"),
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
    _uuid("message_id"),
    *_texts("node", "origin"),
    _time("enqueue_time"),
    # Who it is about, sealed: a serialised `lientuyen.routing.v1.RelayedPerson`; null when nobody was told.
    Column("person", LargeBinary),
    Column("ended", Boolean, nullable=False, server_default=text("false")),
    _time("confirm_time", nullable=True),
    PrimaryKeyConstraint("message_id", "node", name="arrivals_pkey"),
    Index("arrivals_untold", "node", "message_id", postgresql_where=text("ended AND confirm_time IS NULL")),
)

# Messages that another node, or another system, has taken: its own name for each.
handovers = Table(
    "handovers",
    metadata,
    _uuid("message_id"),
    *_texts("node", "reference"),
    _time("handover_time"),
    PrimaryKeyConstraint("message_id", name="handovers_pkey"),
)

# What other nodes attested of a message, byte for byte: a serialised `lientuyen.routing.v1.Receipt`, or what
# a system of another make gave.
far_receipts = Table(
    "far_receipts",
    metadata,
    _uuid("message_id"),
    *_texts("node", "kind"),
    Column("receipt", LargeBinary, nullable=False),
    Column("create_time", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    PrimaryKeyConstraint("message_id", "node", "kind", name="far_receipts_pkey"),
)

referrals = Table(
    "referrals",
    metadata,
    _uuid("id"),
    *_texts("person", "sender", "recipient", "slip_number", "reason_code"),
    *_texts("diagnosis_system", "diagnosis_code", "diagnosis_display"),
    _time("issue_time"),
    _text("source_dossier"),
    Column("long_term", Boolean, nullable=False),
    Column("valid_until", Date, nullable=False),
    Column("slip_sha256", LargeBinary, nullable=False),
    _uuid("message_id"),
    _text("state"),
    _time("create_time"),
    *_null_times("deliver_time", "accept_time", "decline_time"),
    *_null_times("complete_time", "cancel_time", "expire_time"),
    _text("note"),
    *_source_slip(),
    # Who referred: a licence number.
    _empty_text("practitioner"),
    # How the levels of the facilities lie to each other; empty when not known.
    _empty_text("step"),
    # For which encounter of the recipient it was last used, and when.
    _empty_text("encounter"),
    _time("use_time", nullable=True),
    # What became of the patient: a serialised `ReferralOutcome`, sealed.
    Column("outcome", LargeBinary),
    PrimaryKeyConstraint("id", name="referrals_pkey"),
    CheckConstraint(
        "state IN ('issued', 'delivered', 'accepted', 'declined', 'completed', 'cancelled', 'expired')",
        name="referrals_state",
    ),
    # One slip of a number in force.
    Index(
        "referrals_slip",
        "sender",
        "slip_number",
        unique=True,
        postgresql_where=text("slip_number <> '' AND state NOT IN ('declined', 'cancelled', 'expired')"),
    ),
    _one_in_force("referrals_source_slip", "state NOT IN ('declined', 'cancelled', 'expired')"),
    _latest_of_source("referrals_latest_of_source"),
    Index("referrals_open", "valid_until", postgresql_where=text("state IN ('issued', 'delivered')")),
    Index("referrals_person", "person", "create_time", "id"),
    Index("referrals_sender", "sender", "create_time", "id"),
    Index("referrals_recipient", "recipient", "create_time", "id"),
    # Whether a slip came to a facility that now sends it.
    Index("referrals_received_slip", "recipient", "slip_sha256"),
)

record_requests = Table(
    "record_requests",
    metadata,
    _uuid("id"),
    *_texts("person", "requester", "holder", "scope"),
    # The ground that the requester stated: a serialised `lientuyen.type.v1.AccessContext`.
    Column("access", LargeBinary, nullable=False),
    _text("state"),
    # The message that answered it; and above who is asked: for a release that knows one holder only.
    Column("message_id", UUID(as_uuid=True)),
    _text("note"),
    _time("create_time"),
    _time("finish_time", nullable=True),
    Column("since", Date),
    Column("until", Date),
    # Until when holders may answer; null for a request of a release that knew no deadline.
    _time("deadline", nullable=True),
    PrimaryKeyConstraint("id", name="record_requests_pkey"),
    CheckConstraint(
        "state IN ('requested', 'fulfilled', 'declined', 'partial', 'expired', 'cancelled', 'stopped')",
        name="record_requests_state",
    ),
    Index("record_requests_requester", "requester", "create_time", "id"),
    Index("record_requests_holder", "holder", "create_time", "id", postgresql_where=text("holder <> ''")),
    Index("record_requests_overdue", "deadline", postgresql_where=text("state = 'requested'")),
)

# Who is asked, in the order in which they are named, and what became of it.
record_request_holders = Table(
    "record_request_holders",
    metadata,
    _uuid("request_id"),
    _text("holder"),
    Column("position", Integer, nullable=False),
    _text("state"),
    # The message that asks, and those that answer.
    Column("ask", UUID(as_uuid=True)),
    Column("answers", ARRAY(UUID(as_uuid=True)), nullable=False, server_default=text("'{}'")),
    _text("note"),
    # When the request was made.
    _time("create_time"),
    _time("answer_time", nullable=True),
    PrimaryKeyConstraint("request_id", "holder", name="record_request_holders_pkey"),
    CheckConstraint(
        "state IN ('asked', 'fulfilled', 'declined', 'unreachable', 'expired', 'cancelled', 'stopped')",
        name="record_request_holders_state",
    ),
    Index("record_request_holders_listed", "holder", "create_time", "request_id"),
)

appointments = Table(
    "appointments",
    metadata,
    _uuid("id"),
    *_texts("person", "facility"),
    Column("day", Date, nullable=False),
    _text("slip_number"),
    *_texts("diagnosis_system", "diagnosis_code", "diagnosis_display"),
    *_texts("care_category", "source_dossier", "state"),
    _time("create_time"),
    *_null_times("use_time", "cancel_time"),
    *_source_slip(),
    # The encounter of the facility that it ends; empty when not told.
    _empty_text("encounter"),
    _time("remind_time", nullable=True),
    PrimaryKeyConstraint("id", name="appointments_pkey"),
    CheckConstraint("state IN ('booked', 'used', 'cancelled')", name="appointments_state"),
    Index(
        "appointments_slip",
        "facility",
        "slip_number",
        unique=True,
        postgresql_where=text("slip_number <> '' AND state <> 'cancelled'"),
    ),
    _one_in_force("appointments_source_slip", "state <> 'cancelled'"),
    _latest_of_source("appointments_latest_of_source"),
    Index("appointments_person", "person", "day", "id"),
    Index("appointments_facility", "facility", "day", "id"),
    # One appointment in force of an encounter.
    Index(
        "appointments_encounter",
        "facility",
        "encounter",
        unique=True,
        postgresql_where=text("encounter <> '' AND state <> 'cancelled'"),
    ),
    Index(
        "appointments_unreminded",
        "day",
        "id",
        postgresql_where=text("state = 'booked' AND remind_time IS NULL"),
    ),
)

consultations = Table(
    "consultations",
    metadata,
    _uuid("id"),
    *_texts("person", "requester", "consultant", "practitioner", "speciality"),
    Column("urgent", Boolean, nullable=False),
    _time("answer_by_time"),
    # The message that carries the question.
    _uuid("message_id"),
    _text("state"),
    _time("create_time"),
    _text("taker"),
    *_null_times("take_time", "answer_time", "decline_time", "withdraw_time", "expire_time"),
    _text("note"),
    # The signature of the opinion, and for whom its certificate is registered.
    Column("opinion_body", LargeBinary),
    Column("opinion_signature", LargeBinary),
    Column("opinion_certificate", LargeBinary),
    Column("opinion_signer", Text),
    Column("opinion_message_id", UUID(as_uuid=True)),
    PrimaryKeyConstraint("id", name="consultations_pkey"),
    CheckConstraint(
        "state IN ('asked', 'taken', 'answered', 'declined', 'withdrawn', 'expired')",
        name="consultations_state",
    ),
    CheckConstraint("(state = 'answered') = (opinion_signature IS NOT NULL)", name="consultations_opinion"),
    Index("consultations_open", "answer_by_time", postgresql_where=text("state IN ('asked', 'taken')")),
    Index("consultations_person", "person", "create_time", "id"),
    Index("consultations_requester", "requester", "create_time", "id"),
    Index("consultations_consultant", "consultant", "create_time", "id"),
)

# What may leave by the month beside the access log (docs/retention.md): messages whose life and body have
# ended, with their receipts.  One that nobody has acknowledged or stopped stays.
ARCHIVED = (
    Kind(
        "messages",
        messages,
        "accept_time",
        months_kept=12,
        may_leave=(
            "state IN ('acknowledged', 'stopped') AND remove_time IS NOT NULL AND restore_time IS NULL"
        ),
        dependents=(
            Dependent(receipts, "message_id"),
            Dependent(arrivals, "message_id"),
            Dependent(handovers, "message_id"),
            Dependent(far_receipts, "message_id"),
        ),
    ),
)

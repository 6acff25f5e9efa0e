"""Requests for records, and who is asked."""

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

from .columns import metadata, text_column, text_columns, time_column, uuid_column

record_requests = Table(
    "record_requests",
    metadata,
    uuid_column("id"),
    *text_columns("person", "requester", "holder", "scope"),
    # The ground that the requester stated: a serialised `lientuyen.type.v1.AccessContext`.
    Column("access", LargeBinary, nullable=False),
    text_column("state"),
    # The message that answered it; and above who is asked: for a release that knows one holder only.
    Column("message_id", UUID(as_uuid=True)),
    text_column("note"),
    time_column("create_time"),
    time_column("finish_time", nullable=True),
    Column("since", Date),
    Column("until", Date),
    # Until when holders may answer; null for a request of a release that knew no deadline.
    time_column("deadline", nullable=True),
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
    uuid_column("request_id"),
    text_column("holder"),
    Column("position", Integer, nullable=False),
    text_column("state"),
    # The message that asks, and those that answer.
    Column("ask", UUID(as_uuid=True)),
    Column("answers", ARRAY(UUID(as_uuid=True)), nullable=False, server_default=text("'{}'")),
    text_column("note"),
    # When the request was made.
    time_column("create_time"),
    time_column("answer_time", nullable=True),
    PrimaryKeyConstraint("request_id", "holder", name="record_request_holders_pkey"),
    CheckConstraint(
        "state IN ('asked', 'fulfilled', 'declined', 'unreachable', 'expired', 'cancelled', 'stopped')",
        name="record_request_holders_state",
    ),
    Index("record_request_holders_listed", "holder", "create_time", "request_id"),
)

"""
The chassis' tables as migration 0001 of every service makes them.

Frozen: a change of `chassis/schema.py` comes with a new function here and a new migration in
each service, never with a change of what has run.  Only the months that the access log's
partitions begin with depend on the day.
"""

from typing import Any, Final

from . import audit_partitions, clock

REPLIES: Final = (
    """
    CREATE TABLE replies (
        caller text NOT NULL,
        request_id uuid NOT NULL,
        method text NOT NULL,
        fingerprint bytea NOT NULL,
        reply bytea,
        claim_time timestamptz NOT NULL DEFAULT now(),
        finish_time timestamptz,
        CONSTRAINT replies_pkey PRIMARY KEY (caller, request_id)
    )
    """,
    "CREATE INDEX replies_claim_time ON replies (claim_time)",
)

OUTBOX: Final = (
    """
    CREATE TABLE outbox (
        id uuid NOT NULL,
        seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
        topic text NOT NULL,
        key text NOT NULL,
        payload bytea NOT NULL,
        traceparent text NOT NULL,
        state text NOT NULL DEFAULT 'waiting',
        attempts integer NOT NULL DEFAULT 0,
        last_error text NOT NULL DEFAULT '',
        create_time timestamptz NOT NULL DEFAULT now(),
        next_time timestamptz NOT NULL DEFAULT now(),
        finish_time timestamptz,
        CONSTRAINT outbox_pkey PRIMARY KEY (id),
        CONSTRAINT outbox_state CHECK (state IN ('waiting', 'done', 'dead', 'stopped'))
    )
    """,
    "CREATE INDEX outbox_due ON outbox (next_time) WHERE state = 'waiting'",
    "CREATE INDEX outbox_key ON outbox (key, seq) WHERE state = 'waiting' AND key <> ''",
    "CREATE INDEX outbox_finished ON outbox (finish_time) WHERE state <> 'waiting'",
    """
    CREATE TABLE outbox_seen (
        event_id uuid NOT NULL,
        seen_time timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT outbox_seen_pkey PRIMARY KEY (event_id)
    )
    """,
    "CREATE INDEX outbox_seen_time ON outbox_seen (seen_time)",
)

AUDIT: Final = (
    """
    CREATE TABLE audit (
        id uuid NOT NULL DEFAULT gen_random_uuid(),
        access_time timestamptz NOT NULL DEFAULT now(),
        caller text NOT NULL,
        practitioner text NOT NULL,
        method text NOT NULL,
        subject text NOT NULL,
        purpose smallint NOT NULL,
        legal_basis smallint NOT NULL,
        reason text NOT NULL,
        allowed boolean NOT NULL,
        flagged boolean NOT NULL,
        trace_id text NOT NULL,
        CONSTRAINT audit_pkey PRIMARY KEY (id, access_time)
    ) PARTITION BY RANGE (access_time)
    """,
    "CREATE INDEX audit_subject ON audit (subject, access_time, id)",
    """
    CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'rows of the access log are only ever added'; END $$
    """,
    """
    CREATE TRIGGER audit_rows BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()
    """,
    """
    CREATE TRIGGER audit_whole BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()
    """,
    "CREATE TABLE audit_default PARTITION OF audit DEFAULT",
    """
    CREATE TRIGGER audit_default_whole BEFORE TRUNCATE ON audit_default
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()
    """,
)


def create_chassis_tables(op: Any) -> None:
    """Make the tables with *op*, Alembic's operations; for the first migration of a service."""
    for statement in (*REPLIES, *OUTBOX, *AUDIT):
        op.execute(statement)
    for month in audit_partitions.months(clock.now(), audit_partitions.PARTITIONS_AHEAD):
        for statement in audit_partitions.partition_ddl(month):
            op.execute(statement)


def drop_outbox_seen(op: Any) -> None:
    """Drop the receiver's memory of events, which nothing asks: a peer remembers by `request_id`."""
    op.execute("DROP TABLE outbox_seen")


def create_key_sentinel(op: Any) -> None:
    """Make the table of the one value that tells whether a replica has the database's sealing keys."""
    op.execute(
        """
        CREATE TABLE key_sentinel (
            id smallint NOT NULL,
            sealed bytea NOT NULL,
            seal_time timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT key_sentinel_pkey PRIMARY KEY (id)
        )
        """
    )


def create_archives(op: Any) -> None:
    """Make the table of the months that left the database, or are back for reading (`chassis/archives`).

    What a run has left that broke off after it, amid a later statement of its file, is left as it is.
    """
    op.execute(
        """
        CREATE TABLE IF NOT EXISTS archives (
            kind text NOT NULL,
            month date NOT NULL,
            number smallint NOT NULL,
            state text NOT NULL,
            row_count bigint NOT NULL,
            sha256 bytea NOT NULL,
            data_key bytea NOT NULL,
            export_time timestamptz NOT NULL DEFAULT now(),
            drop_time timestamptz,
            restore_time timestamptz,
            CONSTRAINT archives_pkey PRIMARY KEY (kind, month, number),
            CONSTRAINT archives_state CHECK (state IN ('exported', 'dropping', 'dropped', 'restored'))
        )
        """
    )


ACCESS_LOG_TREE: Final = (
    # First the column and then its default: rows that are there have none, and are not written anew.
    "ALTER TABLE audit ADD COLUMN IF NOT EXISTS transaction_id bigint",
    "ALTER TABLE audit ALTER COLUMN transaction_id SET DEFAULT (pg_current_xact_id()::text)::bigint",
    """
    CREATE TABLE IF NOT EXISTS audit_leaves (
        first_leaf bigint NOT NULL,
        tree_size bigint NOT NULL,
        entries bytea NOT NULL,
        peaks bytea NOT NULL,
        last_transaction bigint NOT NULL,
        last_id uuid NOT NULL,
        log_time timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT audit_leaves_pkey PRIMARY KEY (first_leaf)
    )
    """,
    # Hashes: nothing that could be made smaller.
    "ALTER TABLE audit_leaves ALTER COLUMN entries SET STORAGE EXTERNAL",
    """
    CREATE TABLE IF NOT EXISTS audit_heads (
        hour_end timestamptz NOT NULL,
        tree_size bigint NOT NULL,
        peaks bytea NOT NULL,
        body bytea NOT NULL,
        signature bytea NOT NULL,
        certificate bytea NOT NULL,
        algorithm text NOT NULL,
        send_time timestamptz,
        CONSTRAINT audit_heads_pkey PRIMARY KEY (hour_end)
    )
    """,
    "CREATE INDEX IF NOT EXISTS audit_heads_unsent ON audit_heads (hour_end) WHERE send_time IS NULL",
    """
    CREATE OR REPLACE TRIGGER audit_leaves_rows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_leaves
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()
    """,
    """
    CREATE OR REPLACE TRIGGER audit_heads_rows
    BEFORE UPDATE OF hour_end, tree_size, peaks, body, signature, certificate, algorithm
    OR DELETE OR TRUNCATE ON audit_heads
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()
    """,
)


def create_access_log_tree(op: Any) -> None:
    """Make what the tree over the access log needs (`chassis/access_log_tree.py`).

    What a run has left that broke off after it, amid the index, is left as it is.
    """
    for statement in ACCESS_LOG_TREE:
        op.execute(statement)


def create_access_log_index(op: Any) -> None:
    """Make the index of the access log by transactions, without stopping reads of persons.

    The index of the whole is made of those of its partitions, each made while rows are added.  It holds a
    summary of each 128 blocks, some kilobytes a month, and costs an added row nothing to speak of.
    """
    with op.get_context().autocommit_block():
        op.execute("SET statement_timeout = 0")
        op.execute("SET lock_timeout = 0")
        connection = op.get_bind()
        names = (
            connection.exec_driver_sql(
                "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit'::regclass"
            )
            .scalars()
            .all()
        )
        for name in names:  # what a run that broke off has left is made anew
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}_transaction_id_idx")
            op.execute(
                f"CREATE INDEX CONCURRENTLY {name}_transaction_id_idx ON {name} USING brin (transaction_id)"
                " WITH (autosummarize = on)"
            )
        op.execute("SET statement_timeout = '60s'")
        op.execute("SET lock_timeout = '4s'")
        # Takes in the indexes that are there: makes none.
        op.execute(
            "CREATE INDEX audit_transaction ON audit USING brin (transaction_id) WITH (autosummarize = on)"
        )


def create_newest_chassis_tables(op: Any) -> None:
    """Make the tables as all migrations together do; for a database with nothing else, in tests."""
    for step in (
        create_chassis_tables,
        drop_outbox_seen,
        create_key_sentinel,
        create_archives,
        create_access_log_tree,
    ):
        step(op)
    op.execute(
        "CREATE INDEX audit_transaction ON audit USING brin (transaction_id) WITH (autosummarize = on)"
    )

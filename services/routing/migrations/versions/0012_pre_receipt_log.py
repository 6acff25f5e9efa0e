"""
The log of receipts: what waits for its place, the tree, its signed heads; and heads of other logs.

Receipts from before are in no log.  Replicas of the release before, which run beside this one, sign some that
are not either: a receipt verifies by itself as it did.
"""

from alembic import op

revision = "0012_pre_receipt_log"
down_revision = "0011_pre_record_request_holders"

STATEMENTS = (
    """
    CREATE TABLE log_queue (
        id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
        leaf_hash bytea NOT NULL,
        queue_time timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT log_queue_pkey PRIMARY KEY (id)
    )
    """,
    # Rows live for seconds: what is dead is cleared away by its number, whatever part of the table it is.
    "ALTER TABLE log_queue SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)",
    """
    CREATE TABLE log_nodes (
        level smallint NOT NULL,
        index bigint NOT NULL,
        hash bytea NOT NULL,
        CONSTRAINT log_nodes_pkey PRIMARY KEY (level, index)
    )
    """,
    "CREATE INDEX log_nodes_leaf ON log_nodes (hash) WHERE level = 0",
    """
    CREATE TABLE log_heads (
        tree_size bigint NOT NULL,
        head_time timestamptz NOT NULL,
        body bytea NOT NULL,
        signature bytea NOT NULL,
        certificate_sha256 bytea NOT NULL,
        CONSTRAINT log_heads_pkey PRIMARY KEY (tree_size)
    )
    """,
    """
    CREATE TABLE signing_keys (
        certificate_sha256 bytea NOT NULL,
        key_id bytea NOT NULL,
        certificate bytea NOT NULL,
        algorithm text NOT NULL,
        first_use_time timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT signing_keys_pkey PRIMARY KEY (certificate_sha256)
    )
    """,
    """
    CREATE TABLE witnessed_heads (
        origin text NOT NULL,
        sha256 bytea NOT NULL,
        tree_size bigint NOT NULL,
        head_time timestamptz NOT NULL,
        root bytea NOT NULL,
        body bytea NOT NULL,
        signature bytea NOT NULL,
        certificate bytea NOT NULL,
        algorithm text NOT NULL,
        verdict text NOT NULL,
        receive_time timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT witnessed_heads_pkey PRIMARY KEY (origin, sha256),
        CONSTRAINT witnessed_heads_verdict CHECK (verdict IN ('consistent', 'inconsistent'))
    )
    """,
    "CREATE INDEX witnessed_heads_newest ON witnessed_heads (origin, tree_size, head_time)",
    # Of the log nothing is changed or taken away, whoever asks through SQL; what is left to the owner of
    # the database is found by whoever holds a head.
    """
    CREATE FUNCTION refuse_log_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'rows of the log are only ever added'; END $$
    """,
    *(
        f"CREATE TRIGGER {table}_rows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_log_change()"
        for table in ("log_nodes", "log_heads", "signing_keys", "witnessed_heads")
    ),
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)

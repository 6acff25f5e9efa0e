"""
The migrations of one service, by Alembic; and whether they make what its schema says.

    python -m chassis.migrate services.identity --phase pre      (reads IDENTITY_DATABASE_URL)

A service keeps its files in `services/<service>/migrations/versions`, numbered, one after the
other, and named by their phase: `0001_pre_first.py`.  `pre` files run before the new code and
must suit the old code too (they add); `post` files run when the old code is gone (they take
away).  In a release the `pre` files come first.

    pre    up to the newest `pre` file; a `post` file below it is of an earlier release
    post   everything; so is `all`

A migration waits 4 seconds for a lock, so that it never queues the nation behind itself, and
works 60 seconds a statement; whatever needs longer goes in steps.  Two jobs at once do not
race: the second waits for the first.  One file is one transaction.
"""

import argparse
import asyncio
import importlib.util
import os
import re
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, Literal, TypeAlias, TypeVar

import asyncpg
from alembic import command, context
from alembic.config import Config
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from .initial_ddl import (
    create_access_log_index,
    create_access_log_tree,
    create_archives,
    create_chassis_tables,
    create_key_sentinel,
    create_newest_chassis_tables,
    drop_outbox_seen,
)
from .schema_diff import differences
from .session_check import UnsuitableDatabase, check_session
from .settings import refuse

__all__ = [
    "create_access_log_index",
    "create_access_log_tree",
    "create_archives",
    "create_chassis_tables",
    "create_key_sentinel",
    "create_newest_chassis_tables",
    "drop_outbox_seen",
    "main",
    "run_env",
    "run_in_new_loop",
    "same_schema",
    "upgrade",
]

Phase: TypeAlias = Literal["pre", "post", "all"]
T = TypeVar("T")

LOCK_TIMEOUT: Final = "4s"
STATEMENT_TIMEOUT: Final = "60s"

# Seconds that a second job waits for the first to finish: a job's usual limit.
QUEUE_TIMEOUT_S: Final = 600.0

# Seconds between two looks whether it has.
LOCK_POLL_INTERVAL_S: Final = 0.2

# The session lock of whoever migrates a database: any number that no other lock has.
MIGRATION_LOCK: Final = 5_417_000

_FILE: Final = re.compile(r"^\d{4}_(pre|post)_\w+\.py$")

# Alembic keeps the running environment in a global.
_one_at_a_time: Final = threading.Lock()


def upgrade(package: str, url: str, phase: Phase = "all") -> None:
    """Bring the database at *url* to the newest schema of *package*, `services.identity`, for *phase*.

    Does nothing where nothing is due.  Raises what PostgreSQL refused; the files before the
    failing one stay applied.
    """

    def migrate(connection: Connection) -> None:
        config = _config(package)
        target = _target(ScriptDirectory.from_config(config), phase)
        _prepare(connection)
        config.attributes["connection"] = connection
        if target is not None:
            command.upgrade(config, target)

    with _one_at_a_time:
        _connected(url, migrate)


def run_env(metadata: MetaData) -> None:
    """Run the migrations; the whole of a service's `migrations/env.py`."""
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


def same_schema(url: str, metadata: MetaData) -> list[str]:
    """Return how the database at *url* differs from *metadata*, a sentence each; nothing when it does not.

    Compared are tables, columns, types, defaults, keys, checks and indexes.  Partitions are left
    out: which there are depends on the day.
    """
    return _connected(url, lambda connection: differences(connection, metadata))


def _config(package: str) -> Config:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ValueError(f"{package} is not a package")
    config = Config()
    config.set_main_option("script_location", str(Path(spec.submodule_search_locations[0]) / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def _target(scripts: ScriptDirectory, phase: Phase) -> str | None:
    """Return the revision to reach: the newest of all, or the newest `pre`; None when there is none."""
    newest_first = list(scripts.walk_revisions())
    phases = [_phase(script) for script in newest_first]
    if phase != "pre":
        return newest_first[0].revision if newest_first else None
    return next((s.revision for s, p in zip(newest_first, phases, strict=True) if p == "pre"), None)


def _phase(script: Script) -> str:
    name = Path(script.path).name
    named = _FILE.match(name)
    if named is None:
        raise ValueError(f"{name}: a migration is named 0001_pre_what.py or 0001_post_what.py")
    return named.group(1)


def _prepare(connection: Connection) -> None:
    """Wait for our turn, then set the limits.  The lock ends with the connection.

    We look again and again and do not wait in the database: a waiting statement holds a snapshot, and
    whoever has the turn and makes an index CONCURRENTLY would wait for that, each for the other.
    """
    patience = time.monotonic() + QUEUE_TIMEOUT_S
    while not connection.scalar(text(f"SELECT pg_try_advisory_lock({MIGRATION_LOCK})")):
        connection.rollback()
        if time.monotonic() > patience:
            raise TimeoutError("another job has been migrating this database for too long")
        time.sleep(LOCK_POLL_INTERVAL_S)
    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.execute(text(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'"))
    connection.commit()


def _connected(url: str, work: Callable[[Connection], T]) -> T:
    """Return what *work* returns, on a connection of its own."""

    async def run() -> T:
        engine = create_async_engine(
            "postgresql+asyncpg://",
            poolclass=NullPool,
            async_creator=lambda: asyncpg.connect(
                url, timeout=10, server_settings={"application_name": "lientuyen migrate", "timezone": "UTC"}
            ),
        )
        await check_session(url, {})
        try:
            async with engine.connect() as connection:
                return await connection.run_sync(work)
        finally:
            await engine.dispose()

    return run_in_new_loop(run())


def run_in_new_loop(work: Coroutine[object, object, T]) -> T:
    """Return what *work* returns, or raise what it raises, wherever a synchronous function is called.

    `asyncio.run` refuses inside a running loop.  So the work gets a thread and a loop of its own; the
    caller waits, and holds up its own loop if it is in one.  For starting up and for tests.
    """
    pool = ThreadPoolExecutor(1, thread_name_prefix="new-loop")
    try:
        return pool.submit(asyncio.run, work).result()
    finally:
        pool.shutdown(wait=False)  # a signal that ends the caller does not wait for the work


def main(arguments: list[str] | None = None) -> None:
    """Migrate the service that the command line names; exit 78 when its database is not named."""
    parser = argparse.ArgumentParser(prog="chassis.migrate", description="Migrate one service's database.")
    parser.add_argument("package", help="as services.identity")
    parser.add_argument("--phase", choices=("pre", "post", "all"), default="all")
    options = parser.parse_args(arguments)
    variable = f"{options.package.rpartition('.')[2].upper()}_DATABASE_URL"
    if not os.environ.get(variable):
        refuse([(variable, "Field required")])
    try:
        upgrade(options.package, os.environ[variable], options.phase)
    except UnsuitableDatabase as error:
        refuse([(variable, str(error))])


if __name__ == "__main__":
    main()

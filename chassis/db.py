"""
The database of one service: a pool, and three ways to run compiled statements.

    async with self._db.connection() as tx:       # each statement alone
    async with self._db.transaction() as tx:      # all or none
    async with self._db.snapshot() as tx:         # reads that see one moment
        person = await store.get_person(tx, person_id)

Every use is one transaction and leaves nothing in the session: no temporary table, no SET
without LOCAL, no session lock, no LISTEN (that has a connection of its own).  So the pool
does not reset a connection between uses, which would cost a round trip a call; asyncpg still
rolls back a transaction that was left open.

The driver's faults leave translated (`db_errors`): what a service may catch stays as it is.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Any, Final, Literal, NoReturn, Self, TypeAlias, TypeVar

import asyncpg
import asyncpg.pool
from sqlalchemy import Table

from lientuyen.chassis.v1 import error_reasons as reasons

from .db_errors import reraise, unreached
from .db_spans import db_span
from .deadline import remaining
from .errors import Unavailable
from .jsonb_codec import set_codecs
from .pool_figures import PoolFigures
from .session_check import check_session
from .sql import Sql
from .write_gate import StoreUnwritable, WriteGate

Isolation: TypeAlias = Literal["read_committed", "repeatable_read", "serializable"]
Record: TypeAlias = asyncpg.Record
Connection: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
T = TypeVar("T")

# Seconds to open one connection.  A database that needs longer is as good as down.
CONNECT_TIMEOUT_S: Final = 5.0

# Seconds to wait for a connection of the pool; less when the call's deadline is nearer.
ACQUIRE_TIMEOUT_S: Final = 5.0

# Seconds for one statement, in the driver.  The server gives up a little earlier, so that the
# usual end of a slow statement is the server's clean refusal and not a cancelled connection.
COMMAND_TIMEOUT_S: Final = 30.0

# Seconds to put back the connection of a call that was cancelled: its statement is stopped and its
# transaction rolled back first.  A connection that needs longer is closed.
RELEASE_TIMEOUT_S: Final = 5.0

# Seconds a health check waits for its answer: less than a probe's own timeout.
PING_TIMEOUT_S: Final = 1.0

# Seconds between two attempts to listen again.
LISTEN_RETRY_DELAY_S: Final = 1.0

# Compiled statements are few (hundreds) and live as long as the process: keep them all prepared.
MAX_CACHED_STATEMENTS: Final = 1024

SERVER_SETTINGS: Final = {
    "timezone": "UTC",
    "statement_timeout": "28s",
    "idle_in_transaction_session_timeout": "30s",
    # Compiling a statement to machine code costs more than any of ours takes.
    "jit": "off",
}

NO_SETTINGS: Final[Mapping[str, str]] = {}

# After these a connection is not used again: the driver has lost its place, or the server is no longer
# the one that writes, and a new connection may find that one.
BROKEN: Final = (asyncpg.InternalClientError, asyncpg.ReadOnlySQLTransactionError)


class Transaction:
    """One transaction.  Statements run in order; the first that fails dooms the rest."""

    __slots__ = ("_connection", "_ended", "_gate", "_namespace", "_readonly")

    def __init__(self, connection: Connection, namespace: str, gate: WriteGate, *, readonly: bool = False):
        self._connection = connection
        self._namespace = namespace
        self._gate = gate
        self._readonly = readonly
        self._ended = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ended = True

    async def fetch(self, stmt: Sql, **params: object) -> list[Record]:
        return await self._run(stmt, self._connection.fetch, stmt.arguments(params))

    async def fetchrow(self, stmt: Sql, **params: object) -> Record | None:
        """Return the first row, or None."""
        return await self._run(stmt, self._connection.fetchrow, stmt.arguments(params))

    async def fetchval(self, stmt: Sql, **params: object) -> Any:
        """Return the first column of the first row; None when there is no row."""
        return await self._run(stmt, self._connection.fetchval, stmt.arguments(params))

    async def execute(self, stmt: Sql, **params: object) -> int:
        """Return how many rows were touched."""
        return _count(await self._run(stmt, self._connection.execute, stmt.arguments(params)))

    async def executemany(self, stmt: Sql, rows: Iterable[Mapping[str, object]]) -> None:
        arguments = [stmt.arguments(row) for row in rows]
        if arguments:
            await self._run(stmt, self._connection.executemany, [arguments])

    async def copy(self, table: Table, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
        """Return how many *rows*, in the order of *columns*, went into *table* by COPY."""
        summary = f"COPY {table.name}"
        self._check(summary)
        self._gate.check()
        try:
            with db_span("COPY", summary, self._namespace):
                status = await self._connection.copy_records_to_table(
                    table.name, schema_name=table.schema, columns=list(columns), records=rows
                )
        except Exception as error:
            self._reraise(error)
        return _count(status)

    async def _run(self, stmt: Sql, method: Callable[..., Awaitable[T]], arguments: Sequence[object]) -> T:
        self._check(stmt.summary)
        if stmt.writes and not stmt.logs_access:
            self._gate.check()
        try:
            with db_span(stmt.operation, stmt.summary, self._namespace):
                return await method(stmt.text, *arguments)
        except Exception as error:
            self._reraise(error)

    def _reraise(self, error: Exception) -> NoReturn:
        """Raise *error* translated; a snapshot that is written to is a bug, and no fault of the store."""
        if self._readonly and isinstance(error, asyncpg.ReadOnlySQLTransactionError):
            raise error
        reraise(error)

    def _check(self, summary: str) -> None:
        if self._ended:
            raise RuntimeError(f"{summary} comes after the end of its transaction")


class _Block:
    """BEGIN and its end.

    Enters asyncpg's own block, not its `start()`: a call cancelled amid BEGIN then leaves a
    connection that the pool rolls back in silence, without an alarm in the log.
    """

    __slots__ = ("_block", "_connection")

    def __init__(
        self, connection: Connection, *, isolation: Isolation = "read_committed", readonly: bool = False
    ) -> None:
        self._connection = connection
        self._block = connection.transaction(isolation=isolation, readonly=readonly)

    async def __aenter__(self) -> None:
        try:
            await self._block.__aenter__()
        except Exception as error:
            reraise(error)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            await self._commit()
        elif not isinstance(error, asyncio.CancelledError):  # then the pool rolls back, in its own time
            await self._roll_back(error)

    async def _commit(self) -> None:
        try:
            await self._block.__aexit__(None, None, None)
        except Exception as error:
            reraise(error)

    async def _roll_back(self, error: BaseException) -> None:
        """Roll back; a connection that cannot is closed, which makes the server roll back."""
        try:
            await self._block.__aexit__(type(error), error, None)
        except Exception:
            with suppress(asyncpg.InterfaceError):  # it broke, and the pool has taken it back
                self._connection.terminate()


class Database:
    """The database of one service.  Open one a process; it is safe to share among all calls."""

    def __init__(self, url: str, pool: "asyncpg.Pool[Record]", namespace: str):
        self._url = url
        self._pool = pool
        self._releasing: set[asyncio.Task[None]] = set()
        self.namespace = namespace
        self.figures = PoolFigures(pool, namespace)
        self.gate = WriteGate()

    @classmethod
    async def open(
        cls, url: str, *, min_size: int = 1, max_size: int = 10, settings: Mapping[str, str] = NO_SETTINGS
    ) -> "Database":
        """Return the database at *url*, connected; `Unavailable` when it does not answer.

        `UnsuitableDatabase` when its sessions are not ours alone (`session_check`).
        *settings* are PostgreSQL's, for every session of this pool.
        """
        try:
            await check_session(url, {**SERVER_SETTINGS, **settings})
            pool = await asyncpg.create_pool(
                url,
                min_size=min_size,
                max_size=max_size,
                init=set_codecs,
                reset=_keep,
                **_connecting(settings),
            )
        except Exception as error:
            unreached(error)
        return cls(url, pool, url.partition("?")[0].rpartition("/")[2])

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Transaction]:
        """Let each statement in the block be a transaction by itself, durable when it returns.

        For reads, of which each sees its own snapshot, and for the one statement that does all: it
        saves the round trips of BEGIN and COMMIT.
        """
        async with self._acquired() as connection:
            with Transaction(connection, self.namespace, self.gate) as tx:
                yield tx

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Commit at the end of the block, roll back when an exception leaves it; READ COMMITTED."""
        async with self._acquired() as connection:
            with Transaction(connection, self.namespace, self.gate) as tx:
                async with _Block(connection):
                    yield tx

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Transaction]:
        """Let all reads in the block see one snapshot: REPEATABLE READ, READ ONLY."""
        async with self._acquired() as connection:
            with Transaction(connection, self.namespace, self.gate, readonly=True) as tx:
                async with _Block(connection, isolation="repeatable_read", readonly=True):
                    yield tx

    async def ping(self) -> None:
        """Ask the database for a sign of life; `Unavailable` when it gives none within a second."""
        try:
            async with asyncio.timeout(PING_TIMEOUT_S), self._acquired() as connection:
                await connection.execute("SELECT 1")
        except Exception as error:
            raise Unavailable(reasons.STORE_UNAVAILABLE) from error

    async def listen(self, channel: str, on_notify: Callable[[str], None]) -> None:
        """Call *on_notify* with the payload of each NOTIFY on *channel*, until cancelled.

        Runs on a connection of its own, made again when it breaks.  Each time it is made,
        *on_notify* is called with "": whatever was said while nobody listened has to be looked for.
        """
        while True:
            try:
                await self._listen_once(channel, on_notify)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await asyncio.sleep(LISTEN_RETRY_DELAY_S)

    async def close(self) -> None:
        """Close every connection; one still in use is given five seconds."""
        try:
            await asyncio.wait_for(self._pool.close(), 5)
        except TimeoutError:
            self._pool.terminate()

    @asynccontextmanager
    async def _acquired(self) -> AsyncIterator[Connection]:
        try:
            with self.figures.waiting():
                async with asyncio.timeout(_patience()):
                    connection = await self._pool.acquire()
        except Exception as error:
            unreached(error)
        cancelled = False
        try:
            yield connection
        except Unavailable as error:
            if isinstance(error, StoreUnwritable) and error.__cause__ is not None:  # not the gate's own word
                self.gate.note(error)
            if isinstance(error.__cause__, BROKEN):
                connection.terminate()
            raise
        except asyncio.CancelledError:
            cancelled = True
            raise
        finally:
            if cancelled:  # out of time: not to wait for a database that may not answer
                releasing = asyncio.create_task(self._release(connection))
                self._releasing.add(releasing)
                releasing.add_done_callback(self._releasing.discard)
            else:
                await self._release(connection)

    async def _release(self, connection: Connection) -> None:
        """Put *connection* back.  One that cannot be is closed; what was committed stays so."""
        with suppress(Exception):
            await self._pool.release(connection, timeout=RELEASE_TIMEOUT_S)

    async def _listen_once(self, channel: str, on_notify: Callable[[str], None]) -> None:
        gone = asyncio.Event()
        connection = await asyncpg.connect(self._url, **_connecting())
        try:
            connection.add_termination_listener(lambda _: gone.set())
            await connection.add_listener(channel, lambda *notification: on_notify(str(notification[-1])))
            on_notify("")
            await gone.wait()
        finally:
            connection.terminate()


def _patience() -> float:
    """Return the seconds to wait for a connection: never beyond the call's deadline."""
    left = remaining()
    return ACQUIRE_TIMEOUT_S if left is None else min(ACQUIRE_TIMEOUT_S, left)


async def _keep(_connection: object) -> None:
    """Leave the session as it is: nothing of ours stays in one."""


def _connecting(settings: Mapping[str, str] = NO_SETTINGS) -> dict[str, Any]:
    return {
        "timeout": CONNECT_TIMEOUT_S,
        "command_timeout": COMMAND_TIMEOUT_S,
        "statement_cache_size": MAX_CACHED_STATEMENTS,
        "max_cached_statement_lifetime": 0,
        "server_settings": {"application_name": "lientuyen", **SERVER_SETTINGS, **settings},
    }


def _count(status: str) -> int:
    last = status.rpartition(" ")[2]
    return int(last) if last.isdigit() else 0

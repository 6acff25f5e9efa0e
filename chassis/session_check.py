"""
Whether the sessions of a database are our own: looked at before a pool is opened, and by what happens.

A pooler between us and PostgreSQL (PgBouncer with `pool_mode = transaction`) gives each transaction
another session.  LISTEN, prepared statements, the lock of a migration and the settings of a session
would then fail, or hold for somebody else, now and then and without a word.  So a service does not
start there, and says why (docs/adr/0040).
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final

import asyncpg

CONNECT_TIMEOUT_S: Final = 5.0

# Seconds for one question: a pooler that has one session for two of us lets the second wait.
QUESTION_TIMEOUT_S: Final = 5.0

# Sessions that are busy while we look whether one of them has got the process of ours, or ours another.
# A pooler gives what is idle, as a rule what was used last; two, for ours may not have been back.
BUSY_SESSIONS: Final = 2

PROCESS: Final = "SELECT pg_backend_pid()"

# What PgBouncer says of a setting in the startup packet (SQLSTATE 08P01).
_REFUSED_SETTING: Final = "unsupported startup parameter"

_SHARED: Final = "a pooler gives each transaction another session (pool_mode = transaction)"
_ADVICE: Final = (
    "give the address of PostgreSQL itself, or of a pooler with pool_mode = session that"
    " leaves settings alone (docs/howto/size-postgresql.md)"
)


class UnsuitableDatabase(Exception):
    """The database is reached through something that does not leave us our sessions; the text says what."""


async def check_session(url: str, settings: Mapping[str, str]) -> None:
    """Raise `UnsuitableDatabase` unless sessions at *url* have *settings* and a server process of their own.

    Raises the driver's own faults when there is no database.
    """
    try:
        async with AsyncExitStack() as stack:
            session, *others = [
                await stack.enter_async_context(_connected(url, settings)) for _ in range(1 + BUSY_SESSIONS)
            ]
            await _check_settings(session, settings)
            process = await _process(session)
            for busy in others:
                await stack.enter_async_context(busy.transaction())
                if await busy.fetchval(PROCESS) == process or await _process(session) != process:
                    raise UnsuitableDatabase(f"{_SHARED}: {_ADVICE}")
    except asyncpg.ProtocolViolationError as error:
        if _REFUSED_SETTING not in str(error):
            raise
        setting = str(error).rpartition(":")[2].strip()
        raise UnsuitableDatabase(f"a pooler refuses the setting {setting} of a session: {_ADVICE}") from None


@asynccontextmanager
async def _connected(url: str, settings: Mapping[str, str]) -> AsyncIterator["asyncpg.Connection[Any]"]:
    # No statement is prepared by name: another session would not know it.
    connection = await asyncpg.connect(
        url,
        timeout=CONNECT_TIMEOUT_S,
        command_timeout=QUESTION_TIMEOUT_S,
        statement_cache_size=0,
        server_settings={"application_name": "lientuyen", **settings},
    )
    try:
        yield connection
    finally:
        connection.terminate()


async def _check_settings(connection: "asyncpg.Connection[Any]", settings: Mapping[str, str]) -> None:
    async with connection.transaction():
        values = {name: await connection.fetchval("SELECT current_setting($1)", name) for name in settings}
    lost = sorted(name for name, value in settings.items() if values[name] != value)
    if lost:
        raise UnsuitableDatabase(
            f"a pooler drops the settings {', '.join(lost)} of a session"
            f" (ignore_startup_parameters): {_ADVICE}"
        )


async def _process(connection: "asyncpg.Connection[Any]") -> int:
    async with connection.transaction():
        return int(await connection.fetchval(PROCESS))

"""
Poolers before PostgreSQL: a small one of ours, and PgBouncer where there is one.

The small one does what `pool_mode = transaction` does: a client's login opens a session, and from then
on any session serves any client, one transaction at a time.
"""

import asyncio
import os
import pwd
import shutil
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from tests.harness import eventually

SSL_REQUEST: Final = 80877103
PROTOCOL_3: Final = 196608

# The settings that PgBouncer passes on; it refuses others, unless it is told to ignore them.
PASSED_ON: Final = ("user", "database", "application_name", "client_encoding", "datestyle", "timezone")


class Session(NamedTuple):
    """A connection to the server."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


def message(kind: bytes, body: bytes) -> bytes:
    return kind + (len(body) + 4).to_bytes(4) + body


async def read_message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readexactly(5)
    return head[:1], await reader.readexactly(int.from_bytes(head[1:]) - 4)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            writer.write(message(*await read_message(reader)))


async def read_startup(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> dict[str, str]:
    """Return the settings of a client's startup packet; TLS is declined."""
    while True:
        size = int.from_bytes(await reader.readexactly(4))
        code, body = int.from_bytes(await reader.readexactly(4)), await reader.readexactly(size - 8)
        if code == PROTOCOL_3:
            words = body.removesuffix(b"\0\0").decode().split("\0")
            return dict(zip(words[::2], words[1::2], strict=True))
        if code != SSL_REQUEST:
            raise ConnectionError("it wants to cancel a query")
        writer.write(b"N")


def startup(settings: dict[str, str]) -> bytes:
    body = b"".join(f"{name}\0{value}\0".encode() for name, value in settings.items()) + b"\0"
    return (len(body) + 8).to_bytes(4) + PROTOCOL_3.to_bytes(4) + body


class SmallPooler:
    """Before the server at *host* and *port*.  Of what it does not pass on, it drops what is *ignored*."""

    def __init__(self, host: str, port: int, ignored: Sequence[str]) -> None:
        self._server = (host, port)
        self._ignored = ignored
        self._idle: asyncio.LifoQueue[Session] = asyncio.LifoQueue()
        self._writers: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        try:
            settings = await read_startup(reader, writer)
            refused = [name for name in settings if name.lower() not in (*PASSED_ON, *self._ignored)]
            if refused:
                text = f"unsupported startup parameter: {refused[0]}"
                writer.write(message(b"E", f"SFATAL\0VFATAL\0C08P01\0M{text}\0\0".encode()))
                return
            passed = {name: value for name, value in settings.items() if name.lower() in PASSED_ON}
            self._idle.put_nowait(await self._log_in(passed, reader, writer))
            while True:
                await self._transaction(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _log_in(
        self, settings: dict[str, str], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> Session:
        """Open a session with the client's own password, which we pass on."""
        session = Session(*await asyncio.open_connection(*self._server))
        self._writers.append(session.writer)
        session.writer.write(startup(settings))
        while True:
            kind, body = await read_message(session.reader)
            writer.write(message(kind, body))
            if kind == b"Z":
                return session
            if kind == b"R" and int.from_bytes(body[:4]) in (3, 5, 10, 11):  # it wants an answer
                session.writer.write(message(*await read_message(reader)))

    async def _transaction(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass one transaction on to whichever session is idle, until the server says that it is over."""
        request = await read_message(reader)
        session = await self._idle.get()
        session.writer.write(message(*request))
        requests = asyncio.create_task(_copy(reader, session.writer))
        try:
            while True:
                kind, body = await read_message(session.reader)
                writer.write(message(kind, body))
                if (kind, body) == (b"Z", b"I"):
                    return
        finally:
            requests.cancel()
            await asyncio.wait([requests])
            self._idle.put_nowait(session)

    def close(self) -> None:
        for writer in self._writers:
            writer.transport.abort()


def at(url: str, port: int) -> str:
    """Return *url* with another port."""
    parts = urlsplit(url)
    host = f"{parts.username}:{parts.password}@{parts.hostname}:{port}"
    return urlunsplit(parts._replace(netloc=host))


@asynccontextmanager
async def small_pooler(url: str, folder: Path, ignored: Sequence[str], mode: str) -> AsyncIterator[str]:
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    assert mode == "transaction"
    pooler = SmallPooler(parts.hostname, parts.port, ignored)
    server = await asyncio.start_server(pooler.serve, "127.0.0.1", 0)
    try:
        yield at(url, server.sockets[0].getsockname()[1])
    finally:
        server.close()
        pooler.close()
        await asyncio.sleep(0)


@asynccontextmanager
async def pgbouncer(url: str, folder: Path, ignored: Sequence[str], mode: str) -> AsyncIterator[str]:
    parts = urlsplit(url)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    database = parts.path.removeprefix("/")
    config = folder / "pgbouncer.ini"
    config.write_text(f"""
[databases]
{database} = host={parts.hostname} port={parts.port} user={parts.username} password={parts.password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
ignore_startup_parameters = {",".join(ignored)}
""")
    process = await asyncio.create_subprocess_exec(
        "pgbouncer", "-q", str(config), stderr=asyncio.subprocess.DEVNULL, **as_nobody(folder)
    )
    try:
        await eventually(lambda: _listens(port))
        yield at(url, port)
    finally:
        process.terminate()
        await process.wait()


def as_nobody(folder: Path) -> dict[str, object]:
    """Return how to run a program that refuses to run as root, with *folder* opened to it."""
    if os.geteuid():
        return {}
    nobody = pwd.getpwnam("nobody")
    for path in (folder, *folder.parents[:-2]):
        path.chmod(0o755)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionError:
        return False
    writer.transport.abort()
    return True


Pooler = Callable[[str, Path, Sequence[str], str], AbstractAsyncContextManager[str]]

# Where PgBouncer is installed, what is told of the small one is told of it too.
POOLERS: Final[list[Pooler]] = [small_pooler, *([pgbouncer] if shutil.which("pgbouncer") else [])]

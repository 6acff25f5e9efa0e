"""Both ends of an HTTP/2 connection, bare: to see the frames that gRPC sends, and not to answer them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, NamedTuple

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS, PING, GOAWAY = 4, 6, 7
ACK: Final = 1


class Frame(NamedTuple):
    kind: int
    flags: int
    stream: int
    payload: bytes


def frame(kind: int, flags: int = 0, payload: bytes = b"", stream: int = 0) -> bytes:
    return len(payload).to_bytes(3) + bytes((kind, flags)) + stream.to_bytes(4) + payload


async def frames(reader: asyncio.StreamReader, after: bytes = b"") -> AsyncIterator[Frame]:
    """Yield the frames that come *after* these bytes, until the connection ends."""
    try:
        await reader.readexactly(len(after))
        while True:
            head = await reader.readexactly(9)
            payload = await reader.readexactly(int.from_bytes(head[:3]))
            yield Frame(head[3], head[4], int.from_bytes(head[5:]), payload)
    except (asyncio.IncompleteReadError, ConnectionError):
        return


@dataclass(slots=True)
class Listener:
    """A server that answers no call, and pings only if it *answers_pings*; it counts what comes."""

    answers_pings: bool = True
    # Whether it ends each connection at once.
    hangs_up: bool = False
    address: str = ""
    connections: int = 0
    pings: int = 0
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.append(writer)
        if self.hangs_up:
            writer.close()
            return
        writer.write(frame(SETTINGS))
        async for received in frames(reader, after=PREFACE):
            self._answer(received, writer)
        writer.close()

    def _answer(self, received: Frame, writer: asyncio.StreamWriter) -> None:
        if received.flags & ACK:
            return
        if received.kind == SETTINGS:
            writer.write(frame(SETTINGS, ACK))
        if received.kind == PING:
            self.pings += 1
            if self.answers_pings:
                writer.write(frame(PING, ACK, received.payload))


@asynccontextmanager
async def listening(*, answers_pings: bool = True, hangs_up: bool = False) -> AsyncIterator[Listener]:
    listener = Listener(answers_pings, hangs_up)
    server = await asyncio.start_server(listener.serve, "127.0.0.1", 0)
    listener.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield listener
    finally:
        server.close()
        for writer in listener.writers:
            writer.transport.abort()
        await asyncio.sleep(0)


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[AsyncIterator[Frame]]:
    """Connect as a client that answers nothing, and lend the frames that the server sends."""
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(PREFACE + frame(SETTINGS))
    try:
        yield frames(reader)
    finally:
        writer.transport.abort()

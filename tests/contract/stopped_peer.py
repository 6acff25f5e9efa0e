"""A peer as the kernel leaves one that is stopped: connections are taken, and nothing is said."""

import asyncio
from contextlib import suppress


class StoppedPeer:
    """Listens as the kernel goes on to do for a process that got SIGSTOP: what comes is taken, not read."""

    def __init__(self) -> None:
        self.address = ""
        self.connections = 0
        self._writers: list[asyncio.StreamWriter] = []
        self._upstream = ""
        self._relays: set[asyncio.Task[None]] = set()

    async def start(self, upstream: str = "") -> None:
        """Listen; pass everything on to *upstream*, if there is one, until `stop`."""
        self._upstream = upstream
        server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self._server = server
        self.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"

    def stop(self) -> None:
        """From now on, also on the connections that there are, nothing is said."""
        self._upstream = ""
        for relay in self._relays:
            relay.cancel()

    async def close(self) -> None:
        self.stop()
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        if self._upstream:
            host, _, port = self._upstream.rpartition(":")
            there, back = await asyncio.open_connection(host, int(port))
            self._writers.append(back)
            for source, sink in ((reader, back), (there, writer)):
                task = asyncio.create_task(_copy(source, sink))
                self._relays.add(task)


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while content := await source.read(65_536):
            sink.write(content)

"""A wire that can break: a relay of bytes on loopback that can lose answers, refuse, and hold up."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self


class Wire:
    """Listens on a free port and passes bytes to *address* and back.

    While `deaf` it loses what comes back; while `cut` it ends every new connection at once; while `frozen`
    it holds bytes up both ways and says nothing; `delay_s` is how long each read of bytes takes longer.
    `drop` ends the connections that there are.
    """

    def __init__(self, address: str) -> None:
        self.target = address
        self.address = ""
        self.deaf = False
        self.cut = False
        self.delay_s = 0.0
        self._thawed = asyncio.Event()
        self._thawed.set()
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def frozen(self) -> bool:
        return not self._thawed.is_set()

    @frozen.setter
    def frozen(self, frozen: bool) -> None:
        if frozen:
            self._thawed.clear()
        else:
            self._thawed.set()

    def drop(self) -> None:
        """End every connection without a farewell, as a firewall that forgets them does."""
        for writer in list(self._writers):
            writer.transport.abort()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", 0)
        self.address = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        self.frozen = False
        for writer in list(self._writers):
            writer.close()
        await self._server.wait_closed()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, _, port = self.target.rpartition(":")
        try:
            if self.cut:
                raise ConnectionRefusedError
            far_reader, far_writer = await asyncio.open_connection(host, int(port))
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, far_writer}
        there = asyncio.create_task(self._pass(reader, far_writer, answers=False))
        back = asyncio.create_task(self._pass(far_reader, writer, answers=True))
        await asyncio.gather(there, back, return_exceptions=True)
        self._writers -= {writer, far_writer}

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        try:
            while data := await reader.read(65536):
                await self._thawed.wait()
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                if not (answers and self.deaf):
                    writer.write(data)
                    await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

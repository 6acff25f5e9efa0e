"""A wire that can go deaf: a relay of bytes on loopback that, when told, loses every answer."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self


class Wire:
    """Listens on a free port and passes bytes to *address* and back; `deaf` loses what comes back."""

    def __init__(self, address: str) -> None:
        self._host, _, self._port = address.rpartition(":")
        self.deaf = False
        self.address = ""
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", 0)
        self.address = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for writer in list(self._writers):
            writer.close()
        await self._server.wait_closed()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(self._host, int(self._port))
        except OSError:
            writer.close()
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
                if not (answers and self.deaf):
                    writer.write(data)
                    await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

"""
A fake provincial axis: a real HTTP server that takes files in batches, and misbehaves like one.

`mode` is how it misbehaves at the next batch; `files` is what it has, in the order in which it came, each
with the code that the sender gave it; `batches` how many files came together.
"""

import asyncio
import base64
import json
import ssl
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self

from services.routing.adapters.batch_account import SEND_PATH, STATUS_PATH, TOKEN_PATH

from .fake_portal import head, send

USERNAME, PASSWORD, ORGANIZATION = "01-TRUC", "mật-khẩu-của-trục", "HN-LT"
CODE_FIELD = "maGiaoDichDonVi"


@dataclass(frozen=True)
class Taken:
    """A file that the axis has."""

    facility: str
    content: bytes
    code: str
    transaction: str


@dataclass
class FakeAxis:
    """*token_seconds* is how long it says that a token holds; *refused* are contents that it refuses."""

    mode: str = "well"
    token_seconds: object = 3600
    refused: set[bytes] = field(default_factory=set)
    files: list[Taken] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    valid: set[str] = field(default_factory=set)
    paths: list[str] = field(default_factory=list)
    port: int = 0
    scheme: str = "http"
    held: asyncio.Event = field(default_factory=asyncio.Event)
    _server: asyncio.Server | None = None
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    async def start(self, tls: ssl.SSLContext | None = None) -> Self:
        self.held.set()
        self.scheme = "https" if tls else "http"
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=tls, limit=2**20)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            for writer in list(self._writers):
                writer.transport.abort()
            await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                while await self._answer_one(reader, writer):
                    pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _answer_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        path = lines[0].split(" ")[1]
        headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])
        }
        question = json.loads(await reader.readexactly(int(headers["content-length"])))
        self.paths.append(path)
        if path == TOKEN_PATH:
            return await answer(writer, self._token(question))
        if headers.get("authorization", "").removeprefix("Bearer ") not in self.valid:
            return await MODES_OF_401.get(self.mode, empty_401)(writer)
        if path == STATUS_PATH:
            return await answer(writer, self._status(question))
        assert path == SEND_PATH, path
        await self.held.wait()
        mode, self.mode = self.mode, "well" if self.mode in ONCE else self.mode
        return await MODES[mode](self, writer, question)

    def _token(self, question: Mapping[str, str]) -> dict[str, Any]:
        expected = {"username": USERNAME, "password": PASSWORD, "code": ORGANIZATION}
        if question != expected or self.mode == "account":
            return {"maKetQua": False, "thongDiep": "Sai tài khoản hoặc mật khẩu"}
        token = f"token-{len(self.tokens) + 1}"
        self.tokens.append(token)
        self.valid.add(token)
        key = {"accessToken": token, "idToken": f"id-{token}", "tokenType": "Bearer", "username": USERNAME}
        return {"maKetQua": True, "apiKey": {**key, "expiresIn": self.token_seconds}}

    def _status(self, question: Mapping[str, str]) -> dict[str, Any]:
        results = [
            {"maGiaoDich": taken.transaction} for taken in self.files if taken.code == question[CODE_FIELD]
        ]
        return {"maKetQua": True, "fileResults": results}

    def take(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Take the files of a batch, and return what is said of each."""
        assert question["maTinh"] == question["maCSKCB"][:2]
        contents = [base64.b64decode(text) for text in question["files"]]
        self.batches.append(len(contents))
        codes = question.get(CODE_FIELD, [""] * len(contents))
        results = [self._take_one(question["maCSKCB"], *pair) for pair in zip(contents, codes, strict=True)]
        failed = sum("maGiaoDich" not in result for result in results)
        counts = {"totalSuccess": len(results) - failed, "totalFailed": failed}
        return {"maKetQua": True, "batchId": f"LO-{len(self.batches)}", **counts, "fileResults": results}

    def _take_one(self, facility: str, content: bytes, code: str) -> dict[str, Any]:
        if content in self.refused:
            return {"maKetQua": "205", "thongDiep": "Người bệnh Nguyễn Văn Nào Đó: sai mã thẻ"}
        transaction = f"GD-{len(self.files) + 1}"
        self.files.append(Taken(facility, content, code, transaction))
        return {"maKetQua": "200", "maGiaoDich": transaction}


async def answer(writer: asyncio.StreamWriter, body: object) -> bool:
    return await send(writer, json.dumps(body, ensure_ascii=False).encode())


async def empty_401(writer: asyncio.StreamWriter) -> bool:
    return await send(writer, b"", status="401 Unauthorized")


async def told_401(writer: asyncio.StreamWriter) -> bool:
    return await answer(writer, {"maKetQua": "401", "thongDiep": "Phiên làm việc hết hạn"})


Mode = Callable[[FakeAxis, asyncio.StreamWriter, dict[str, Any]], Awaitable[bool]]


async def well(axis: FakeAxis, writer: asyncio.StreamWriter, question: dict[str, Any]) -> bool:
    return await answer(writer, axis.take(question))


async def lost(axis: FakeAxis, writer: asyncio.StreamWriter, question: dict[str, Any]) -> bool:
    axis.take(question)
    writer.transport.abort()
    return False


async def half(axis: FakeAxis, writer: asyncio.StreamWriter, question: dict[str, Any]) -> bool:
    body = json.dumps(axis.take(question)).encode()
    writer.write(head(len(body)) + body[: len(body) // 2])
    await writer.drain()
    return False


async def silent(axis: FakeAxis, writer: asyncio.StreamWriter, question: dict[str, Any]) -> bool:
    axis.take(question)
    await asyncio.sleep(30)
    return False


async def one_short(axis: FakeAxis, writer: asyncio.StreamWriter, question: dict[str, Any]) -> bool:
    reply = axis.take(question)
    return await answer(writer, {**reply, "fileResults": reply["fileResults"][1:]})


def _sends(body: bytes, status: str = "200 OK", more: str = "", *, takes: bool = False) -> Mode:
    async def mode(axis: FakeAxis, writer: asyncio.StreamWriter, question: dict[str, Any]) -> bool:
        if takes:
            axis.take(question)
        return await send(writer, body, status, more=more)

    return mode


MODES_OF_401 = {"401 told": told_401}

# How a batch is met.
MODES: Mapping[str, Mode] = {
    "well": well,
    "401 told": well,
    "lost": lost,
    "half": half,
    "silent": silent,
    "one short": one_short,
    "500": _sends(b"Server Error", "500 Internal Server Error"),
    "500 taken": _sends(b"Server Error", "500 Internal Server Error", takes=True),
    "503": _sends(b"", "503 Service Unavailable"),
    "429": _sends(b"", "429 Too Many Requests"),
    "404": _sends(b"", "404 Not Found"),
    "413": _sends(b"", "413 Content Too Large"),
    "redirect": _sends(b"", "302 Found", "Location: http://127.0.0.1:1/\r\n"),
    "html": _sends(b"<html>bao tri</html>", takes=True),
    "list": _sends(b"[]", takes=True),
    "deep": _sends(b"[" * 200_000, takes=True),
    "no results": _sends(b'{"maKetQua": true}', takes=True),
    "huge": _sends(b'{"x": "%s"}' % (b"y" * 2_000_000), takes=True),
    "compressed": _sends(b"\x1f\x8b", more="Content-Encoding: gzip\r\n", takes=True),
}

# Those that pass after one batch.
ONCE = frozenset({"lost", "half", "silent", "one short", "500 taken", "html", "413"})

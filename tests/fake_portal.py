"""
A fake insurance portal: a real HTTP server that behaves and misbehaves like it.

    portal = await FakePortal().start()        in this process, with switches
    python -m tests.fake_portal --port 0       a process of its own, to be killed

It gives tokens for an account, wants all the fields of the look-up (CV 1923/BHXH-CNTT),
and knows everybody: whoever is not in `people` has a card made from the number asked by.
`mode` is how it misbehaves, `questions` what it was asked.
"""

import argparse
import asyncio
import hashlib
import json
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from urllib.parse import parse_qs

USERNAME, PASSWORD = "01999_BV", "mat-khau-cua-cong"
STAFF_NAME, STAFF_ID = "Lê Thị Cán Bộ", "001485000024"
DIGEST = hashlib.md5(PASSWORD.encode(), usedforsecurity=False).hexdigest().upper()

SETTINGS: Mapping[str, Any] = {
    "portal_username": USERNAME,
    "portal_password": PASSWORD,
    "portal_staff_name": STAFF_NAME,
    "portal_staff_id": STAFF_ID,
}

FIELDS = frozenset(
    {"maThe", "hoTen", "ngaySinh", "hoTenCb", "cccdCb", "username", "password", "token", "id_token"}
)
PAGE = "<!DOCTYPE html><html><body><h1>Hệ thống bảo trì</h1></body></html>".encode()


@dataclass(frozen=True)
class Request:
    """What came: path and body."""

    path: str
    body: bytes


@dataclass
class FakePortal:
    """The portal.  *token_seconds* is how long a token holds; *delay* how long an answer takes."""

    mode: str = "well"
    delay: float = 0.0
    token_seconds: float = 3600.0
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    questions: list[dict[str, Any]] = field(default_factory=list)
    tokens_given: int = 0
    concurrency: int = 0
    max_concurrency: int = 0
    port: int = 0
    _tokens: dict[str, datetime] = field(default_factory=dict)
    _answering: asyncio.Event = field(default_factory=asyncio.Event)
    _server: asyncio.Server | None = None
    _connections: set[asyncio.StreamWriter] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._answering.set()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self, port: int = 0, tls: ssl.SSLContext | None = None) -> Self:
        """Listen, with *tls* if given; on the same port again after `stop`."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port or self.port, ssl=tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        """Go away as a killed process does: every connection is reset."""
        if self._server is None:
            return
        self._server.close()
        for writer in list(self._connections):
            writer.transport.abort()
        await asyncio.sleep(0)
        self._server = None

    def hold(self) -> None:
        """Answer no question until `release`; tokens are given."""
        self._answering.clear()

    def release(self) -> None:
        """Answer the questions that were held, and those that come."""
        self._answering.set()

    def forget_tokens(self) -> None:
        """Let every token given be no good any more."""
        self._tokens.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                while await self._answer_one(reader, writer):
                    pass
        finally:
            self._connections.discard(writer)
            writer.close()

    async def _answer_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; return whether the connection is kept."""
        request = await _read(reader)
        self.concurrency += 1
        self.max_concurrency = max(self.max_concurrency, self.concurrency)
        try:
            await asyncio.sleep(self.delay)
            if request.path == "/api/token/take":
                return await self._answer(writer, self._token(request))
            question = json.loads(request.body)
            assert set(question) == FIELDS, set(question) ^ FIELDS
            self.questions.append(question)
            await self._answering.wait()
            return await MODES[self.mode](self, writer, question)
        finally:
            self.concurrency -= 1

    def _token(self, request: Request) -> dict[str, Any]:
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        if form != {"username": USERNAME, "password": DIGEST} or self.mode == "account":
            return {"maKetQua": "401", "APIKey": None}
        self.tokens_given += 1
        token = f"token-{self.tokens_given}"
        end = datetime.now(UTC) + timedelta(seconds=self.token_seconds)
        self._tokens[token] = end
        return {
            "maKetQua": "200",
            "APIKey": {
                "access_token": token,
                "id_token": f"id-{token}",
                "token_type": "Bearer",
                "username": USERNAME,
                "expires_in": f"{end:%Y-%m-%dT%H:%M:%S}.{end.microsecond:06d}Z",
            },
        }

    def reply(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to a question, a refusal of the token included."""
        end = self._tokens.get(question["token"])
        if end is None or end < datetime.now(UTC) or question["id_token"] != f"id-{question['token']}":
            return {"maKetQua": "401", "ghiChu": "Phiên làm việc hết hạn"}
        if (question["username"], question["password"]) != (USERNAME, DIGEST):
            return {"maKetQua": "401"}
        if question["cccdCb"] != STAFF_ID:
            return {"maKetQua": "054"}
        return {**card_of(question), **self.people.get(question["maThe"], {})}

    async def _answer(self, writer: asyncio.StreamWriter, body: object, status: str = "200 OK") -> bool:
        return await send(writer, json.dumps(body, ensure_ascii=False).encode(), status=status)

    async def well(self, writer: asyncio.StreamWriter, question: dict[str, Any]) -> bool:
        return await self._answer(writer, self.reply(question))

    async def silent(self, writer: asyncio.StreamWriter, question: dict[str, Any]) -> bool:
        await asyncio.sleep(30)
        return False

    async def refused_status(self, writer: asyncio.StreamWriter, question: dict[str, Any]) -> bool:
        """Tell of a bad token by the status, as gateways in front of it do."""
        body = self.reply(question)
        if body["maKetQua"] == "401":
            return await send(writer, b"", status="401 Unauthorized")
        return await self._answer(writer, body)

    async def reset(self, writer: asyncio.StreamWriter, question: dict[str, Any]) -> bool:
        writer.transport.abort()
        return False

    async def half(self, writer: asyncio.StreamWriter, question: dict[str, Any]) -> bool:
        body = json.dumps(self.reply(question)).encode()
        writer.write(head(len(body)) + body[: len(body) // 2])
        await writer.drain()
        return False

    async def huge(self, writer: asyncio.StreamWriter, question: dict[str, Any]) -> bool:
        visits = [{"maHoSo": "X" * 1000} for _ in range(4000)]
        return await self._answer(writer, {**self.reply(question), "dsLichSuKCB2018": visits})

    async def other_person(self, writer: asyncio.StreamWriter, question: dict[str, Any]) -> bool:
        return await self._answer(writer, {**self.reply(question), "hoTen": "Người Nào Khác"})

    async def visits(self, writer: asyncio.StreamWriter, question: dict[str, Any]) -> bool:
        visit = {"maHoSo": "1", "maCSKCB": "79999", "tenBenh": "Bệnh cần giấu"}
        return await self._answer(writer, {**self.reply(question), "dsLichSuKCB2018": [visit]})


async def _read(reader: asyncio.StreamReader) -> Request:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(lines[0].split(" ")[1], body)


def head(length: int, status: str = "200 OK", kind: str = "application/json", more: str = "") -> bytes:
    """Return the first lines of an answer."""
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n{more}\r\n".encode()


async def send(
    writer: asyncio.StreamWriter,
    body: bytes,
    status: str = "200 OK",
    kind: str = "application/json",
    more: str = "",
) -> bool:
    """Send a whole answer."""
    writer.write(head(len(body), status, kind, more) + body)
    await writer.drain()
    return True


def card_of(question: Mapping[str, Any]) -> dict[str, Any]:
    """Return the card of somebody asked about: an employee's of this year, by the last ten digits."""
    year, number = datetime.now(UTC).year, question["maThe"][-10:]
    return {
        "maKetQua": "000",
        "ghiChu": "Thẻ còn giá trị sử dụng",
        "maThe": f"DN401{number}",
        "hoTen": question["hoTen"].upper(),
        "ngaySinh": question["ngaySinh"],
        "gioiTinh": "Nam",
        "diaChi": "Số 0 đường Mẫu",
        "maDKBD": "01999",
        "cqBHXH": "BHXH mẫu",
        "gtTheTu": f"01/01/{year}",
        "gtTheDen": f"31/12/{year}",
        "maKV": "",
        "ngayDu5Nam": f"01/01/{year - 1}",
        "maSoBHXH": number,
        "maTheCu": "",
        "maTheMoi": "",
        "gtTheTuMoi": "",
        "gtTheDenMoi": "",
        "maDKBDMoi": "",
        "tenDKBDMoi": "",
        "dsLichSuKCB2018": [],
        "dsLichSuKT2018": [],
    }


Mode = Callable[[FakePortal, asyncio.StreamWriter, dict[str, Any]], Any]


def _sends(body: bytes, status: str = "200 OK", kind: str = "application/json", more: str = "") -> Mode:
    return lambda portal, writer, question: send(writer, body, status, kind, more)


def _says(**more: object) -> Mode:
    return lambda portal, writer, question: portal._answer(writer, {**portal.reply(question), **more})


# How it may behave.
MODES: Mapping[str, Mode] = {
    "well": FakePortal.well,
    "account": FakePortal.well,
    "silent": FakePortal.silent,
    "401 status": FakePortal.refused_status,
    "reset": FakePortal.reset,
    "half": FakePortal.half,
    "huge": FakePortal.huge,
    "other person": FakePortal.other_person,
    "visits": FakePortal.visits,
    "500": _sends(b"Server Error", "500 Internal Server Error", "text/plain"),
    "503": _sends(b"", "503 Service Unavailable"),
    "404": _sends(b"", "404 Not Found"),
    "429": _sends(b"", "429 Too Many Requests"),
    "html": _sends(PAGE, kind="text/html"),
    "empty": _sends(b""),
    "list": _sends(b"[]"),
    "redirect": _sends(b"", "302 Found", more="Location: http://127.0.0.1:1/\r\n"),
    "compressed": _sends(b"\x1f\x8b", more="Content-Encoding: gzip\r\n"),
    "unknown code": _says(maKetQua="777"),
    "long code": _says(maKetQua="0" * 500),
    "no code": _says(maKetQua=None),
    "060": _says(maKetQua="060"),
    "100": _says(maKetQua="100"),
    "101": _says(maKetQua="101"),
    "205": _says(maKetQua="205"),
    "050": _says(maKetQua="050"),
    "110": _says(maKetQua="110"),
    "number code": _says(maKetQua=0),
    "sample dates": _says(gtTheTu="01012026", gtTheDen="31122026", ngayDu5Nam="01012025"),
    "iso dates": _says(gtTheTu="2026-01-01T00:00:00", gtTheDen="2026-12-31", ngayDu5Nam="không rõ"),
    "bad dates": _says(gtTheTu="31/02/2026", gtTheDen="2026"),
    "no end": _says(gtTheDen=""),
}


async def _main(port: int, delay: float) -> None:
    portal = await FakePortal(delay=delay).start(port)
    print(f"portal ready on 127.0.0.1:{portal.port}", flush=True)  # noqa: T201
    await asyncio.Event().wait()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description="A fake insurance portal.")
    arguments.add_argument("--port", type=int, default=0)
    arguments.add_argument("--delay", type=float, default=0.0, help="seconds that an answer takes")
    options = arguments.parse_args()
    with suppress(KeyboardInterrupt):
        asyncio.run(_main(options.port, options.delay))

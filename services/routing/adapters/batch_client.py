"""
The calls to a provincial axis over HTTP: a token, files, what became of one.

Nothing is followed (redirects), read without bounds, or said in a log but words of ours.  A call that failed
says whether the axis may have done it all the same (`Fault.is_open`).
"""

import asyncio
import base64
import logging
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from chassis.spans import HttpSpan, http_span

from .batch_account import BatchAccount
from .batch_replies import FileResult, OddReply, Token, is_token_refused, read_results, read_token

MAX_REPLY_BYTES: Final = 1024 * 1024

# Seconds without a new try once the account was refused: accounts that insist are locked.
ACCOUNT_PAUSE_S: Final = 30.0

# Seconds before its end at which a token is not used any more.
TOKEN_MARGIN_S: Final = 5.0

# Statuses of whoever stands before the axis: it has not begun.
NOT_BEGUN_STATUSES: Final = frozenset({429, 502, 503})

# It logs every request's URL; the span says more and tells less.
logging.getLogger("httpx").setLevel(logging.WARNING)


class Fault(Exception):
    """The axis gave no answer that counts; *word* says why.  *is_open*: it may have taken the files."""

    def __init__(self, word: str, *, is_open: bool = False) -> None:
        super().__init__(word)
        self.word, self.is_open = word, is_open


class TooLarge(Fault):
    """The axis will not read so long a request."""

    def __init__(self) -> None:
        super().__init__("too_large")


@dataclass(frozen=True, slots=True)
class File:
    """One file, and our own code of it."""

    code: str
    content: bytes


@dataclass(frozen=True, slots=True)
class BatchReply:
    """The results of files, in their order, and the reply as it came."""

    results: Sequence[FileResult]
    body: bytes


class BatchClient:
    """The axis at *url*; *password* is asked for when a token is taken."""

    def __init__(
        self, url: str, account: BatchAccount, password: Callable[[], str], context: ssl.SSLContext
    ) -> None:
        self._url = url.rstrip("/")
        self._account = account
        self._password = password
        self._client = httpx.AsyncClient(
            verify=context,
            # Compressed bytes have no bound that is known beforehand.
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
            # A proxy or a .netrc of the environment is nobody's decision.
            trust_env=False,
            timeout=account.timeout_seconds,
            follow_redirects=False,
        )
        self._token: Token | None = None
        self._token_end = 0.0
        self._taking = asyncio.Lock()
        self._refused_until = 0.0

    async def close(self) -> None:
        await self._client.aclose()

    async def sign_in(self) -> None:
        """Take a new token; Fault when there is none."""
        await self._valid_token(refused=self._token)

    async def send(self, facility: str, files: Sequence[File]) -> BatchReply:
        """Send the files of one facility (bare code) as a batch; Fault when there is no result of each."""
        question: dict[str, Any] = {
            "loaiHoSo": self._account.record_type,
            "maTinh": facility[:2],
            "maCSKCB": facility,
            "files": [base64.b64encode(file.content).decode("ascii") for file in files],
        }
        if self._account.code_field:
            question[self._account.code_field] = [file.code for file in files]
        body = await self._authorized("axis.send_files", self._account.send_path, question)
        return BatchReply(_results(body, len(files)), body)

    async def find(self, facility: str, code: str) -> BatchReply | None:
        """Return what became of the file that we gave this code; None when the axis has none."""
        question = {"maCSKCB": facility, self._account.code_field: code}
        body = await self._authorized("axis.find_file", self._account.status_path, question)
        try:
            (result,) = read_results(body, 1)
        except OddReply:
            try:
                read_results(body, 0)
            except OddReply:
                raise Fault("odd") from None
            return None
        return BatchReply([result], body) if result.is_taken else None

    async def _authorized(self, name: str, path: str, question: Mapping[str, Any]) -> bytes:
        """Ask with a token; one that is refused is renewed, once."""
        token = await self._valid_token()
        body = await self._ask(name, path, question, token)
        if body is None:
            body = await self._ask(name, path, question, await self._valid_token(refused=token))
        if body is None:
            self._token, self._refused_until = None, time.monotonic() + ACCOUNT_PAUSE_S
            raise Fault("account_refused")
        return body

    async def _ask(self, name: str, path: str, question: Mapping[str, Any], token: Token) -> bytes | None:
        """Return the reply; None when the token is refused, told by the status or in the reply."""
        headers = {"Authorization": f"Bearer {token.text}"}
        status, body = await self._post(name, path, question, headers)
        if status in (401, 403):
            return None
        try:
            return None if is_token_refused(body) else body
        except OddReply:
            raise Fault("odd", is_open=True) from None

    async def _valid_token(self, refused: Token | None = None) -> Token:
        async with self._taking:
            token = self._token
            if token is not None and token is not refused and time.monotonic() < self._token_end:
                return token
            if time.monotonic() < self._refused_until:
                raise Fault("account_refused")
            self._token = token = await self._take_token()
            self._token_end = time.monotonic() + max(1.0, token.seconds - TOKEN_MARGIN_S)
            return token

    async def _take_token(self) -> Token:
        try:
            password = self._password()
        except (OSError, UnicodeDecodeError):
            raise Fault("no_password") from None
        question = {
            "username": self._account.username,
            "password": password,
            "code": self._account.organization,
        }
        try:
            status, body = await self._post("axis.take_token", self._account.token_path, question, {})
            token = None if status in (401, 403) else read_token(body)
        except OddReply:
            raise Fault("odd") from None
        except Fault as fault:
            raise Fault(fault.word) from None  # whatever it was, no file was with it
        if token is None:
            self._refused_until = time.monotonic() + ACCOUNT_PAUSE_S
            raise Fault("account_refused")
        return token

    async def _post(
        self, name: str, path: str, question: Mapping[str, Any], headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        """Return status and body of a 200, 401 or 403; Fault for any other, and for none."""
        with http_span(name, "POST", self._url) as span:
            try:
                async with asyncio.timeout(self._account.timeout_seconds):
                    request = self._client.build_request(
                        "POST", self._url + path, json=question, headers=headers
                    )
                    return await self._receive(request, span)
            except Fault as fault:
                span.failed(fault.word)
                raise
            except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, TimeoutError) as error:
                translated = _fault_of(error)
                span.failed(translated.word)
                raise translated from None

    async def _receive(self, request: httpx.Request, span: HttpSpan) -> tuple[int, bytes]:
        response = await self._client.send(request, stream=True)
        try:
            span.answered(response.status_code)
            fault = _fault_of_status(response.status_code)
            if fault is not None:
                raise fault
            return response.status_code, b"" if response.status_code != 200 else await _read(response)
        finally:
            await response.aclose()


def tls_context(url: str, authorities: Sequence[bytes]) -> ssl.SSLContext:
    """Return what a certificate of the axis is checked by: *authorities* (DER), or the system's; never none.

    ValueError for an address that is no https, but for this machine's own.
    """
    address = urlsplit(url)
    is_here = address.hostname in ("127.0.0.1", "localhost", "::1")
    if address.scheme != "https" and not (address.scheme == "http" and is_here):
        raise ValueError("https is needed: a password and files of patients go there")
    if not authorities:
        return ssl.create_default_context()
    return ssl.create_default_context(cadata="".join(map(ssl.DER_cert_to_PEM_cert, authorities)))


def _results(body: bytes, count: int) -> Sequence[FileResult]:
    try:
        return read_results(body, count)
    except OddReply:
        raise Fault("odd", is_open=True) from None


def _fault_of(error: Exception) -> Fault:
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, ssl.SSLError) or "CERTIFICATE_VERIFY_FAILED" in str(cause):
                return Fault("untrusted")
            cause = cause.__cause__ or cause.__context__
        return Fault("down")
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol | httpx.PoolTimeout):
        return Fault("down")
    return Fault(
        "silent" if isinstance(error, httpx.TimeoutException | TimeoutError) else "broken_off", is_open=True
    )


def _fault_of_status(status: int) -> Fault | None:
    """Return what a status that is no answer means; None for 200, and for 401 and 403: about tokens."""
    if status in (200, 401, 403):
        return None
    if status == 413:
        return TooLarge()
    if status in NOT_BEGUN_STATUSES:
        return Fault("busy")
    if status >= 500:
        return Fault("failed", is_open=True)
    return Fault("redirected" if 300 <= status < 400 else "odd_status")


async def _read(response: httpx.Response) -> bytes:
    """Return the body; Fault when it is compressed or too large."""
    if response.headers.get("content-encoding", "identity") != "identity":
        raise Fault("odd", is_open=True)
    parts, size = [], 0
    async for part in response.aiter_raw():
        size += len(part)
        if size > MAX_REPLY_BYTES:
            raise Fault("odd", is_open=True)
        parts.append(part)
    return b"".join(parts)

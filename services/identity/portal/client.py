"""
The insurance portal (cổng giám định BHYT) as identity uses it: a token, and the card look-up.

    POST /api/token/take              form    username, password (MD5)          → APIKey
    POST /api/egw/KQNhanLichSuKCB2024 JSON    maThe, hoTen, ngaySinh, …, token  → maKetQua, cards

Written after CV 1245 and 1923/BHXH-CNTT.  Every question is logged at the portal under
the name of the member of staff who asks, and later callers see it.  The MD5 of the password
is the portal's demand: it is made when a token is taken, and kept nowhere.  Nothing is
followed (redirects), believed for longer than it says (tokens) or read without bounds.
"""

import asyncio
import hashlib
import logging
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

import httpx
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_random

from chassis import clock
from chassis.spans import HttpSpan, http_span

from ..model.staleness import StaleReason
from .model import PortalResponse, PortalUnavailable, Subject
from .reply import read_body, read_reply, result_code, token_end, write_birth

TOKEN_PATH: Final = "/api/token/take"
LOOK_UP_PATH: Final = "/api/egw/KQNhanLichSuKCB2024"

# A chronic patient's visits of years are some hundred kilobytes.
MAX_REPLY_BYTES: Final = 2 * 1024 * 1024

# Characters of a token: what a header would take.
MAX_TOKEN_LENGTH: Final = 16_384

# A look-up changes nothing and may be tried again, but each is logged at the portal: only what it
# cannot have begun is (no connection), or says itself that it did not do.
MAX_ATTEMPTS: Final = 2
RETRY_DELAY: Final = wait_random(0.05, 0.2)
NOT_BEGUN_STATUSES: Final = frozenset({502, 503})

# Seconds without a new try once the account was refused: portals lock accounts that insist.
ACCOUNT_PAUSE_S: Final = 30.0

IDLE_CONNECTION_S: Final = 20.0

# It logs every request's URL; the span says more and tells less.
logging.getLogger("httpx").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who asks; *staff_name* and *staff_id* (hoTenCb, cccdCb) are the staff registered at the portal."""

    username: str
    password: str = field(repr=False)
    password_file: Path | None
    staff_name: str = field(repr=False)
    staff_id: str = field(repr=False)

    def read_password(self) -> str:
        """Return the password; a file is read each time, so that it can be changed.  OSError without one."""
        return self.password_file.read_text(encoding="utf8").strip() if self.password_file else self.password


@dataclass(frozen=True, slots=True)
class PortalToken:
    """An access token and its twin.  *end* is when it is not used any more."""

    access_token: str = field(repr=False)
    id_token: str = field(repr=False)
    end: datetime


class _NotBegun(PortalUnavailable):
    """What the portal cannot have begun: safe to try again."""


class PortalClient:
    """The portal at *url*; at most *connections* at a time."""

    def __init__(
        self, url: str, credentials: Credentials, *, connections: int, ca_file: Path | None = None
    ) -> None:
        self._url = url.rstrip("/")
        self._credentials = credentials
        self._client = httpx.AsyncClient(
            # The system's authorities, or those of the file; never none.
            verify=ssl.create_default_context(cafile=str(ca_file) if ca_file else None),
            limits=httpx.Limits(
                max_connections=connections,
                max_keepalive_connections=connections,
                keepalive_expiry=IDLE_CONNECTION_S,
            ),
            # Compressed bytes have no bound that is known beforehand.
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
            # A proxy or a .netrc of the environment is nobody's decision.
            trust_env=False,
            # What a look-up may take as a whole is bounded by `look_up`.
            timeout=None,
            follow_redirects=False,
        )
        self._token: PortalToken | None = None
        self._renewing = asyncio.Lock()
        self._refused_until = 0.0

    async def close(self) -> None:
        await self._client.aclose()

    async def look_up(self, subject: Subject, number: str, timeout_s: float) -> PortalResponse:
        """Return what the portal says of *subject*, asked by *number*; or raise PortalUnavailable.

        A token that is refused is renewed, once.
        """
        try:
            async with asyncio.timeout(timeout_s):
                return await self._look_up(subject, number)
        except TimeoutError:
            raise PortalUnavailable(StaleReason.UPSTREAM_TIMEOUT) from None

    async def _look_up(self, subject: Subject, number: str) -> PortalResponse:
        token = await self._valid_token()
        body = await self._ask(subject, number, token)
        if result_code(body) == "401":
            body = await self._ask(subject, number, await self._valid_token(refused=token))
            if result_code(body) == "401":
                self._token, self._refused_until = None, time.monotonic() + ACCOUNT_PAUSE_S
        return read_reply(body, subject, clock.now())

    async def _ask(self, subject: Subject, number: str, token: PortalToken) -> Mapping[str, object]:
        """Ask, and return the body; a refused token, told by the status or the body, is code 401 in it."""
        question = {
            "maThe": number,
            "hoTen": subject.full_name,
            "ngaySinh": write_birth(subject.birth) if subject.birth else "",
            "hoTenCb": self._credentials.staff_name,
            "cccdCb": self._credentials.staff_id,
            "username": self._credentials.username,
            "password": _digest(self._credentials),
            "token": token.access_token,
            "id_token": token.id_token,
        }
        request = self._client.build_request("POST", self._url + LOOK_UP_PATH, json=question)
        body: Mapping[str, object] = await _retrying(self._send, "coverage.look_up", request)
        return body

    async def _valid_token(self, refused: PortalToken | None = None) -> PortalToken:
        async with self._renewing:
            token = self._token
            if token is not None and token is not refused and clock.now() < token.end:
                return token
            if time.monotonic() < self._refused_until:
                raise PortalUnavailable(StaleReason.ACCOUNT_REFUSED)
            self._token = None
            self._token = await self._take_token()
            return self._token

    async def _take_token(self) -> PortalToken:
        form = {"username": self._credentials.username, "password": _digest(self._credentials)}
        request = self._client.build_request("POST", self._url + TOKEN_PATH, data=form)
        body: Mapping[str, object] = await _retrying(self._send, "coverage.take_token", request)
        code, key = result_code(body), body.get("APIKey")
        if code in ("401", "403"):
            self._refused_until = time.monotonic() + ACCOUNT_PAUSE_S
            raise PortalUnavailable(StaleReason.ACCOUNT_REFUSED, code)
        if code != "200" or not isinstance(key, dict):
            raise PortalUnavailable(StaleReason.UPSTREAM_ODD, code)
        access_token, id_token = _token_text(key, "access_token"), _token_text(key, "id_token")
        if not access_token:
            raise PortalUnavailable(StaleReason.UPSTREAM_ODD, code)
        return PortalToken(access_token, id_token, token_end(key.get("expires_in"), clock.now()))

    async def _send(self, name: str, request: httpx.Request) -> Mapping[str, object]:
        with http_span(name, request.method, self._url) as span:
            try:
                return await self._receive(request, span)
            except PortalUnavailable as error:
                span.failed(error.reason.name)
                raise
            except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
                unavailable = _unavailable(error)
                span.failed(unavailable.reason.name)
                raise unavailable from None

    async def _receive(self, request: httpx.Request, span: HttpSpan) -> Mapping[str, object]:
        response = await self._client.send(request, stream=True)
        try:
            span.answered(response.status_code)
            refusal = _refusal(response.status_code)
            if refusal is not None:
                raise refusal
            if response.status_code in (401, 403):
                return {"maKetQua": str(response.status_code)}
            return read_body(await _read(response))
        finally:
            await response.aclose()


def _digest(credentials: Credentials) -> str:
    """Return what the portal takes for a password: its MD5 in capitals; never stored, never logged."""
    try:
        password = credentials.read_password()
    except OSError:
        raise PortalUnavailable(StaleReason.ACCOUNT_REFUSED) from None
    return hashlib.md5(password.encode(), usedforsecurity=False).hexdigest().upper()


def _unavailable(error: Exception) -> PortalUnavailable:
    if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout)):
        return _NotBegun(StaleReason.UPSTREAM_DOWN)
    if isinstance(error, httpx.TimeoutException):
        return PortalUnavailable(StaleReason.UPSTREAM_TIMEOUT)
    return PortalUnavailable(StaleReason.UPSTREAM_DOWN)


def _refusal(status: int) -> PortalUnavailable | None:
    """Return what a status that is no answer means; None for 200, and for 401 and 403: about tokens."""
    if status in (200, 401, 403):
        return None
    if status in NOT_BEGUN_STATUSES:
        return _NotBegun(StaleReason.UPSTREAM_DOWN)
    if status >= 500:
        return PortalUnavailable(StaleReason.UPSTREAM_DOWN)
    if status == 429:
        return PortalUnavailable(StaleReason.UPSTREAM_BUSY)
    if status >= 400:
        return PortalUnavailable(StaleReason.UPSTREAM_REFUSED)
    return PortalUnavailable(StaleReason.UPSTREAM_ODD)


async def _read(response: httpx.Response) -> bytes:
    """Return the body; PortalUnavailable when it is compressed, too large or breaks off."""
    if response.headers.get("content-encoding", "identity") != "identity":
        raise PortalUnavailable(StaleReason.UPSTREAM_ODD)
    parts, size = [], 0
    async for part in response.aiter_raw():
        size += len(part)
        if size > MAX_REPLY_BYTES:
            raise PortalUnavailable(StaleReason.UPSTREAM_ODD)
        parts.append(part)
    return b"".join(parts)


def _token_text(key: Mapping[str, object], name: str) -> str:
    value = key.get(name)
    return value if isinstance(value, str) and len(value) <= MAX_TOKEN_LENGTH else ""


# One for all requests: what it remembers of a request is in that request's own RetryCallState.
_retrying = AsyncRetrying(
    sleep=asyncio.sleep,
    stop=stop_after_attempt(MAX_ATTEMPTS),
    wait=RETRY_DELAY,
    retry=retry_if_exception(lambda error: isinstance(error, _NotBegun)),
    reraise=True,
)

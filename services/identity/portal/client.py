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
from chassis.http_calls import HttpSpan, http_span

from ..model.staleness import StaleReason
from .model import NotTold, Reply, Subject
from .reply import read_body, read_reply, result_code, token_end, written_birth

TOKEN_PATH: Final = "/api/token/take"
LOOK_UP_PATH: Final = "/api/egw/KQNhanLichSuKCB2024"

# Bytes of a reply that are read.  A chronic patient's visits of years are some hundred kilobytes.
MOST: Final = 2 * 1024 * 1024

# A look-up changes nothing and may be tried again, but each is logged at the portal: only what it
# cannot have begun is (no connection), or says itself that it did not do.
ATTEMPTS: Final = 2
WAIT: Final = wait_random(0.05, 0.2)
NOT_DONE: Final = frozenset({502, 503})

# Seconds without a new try once the account was refused: portals lock accounts that insist.
ACCOUNT_PAUSE: Final = 30.0

# Seconds that an idle connection is kept.
KEEP: Final = 20.0

# It logs every request's URL; the span says more and tells less.
logging.getLogger("httpx").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Account:
    """Who asks; *staff_name* and *staff_id* (hoTenCb, cccdCb) are the staff registered at the portal."""

    username: str
    password: str = field(repr=False)
    password_file: Path | None
    staff_name: str = field(repr=False)
    staff_id: str = field(repr=False)

    def secret(self) -> str:
        """Return the password; a file is read each time, so that it can be changed.  OSError without one."""
        return self.password_file.read_text(encoding="utf8").strip() if self.password_file else self.password


@dataclass(frozen=True, slots=True)
class Token:
    """A token and its twin.  *end* is when it is not used any more."""

    access: str = field(repr=False)
    id: str = field(repr=False)
    end: datetime


class _NotDone(NotTold):
    """What the portal cannot have begun: safe to try again."""


class Portal:
    """The portal at *url*; at most *connections* at a time."""

    def __init__(self, url: str, account: Account, *, connections: int, ca_file: Path | None = None) -> None:
        self._url = url.rstrip("/")
        self._account = account
        self._client = httpx.AsyncClient(
            # The system's authorities, or those of the file; never none.
            verify=ssl.create_default_context(cafile=str(ca_file) if ca_file else None),
            limits=httpx.Limits(
                max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=KEEP
            ),
            # Compressed bytes have no bound that is known beforehand.
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
            # A proxy or a .netrc of the environment is nobody's decision.
            trust_env=False,
            # What a look-up may take as a whole is bounded by `look_up`.
            timeout=None,
            follow_redirects=False,
        )
        self._token: Token | None = None
        self._renewing = asyncio.Lock()
        self._refused_until = 0.0

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def look_up(self, subject: Subject, number: str, seconds: float) -> Reply:
        """Return what the portal says of *subject*, asked by *number*, within *seconds*; or raise NotTold.

        A token that is refused is renewed, once.
        """
        try:
            async with asyncio.timeout(seconds):
                return await self._look_up(subject, number)
        except TimeoutError:
            raise NotTold(StaleReason.UPSTREAM_TIMEOUT) from None

    async def _look_up(self, subject: Subject, number: str) -> Reply:
        token = await self._a_token()
        body = await self._ask(subject, number, token)
        if result_code(body) == "401":
            body = await self._ask(subject, number, await self._a_token(instead_of=token))
            if result_code(body) == "401":
                self._token, self._refused_until = None, time.monotonic() + ACCOUNT_PAUSE
        return read_reply(body, subject, clock.now())

    async def _ask(self, subject: Subject, number: str, token: Token) -> Mapping[str, object]:
        """Ask, and return the body; a refused token, told by the status or the body, is code 401 in it."""
        asked = {
            "maThe": number,
            "hoTen": subject.full_name,
            "ngaySinh": written_birth(subject.birth) if subject.birth else "",
            "hoTenCb": self._account.staff_name,
            "cccdCb": self._account.staff_id,
            "username": self._account.username,
            "password": _digest(self._account),
            "token": token.access,
            "id_token": token.id,
        }
        request = self._client.build_request("POST", self._url + LOOK_UP_PATH, json=asked)
        body: Mapping[str, object] = await _retrying(self._exchange, "coverage.look_up", request)
        return body

    async def _a_token(self, instead_of: Token | None = None) -> Token:
        """Return a token that holds; a new one when *instead_of*, which was refused, is the one we have."""
        async with self._renewing:
            held = self._token
            if held is not None and held is not instead_of and clock.now() < held.end:
                return held
            if time.monotonic() < self._refused_until:
                raise NotTold(StaleReason.ACCOUNT_REFUSED)
            self._token = None
            self._token = await self._take_token()
            return self._token

    async def _take_token(self) -> Token:
        form = {"username": self._account.username, "password": _digest(self._account)}
        request = self._client.build_request("POST", self._url + TOKEN_PATH, data=form)
        body: Mapping[str, object] = await _retrying(self._exchange, "coverage.take_token", request)
        code, key = result_code(body), body.get("APIKey")
        if code in ("401", "403"):
            self._refused_until = time.monotonic() + ACCOUNT_PAUSE
            raise NotTold(StaleReason.ACCOUNT_REFUSED, code)
        if code != "200" or not isinstance(key, dict):
            raise NotTold(StaleReason.UPSTREAM_ODD, code)
        access, twin = _long_text(key, "access_token"), _long_text(key, "id_token")
        if not access:
            raise NotTold(StaleReason.UPSTREAM_ODD, code)
        return Token(access, twin, token_end(key.get("expires_in"), clock.now()))

    async def _exchange(self, name: str, request: httpx.Request) -> Mapping[str, object]:
        """Send one request and return the JSON object that came; NotTold says why there is none."""
        with http_span(name, request.method, self._url) as span:
            try:
                return await self._sent(request, span)
            except NotTold as told:
                span.failed(told.reason.name)
                raise
            except (httpx.ConnectError, httpx.ConnectTimeout):
                span.failed(StaleReason.UPSTREAM_DOWN.name)
                raise _NotDone(StaleReason.UPSTREAM_DOWN) from None
            except httpx.TimeoutException:
                span.failed(StaleReason.UPSTREAM_TIMEOUT.name)
                raise NotTold(StaleReason.UPSTREAM_TIMEOUT) from None
            except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError):
                span.failed(StaleReason.UPSTREAM_DOWN.name)
                raise NotTold(StaleReason.UPSTREAM_DOWN) from None

    async def _sent(self, request: httpx.Request, span: HttpSpan) -> Mapping[str, object]:
        response = await self._client.send(request, stream=True)
        try:
            span.answered(response.status_code)
            refused = _refusal(response.status_code)
            if refused is not None:
                raise refused
            if response.status_code in (401, 403):
                return {"maKetQua": str(response.status_code)}
            return read_body(await _read(response))
        finally:
            await response.aclose()


def _digest(account: Account) -> str:
    """Return what the portal takes for a password: its MD5 in capitals; never stored, never logged."""
    try:
        secret = account.secret()
    except OSError:
        raise NotTold(StaleReason.ACCOUNT_REFUSED) from None
    return hashlib.md5(secret.encode(), usedforsecurity=False).hexdigest().upper()


def _refusal(status: int) -> NotTold | None:
    """Return what a status that is no answer means; None for 200, and for 401 and 403: about tokens."""
    if status in (200, 401, 403):
        return None
    if status in NOT_DONE:
        return _NotDone(StaleReason.UPSTREAM_DOWN)
    if status >= 500:
        return NotTold(StaleReason.UPSTREAM_DOWN)
    if status == 429:
        return NotTold(StaleReason.UPSTREAM_BUSY)
    if status >= 400:
        return NotTold(StaleReason.UPSTREAM_REFUSED)
    return NotTold(StaleReason.UPSTREAM_ODD)


async def _read(response: httpx.Response) -> bytes:
    """Return the body; NotTold when it is compressed, too large or breaks off."""
    if response.headers.get("content-encoding", "identity") != "identity":
        raise NotTold(StaleReason.UPSTREAM_ODD)
    parts, size = [], 0
    async for part in response.aiter_raw():
        size += len(part)
        if size > MOST:
            raise NotTold(StaleReason.UPSTREAM_ODD)
        parts.append(part)
    return b"".join(parts)


def _long_text(key: Mapping[str, object], name: str) -> str:
    """Return a token: a text of any length that a header would take."""
    value = key.get(name)
    return value if isinstance(value, str) and len(value) <= 16_384 else ""


# One for all requests: what it remembers of one is in that one's own RetryCallState.
_retrying = AsyncRetrying(
    sleep=asyncio.sleep,
    stop=stop_after_attempt(ATTEMPTS),
    wait=WAIT,
    retry=retry_if_exception(lambda error: isinstance(error, _NotDone)),
    reraise=True,
)

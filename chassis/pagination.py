"""
Page tokens: where a list goes on, sealed.

A token holds the position after the last row of a page: the values that the
list is ordered by, never an offset.  It is sealed, not merely encoded, for
three effects:

- a caller can neither read it nor make one, so positions may hold ids and
  times that the caller was never shown, and may change form in any release;
- it opens only with the same request: the name of the request message (and so
  the method) and all its fields but `request_id`, `page_size`, `page_token` and `access` are
  authenticated with it.  A token for one person's list is refused in another's;
- it dies after three days, and at once when its key is deleted, so that a link
  kept somewhere does not keep deleted rows reachable.

A token grants nothing: whoever shows one is checked as for the first page.  It
is refused with INVALID_ARGUMENT, PAGE_TOKEN_INVALID, and nothing more is said.

    page = self._paginator.open(request)
    rows = await store.list_consents(tx, person, before=page.before, limit=page.limit)
    rows, next_page_token = page.close(rows, key=lambda row: (row.create_time, row.id))
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate, takewhile
from typing import Final, NamedTuple, TypeVar, cast
from uuid import UUID

from google.protobuf.message import Message

from lientuyen.chassis.v1 import error_reasons as reasons

from . import clock
from .encryption import DecryptionError, Encryptor
from .errors import InvalidArgument
from .resource_names import make_own_short

Row = TypeVar("Row")
Key = str | int | datetime | UUID

DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE = 500
TOKEN_LIFETIME = timedelta(days=3)

# Bytes of the rows of one page, where rows are long: a client of gRPC takes an answer of 4 MiB, unless it
# was told to take more.
MAX_PAGE_BYTES: Final = 3 * 1024 * 1024

# What a request's `page_token` may hold (the rule in the contract).
MAX_TOKEN_LENGTH = 1024

# Fields of a request that may differ from page to page.
UNBOUND_FIELDS = ("request_id", "page_size", "page_token", "access")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Cursor(NamedTuple):
    """Where a list that is ordered by time and id, the newest first, goes on: before this row."""

    time: datetime
    id: UUID


# Before everything: where the first page of such a list begins.
NEWEST: Final = Cursor(datetime(9000, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))


class Page:
    """One page of a list: `limit` rows are to be fetched, one more than are shown."""

    __slots__ = ("_paginator", "_request", "_size", "position")

    def __init__(
        self, paginator: "Paginator", request: Message, size: int, position: list[str | int]
    ) -> None:
        self._paginator = paginator
        self._request = request
        self._size = size
        # The key of the last row of the page before, as `close` wrote it; empty on the first page.
        self.position = position

    @property
    def limit(self) -> int:
        """How many rows to fetch: one more than the page has, which says whether there is a next."""
        return self._size + 1

    @property
    def before(self) -> Cursor:
        """The cursor of a list that is ordered by time and id, the newest first."""
        if not self.position:
            return NEWEST
        return Cursor(from_micros(self.position[0]), UUID(str(self.position[1])))

    def close(
        self,
        rows: Sequence[Row],
        key: Callable[[Row], Sequence[Key]],
        *,
        bytes_of: Callable[[Row], int] | None = None,
    ) -> tuple[list[Row], str]:
        """Return the rows of this page and the token of the next, which is empty at the end.

        *key* gives what the list is ordered by; the next page begins after it.  *bytes_of* a row: then the
        page has as many as come to MAX_PAGE_BYTES, and one at least.
        """
        page = list(rows[: self._size])
        if bytes_of is not None:
            totals = accumulate(map(bytes_of, page))
            page = page[: max(1, sum(1 for _ in takewhile(MAX_PAGE_BYTES.__ge__, totals)))]
        if len(rows) <= len(page):
            return page, ""
        return page, self._paginator.token([_plain(part) for part in key(page[-1])], self._request)


class Paginator:
    """Makes and reads the page tokens of one service."""

    def __init__(self, encryptor: Encryptor) -> None:
        self._encryptor = encryptor.derive("pages")

    def open(self, request: Message, *, size: int = 0) -> Page:
        """Return the page that *request*, of a List method, asks for.

        Its `page_size` 0 means 50, above 500 means 500; *size* stands in for it.  Raises
        `InvalidArgument` for a token that was altered, made for other arguments, by another
        service, under a deleted key, or too long ago.
        """
        size = min(size or getattr(request, "page_size", 0) or DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)
        token = getattr(request, "page_token", "")
        return Page(self, request, size, self._position(token, request) if token else [])

    def token(self, position: Sequence[str | int], request: Message) -> str:
        """Return the token that goes on after *position* in the list that *request* asked for.

        Raises ValueError when it would be longer than the 1,024 characters that
        a request may carry: a mistake in the list, not of the caller.
        """
        expiry = int((clock.now() + TOKEN_LIFETIME).timestamp())
        plain = json.dumps([expiry, *position], separators=(",", ":")).encode()
        token = encode(self._encryptor.encrypt(plain, associated_data=associated_data(request)))
        if len(token) > MAX_TOKEN_LENGTH:
            raise ValueError(f"A page token of {type(request).__name__} would be {len(token)} long.")
        return token

    def _position(self, token: str, request: Message) -> list[str | int]:
        try:
            plain = self._encryptor.decrypt(decode(token), associated_data=associated_data(request))
        except DecryptionError:
            raise InvalidArgument(reasons.PAGE_TOKEN_INVALID) from None
        expiry, *position = cast(list[str | int], json.loads(plain))
        if int(expiry) < clock.now().timestamp():
            raise InvalidArgument(reasons.PAGE_TOKEN_INVALID)
        return position


def associated_data(arguments: Message) -> bytes:
    """Return what a token is bound to: the request's type and its fields but `UNBOUND_FIELDS`.

    However things are named in it, the request is the same.
    """
    copy = type(arguments)()
    copy.CopyFrom(arguments)
    for name in UNBOUND_FIELDS:
        if name in copy.DESCRIPTOR.fields_by_name:
            copy.ClearField(name)
    make_own_short(copy)
    return copy.DESCRIPTOR.full_name.encode() + b"\0" + copy.SerializeToString(deterministic=True)


def encode(sealed: bytes) -> str:
    """Return *sealed* in letters that need no escaping anywhere: base64url without padding."""
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode("ascii")


def decode(token: str) -> bytes:
    """Return the bytes that `encode` wrote as exactly *token*; raise `DecryptionError` for anything else."""
    try:
        sealed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise DecryptionError("Not a page token.") from None
    if encode(sealed) != token:
        raise DecryptionError("Not a page token.")
    return sealed


def to_micros(moment: datetime) -> int:
    """Return *moment* for a position: microseconds since 1970, exactly as PostgreSQL keeps them."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def from_micros(micros: str | int) -> datetime:
    return EPOCH + timedelta(microseconds=int(micros))


def _plain(part: Key) -> str | int:
    if isinstance(part, datetime):
        return to_micros(part)
    return str(part) if isinstance(part, UUID) else part

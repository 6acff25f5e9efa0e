"""
What a provincial axis answers: read with doubt, for its texts are no contract.

    token    {maKetQua: true, apiKey: {accessToken, expiresIn, …}}
    batch    {maKetQua, batchId, totalSuccess, totalFailed, fileResults: [{maGiaoDich, …}, …]}

Results stand in the order of the files.  Of words for people nothing is read: they may tell of a patient.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

MAX_TOKEN_LENGTH: Final = 16_384

# Seconds that a token holds: when it does not say, and at most.
DEFAULT_TOKEN_S, MAX_TOKEN_S = 300.0, 3_600.0

TAKEN_CODES: Final = frozenset({"200", "true", "0", "000"})

# A transaction number, and a code: anything else is none, and is not repeated.
_TRANSACTION: Final = re.compile(r"[\w.:/-]{1,200}", re.ASCII)
_CODE: Final = re.compile(r"[0-9A-Za-z._-]{1,20}")


class OddReply(Exception):
    """The answer means nothing: no JSON, or not of this shape."""


@dataclass(frozen=True, slots=True)
class Token:
    text: str = field(repr=False)
    seconds: float


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of one file: its *transaction* (mã giao dịch), or the *code* of its refusal, if any."""

    transaction: str
    code: str = ""

    @property
    def is_taken(self) -> bool:
        return bool(self.transaction)


def read_token(body: bytes) -> Token | None:
    """Return the token; None when the account was refused."""
    reply = _object(body)
    if code_of(reply.get("maKetQua")) not in TAKEN_CODES:
        return None
    key = reply.get("apiKey") or reply.get("APIKey")
    text = key.get("accessToken") or key.get("access_token") if isinstance(key, dict) else None
    if not isinstance(text, str) or not text or len(text) > MAX_TOKEN_LENGTH or not text.isascii():
        raise OddReply
    return Token(text, _seconds(key.get("expiresIn") if isinstance(key, dict) else None))


def is_token_refused(body: bytes) -> bool:
    """Tell whether a reply says, with status 200, that the token is no good."""
    return code_of(_object(body).get("maKetQua")) in ("401", "403")


def read_results(body: bytes, count: int) -> Sequence[FileResult]:
    """Return the results of *count* files; OddReply when it is not told of each what became of it."""
    results = _object(body).get("fileResults")
    if not isinstance(results, list) or len(results) != count:
        raise OddReply
    return [_result(entry) for entry in results]


def reply_about(body: bytes, index: int) -> bytes:
    """Return the reply to a batch with the result of one of its files, and nothing of the others."""
    reply = _object(body)
    narrowed = {**reply, "fileResults": [reply["fileResults"][index]]}
    return json.dumps(narrowed, ensure_ascii=False).encode()


def _result(entry: object) -> FileResult:
    if not isinstance(entry, dict):
        raise OddReply
    code = code_of(entry.get("maKetQua", entry.get("maLoi", "")))
    transaction = entry.get("maGiaoDich")
    text = str(transaction) if isinstance(transaction, str | int) and transaction != "" else ""
    is_refused = bool(code) and code not in TAKEN_CODES
    if is_refused or not _TRANSACTION.fullmatch(text):
        return FileResult("", code if is_refused else "")
    return FileResult(text)


def code_of(value: object) -> str:
    """Return a code of a reply, `200` or `true`; empty for what is none."""
    text = (
        str(value).lower() if isinstance(value, bool) else str(value) if isinstance(value, str | int) else ""
    )
    return text if _CODE.fullmatch(text) else ""


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        reply = json.loads(body)
    except (ValueError, RecursionError):
        raise OddReply from None
    if not isinstance(reply, dict):
        raise OddReply
    return reply


def _seconds(value: object) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        value, is_number = int(value), True
    if not is_number or not 0 < float(value) < 10**9:  # type: ignore[arg-type]
        return DEFAULT_TOKEN_S
    return min(float(value), MAX_TOKEN_S)  # type: ignore[arg-type]

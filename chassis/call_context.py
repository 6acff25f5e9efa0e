"""
The call that is being answered: who asks, which method, with which `request_id`, until when.

The server sets it before a handler runs; it holds inside the handler, inside the
tasks the handler starts, and inside a streaming handler between its messages.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from lientuyen.chassis.v1 import error_reasons as reasons

from .errors import PermissionDenied

FACILITIES = "//identity.lientuyen/facilities/"

# The code of a place of care (mã cơ sở KCB): five characters that begin with the number of an old province
# (QĐ 384/QĐ-BYT 2019).  The directory takes of a pharmacy a code of any other form, so that a code says the
# kind (docs/adr/0057).
CARE_CODE: Final = re.compile(r"[0-9]{2}[0-9A-Z]{3}")
_CODE: Final = re.compile(r"[0-9A-Z]{2,20}")

_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, by certificate: *kind* is `facility`, `pharmacy`, `service`, `operator` or `authority`."""

    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.id}"

    @property
    def code(self) -> str | None:
        """The code of the caller's facility (cơ sở) in the directory, or None for those that are not one.

        Raises PermissionDenied(CALLER_KIND) for a certificate of one kind with a code of the other: a
        pharmacy `01999` is not the hospital 01999, and no facility at all.
        """
        if self.kind not in ("facility", "pharmacy"):
            return None
        if kind_of_code(self.id) != self.kind:
            raise PermissionDenied(reasons.CALLER_KIND, caller=str(self))
        return self.id

    @property
    def facility(self) -> str | None:
        """The full resource name of the caller's facility, or None; raises as `code` does."""
        code = self.code
        return None if code is None else FACILITIES + code

    @classmethod
    def of_facility(cls, name: str) -> "Caller":
        """Return who calls for the facility of *name*, full or short, or a bare code."""
        code = name.rpartition("/")[2]
        return cls(kind_of_code(code) or "facility", code)


@lru_cache(maxsize=4096)
def kind_of_code(code: str) -> str:
    """Return the kind of certificate that the holder of *code* has; empty for what is no code."""
    if CARE_CODE.fullmatch(code):
        return "facility"
    return "pharmacy" if _CODE.fullmatch(code) else ""


@dataclass(frozen=True, slots=True)
class Call:
    """One call: `PersonService/GetPerson`, `lientuyen.identity.v1.PersonService/GetPerson`, and who asks.

    *deadline* is on the clock of `time.monotonic()`, in seconds, already less
    the time it takes to answer; None for a stream without an end.  *request_id* is
    that of the request, or of the message of a stream that is being answered; empty for none.
    """

    method: str
    full_method: str
    caller: Caller
    deadline: float | None = None
    request_id: str = ""


_current: ContextVar[Call] = ContextVar("call")


def current() -> Call:
    """Return the call being answered.  Outside a call this is a LookupError."""
    return _current.get()


def current_or_none() -> Call | None:
    """Return the call being answered, or None outside one: in a relay, a sweeper, a test."""
    return _current.get(None)


def caller() -> Caller:
    """Return who asks.  Outside a call this is a LookupError."""
    return _current.get().caller


def enter(call: Call) -> None:
    """Make *call* the current one for the rest of this task, whose context ends with the call."""
    _current.set(call)


def identify(message: object) -> str:
    """Make the `request_id` of *message* that of the current call, in this task; return it.

    Empty when the message has none, or what is there is no UUID: anything may stand in a request
    that nobody has checked yet.
    """
    request_id: str = getattr(message, "request_id", "")
    call = _current.get(None)
    if not request_id or call is None or _UUID.fullmatch(request_id) is None:
        return ""
    _current.set(replace(call, request_id=request_id.lower()))
    return request_id.lower()


@contextmanager
def answering(message: object) -> Iterator[None]:
    """Let the current call have the `request_id` of *message* inside the block: one of many in a stream."""
    call = _current.get()
    identify(message)
    try:
        yield
    finally:
        _current.set(call)


@contextmanager
def calling(call: Call) -> Iterator[Call]:
    """Make *call* the current one inside the block: for relays that act in somebody's name, and for tests."""
    token = _current.set(call)
    try:
        yield call
    finally:
        _current.reset(token)


def require_node() -> str:
    """Return the name of the node that calls; PermissionDenied(CALLER_KIND) for anybody else."""
    asking = caller()
    if asking.kind != "node":
        raise PermissionDenied(reasons.CALLER_KIND, caller=str(asking))
    return asking.id


def require_facility(field: str, declared: str) -> None:
    """Refuse unless *declared* is the caller's own facility; operators act for any.

    *declared* may be a full name, `facilities/01999`, or the bare code (mã cơ
    sở KCB).  Raises PermissionDenied(FACILITY_MISMATCH) that names *field*.
    """
    asking = caller()
    if asking.kind == "operator":
        return
    if asking.code is None or declared.rpartition("/")[2] != asking.code or not _is_facility(declared):
        raise PermissionDenied(reasons.FACILITY_MISMATCH, field=field, declared=declared)


def _is_facility(declared: str) -> bool:
    """Tell whether *declared* is a bare code or the name of a facility, rather than of something else."""
    return "/" not in declared or declared.rpartition("/")[0] in ("facilities", FACILITIES.rstrip("/"))

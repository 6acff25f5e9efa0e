"""
The call that is being answered: who asks, which method, until when.

The server sets it before a handler runs; it holds inside the handler, inside the
tasks the handler starts, and inside a streaming handler between its messages.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from lientuyen.chassis.v1 import error_reasons as reasons

from .errors import PermissionDenied

FACILITIES = "//identity.lientuyen/facilities/"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, by certificate: *kind* is `facility`, `pharmacy`, `service`, `operator` or `authority`."""

    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.id}"

    @property
    def facility(self) -> str | None:
        """The full resource name of the caller's facility (cơ sở), or None for those that are not one."""
        return FACILITIES + self.id if self.kind in ("facility", "pharmacy") else None


@dataclass(frozen=True, slots=True)
class Call:
    """One call: `PersonService/GetPerson`, `lientuyen.identity.v1.PersonService/GetPerson`, and who asks.

    *deadline* is on the clock of `time.monotonic()`, in seconds, already less
    the time it takes to answer; None for a stream without an end.
    """

    method: str
    full_method: str
    caller: Caller
    deadline: float | None = None


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


@contextmanager
def calling(call: Call) -> Iterator[Call]:
    """Make *call* the current one inside the block: for relays that act in somebody's name, and for tests."""
    token = _current.set(call)
    try:
        yield call
    finally:
        _current.reset(token)


def require_facility(field: str, declared: str) -> None:
    """Refuse unless *declared* is the caller's own facility; operators act for any.

    *declared* may be a full name, `facilities/01999`, or the bare code (mã cơ
    sở KCB).  Raises PermissionDenied(FACILITY_MISMATCH) that names *field*.
    """
    asking = caller()
    if asking.kind == "operator":
        return
    if asking.facility is None or declared.rpartition("/")[2] != asking.id or not _is_facility(declared):
        raise PermissionDenied(reasons.FACILITY_MISMATCH, field=field, declared=declared)


def _is_facility(declared: str) -> bool:
    """Tell whether *declared* is a bare code or the name of a facility, rather than of something else."""
    return "/" not in declared or declared.rpartition("/")[0] in ("facilities", FACILITIES.rstrip("/"))

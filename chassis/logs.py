"""
Logs: one JSON object a line on stderr, with the trace id and the call, and nothing about a patient.

    log.info("dossier accepted", dossier=name, rows=113)

The event is a constant sentence; what varies is a key.  A line written while a call is answered says
which (`method`), who called (`caller`: `facility/01999`) and with which `request_id`.  The last step before a
line is written redacts what must not leave: values under keys that hold names or
numbers of people, and in every string whatever looks like a personal ID (số định
danh cá nhân, 12 digits), an old ID (CMND, 9), a social-insurance or telephone
number (10) or an insurance card (thẻ BHYT, 2 letters and 13 digits).  It is a net
under the rule, not the rule: do not log what it would catch.  Objects that are
not plain values are written as their type; an exception as its type and its
frames, never its message.

What libraries log through `logging` leaves by the same door.  Logging never raises: a line that cannot be
made or written (a closed stderr, a full disk) is counted and lost, and what was being done goes on.
"""

import logging
import re
import sys
import traceback
from collections.abc import Mapping, Sequence
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from opentelemetry import trace
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

from .call_context import current_or_none

REDACTED = "[redacted]"

# Keys whose values are about a person, in English and as the tables of QĐ 3176 call them; and secrets.
_PERSONAL_KEY = re.compile(
    r"(\w+_)?name|ho_ten\w*|birth_date|ngay_sinh\w*|address|dia_chi\w*|phone\w*|dien_thoai\w*|email"
    r"|(personal|old)_id|\w*cccd|cmnd|social_insurance_number|card\w*|ma_the\w*"
    r"|diagnosis\w*|chan_doan\w*|ma_benh\w*|password|(\w+_)?token|authorization|dsn|database_url",
    re.IGNORECASE,
)
# Chosen by a server, and holds nothing about anybody: `persons/5b0e…` may stand under `name`.
_RESOURCE_NAME = re.compile(r"(//[a-z0-9.]+/)?[a-z][A-Za-z]*/[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*")
# A UUID, kept whole, or a number of a person.
_UUID_OR_NUMBER = re.compile(
    r"(?P<uuid>\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b)"
    r"|(?<![0-9A-Za-z])(?:[A-Za-z]{2}\d{13}|\d{12}|\d{9,10})(?![0-9A-Za-z])"
)

# Frames of a traceback that are kept: the innermost, where it happened.
_MAX_FRAMES = 20

_PLAIN = (bool, int, float, type(None))
_service = "lientuyen"
_lost = 0


def setup(service: str, level: int = logging.INFO) -> None:
    """Name the process in every line, and send what libraries log through the same door."""
    global _service
    _service = service
    handler = Handler(_Stderr())
    handler.addFilter(_without_messages)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_PROCESSORS],
        )
    )
    root = logging.getLogger()
    root.handlers = [*(other for other in root.handlers if not isinstance(other, Handler)), handler]
    root.setLevel(level)


def lost_lines() -> int:
    """Return how many lines of this process could not be made or written."""
    return _lost


def _lose() -> None:
    global _lost
    _lost += 1


class Handler(logging.StreamHandler["_Stderr"]):
    """The door by which the lines of libraries leave."""

    def handle(self, record: logging.LogRecord) -> bool:
        try:
            return bool(super().handle(record))
        except Exception:
            _lose()
            return False

    def handleError(self, record: logging.LogRecord) -> None:
        """Count the line that could not be written, and say nothing: there is nowhere to say it."""
        _lose()


def has_number(text: str) -> bool:
    """Tell whether *text* holds what may be a number of a person."""
    return any(not match["uuid"] for match in _UUID_OR_NUMBER.finditer(text))


def redacted(value: object) -> Any:
    """Return *value* as it may be logged: plain, and without numbers of people in any string of it."""
    if isinstance(value, str):
        return _UUID_OR_NUMBER.sub(_redact_number, value)
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, UUID | date | Path):  # a datetime is a date
        return redacted(str(value))
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, Mapping):
        return {str(key): _redacted_under(str(key), inner) for key, inner in value.items()}
    if isinstance(value, Sequence | set | frozenset) and not isinstance(
        value, bytes | bytearray | memoryview
    ):
        return [redacted(inner) for inner in value]
    return f"<{type(value).__name__}>"


def describe(error: BaseException) -> dict[str, Any]:
    """Return the type, the frames (`file:line function`) and the cause of *error*, without its message."""
    frames = traceback.extract_tb(error.__traceback__)[-_MAX_FRAMES:]
    description: dict[str, Any] = {
        "type": _type_name(error),
        "frames": [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames],
    }
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        description["cause"] = _type_name(cause)
    return description


def _redact_number(match: re.Match[str]) -> str:
    return match[0] if match["uuid"] else REDACTED


def _redacted_under(key: str, value: object) -> Any:
    personal = _PERSONAL_KEY.fullmatch(key) is not None
    if not personal or (isinstance(value, str) and _RESOURCE_NAME.fullmatch(value)):
        return redacted(value)
    return REDACTED


def _redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    first = {key: event[key] for key in ("timestamp", "level", "event") if key in event}
    return {key: _redacted_under(key, value) for key, value in {**first, **event}.items()}


def _identify(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Add the service, the call that is being answered, and the trace and span the line belongs to."""
    event["service"] = _service
    call = current_or_none()
    if call is not None:
        event.setdefault("caller", str(call.caller))
        event.setdefault("method", call.full_method)
        if call.request_id:
            event.setdefault("request_id", call.request_id)
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = f"{context.trace_id:032x}"
        event["span_id"] = f"{context.span_id:016x}"
    return event


def _describe_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace `exc_info`, in any of the shapes that `logging` allows, by what may be said of it."""
    exc_info = event.pop("exc_info", None)
    error: BaseException | None = None
    if isinstance(exc_info, BaseException):
        error = exc_info
    elif isinstance(exc_info, tuple):
        error = exc_info[1]
    elif exc_info:
        error = sys.exc_info()[1]
    if error is not None:
        event["exception"] = describe(error)
    return event


def _without_messages(record: logging.LogRecord) -> bool:
    """Take the messages of exceptions out of what a library logs; keeps every record.

    asyncio prints a failed task, message and all, on the lines after the first.
    """
    if record.name == "asyncio":
        record.msg, record.args = record.getMessage().partition("\n")[0], None
    elif isinstance(record.args, tuple):
        record.args = tuple(_type_name(arg) if isinstance(arg, BaseException) else arg for arg in record.args)
    return True


def _type_name(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _short(filename: str) -> str:
    """Return the path below the folder it was imported from."""
    folders = (f"{folder.rstrip('/')}/" for folder in sorted(sys.path, key=len, reverse=True) if folder)
    return next(
        (filename.removeprefix(folder) for folder in folders if filename.startswith(folder)), filename
    )


class _Stderr:
    """Whatever `sys.stderr` is at the moment; one write a line, so that lines of two threads never mix."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()

    def msg(self, line: str) -> None:
        self.write(f"{line}\n")
        self.flush()

    debug = info = warning = error = critical = exception = msg


_PROCESSORS: list[structlog.typing.Processor] = [
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _identify,
    _describe_exception,
    _redact,
    structlog.processors.JSONRenderer(ensure_ascii=False),
]


class _Unfailing(structlog.make_filtering_bound_logger(logging.INFO)):  # type: ignore[misc]
    """Loses a line rather than fail whoever logs it."""

    def _proxy_to_logger(self, *args: Any, **values: Any) -> Any:
        try:
            return super()._proxy_to_logger(*args, **values)
        except Exception:
            _lose()


log: FilteringBoundLogger = structlog.wrap_logger(
    _Stderr(),
    processors=[structlog.processors.add_log_level, *_PROCESSORS],
    wrapper_class=_Unfailing,
)

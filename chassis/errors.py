"""
What went wrong, as types; and the one place where a type becomes a gRPC status.

    ServiceError
    ├── InvalidArgument      INVALID_ARGUMENT     the caller must fix the request
    ├── NotFound             NOT_FOUND            no such thing, and the caller may know that
    ├── AlreadyExists        ALREADY_EXISTS       there is one already, and it is not the caller's retry
    ├── Unauthenticated      UNAUTHENTICATED      the certificate names nobody we know
    ├── PermissionDenied     PERMISSION_DENIED    also said of things that do not exist
    ├── FailedPrecondition   FAILED_PRECONDITION  the thing is in the wrong state
    ├── Conflict             ABORTED              someone changed it first; read again
    ├── ResourceExhausted    RESOURCE_EXHAUSTED   too much or too often
    ├── DeadlineExceeded     DEADLINE_EXCEEDED    the time was spent before the work was done
    ├── Unavailable          UNAVAILABLE          a peer is down; the only code clients retry
    ├── Unimplemented        UNIMPLEMENTED        in the contract, not built yet
    └── Internal             INTERNAL             a bug of ours; raised by the server only

Anything else that escapes a handler is a bug: logged with its stack, sent as
INTERNAL, without its message, which may hold patient data.

A sentence of a `Reason` holds `{keys}` of the metadata.  Neither the sentences
nor the metadata ever hold data about a person: resource names, reasons, limits.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import DecodeError, Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, LocalizedMessage, RequestInfo, RetryInfo
from google.rpc.status_pb2 import Status

from lientuyen.type.v1.reason import Reason

# A client accepts 8 KiB of trailing metadata by default, and a status travels in
# base64 (4 bytes for 3) beside its own message: 5 KiB of status always arrive.
MAX_STATUS_BYTES = 5 * 1024

# The longest metadata value sent, in characters.  Resource names are shorter;
# this keeps one echoed value from filling the status.
MAX_VALUE_LENGTH = 200

# Metadata that are for our own access log and are not told to the caller: who
# asks for a dossier by its name must not learn from a refusal whose it is.
PRIVATE_METADATA = frozenset({"subject"})

# Metadata that say after how many whole seconds to try again.
RETRY_AFTER = "retry_after_seconds"

DETAILS_KEY = "grpc-status-details-bin"
_KEY = re.compile(r"\{(\w+)\}")

# What a full resource name begins with, which tells a reader of a sentence nothing.
_SERVICE = re.compile(r"^//[a-z]+\.lientuyen/")


class FieldViolation(Protocol):
    """One fault in a request: the exact path of the field, the rule it breaks, and what to say of it."""

    @property
    def field(self) -> str: ...
    @property
    def rule(self) -> str: ...
    @property
    def en(self) -> str: ...
    @property
    def vi(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Violation:
    """A `FieldViolation` that the runtime finds; those of the models are `common.faults.Fault`."""

    field: str
    rule: str
    en: str
    vi: str


def sentence(template: str, metadata: Mapping[str, str]) -> str:
    """Return *template* with its `{keys}` filled in, resource names without the service before them.

    A key that is missing stays as it is written.
    """
    return _KEY.sub(lambda match: _SERVICE.sub("", metadata.get(match[1], match[0])), template)


class ServiceError(Exception):
    """A refusal with a reason of the contract.  Raise a subclass; the server makes the status.

    The metadata of an error with violations always hold their true `count`.
    The metadata key `subject` (the person's full resource name) goes to the
    access log of a refusal and is not sent.
    """

    code: ClassVar[grpc.StatusCode]

    def __init__(
        self, reason: Reason, /, *, violations: Sequence[FieldViolation] = (), **metadata: str
    ) -> None:
        self.reason = reason
        self.violations = tuple(violations)
        self.metadata = {key: str(value)[:MAX_VALUE_LENGTH] for key, value in metadata.items()}
        if self.violations:
            self.metadata.setdefault("count", str(len(self.violations)))
        super().__init__(sentence(reason.en, self.metadata))

    @property
    def message_vi(self) -> str:
        return sentence(self.reason.vi, self.metadata)

    @property
    def public_metadata(self) -> dict[str, str]:
        """The metadata that the caller is told."""
        return {key: value for key, value in self.metadata.items() if key not in PRIVATE_METADATA}


class InvalidArgument(ServiceError):
    code = grpc.StatusCode.INVALID_ARGUMENT


class NotFound(ServiceError):
    code = grpc.StatusCode.NOT_FOUND


class AlreadyExists(ServiceError):
    code = grpc.StatusCode.ALREADY_EXISTS


class Unauthenticated(ServiceError):
    code = grpc.StatusCode.UNAUTHENTICATED


class PermissionDenied(ServiceError):
    """The caller may not; also said of things that do not exist.  Leaves a row in the access log."""

    code = grpc.StatusCode.PERMISSION_DENIED


class FailedPrecondition(ServiceError):
    code = grpc.StatusCode.FAILED_PRECONDITION


class Conflict(ServiceError):
    code = grpc.StatusCode.ABORTED


class ResourceExhausted(ServiceError):
    code = grpc.StatusCode.RESOURCE_EXHAUSTED


class DeadlineExceeded(ServiceError):
    code = grpc.StatusCode.DEADLINE_EXCEEDED


class Unavailable(ServiceError):
    """A peer or the store is down; the only code that clients retry."""

    code = grpc.StatusCode.UNAVAILABLE


class Unimplemented(ServiceError):
    code = grpc.StatusCode.UNIMPLEMENTED


class Internal(ServiceError):
    """A bug of ours.  Made by the server out of what escaped; never raised by a handler."""

    code = grpc.StatusCode.INTERNAL


# What a peer's status may become here.  INTERNAL is not among them: a peer's bug
# is not an answer, and must not be forwarded as ours.
ERRORS_BY_CODE: dict[grpc.StatusCode, type[ServiceError]] = {
    kind.code: kind for kind in ServiceError.__subclasses__() if kind is not Internal
}


def to_status(error: ServiceError, trace_id: str = "") -> Status:
    """Return the status for *error*: one `ErrorInfo`, a `LocalizedMessage` in Vietnamese, its violations.

    The *trace_id*, 32 hex digits, goes as a `RequestInfo`: what a caller names when it asks for help.
    Metadata that say when to come back (`RETRY_AFTER`) are told as a `RetryInfo` too.
    The whole stays within `MAX_STATUS_BYTES` bytes, so a long list of violations is
    cut; `count` in the metadata is the true number.  A method whose job is to
    name every fault (ValidateDossier) returns them in its response.
    """
    public = error.public_metadata
    status = Status(code=error.code.value[0], message=str(error))
    info = ErrorInfo(reason=error.reason.name, domain=error.reason.domain, metadata=public)
    status.details.append(_packed(info))
    status.details.append(_packed(LocalizedMessage(locale="vi", message=error.message_vi)))
    if trace_id:
        status.details.append(_packed(RequestInfo(request_id=trace_id)))
    if (seconds := public.get(RETRY_AFTER, "")).isdecimal():
        status.details.append(_packed(RetryInfo(retry_delay=Duration(seconds=int(seconds)))))
    fitting = _fitting(error.violations, MAX_STATUS_BYTES - status.ByteSize())
    if fitting.field_violations:
        status.details.append(_packed(fitting))
    return status


def _fitting(violations: Sequence[FieldViolation], room: int) -> BadRequest:
    """Return as many of *violations*, in order, as fit into *room* bytes."""
    answer = BadRequest()
    left = room - 64  # the type URL and the framing around the list
    for violation in violations:
        entry = BadRequest.FieldViolation(
            field=violation.field,
            reason=violation.rule,
            description=violation.en,
            localized_message=LocalizedMessage(locale="vi", message=violation.vi),
        )
        left -= entry.ByteSize() + 4
        if left < 0:
            break
        answer.field_violations.append(entry)
    return answer


def _packed(message: Message) -> AnyMessage:
    detail = AnyMessage()
    detail.Pack(message)
    return detail


def from_status(error: grpc.aio.AioRpcError) -> ServiceError | None:
    """Return the typed error that a peer sent; None when it has no `ErrorInfo` or a code we do not know.

    The reason keeps the peer's name, domain and sentences, as they were filled in there.
    """
    kind, status = ERRORS_BY_CODE.get(error.code()), rich_status(error)
    if kind is None or status is None:
        return None
    info, local, bad = ErrorInfo(), LocalizedMessage(), BadRequest()
    for detail in status.details:
        for message in (info, local, bad):
            if detail.Is(message.DESCRIPTOR):
                detail.Unpack(message)
    if not info.reason:
        return None
    reason = Reason(info.reason, info.domain, status.message, local.message)
    rebuilt = kind(reason, violations=[_violation(field) for field in bad.field_violations])
    rebuilt.metadata = dict(info.metadata)
    return rebuilt


def _violation(message: BadRequest.FieldViolation) -> Violation:
    return Violation(message.field, message.reason, message.description, message.localized_message.message)


def rich_status(error: grpc.aio.AioRpcError) -> Status | None:
    """Return the `google.rpc.Status` in the trailing metadata of *error*, or None."""
    for key, value in error.trailing_metadata() or ():
        if key == DETAILS_KEY and isinstance(value, bytes):
            try:
                return Status.FromString(value)
            except DecodeError:
                return None
    return None

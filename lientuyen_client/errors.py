"""
What a call to a service raises.

    ServiceError
    ├── InvalidArgument      the request breaks a rule; `violations` names each path
    ├── Unauthenticated      the certificate names no caller
    ├── PermissionDenied     this caller may not; also said of things that do not exist
    ├── NotFound             no such thing
    ├── AlreadyExists        a thing of that name exists
    ├── FailedPrecondition   the thing is in the wrong state
    ├── Conflict             somebody changed it first: read again
    ├── ResourceExhausted    too much, too often
    ├── Unimplemented        the method is not built yet
    ├── Unavailable          did not answer; already retried
    ├── DeadlineExceeded     no answer in time: ask `outcomes.GetOutcome` what became of a write
    └── Internal             a bug on their side; tell the operator `trace_id`

A program decides by class and `reason`, both fixed by the contract; people read
`message` (English) and `message_vi` (Vietnamese); an operator finds the call by
`trace_id`.  A reason this client does not know is a string like any other.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import grpc
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, LocalizedMessage, RequestInfo
from grpc_status import rpc_status


@dataclass(frozen=True, slots=True)
class Violation:
    """One fault: where it is (`XML3[2].NGAY_YL`), which rule it breaks, and two sentences."""

    path: str
    rule: str
    message: str
    message_vi: str


class ServiceError(Exception):
    """A refused or failed call."""

    def __init__(
        self,
        code: grpc.StatusCode,
        message: str,
        *,
        reason: str = "",
        domain: str = "",
        metadata: Mapping[str, str] | None = None,
        message_vi: str = "",
        violations: tuple[Violation, ...] = (),
        trace_id: str = "",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.reason = reason
        self.domain = domain
        self.metadata = dict(metadata or {})
        self.message_vi = message_vi or message
        self.violations = violations
        self.trace_id = trace_id


class InvalidArgument(ServiceError):
    """The request breaks a rule."""


class Unauthenticated(ServiceError):
    """The certificate names no caller that is known."""


class PermissionDenied(ServiceError):
    """This caller may not do that, or it might not exist."""


class NotFound(ServiceError):
    """No such thing."""


class AlreadyExists(ServiceError):
    """A thing of that name exists."""


class FailedPrecondition(ServiceError):
    """The thing is in the wrong state."""


class Conflict(ServiceError):
    """Somebody changed it first."""


class ResourceExhausted(ServiceError):
    """Too much, or too often."""


class Unimplemented(ServiceError):
    """Not built yet."""


class Unavailable(ServiceError):
    """Did not answer, after retries."""


class DeadlineExceeded(ServiceError):
    """No answer in time."""


class Internal(ServiceError):
    """A bug on their side."""


BY_CODE: dict[grpc.StatusCode, type[ServiceError]] = {
    grpc.StatusCode.INVALID_ARGUMENT: InvalidArgument,
    grpc.StatusCode.UNAUTHENTICATED: Unauthenticated,
    grpc.StatusCode.PERMISSION_DENIED: PermissionDenied,
    grpc.StatusCode.NOT_FOUND: NotFound,
    grpc.StatusCode.ALREADY_EXISTS: AlreadyExists,
    grpc.StatusCode.FAILED_PRECONDITION: FailedPrecondition,
    grpc.StatusCode.ABORTED: Conflict,
    grpc.StatusCode.RESOURCE_EXHAUSTED: ResourceExhausted,
    grpc.StatusCode.UNIMPLEMENTED: Unimplemented,
    grpc.StatusCode.UNAVAILABLE: Unavailable,
    grpc.StatusCode.CANCELLED: Unavailable,  # by the other side: it was stopping
    grpc.StatusCode.DEADLINE_EXCEEDED: DeadlineExceeded,
    grpc.StatusCode.INTERNAL: Internal,
}


# What staff are told when it was not a service of ours that answered, but the line or gRPC itself.
BARE_SENTENCES = {
    grpc.StatusCode.UNAVAILABLE: "Dịch vụ không trả lời; thử lại sau.",
    grpc.StatusCode.CANCELLED: "Dịch vụ đang dừng; thử lại sau.",
    grpc.StatusCode.DEADLINE_EXCEEDED: "Hết thời gian chờ trả lời.",
    grpc.StatusCode.RESOURCE_EXHAUSTED: "Quá lớn hoặc quá nhiều.",
    grpc.StatusCode.UNAUTHENTICATED: "Chứng thư không được chấp nhận.",
}

# What gRPC says of a connection that did not come about or a message it would not send, by a word in its
# text, and what that is to staff.
TRANSPORT_FAULTS = (
    (
        "CERTIFICATE_VERIFY_FAILED",
        "Không tin được chứng thư số của máy chủ: kiểm tra ca.crt và ngày giờ của máy này.",
    ),
    (
        "Verification Check failed",
        "Máy chủ tại địa chỉ này không có chứng thư số của dịch vụ cần gọi: kiểm tra địa chỉ"
        " và chứng thư số của máy chủ.",
    ),
    ("andshake failed", "Không thiết lập được kết nối TLS: kiểm tra địa chỉ và chứng thư số của máy chủ."),
    (
        "Socket closed",
        "Máy chủ đóng kết nối; nếu lặp lại, chứng thư số của đơn vị (tls.crt) có thể đã hết hạn"
        " hoặc không do hệ thống này cấp.",
    ),
    ("Connection refused", "Không có dịch vụ nào tại địa chỉ này, hoặc dịch vụ chưa chạy."),
    ("larger than max", "Yêu cầu hoặc trả lời vượt quá giới hạn dung lượng."),
)


def from_transport(details: str) -> str:
    """Return what gRPC's own *details* mean, in Vietnamese; empty when nobody can tell."""
    return next((sentence for word, sentence in TRANSPORT_FAULTS if word in details), "")


# What is gRPC's own when a service, or the line to it, is silent.
SILENCE = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.DEADLINE_EXCEEDED)


def from_rpc(error: grpc.aio.AioRpcError, service: str = "") -> ServiceError:
    """Return the typed error for *error*; details that are missing stay empty.

    A service that says nothing cannot name itself: then *service*, who was called, is named.
    """
    known = typed(error)
    if service and not known.reason and error.code() in SILENCE:
        known.metadata["peer"] = service
        known.message, known.message_vi = f"{service}: {known.message}", f"{service}: {known.message_vi}"
        known.args = (known.message,)
    return known


def typed(error: grpc.aio.AioRpcError) -> ServiceError:
    info, localized, bad_request, trace = ErrorInfo(), LocalizedMessage(), BadRequest(), RequestInfo()
    status = rpc_status.from_call(error)
    for detail in status.details if status else ():
        for message in (info, localized, bad_request, trace):
            detail.Unpack(message)
    error_class = BY_CODE.get(error.code(), ServiceError)
    return error_class(
        error.code(),
        error.details() or error.code().name,
        reason=info.reason,
        domain=info.domain,
        metadata=dict(info.metadata),
        message_vi=localized.message
        or from_transport(error.details() or "")
        or BARE_SENTENCES.get(error.code(), ""),
        violations=tuple(
            Violation(fault.field, fault.reason, fault.description, fault.localized_message.message)
            for fault in bad_request.field_violations
        ),
        trace_id=trace.request_id,
    )

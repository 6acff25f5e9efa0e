from lientuyen.type.v1 import error_text_pb2 as _error_text_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class ErrorReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERROR_REASON_UNSPECIFIED: _ClassVar[ErrorReason]
    ERROR_REASON_FIELDS_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_CALLER_UNKNOWN: _ClassVar[ErrorReason]
    ERROR_REASON_METHOD_DENIED: _ClassVar[ErrorReason]
    ERROR_REASON_FACILITY_MISMATCH: _ClassVar[ErrorReason]
    ERROR_REASON_REQUEST_ID_REUSED: _ClassVar[ErrorReason]
    ERROR_REASON_PAGE_TOKEN_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_DEADLINE_SPENT: _ClassVar[ErrorReason]
    ERROR_REASON_PEER_UNAVAILABLE: _ClassVar[ErrorReason]
    ERROR_REASON_STORE_UNAVAILABLE: _ClassVar[ErrorReason]
    ERROR_REASON_METHOD_UNBUILT: _ClassVar[ErrorReason]
    ERROR_REASON_INTERNAL: _ClassVar[ErrorReason]
    ERROR_REASON_DRAINING: _ClassVar[ErrorReason]
    ERROR_REASON_WRITE_CONFLICT: _ClassVar[ErrorReason]
    ERROR_REASON_GROUND_DENIED: _ClassVar[ErrorReason]
    ERROR_REASON_METHOD_UNKNOWN: _ClassVar[ErrorReason]
    ERROR_REASON_REQUEST_TOO_LARGE: _ClassVar[ErrorReason]
    ERROR_REASON_EVENT_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_EVENT_STATE: _ClassVar[ErrorReason]
    ERROR_REASON_ANSWER_UNREADABLE: _ClassVar[ErrorReason]
    ERROR_REASON_TOO_MANY_BYTES: _ClassVar[ErrorReason]
    ERROR_REASON_TOO_MANY_CALLS: _ClassVar[ErrorReason]
    ERROR_REASON_CALLER_KIND: _ClassVar[ErrorReason]
    ERROR_REASON_STORE_UNWRITABLE: _ClassVar[ErrorReason]
ERROR_REASON_UNSPECIFIED: ErrorReason
ERROR_REASON_FIELDS_INVALID: ErrorReason
ERROR_REASON_CALLER_UNKNOWN: ErrorReason
ERROR_REASON_METHOD_DENIED: ErrorReason
ERROR_REASON_FACILITY_MISMATCH: ErrorReason
ERROR_REASON_REQUEST_ID_REUSED: ErrorReason
ERROR_REASON_PAGE_TOKEN_INVALID: ErrorReason
ERROR_REASON_DEADLINE_SPENT: ErrorReason
ERROR_REASON_PEER_UNAVAILABLE: ErrorReason
ERROR_REASON_STORE_UNAVAILABLE: ErrorReason
ERROR_REASON_METHOD_UNBUILT: ErrorReason
ERROR_REASON_INTERNAL: ErrorReason
ERROR_REASON_DRAINING: ErrorReason
ERROR_REASON_WRITE_CONFLICT: ErrorReason
ERROR_REASON_GROUND_DENIED: ErrorReason
ERROR_REASON_METHOD_UNKNOWN: ErrorReason
ERROR_REASON_REQUEST_TOO_LARGE: ErrorReason
ERROR_REASON_EVENT_NOT_FOUND: ErrorReason
ERROR_REASON_EVENT_STATE: ErrorReason
ERROR_REASON_ANSWER_UNREADABLE: ErrorReason
ERROR_REASON_TOO_MANY_BYTES: ErrorReason
ERROR_REASON_TOO_MANY_CALLS: ErrorReason
ERROR_REASON_CALLER_KIND: ErrorReason
ERROR_REASON_STORE_UNWRITABLE: ErrorReason

from lientuyen.type.v1 import error_text_pb2 as _error_text_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class ErrorReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERROR_REASON_UNSPECIFIED: _ClassVar[ErrorReason]
    ERROR_REASON_RECIPIENT_UNKNOWN: _ClassVar[ErrorReason]
    ERROR_REASON_UPLOAD_MALFORMED: _ClassVar[ErrorReason]
    ERROR_REASON_BODY_EMPTY: _ClassVar[ErrorReason]
    ERROR_REASON_BODY_TOO_LARGE: _ClassVar[ErrorReason]
    ERROR_REASON_BODY_ALTERED: _ClassVar[ErrorReason]
    ERROR_REASON_BODY_REMOVED: _ClassVar[ErrorReason]
    ERROR_REASON_MESSAGE_DENIED: _ClassVar[ErrorReason]
    ERROR_REASON_MESSAGE_STATE: _ClassVar[ErrorReason]
    ERROR_REASON_LEASE_STALE: _ClassVar[ErrorReason]
    ERROR_REASON_RECEIPT_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_REFERRAL_DENIED: _ClassVar[ErrorReason]
    ERROR_REASON_REFERRAL_STATE: _ClassVar[ErrorReason]
    ERROR_REASON_REFERRAL_SLIP_EXISTS: _ClassVar[ErrorReason]
    ERROR_REASON_REFERRAL_TO_SELF: _ClassVar[ErrorReason]
    ERROR_REASON_APPOINTMENT_DENIED: _ClassVar[ErrorReason]
    ERROR_REASON_APPOINTMENT_STATE: _ClassVar[ErrorReason]
    ERROR_REASON_APPOINTMENT_SLIP_EXISTS: _ClassVar[ErrorReason]
    ERROR_REASON_RECORD_REQUEST_DENIED: _ClassVar[ErrorReason]
    ERROR_REASON_RECORD_REQUEST_STATE: _ClassVar[ErrorReason]
    ERROR_REASON_LIST_UNBOUNDED: _ClassVar[ErrorReason]
    ERROR_REASON_DAY_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_ANSWER_FOREIGN: _ClassVar[ErrorReason]
    ERROR_REASON_REQUEST_TO_SELF: _ClassVar[ErrorReason]
    ERROR_REASON_TOO_MANY_STREAMS: _ClassVar[ErrorReason]
ERROR_REASON_UNSPECIFIED: ErrorReason
ERROR_REASON_RECIPIENT_UNKNOWN: ErrorReason
ERROR_REASON_UPLOAD_MALFORMED: ErrorReason
ERROR_REASON_BODY_EMPTY: ErrorReason
ERROR_REASON_BODY_TOO_LARGE: ErrorReason
ERROR_REASON_BODY_ALTERED: ErrorReason
ERROR_REASON_BODY_REMOVED: ErrorReason
ERROR_REASON_MESSAGE_DENIED: ErrorReason
ERROR_REASON_MESSAGE_STATE: ErrorReason
ERROR_REASON_LEASE_STALE: ErrorReason
ERROR_REASON_RECEIPT_NOT_FOUND: ErrorReason
ERROR_REASON_REFERRAL_DENIED: ErrorReason
ERROR_REASON_REFERRAL_STATE: ErrorReason
ERROR_REASON_REFERRAL_SLIP_EXISTS: ErrorReason
ERROR_REASON_REFERRAL_TO_SELF: ErrorReason
ERROR_REASON_APPOINTMENT_DENIED: ErrorReason
ERROR_REASON_APPOINTMENT_STATE: ErrorReason
ERROR_REASON_APPOINTMENT_SLIP_EXISTS: ErrorReason
ERROR_REASON_RECORD_REQUEST_DENIED: ErrorReason
ERROR_REASON_RECORD_REQUEST_STATE: ErrorReason
ERROR_REASON_LIST_UNBOUNDED: ErrorReason
ERROR_REASON_DAY_INVALID: ErrorReason
ERROR_REASON_ANSWER_FOREIGN: ErrorReason
ERROR_REASON_REQUEST_TO_SELF: ErrorReason
ERROR_REASON_TOO_MANY_STREAMS: ErrorReason

from lientuyen.type.v1 import error_text_pb2 as _error_text_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class ErrorReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERROR_REASON_UNSPECIFIED: _ClassVar[ErrorReason]
    ERROR_REASON_PERSON_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_PERSON_AMBIGUOUS: _ClassVar[ErrorReason]
    ERROR_REASON_CARD_QR_UNREADABLE: _ClassVar[ErrorReason]
    ERROR_REASON_REGISTRATION_INCOMPLETE: _ClassVar[ErrorReason]
    ERROR_REASON_PURPOSE_DENIED: _ClassVar[ErrorReason]
    ERROR_REASON_PERSONS_SAME: _ClassVar[ErrorReason]
    ERROR_REASON_PERSON_MERGED: _ClassVar[ErrorReason]
    ERROR_REASON_MERGE_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_ETAG_STALE: _ClassVar[ErrorReason]
    ERROR_REASON_FACILITY_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_PRACTITIONER_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_CONSENT_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_CONSENT_WITHDRAWN: _ClassVar[ErrorReason]
    ERROR_REASON_CONSENT_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_CONSENT_GRANTEE_DENIED: _ClassVar[ErrorReason]
    ERROR_REASON_EMERGENCY_ACCESS_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_EMERGENCY_ACCESS_REVIEWED: _ClassVar[ErrorReason]
    ERROR_REASON_LOOKUP_LIMIT_REACHED: _ClassVar[ErrorReason]
ERROR_REASON_UNSPECIFIED: ErrorReason
ERROR_REASON_PERSON_NOT_FOUND: ErrorReason
ERROR_REASON_PERSON_AMBIGUOUS: ErrorReason
ERROR_REASON_CARD_QR_UNREADABLE: ErrorReason
ERROR_REASON_REGISTRATION_INCOMPLETE: ErrorReason
ERROR_REASON_PURPOSE_DENIED: ErrorReason
ERROR_REASON_PERSONS_SAME: ErrorReason
ERROR_REASON_PERSON_MERGED: ErrorReason
ERROR_REASON_MERGE_NOT_FOUND: ErrorReason
ERROR_REASON_ETAG_STALE: ErrorReason
ERROR_REASON_FACILITY_NOT_FOUND: ErrorReason
ERROR_REASON_PRACTITIONER_NOT_FOUND: ErrorReason
ERROR_REASON_CONSENT_NOT_FOUND: ErrorReason
ERROR_REASON_CONSENT_WITHDRAWN: ErrorReason
ERROR_REASON_CONSENT_INVALID: ErrorReason
ERROR_REASON_CONSENT_GRANTEE_DENIED: ErrorReason
ERROR_REASON_EMERGENCY_ACCESS_NOT_FOUND: ErrorReason
ERROR_REASON_EMERGENCY_ACCESS_REVIEWED: ErrorReason
ERROR_REASON_LOOKUP_LIMIT_REACHED: ErrorReason

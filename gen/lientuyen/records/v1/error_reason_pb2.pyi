from lientuyen.type.v1 import error_text_pb2 as _error_text_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class ErrorReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERROR_REASON_UNSPECIFIED: _ClassVar[ErrorReason]
    ERROR_REASON_DOSSIER_REFUSED: _ClassVar[ErrorReason]
    ERROR_REASON_DOSSIER_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_SIGNATURE_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_SIGNER_MISMATCH: _ClassVar[ErrorReason]
    ERROR_REASON_ACCESS_DENIED: _ClassVar[ErrorReason]
    ERROR_REASON_DOSSIER_STATE: _ClassVar[ErrorReason]
    ERROR_REASON_ETAG_STALE: _ClassVar[ErrorReason]
    ERROR_REASON_HEALTH_CHECK_REFUSED: _ClassVar[ErrorReason]
    ERROR_REASON_NAME_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_DOSSIER_DENIED: _ClassVar[ErrorReason]
    ERROR_REASON_REPLACEMENT_UNCONFIRMED: _ClassVar[ErrorReason]
    ERROR_REASON_VERSION_STALE: _ClassVar[ErrorReason]
    ERROR_REASON_DOCTOR_SIGNATURE_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_IMMUNIZATION_REFUSED: _ClassVar[ErrorReason]
    ERROR_REASON_IMMUNIZATION_EXISTS: _ClassVar[ErrorReason]
    ERROR_REASON_IMMUNIZATION_DENIED: _ClassVar[ErrorReason]
    ERROR_REASON_IMMUNIZATION_STATE: _ClassVar[ErrorReason]
    ERROR_REASON_SIGNATURE_MISSING: _ClassVar[ErrorReason]
    ERROR_REASON_RESULT_NOT_FOUND: _ClassVar[ErrorReason]
ERROR_REASON_UNSPECIFIED: ErrorReason
ERROR_REASON_DOSSIER_REFUSED: ErrorReason
ERROR_REASON_DOSSIER_NOT_FOUND: ErrorReason
ERROR_REASON_SIGNATURE_INVALID: ErrorReason
ERROR_REASON_SIGNER_MISMATCH: ErrorReason
ERROR_REASON_ACCESS_DENIED: ErrorReason
ERROR_REASON_DOSSIER_STATE: ErrorReason
ERROR_REASON_ETAG_STALE: ErrorReason
ERROR_REASON_HEALTH_CHECK_REFUSED: ErrorReason
ERROR_REASON_NAME_INVALID: ErrorReason
ERROR_REASON_DOSSIER_DENIED: ErrorReason
ERROR_REASON_REPLACEMENT_UNCONFIRMED: ErrorReason
ERROR_REASON_VERSION_STALE: ErrorReason
ERROR_REASON_DOCTOR_SIGNATURE_INVALID: ErrorReason
ERROR_REASON_IMMUNIZATION_REFUSED: ErrorReason
ERROR_REASON_IMMUNIZATION_EXISTS: ErrorReason
ERROR_REASON_IMMUNIZATION_DENIED: ErrorReason
ERROR_REASON_IMMUNIZATION_STATE: ErrorReason
ERROR_REASON_SIGNATURE_MISSING: ErrorReason
ERROR_REASON_RESULT_NOT_FOUND: ErrorReason

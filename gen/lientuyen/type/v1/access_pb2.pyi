from buf.validate import validate_pb2 as _validate_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from lientuyen.type.v1 import text_pb2 as _text_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AccessContext(_message.Message):
    __slots__ = ("practitioner", "purpose", "legal_basis", "reason", "referral")
    class Purpose(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        PURPOSE_UNSPECIFIED: _ClassVar[AccessContext.Purpose]
        PURPOSE_TREATMENT: _ClassVar[AccessContext.Purpose]
        PURPOSE_PAYMENT: _ClassVar[AccessContext.Purpose]
        PURPOSE_PUBLIC_HEALTH: _ClassVar[AccessContext.Purpose]
        PURPOSE_RESEARCH: _ClassVar[AccessContext.Purpose]
        PURPOSE_PATIENT_REQUEST: _ClassVar[AccessContext.Purpose]
        PURPOSE_OPERATIONS: _ClassVar[AccessContext.Purpose]
    PURPOSE_UNSPECIFIED: AccessContext.Purpose
    PURPOSE_TREATMENT: AccessContext.Purpose
    PURPOSE_PAYMENT: AccessContext.Purpose
    PURPOSE_PUBLIC_HEALTH: AccessContext.Purpose
    PURPOSE_RESEARCH: AccessContext.Purpose
    PURPOSE_PATIENT_REQUEST: AccessContext.Purpose
    PURPOSE_OPERATIONS: AccessContext.Purpose
    class LegalBasis(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        LEGAL_BASIS_UNSPECIFIED: _ClassVar[AccessContext.LegalBasis]
        LEGAL_BASIS_CONSENT: _ClassVar[AccessContext.LegalBasis]
        LEGAL_BASIS_EMERGENCY: _ClassVar[AccessContext.LegalBasis]
        LEGAL_BASIS_LEGAL_DUTY: _ClassVar[AccessContext.LegalBasis]
        LEGAL_BASIS_DATA_SUBJECT: _ClassVar[AccessContext.LegalBasis]
        LEGAL_BASIS_OWN_RECORD: _ClassVar[AccessContext.LegalBasis]
    LEGAL_BASIS_UNSPECIFIED: AccessContext.LegalBasis
    LEGAL_BASIS_CONSENT: AccessContext.LegalBasis
    LEGAL_BASIS_EMERGENCY: AccessContext.LegalBasis
    LEGAL_BASIS_LEGAL_DUTY: AccessContext.LegalBasis
    LEGAL_BASIS_DATA_SUBJECT: AccessContext.LegalBasis
    LEGAL_BASIS_OWN_RECORD: AccessContext.LegalBasis
    PRACTITIONER_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    LEGAL_BASIS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REFERRAL_FIELD_NUMBER: _ClassVar[int]
    practitioner: str
    purpose: AccessContext.Purpose
    legal_basis: AccessContext.LegalBasis
    reason: str
    referral: str
    def __init__(self, practitioner: _Optional[str] = ..., purpose: _Optional[_Union[AccessContext.Purpose, str]] = ..., legal_basis: _Optional[_Union[AccessContext.LegalBasis, str]] = ..., reason: _Optional[str] = ..., referral: _Optional[str] = ...) -> None: ...

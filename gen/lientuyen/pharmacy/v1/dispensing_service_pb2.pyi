from buf.validate import validate_pb2 as _validate_pb2
from lientuyen.pharmacy.v1 import dispensing_pb2 as _dispensing_pb2
from lientuyen.pharmacy.v1 import prescription_pb2 as _prescription_pb2
from lientuyen.pharmacy.v1 import quantity_pb2 as _quantity_pb2
from lientuyen.type.v1 import access_pb2 as _access_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from lientuyen.type.v1 import text_pb2 as _text_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ClaimPrescriptionRequest(_message.Message):
    __slots__ = ("request_id", "code", "access")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    code: str
    access: _access_pb2.AccessContext
    def __init__(self, request_id: _Optional[str] = ..., code: _Optional[str] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ...) -> None: ...

class ClaimPrescriptionResponse(_message.Message):
    __slots__ = ("claim", "prescription")
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    PRESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    claim: _dispensing_pb2.Claim
    prescription: _prescription_pb2.Prescription
    def __init__(self, claim: _Optional[_Union[_dispensing_pb2.Claim, _Mapping]] = ..., prescription: _Optional[_Union[_prescription_pb2.Prescription, _Mapping]] = ...) -> None: ...

class DispenseRequest(_message.Message):
    __slots__ = ("request_id", "prescription", "claim_token", "lines", "pharmacist", "invoice_number")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PRESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    CLAIM_TOKEN_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    PHARMACIST_FIELD_NUMBER: _ClassVar[int]
    INVOICE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    prescription: str
    claim_token: str
    lines: _containers.RepeatedCompositeFieldContainer[_dispensing_pb2.DispenseLine]
    pharmacist: str
    invoice_number: str
    def __init__(self, request_id: _Optional[str] = ..., prescription: _Optional[str] = ..., claim_token: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[_dispensing_pb2.DispenseLine, _Mapping]]] = ..., pharmacist: _Optional[str] = ..., invoice_number: _Optional[str] = ...) -> None: ...

class DispenseResponse(_message.Message):
    __slots__ = ("dispensing", "prescription_state", "remainders", "warnings")
    DISPENSING_FIELD_NUMBER: _ClassVar[int]
    PRESCRIPTION_STATE_FIELD_NUMBER: _ClassVar[int]
    REMAINDERS_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    dispensing: _dispensing_pb2.Dispensing
    prescription_state: _prescription_pb2.Prescription.State
    remainders: _containers.RepeatedCompositeFieldContainer[Remainder]
    warnings: _containers.RepeatedCompositeFieldContainer[_prescription_pb2.Warning]
    def __init__(self, dispensing: _Optional[_Union[_dispensing_pb2.Dispensing, _Mapping]] = ..., prescription_state: _Optional[_Union[_prescription_pb2.Prescription.State, str]] = ..., remainders: _Optional[_Iterable[_Union[Remainder, _Mapping]]] = ..., warnings: _Optional[_Iterable[_Union[_prescription_pb2.Warning, _Mapping]]] = ...) -> None: ...

class Remainder(_message.Message):
    __slots__ = ("line", "remaining")
    LINE_FIELD_NUMBER: _ClassVar[int]
    REMAINING_FIELD_NUMBER: _ClassVar[int]
    line: int
    remaining: _quantity_pb2.Quantity
    def __init__(self, line: _Optional[int] = ..., remaining: _Optional[_Union[_quantity_pb2.Quantity, _Mapping]] = ...) -> None: ...

class ReleaseClaimRequest(_message.Message):
    __slots__ = ("request_id", "prescription", "claim_token")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PRESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    CLAIM_TOKEN_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    prescription: str
    claim_token: str
    def __init__(self, request_id: _Optional[str] = ..., prescription: _Optional[str] = ..., claim_token: _Optional[str] = ...) -> None: ...

class ReleaseClaimResponse(_message.Message):
    __slots__ = ("prescription_state",)
    PRESCRIPTION_STATE_FIELD_NUMBER: _ClassVar[int]
    prescription_state: _prescription_pb2.Prescription.State
    def __init__(self, prescription_state: _Optional[_Union[_prescription_pb2.Prescription.State, str]] = ...) -> None: ...

class ReverseDispensingRequest(_message.Message):
    __slots__ = ("request_id", "name", "reason")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    name: str
    reason: str
    def __init__(self, request_id: _Optional[str] = ..., name: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ReverseDispensingResponse(_message.Message):
    __slots__ = ("dispensing", "prescription_state")
    DISPENSING_FIELD_NUMBER: _ClassVar[int]
    PRESCRIPTION_STATE_FIELD_NUMBER: _ClassVar[int]
    dispensing: _dispensing_pb2.Dispensing
    prescription_state: _prescription_pb2.Prescription.State
    def __init__(self, dispensing: _Optional[_Union[_dispensing_pb2.Dispensing, _Mapping]] = ..., prescription_state: _Optional[_Union[_prescription_pb2.Prescription.State, str]] = ...) -> None: ...

class ListDispensingsRequest(_message.Message):
    __slots__ = ("person", "prescription", "page_size", "page_token", "access", "withheld_classes")
    PERSON_FIELD_NUMBER: _ClassVar[int]
    PRESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_CLASSES_FIELD_NUMBER: _ClassVar[int]
    person: str
    prescription: str
    page_size: int
    page_token: str
    access: _access_pb2.AccessContext
    withheld_classes: _containers.RepeatedScalarFieldContainer[_dispensing_pb2.RestrictedClass]
    def __init__(self, person: _Optional[str] = ..., prescription: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ..., withheld_classes: _Optional[_Iterable[_Union[_dispensing_pb2.RestrictedClass, str]]] = ...) -> None: ...

class ListDispensingsResponse(_message.Message):
    __slots__ = ("dispensings", "next_page_token", "unreachable")
    DISPENSINGS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    UNREACHABLE_FIELD_NUMBER: _ClassVar[int]
    dispensings: _containers.RepeatedCompositeFieldContainer[_dispensing_pb2.Dispensing]
    next_page_token: str
    unreachable: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, dispensings: _Optional[_Iterable[_Union[_dispensing_pb2.Dispensing, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., unreachable: _Optional[_Iterable[str]] = ...) -> None: ...

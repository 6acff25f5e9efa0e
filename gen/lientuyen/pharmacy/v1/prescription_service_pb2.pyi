from buf.validate import validate_pb2 as _validate_pb2
from lientuyen.pharmacy.v1 import dispensing_pb2 as _dispensing_pb2
from lientuyen.pharmacy.v1 import prescription_pb2 as _prescription_pb2
from lientuyen.type.v1 import access_pb2 as _access_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from lientuyen.type.v1 import text_pb2 as _text_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class IssuePrescriptionRequest(_message.Message):
    __slots__ = ("request_id", "prescription")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PRESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    prescription: _prescription_pb2.Prescription
    def __init__(self, request_id: _Optional[str] = ..., prescription: _Optional[_Union[_prescription_pb2.Prescription, _Mapping]] = ...) -> None: ...

class IssuePrescriptionResponse(_message.Message):
    __slots__ = ("prescription", "warnings")
    PRESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    prescription: _prescription_pb2.Prescription
    warnings: _containers.RepeatedCompositeFieldContainer[_prescription_pb2.Warning]
    def __init__(self, prescription: _Optional[_Union[_prescription_pb2.Prescription, _Mapping]] = ..., warnings: _Optional[_Iterable[_Union[_prescription_pb2.Warning, _Mapping]]] = ...) -> None: ...

class GetPrescriptionRequest(_message.Message):
    __slots__ = ("name", "code", "access")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    name: str
    code: str
    access: _access_pb2.AccessContext
    def __init__(self, name: _Optional[str] = ..., code: _Optional[str] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ...) -> None: ...

class GetPrescriptionResponse(_message.Message):
    __slots__ = ("prescription", "dispensings")
    PRESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    DISPENSINGS_FIELD_NUMBER: _ClassVar[int]
    prescription: _prescription_pb2.Prescription
    dispensings: _containers.RepeatedCompositeFieldContainer[_dispensing_pb2.Dispensing]
    def __init__(self, prescription: _Optional[_Union[_prescription_pb2.Prescription, _Mapping]] = ..., dispensings: _Optional[_Iterable[_Union[_dispensing_pb2.Dispensing, _Mapping]]] = ...) -> None: ...

class ReplacePrescriptionRequest(_message.Message):
    __slots__ = ("request_id", "name", "etag", "prescription", "reason")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    PRESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    name: str
    etag: str
    prescription: _prescription_pb2.Prescription
    reason: str
    def __init__(self, request_id: _Optional[str] = ..., name: _Optional[str] = ..., etag: _Optional[str] = ..., prescription: _Optional[_Union[_prescription_pb2.Prescription, _Mapping]] = ..., reason: _Optional[str] = ...) -> None: ...

class ReplacePrescriptionResponse(_message.Message):
    __slots__ = ("prescription", "warnings")
    PRESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    prescription: _prescription_pb2.Prescription
    warnings: _containers.RepeatedCompositeFieldContainer[_prescription_pb2.Warning]
    def __init__(self, prescription: _Optional[_Union[_prescription_pb2.Prescription, _Mapping]] = ..., warnings: _Optional[_Iterable[_Union[_prescription_pb2.Warning, _Mapping]]] = ...) -> None: ...

class CancelPrescriptionRequest(_message.Message):
    __slots__ = ("request_id", "name", "etag", "reason")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    name: str
    etag: str
    reason: str
    def __init__(self, request_id: _Optional[str] = ..., name: _Optional[str] = ..., etag: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class CancelPrescriptionResponse(_message.Message):
    __slots__ = ("prescription",)
    PRESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    prescription: _prescription_pb2.Prescription
    def __init__(self, prescription: _Optional[_Union[_prescription_pb2.Prescription, _Mapping]] = ...) -> None: ...

class ListPrescriptionsRequest(_message.Message):
    __slots__ = ("person", "facility", "page_size", "page_token", "access")
    PERSON_FIELD_NUMBER: _ClassVar[int]
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    person: str
    facility: str
    page_size: int
    page_token: str
    access: _access_pb2.AccessContext
    def __init__(self, person: _Optional[str] = ..., facility: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ...) -> None: ...

class ListPrescriptionsResponse(_message.Message):
    __slots__ = ("prescriptions", "next_page_token", "unreachable")
    PRESCRIPTIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    UNREACHABLE_FIELD_NUMBER: _ClassVar[int]
    prescriptions: _containers.RepeatedCompositeFieldContainer[_prescription_pb2.Prescription]
    next_page_token: str
    unreachable: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, prescriptions: _Optional[_Iterable[_Union[_prescription_pb2.Prescription, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., unreachable: _Optional[_Iterable[str]] = ...) -> None: ...

from buf.validate import validate_pb2 as _validate_pb2
from lientuyen.records.v1 import immunization_pb2 as _immunization_pb2
from lientuyen.type.v1 import access_pb2 as _access_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RecordImmunizationRequest(_message.Message):
    __slots__ = ("request_id", "immunization")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    IMMUNIZATION_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    immunization: _immunization_pb2.Immunization
    def __init__(self, request_id: _Optional[str] = ..., immunization: _Optional[_Union[_immunization_pb2.Immunization, _Mapping]] = ...) -> None: ...

class RecordImmunizationResponse(_message.Message):
    __slots__ = ("immunization",)
    IMMUNIZATION_FIELD_NUMBER: _ClassVar[int]
    immunization: _immunization_pb2.Immunization
    def __init__(self, immunization: _Optional[_Union[_immunization_pb2.Immunization, _Mapping]] = ...) -> None: ...

class ListImmunizationsRequest(_message.Message):
    __slots__ = ("person", "page_size", "page_token", "access")
    PERSON_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    person: str
    page_size: int
    page_token: str
    access: _access_pb2.AccessContext
    def __init__(self, person: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ...) -> None: ...

class ListImmunizationsResponse(_message.Message):
    __slots__ = ("immunizations", "next_page_token")
    IMMUNIZATIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    immunizations: _containers.RepeatedCompositeFieldContainer[_immunization_pb2.Immunization]
    next_page_token: str
    def __init__(self, immunizations: _Optional[_Iterable[_Union[_immunization_pb2.Immunization, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

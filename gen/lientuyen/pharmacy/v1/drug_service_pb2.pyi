from buf.validate import validate_pb2 as _validate_pb2
from lientuyen.pharmacy.v1 import drug_pb2 as _drug_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetDrugRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetDrugResponse(_message.Message):
    __slots__ = ("drug",)
    DRUG_FIELD_NUMBER: _ClassVar[int]
    drug: _drug_pb2.Drug
    def __init__(self, drug: _Optional[_Union[_drug_pb2.Drug, _Mapping]] = ...) -> None: ...

class SearchDrugsRequest(_message.Message):
    __slots__ = ("query", "page_size", "page_token")
    QUERY_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    query: str
    page_size: int
    page_token: str
    def __init__(self, query: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class SearchDrugsResponse(_message.Message):
    __slots__ = ("drugs", "next_page_token")
    DRUGS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    drugs: _containers.RepeatedCompositeFieldContainer[_drug_pb2.Drug]
    next_page_token: str
    def __init__(self, drugs: _Optional[_Iterable[_Union[_drug_pb2.Drug, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ImportDrugsRequest(_message.Message):
    __slots__ = ("request_id", "drugs")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    DRUGS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    drugs: _containers.RepeatedCompositeFieldContainer[_drug_pb2.Drug]
    def __init__(self, request_id: _Optional[str] = ..., drugs: _Optional[_Iterable[_Union[_drug_pb2.Drug, _Mapping]]] = ...) -> None: ...

class ImportDrugsResponse(_message.Message):
    __slots__ = ("created", "updated")
    CREATED_FIELD_NUMBER: _ClassVar[int]
    UPDATED_FIELD_NUMBER: _ClassVar[int]
    created: int
    updated: int
    def __init__(self, created: _Optional[int] = ..., updated: _Optional[int] = ...) -> None: ...

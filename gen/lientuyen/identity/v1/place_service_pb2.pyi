from buf.validate import validate_pb2 as _validate_pb2
from lientuyen.identity.v1 import place_pb2 as _place_pb2
from lientuyen.type.v1 import date_pb2 as _date_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListProvincesRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "as_of")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    AS_OF_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    as_of: _date_pb2.Date
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., as_of: _Optional[_Union[_date_pb2.Date, _Mapping]] = ...) -> None: ...

class ListProvincesResponse(_message.Message):
    __slots__ = ("provinces", "next_page_token")
    PROVINCES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    provinces: _containers.RepeatedCompositeFieldContainer[_place_pb2.Province]
    next_page_token: str
    def __init__(self, provinces: _Optional[_Iterable[_Union[_place_pb2.Province, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ResolvePlaceRequest(_message.Message):
    __slots__ = ("province_code", "facility_code", "as_of")
    PROVINCE_CODE_FIELD_NUMBER: _ClassVar[int]
    FACILITY_CODE_FIELD_NUMBER: _ClassVar[int]
    AS_OF_FIELD_NUMBER: _ClassVar[int]
    province_code: str
    facility_code: str
    as_of: _date_pb2.Date
    def __init__(self, province_code: _Optional[str] = ..., facility_code: _Optional[str] = ..., as_of: _Optional[_Union[_date_pb2.Date, _Mapping]] = ...) -> None: ...

class ResolvePlaceResponse(_message.Message):
    __slots__ = ("today", "then", "outdated")
    TODAY_FIELD_NUMBER: _ClassVar[int]
    THEN_FIELD_NUMBER: _ClassVar[int]
    OUTDATED_FIELD_NUMBER: _ClassVar[int]
    today: _place_pb2.Province
    then: _place_pb2.Province
    outdated: bool
    def __init__(self, today: _Optional[_Union[_place_pb2.Province, _Mapping]] = ..., then: _Optional[_Union[_place_pb2.Province, _Mapping]] = ..., outdated: _Optional[bool] = ...) -> None: ...

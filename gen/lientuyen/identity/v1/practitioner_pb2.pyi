import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from lientuyen.type.v1 import date_pb2 as _date_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Practitioner(_message.Message):
    __slots__ = ("name", "licence_number", "full_name", "title", "scope", "valid_from", "valid_to", "state", "facility", "lendings", "update_time", "etag")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Practitioner.State]
        STATE_ACTIVE: _ClassVar[Practitioner.State]
        STATE_SUSPENDED: _ClassVar[Practitioner.State]
        STATE_REVOKED: _ClassVar[Practitioner.State]
    STATE_UNSPECIFIED: Practitioner.State
    STATE_ACTIVE: Practitioner.State
    STATE_SUSPENDED: Practitioner.State
    STATE_REVOKED: Practitioner.State
    NAME_FIELD_NUMBER: _ClassVar[int]
    LICENCE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    FULL_NAME_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_FIELD_NUMBER: _ClassVar[int]
    VALID_TO_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    LENDINGS_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    name: str
    licence_number: str
    full_name: str
    title: str
    scope: str
    valid_from: _date_pb2.Date
    valid_to: _date_pb2.Date
    state: Practitioner.State
    facility: str
    lendings: _containers.RepeatedCompositeFieldContainer[Lending]
    update_time: _timestamp_pb2.Timestamp
    etag: str
    def __init__(self, name: _Optional[str] = ..., licence_number: _Optional[str] = ..., full_name: _Optional[str] = ..., title: _Optional[str] = ..., scope: _Optional[str] = ..., valid_from: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., valid_to: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., state: _Optional[_Union[Practitioner.State, str]] = ..., facility: _Optional[str] = ..., lendings: _Optional[_Iterable[_Union[Lending, _Mapping]]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., etag: _Optional[str] = ...) -> None: ...

class Lending(_message.Message):
    __slots__ = ("facility", "valid_from", "valid_to")
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_FIELD_NUMBER: _ClassVar[int]
    VALID_TO_FIELD_NUMBER: _ClassVar[int]
    facility: str
    valid_from: _date_pb2.Date
    valid_to: _date_pb2.Date
    def __init__(self, facility: _Optional[str] = ..., valid_from: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., valid_to: _Optional[_Union[_date_pb2.Date, _Mapping]] = ...) -> None: ...

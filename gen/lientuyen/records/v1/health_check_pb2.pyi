import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from lientuyen.type.v1 import coding_pb2 as _coding_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class HealthCheck(_message.Message):
    __slots__ = ("name", "facility", "person", "link_key", "check_time", "health_class", "receive_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    LINK_KEY_FIELD_NUMBER: _ClassVar[int]
    CHECK_TIME_FIELD_NUMBER: _ClassVar[int]
    HEALTH_CLASS_FIELD_NUMBER: _ClassVar[int]
    RECEIVE_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    facility: str
    person: str
    link_key: str
    check_time: _timestamp_pb2.Timestamp
    health_class: _coding_pb2.Coding
    receive_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., facility: _Optional[str] = ..., person: _Optional[str] = ..., link_key: _Optional[str] = ..., check_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., health_class: _Optional[_Union[_coding_pb2.Coding, _Mapping]] = ..., receive_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

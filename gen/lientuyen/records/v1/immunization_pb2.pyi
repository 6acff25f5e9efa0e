import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from lientuyen.type.v1 import coding_pb2 as _coding_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Immunization(_message.Message):
    __slots__ = ("name", "person", "facility", "vaccine", "dose_number", "immunize_time", "lot")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    VACCINE_FIELD_NUMBER: _ClassVar[int]
    DOSE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    IMMUNIZE_TIME_FIELD_NUMBER: _ClassVar[int]
    LOT_FIELD_NUMBER: _ClassVar[int]
    name: str
    person: str
    facility: str
    vaccine: _coding_pb2.Coding
    dose_number: int
    immunize_time: _timestamp_pb2.Timestamp
    lot: str
    def __init__(self, name: _Optional[str] = ..., person: _Optional[str] = ..., facility: _Optional[str] = ..., vaccine: _Optional[_Union[_coding_pb2.Coding, _Mapping]] = ..., dose_number: _Optional[int] = ..., immunize_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., lot: _Optional[str] = ...) -> None: ...

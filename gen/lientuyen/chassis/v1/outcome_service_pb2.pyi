import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetOutcomeRequest(_message.Message):
    __slots__ = ("request_id", "caller")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CALLER_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    caller: str
    def __init__(self, request_id: _Optional[str] = ..., caller: _Optional[str] = ...) -> None: ...

class GetOutcomeResponse(_message.Message):
    __slots__ = ("state", "method", "finish_time", "response")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[GetOutcomeResponse.State]
        STATE_UNKNOWN: _ClassVar[GetOutcomeResponse.State]
        STATE_IN_PROGRESS: _ClassVar[GetOutcomeResponse.State]
        STATE_DONE: _ClassVar[GetOutcomeResponse.State]
    STATE_UNSPECIFIED: GetOutcomeResponse.State
    STATE_UNKNOWN: GetOutcomeResponse.State
    STATE_IN_PROGRESS: GetOutcomeResponse.State
    STATE_DONE: GetOutcomeResponse.State
    STATE_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    FINISH_TIME_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    state: GetOutcomeResponse.State
    method: str
    finish_time: _timestamp_pb2.Timestamp
    response: bytes
    def __init__(self, state: _Optional[_Union[GetOutcomeResponse.State, str]] = ..., method: _Optional[str] = ..., finish_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., response: _Optional[bytes] = ...) -> None: ...

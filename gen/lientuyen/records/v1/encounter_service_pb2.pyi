import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from lientuyen.records.v1 import encounter_status_pb2 as _encounter_status_pb2
from lientuyen.type.v1 import access_pb2 as _access_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListEncountersRequest(_message.Message):
    __slots__ = ("facility", "states", "late", "page_size", "page_token", "access", "due_since")
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    LATE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    DUE_SINCE_FIELD_NUMBER: _ClassVar[int]
    facility: str
    states: _containers.RepeatedScalarFieldContainer[_encounter_status_pb2.EncounterStatus.State]
    late: bool
    page_size: int
    page_token: str
    access: _access_pb2.AccessContext
    due_since: _timestamp_pb2.Timestamp
    def __init__(self, facility: _Optional[str] = ..., states: _Optional[_Iterable[_Union[_encounter_status_pb2.EncounterStatus.State, str]]] = ..., late: _Optional[bool] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ..., due_since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListEncountersResponse(_message.Message):
    __slots__ = ("encounters", "next_page_token")
    ENCOUNTERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    encounters: _containers.RepeatedCompositeFieldContainer[_encounter_status_pb2.EncounterStatus]
    next_page_token: str
    def __init__(self, encounters: _Optional[_Iterable[_Union[_encounter_status_pb2.EncounterStatus, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from lientuyen.type.v1 import access_pb2 as _access_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EmergencyAccess(_message.Message):
    __slots__ = ("name", "state", "person", "facility", "practitioner", "purpose", "reason", "caller", "access_time", "expire_time", "use_count", "trace_id", "reviewer", "review_time", "review_note", "etag", "consent")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[EmergencyAccess.State]
        STATE_OPEN: _ClassVar[EmergencyAccess.State]
        STATE_JUSTIFIED: _ClassVar[EmergencyAccess.State]
        STATE_UNJUSTIFIED: _ClassVar[EmergencyAccess.State]
    STATE_UNSPECIFIED: EmergencyAccess.State
    STATE_OPEN: EmergencyAccess.State
    STATE_JUSTIFIED: EmergencyAccess.State
    STATE_UNJUSTIFIED: EmergencyAccess.State
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    PRACTITIONER_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CALLER_FIELD_NUMBER: _ClassVar[int]
    ACCESS_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    USE_COUNT_FIELD_NUMBER: _ClassVar[int]
    TRACE_ID_FIELD_NUMBER: _ClassVar[int]
    REVIEWER_FIELD_NUMBER: _ClassVar[int]
    REVIEW_TIME_FIELD_NUMBER: _ClassVar[int]
    REVIEW_NOTE_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    CONSENT_FIELD_NUMBER: _ClassVar[int]
    name: str
    state: EmergencyAccess.State
    person: str
    facility: str
    practitioner: str
    purpose: _access_pb2.AccessContext.Purpose
    reason: str
    caller: str
    access_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    use_count: int
    trace_id: str
    reviewer: str
    review_time: _timestamp_pb2.Timestamp
    review_note: str
    etag: str
    consent: str
    def __init__(self, name: _Optional[str] = ..., state: _Optional[_Union[EmergencyAccess.State, str]] = ..., person: _Optional[str] = ..., facility: _Optional[str] = ..., practitioner: _Optional[str] = ..., purpose: _Optional[_Union[_access_pb2.AccessContext.Purpose, str]] = ..., reason: _Optional[str] = ..., caller: _Optional[str] = ..., access_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., use_count: _Optional[int] = ..., trace_id: _Optional[str] = ..., reviewer: _Optional[str] = ..., review_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., review_note: _Optional[str] = ..., etag: _Optional[str] = ..., consent: _Optional[str] = ...) -> None: ...

import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from lientuyen.type.v1 import access_pb2 as _access_pb2
from lientuyen.type.v1 import date_pb2 as _date_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from lientuyen.type.v1 import text_pb2 as _text_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RecordRequest(_message.Message):
    __slots__ = ("name", "person", "requester", "holder", "scope", "state", "message", "note", "create_time", "finish_time", "access", "holders", "records_since", "records_until", "deadline")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[RecordRequest.State]
        STATE_REQUESTED: _ClassVar[RecordRequest.State]
        STATE_FULFILLED: _ClassVar[RecordRequest.State]
        STATE_DECLINED: _ClassVar[RecordRequest.State]
        STATE_PARTIAL: _ClassVar[RecordRequest.State]
        STATE_EXPIRED: _ClassVar[RecordRequest.State]
        STATE_CANCELLED: _ClassVar[RecordRequest.State]
        STATE_STOPPED: _ClassVar[RecordRequest.State]
    STATE_UNSPECIFIED: RecordRequest.State
    STATE_REQUESTED: RecordRequest.State
    STATE_FULFILLED: RecordRequest.State
    STATE_DECLINED: RecordRequest.State
    STATE_PARTIAL: RecordRequest.State
    STATE_EXPIRED: RecordRequest.State
    STATE_CANCELLED: RecordRequest.State
    STATE_STOPPED: RecordRequest.State
    class Holder(_message.Message):
        __slots__ = ("facility", "state", "messages", "note", "answer_time")
        class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
            __slots__ = ()
            STATE_UNSPECIFIED: _ClassVar[RecordRequest.Holder.State]
            STATE_ASKED: _ClassVar[RecordRequest.Holder.State]
            STATE_FULFILLED: _ClassVar[RecordRequest.Holder.State]
            STATE_DECLINED: _ClassVar[RecordRequest.Holder.State]
            STATE_UNREACHABLE: _ClassVar[RecordRequest.Holder.State]
            STATE_EXPIRED: _ClassVar[RecordRequest.Holder.State]
            STATE_CANCELLED: _ClassVar[RecordRequest.Holder.State]
            STATE_STOPPED: _ClassVar[RecordRequest.Holder.State]
        STATE_UNSPECIFIED: RecordRequest.Holder.State
        STATE_ASKED: RecordRequest.Holder.State
        STATE_FULFILLED: RecordRequest.Holder.State
        STATE_DECLINED: RecordRequest.Holder.State
        STATE_UNREACHABLE: RecordRequest.Holder.State
        STATE_EXPIRED: RecordRequest.Holder.State
        STATE_CANCELLED: RecordRequest.Holder.State
        STATE_STOPPED: RecordRequest.Holder.State
        FACILITY_FIELD_NUMBER: _ClassVar[int]
        STATE_FIELD_NUMBER: _ClassVar[int]
        MESSAGES_FIELD_NUMBER: _ClassVar[int]
        NOTE_FIELD_NUMBER: _ClassVar[int]
        ANSWER_TIME_FIELD_NUMBER: _ClassVar[int]
        facility: str
        state: RecordRequest.Holder.State
        messages: _containers.RepeatedScalarFieldContainer[str]
        note: str
        answer_time: _timestamp_pb2.Timestamp
        def __init__(self, facility: _Optional[str] = ..., state: _Optional[_Union[RecordRequest.Holder.State, str]] = ..., messages: _Optional[_Iterable[str]] = ..., note: _Optional[str] = ..., answer_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    REQUESTER_FIELD_NUMBER: _ClassVar[int]
    HOLDER_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    FINISH_TIME_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    HOLDERS_FIELD_NUMBER: _ClassVar[int]
    RECORDS_SINCE_FIELD_NUMBER: _ClassVar[int]
    RECORDS_UNTIL_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_FIELD_NUMBER: _ClassVar[int]
    name: str
    person: str
    requester: str
    holder: str
    scope: str
    state: RecordRequest.State
    message: str
    note: str
    create_time: _timestamp_pb2.Timestamp
    finish_time: _timestamp_pb2.Timestamp
    access: _access_pb2.AccessContext
    holders: _containers.RepeatedCompositeFieldContainer[RecordRequest.Holder]
    records_since: _date_pb2.Date
    records_until: _date_pb2.Date
    deadline: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., person: _Optional[str] = ..., requester: _Optional[str] = ..., holder: _Optional[str] = ..., scope: _Optional[str] = ..., state: _Optional[_Union[RecordRequest.State, str]] = ..., message: _Optional[str] = ..., note: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., finish_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ..., holders: _Optional[_Iterable[_Union[RecordRequest.Holder, _Mapping]]] = ..., records_since: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., records_until: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., deadline: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class HeldEncounter(_message.Message):
    __slots__ = ("dossier", "facility", "form_of_care", "arrive_time", "discharge_time", "result_count")
    DOSSIER_FIELD_NUMBER: _ClassVar[int]
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    FORM_OF_CARE_FIELD_NUMBER: _ClassVar[int]
    ARRIVE_TIME_FIELD_NUMBER: _ClassVar[int]
    DISCHARGE_TIME_FIELD_NUMBER: _ClassVar[int]
    RESULT_COUNT_FIELD_NUMBER: _ClassVar[int]
    dossier: str
    facility: str
    form_of_care: str
    arrive_time: _timestamp_pb2.Timestamp
    discharge_time: _timestamp_pb2.Timestamp
    result_count: int
    def __init__(self, dossier: _Optional[str] = ..., facility: _Optional[str] = ..., form_of_care: _Optional[str] = ..., arrive_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., discharge_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., result_count: _Optional[int] = ...) -> None: ...

import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from lientuyen.type.v1 import coding_pb2 as _coding_pb2
from lientuyen.type.v1 import date_pb2 as _date_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Appointment(_message.Message):
    __slots__ = ("name", "person", "facility", "day", "slip_number", "diagnosis", "care_category", "source_dossier", "state", "create_time", "use_time", "cancel_time", "source_slip", "replaces", "replaced_by", "encounter", "remind_time")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Appointment.State]
        STATE_BOOKED: _ClassVar[Appointment.State]
        STATE_USED: _ClassVar[Appointment.State]
        STATE_CANCELLED: _ClassVar[Appointment.State]
    STATE_UNSPECIFIED: Appointment.State
    STATE_BOOKED: Appointment.State
    STATE_USED: Appointment.State
    STATE_CANCELLED: Appointment.State
    NAME_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    DAY_FIELD_NUMBER: _ClassVar[int]
    SLIP_NUMBER_FIELD_NUMBER: _ClassVar[int]
    DIAGNOSIS_FIELD_NUMBER: _ClassVar[int]
    CARE_CATEGORY_FIELD_NUMBER: _ClassVar[int]
    SOURCE_DOSSIER_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    USE_TIME_FIELD_NUMBER: _ClassVar[int]
    CANCEL_TIME_FIELD_NUMBER: _ClassVar[int]
    SOURCE_SLIP_FIELD_NUMBER: _ClassVar[int]
    REPLACES_FIELD_NUMBER: _ClassVar[int]
    REPLACED_BY_FIELD_NUMBER: _ClassVar[int]
    ENCOUNTER_FIELD_NUMBER: _ClassVar[int]
    REMIND_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    person: str
    facility: str
    day: _date_pb2.Date
    slip_number: str
    diagnosis: _coding_pb2.Coding
    care_category: str
    source_dossier: str
    state: Appointment.State
    create_time: _timestamp_pb2.Timestamp
    use_time: _timestamp_pb2.Timestamp
    cancel_time: _timestamp_pb2.Timestamp
    source_slip: str
    replaces: str
    replaced_by: str
    encounter: str
    remind_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., person: _Optional[str] = ..., facility: _Optional[str] = ..., day: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., slip_number: _Optional[str] = ..., diagnosis: _Optional[_Union[_coding_pb2.Coding, _Mapping]] = ..., care_category: _Optional[str] = ..., source_dossier: _Optional[str] = ..., state: _Optional[_Union[Appointment.State, str]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., use_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., cancel_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., source_slip: _Optional[str] = ..., replaces: _Optional[str] = ..., replaced_by: _Optional[str] = ..., encounter: _Optional[str] = ..., remind_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

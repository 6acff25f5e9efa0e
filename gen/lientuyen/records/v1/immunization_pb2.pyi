import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from lientuyen.type.v1 import coding_pb2 as _coding_pb2
from lientuyen.type.v1 import date_pb2 as _date_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Immunization(_message.Message):
    __slots__ = ("name", "person", "facility", "vaccine", "dose_number", "immunize_time", "lot", "lot_expiry", "body_site", "route", "practitioner", "reactions", "note", "state", "receive_time", "supersedes", "superseded_by")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Immunization.State]
        STATE_RECORDED: _ClassVar[Immunization.State]
        STATE_SUPERSEDED: _ClassVar[Immunization.State]
    STATE_UNSPECIFIED: Immunization.State
    STATE_RECORDED: Immunization.State
    STATE_SUPERSEDED: Immunization.State
    NAME_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    VACCINE_FIELD_NUMBER: _ClassVar[int]
    DOSE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    IMMUNIZE_TIME_FIELD_NUMBER: _ClassVar[int]
    LOT_FIELD_NUMBER: _ClassVar[int]
    LOT_EXPIRY_FIELD_NUMBER: _ClassVar[int]
    BODY_SITE_FIELD_NUMBER: _ClassVar[int]
    ROUTE_FIELD_NUMBER: _ClassVar[int]
    PRACTITIONER_FIELD_NUMBER: _ClassVar[int]
    REACTIONS_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    RECEIVE_TIME_FIELD_NUMBER: _ClassVar[int]
    SUPERSEDES_FIELD_NUMBER: _ClassVar[int]
    SUPERSEDED_BY_FIELD_NUMBER: _ClassVar[int]
    name: str
    person: str
    facility: str
    vaccine: _coding_pb2.Coding
    dose_number: int
    immunize_time: _timestamp_pb2.Timestamp
    lot: str
    lot_expiry: _date_pb2.Date
    body_site: _coding_pb2.Coding
    route: _coding_pb2.Coding
    practitioner: str
    reactions: _containers.RepeatedCompositeFieldContainer[ImmunizationReaction]
    note: str
    state: Immunization.State
    receive_time: _timestamp_pb2.Timestamp
    supersedes: str
    superseded_by: str
    def __init__(self, name: _Optional[str] = ..., person: _Optional[str] = ..., facility: _Optional[str] = ..., vaccine: _Optional[_Union[_coding_pb2.Coding, _Mapping]] = ..., dose_number: _Optional[int] = ..., immunize_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., lot: _Optional[str] = ..., lot_expiry: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., body_site: _Optional[_Union[_coding_pb2.Coding, _Mapping]] = ..., route: _Optional[_Union[_coding_pb2.Coding, _Mapping]] = ..., practitioner: _Optional[str] = ..., reactions: _Optional[_Iterable[_Union[ImmunizationReaction, _Mapping]]] = ..., note: _Optional[str] = ..., state: _Optional[_Union[Immunization.State, str]] = ..., receive_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., supersedes: _Optional[str] = ..., superseded_by: _Optional[str] = ...) -> None: ...

class ImmunizationReaction(_message.Message):
    __slots__ = ("kind", "onset_time", "severity")
    class Severity(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        SEVERITY_UNSPECIFIED: _ClassVar[ImmunizationReaction.Severity]
        SEVERITY_COMMON: _ClassVar[ImmunizationReaction.Severity]
        SEVERITY_GRAVE: _ClassVar[ImmunizationReaction.Severity]
    SEVERITY_UNSPECIFIED: ImmunizationReaction.Severity
    SEVERITY_COMMON: ImmunizationReaction.Severity
    SEVERITY_GRAVE: ImmunizationReaction.Severity
    KIND_FIELD_NUMBER: _ClassVar[int]
    ONSET_TIME_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    kind: _coding_pb2.Coding
    onset_time: _timestamp_pb2.Timestamp
    severity: ImmunizationReaction.Severity
    def __init__(self, kind: _Optional[_Union[_coding_pb2.Coding, _Mapping]] = ..., onset_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., severity: _Optional[_Union[ImmunizationReaction.Severity, str]] = ...) -> None: ...

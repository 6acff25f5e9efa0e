import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from lientuyen.records.v1 import finding_pb2 as _finding_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EncounterStatus(_message.Message):
    __slots__ = ("facility", "link_key", "state", "missing", "due_time", "late", "deadlines", "dossier", "version", "warning_count", "refuse_reason", "refusals", "refusal_count", "arrival_time", "discharge_time", "check_in_time", "receive_time", "refuse_time")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[EncounterStatus.State]
        STATE_CHECKED_IN: _ClassVar[EncounterStatus.State]
        STATE_ACCEPTED: _ClassVar[EncounterStatus.State]
        STATE_CORRECTED: _ClassVar[EncounterStatus.State]
        STATE_REFUSED: _ClassVar[EncounterStatus.State]
        STATE_WITHDRAWN: _ClassVar[EncounterStatus.State]
    STATE_UNSPECIFIED: EncounterStatus.State
    STATE_CHECKED_IN: EncounterStatus.State
    STATE_ACCEPTED: EncounterStatus.State
    STATE_CORRECTED: EncounterStatus.State
    STATE_REFUSED: EncounterStatus.State
    STATE_WITHDRAWN: EncounterStatus.State
    class Missing(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        MISSING_UNSPECIFIED: _ClassVar[EncounterStatus.Missing]
        MISSING_DOSSIER: _ClassVar[EncounterStatus.Missing]
        MISSING_CORRECTION: _ClassVar[EncounterStatus.Missing]
        MISSING_CHECK_IN: _ClassVar[EncounterStatus.Missing]
        MISSING_SLIP: _ClassVar[EncounterStatus.Missing]
    MISSING_UNSPECIFIED: EncounterStatus.Missing
    MISSING_DOSSIER: EncounterStatus.Missing
    MISSING_CORRECTION: EncounterStatus.Missing
    MISSING_CHECK_IN: EncounterStatus.Missing
    MISSING_SLIP: EncounterStatus.Missing
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    LINK_KEY_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELD_NUMBER: _ClassVar[int]
    DUE_TIME_FIELD_NUMBER: _ClassVar[int]
    LATE_FIELD_NUMBER: _ClassVar[int]
    DEADLINES_FIELD_NUMBER: _ClassVar[int]
    DOSSIER_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    WARNING_COUNT_FIELD_NUMBER: _ClassVar[int]
    REFUSE_REASON_FIELD_NUMBER: _ClassVar[int]
    REFUSALS_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_COUNT_FIELD_NUMBER: _ClassVar[int]
    ARRIVAL_TIME_FIELD_NUMBER: _ClassVar[int]
    DISCHARGE_TIME_FIELD_NUMBER: _ClassVar[int]
    CHECK_IN_TIME_FIELD_NUMBER: _ClassVar[int]
    RECEIVE_TIME_FIELD_NUMBER: _ClassVar[int]
    REFUSE_TIME_FIELD_NUMBER: _ClassVar[int]
    facility: str
    link_key: str
    state: EncounterStatus.State
    missing: _containers.RepeatedScalarFieldContainer[EncounterStatus.Missing]
    due_time: _timestamp_pb2.Timestamp
    late: bool
    deadlines: _containers.RepeatedCompositeFieldContainer[Deadline]
    dossier: str
    version: int
    warning_count: int
    refuse_reason: str
    refusals: _containers.RepeatedCompositeFieldContainer[_finding_pb2.Finding]
    refusal_count: int
    arrival_time: _timestamp_pb2.Timestamp
    discharge_time: _timestamp_pb2.Timestamp
    check_in_time: _timestamp_pb2.Timestamp
    receive_time: _timestamp_pb2.Timestamp
    refuse_time: _timestamp_pb2.Timestamp
    def __init__(self, facility: _Optional[str] = ..., link_key: _Optional[str] = ..., state: _Optional[_Union[EncounterStatus.State, str]] = ..., missing: _Optional[_Iterable[_Union[EncounterStatus.Missing, str]]] = ..., due_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., late: _Optional[bool] = ..., deadlines: _Optional[_Iterable[_Union[Deadline, _Mapping]]] = ..., dossier: _Optional[str] = ..., version: _Optional[int] = ..., warning_count: _Optional[int] = ..., refuse_reason: _Optional[str] = ..., refusals: _Optional[_Iterable[_Union[_finding_pb2.Finding, _Mapping]]] = ..., refusal_count: _Optional[int] = ..., arrival_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., discharge_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., check_in_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., receive_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., refuse_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Deadline(_message.Message):
    __slots__ = ("kind", "due_time", "done_time", "late", "presumed")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[Deadline.Kind]
        KIND_DOSSIER: _ClassVar[Deadline.Kind]
        KIND_CORRECTION: _ClassVar[Deadline.Kind]
        KIND_PAYMENT_REQUEST: _ClassVar[Deadline.Kind]
        KIND_LATE_NOTICE: _ClassVar[Deadline.Kind]
        KIND_FORMAT_ANSWER: _ClassVar[Deadline.Kind]
        KIND_TOTALS_ANSWER: _ClassVar[Deadline.Kind]
    KIND_UNSPECIFIED: Deadline.Kind
    KIND_DOSSIER: Deadline.Kind
    KIND_CORRECTION: Deadline.Kind
    KIND_PAYMENT_REQUEST: Deadline.Kind
    KIND_LATE_NOTICE: Deadline.Kind
    KIND_FORMAT_ANSWER: Deadline.Kind
    KIND_TOTALS_ANSWER: Deadline.Kind
    KIND_FIELD_NUMBER: _ClassVar[int]
    DUE_TIME_FIELD_NUMBER: _ClassVar[int]
    DONE_TIME_FIELD_NUMBER: _ClassVar[int]
    LATE_FIELD_NUMBER: _ClassVar[int]
    PRESUMED_FIELD_NUMBER: _ClassVar[int]
    kind: Deadline.Kind
    due_time: _timestamp_pb2.Timestamp
    done_time: _timestamp_pb2.Timestamp
    late: bool
    presumed: bool
    def __init__(self, kind: _Optional[_Union[Deadline.Kind, str]] = ..., due_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., done_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., late: _Optional[bool] = ..., presumed: _Optional[bool] = ...) -> None: ...

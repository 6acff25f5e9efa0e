import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from lientuyen.records.v1 import finding_pb2 as _finding_pb2
from lientuyen.type.v1 import coding_pb2 as _coding_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class HealthCheck(_message.Message):
    __slots__ = ("name", "facility", "person", "link_key", "check_time", "health_class", "receive_time", "version", "state", "form", "subject", "payer", "diagnoses", "problems", "measurements", "examinations", "results", "doctor_signature", "facility_signature", "sha256", "size_bytes", "supersedes", "superseded_by", "warnings")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[HealthCheck.State]
        STATE_ACCEPTED: _ClassVar[HealthCheck.State]
        STATE_SUPERSEDED: _ClassVar[HealthCheck.State]
    STATE_UNSPECIFIED: HealthCheck.State
    STATE_ACCEPTED: HealthCheck.State
    STATE_SUPERSEDED: HealthCheck.State
    class SignatureState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        SIGNATURE_STATE_UNSPECIFIED: _ClassVar[HealthCheck.SignatureState]
        SIGNATURE_STATE_ABSENT: _ClassVar[HealthCheck.SignatureState]
        SIGNATURE_STATE_UNVERIFIED: _ClassVar[HealthCheck.SignatureState]
        SIGNATURE_STATE_VERIFIED: _ClassVar[HealthCheck.SignatureState]
    SIGNATURE_STATE_UNSPECIFIED: HealthCheck.SignatureState
    SIGNATURE_STATE_ABSENT: HealthCheck.SignatureState
    SIGNATURE_STATE_UNVERIFIED: HealthCheck.SignatureState
    SIGNATURE_STATE_VERIFIED: HealthCheck.SignatureState
    NAME_FIELD_NUMBER: _ClassVar[int]
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    LINK_KEY_FIELD_NUMBER: _ClassVar[int]
    CHECK_TIME_FIELD_NUMBER: _ClassVar[int]
    HEALTH_CLASS_FIELD_NUMBER: _ClassVar[int]
    RECEIVE_TIME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    FORM_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    PAYER_FIELD_NUMBER: _ClassVar[int]
    DIAGNOSES_FIELD_NUMBER: _ClassVar[int]
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    MEASUREMENTS_FIELD_NUMBER: _ClassVar[int]
    EXAMINATIONS_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    DOCTOR_SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    FACILITY_SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    SUPERSEDES_FIELD_NUMBER: _ClassVar[int]
    SUPERSEDED_BY_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    name: str
    facility: str
    person: str
    link_key: str
    check_time: _timestamp_pb2.Timestamp
    health_class: _coding_pb2.Coding
    receive_time: _timestamp_pb2.Timestamp
    version: int
    state: HealthCheck.State
    form: int
    subject: _coding_pb2.Coding
    payer: _coding_pb2.Coding
    diagnoses: _containers.RepeatedCompositeFieldContainer[_coding_pb2.Coding]
    problems: str
    measurements: _containers.RepeatedCompositeFieldContainer[CheckMeasurement]
    examinations: _containers.RepeatedCompositeFieldContainer[CheckExamination]
    results: _containers.RepeatedCompositeFieldContainer[CheckResult]
    doctor_signature: HealthCheck.SignatureState
    facility_signature: HealthCheck.SignatureState
    sha256: str
    size_bytes: int
    supersedes: str
    superseded_by: str
    warnings: _containers.RepeatedCompositeFieldContainer[_finding_pb2.Finding]
    def __init__(self, name: _Optional[str] = ..., facility: _Optional[str] = ..., person: _Optional[str] = ..., link_key: _Optional[str] = ..., check_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., health_class: _Optional[_Union[_coding_pb2.Coding, _Mapping]] = ..., receive_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., version: _Optional[int] = ..., state: _Optional[_Union[HealthCheck.State, str]] = ..., form: _Optional[int] = ..., subject: _Optional[_Union[_coding_pb2.Coding, _Mapping]] = ..., payer: _Optional[_Union[_coding_pb2.Coding, _Mapping]] = ..., diagnoses: _Optional[_Iterable[_Union[_coding_pb2.Coding, _Mapping]]] = ..., problems: _Optional[str] = ..., measurements: _Optional[_Iterable[_Union[CheckMeasurement, _Mapping]]] = ..., examinations: _Optional[_Iterable[_Union[CheckExamination, _Mapping]]] = ..., results: _Optional[_Iterable[_Union[CheckResult, _Mapping]]] = ..., doctor_signature: _Optional[_Union[HealthCheck.SignatureState, str]] = ..., facility_signature: _Optional[_Union[HealthCheck.SignatureState, str]] = ..., sha256: _Optional[str] = ..., size_bytes: _Optional[int] = ..., supersedes: _Optional[str] = ..., superseded_by: _Optional[str] = ..., warnings: _Optional[_Iterable[_Union[_finding_pb2.Finding, _Mapping]]] = ...) -> None: ...

class CheckMeasurement(_message.Message):
    __slots__ = ("kind", "value", "unit")
    KIND_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    kind: _coding_pb2.Coding
    value: str
    unit: str
    def __init__(self, kind: _Optional[_Union[_coding_pb2.Coding, _Mapping]] = ..., value: _Optional[str] = ..., unit: _Optional[str] = ...) -> None: ...

class CheckExamination(_message.Message):
    __slots__ = ("kind", "finding", "health_class")
    KIND_FIELD_NUMBER: _ClassVar[int]
    FINDING_FIELD_NUMBER: _ClassVar[int]
    HEALTH_CLASS_FIELD_NUMBER: _ClassVar[int]
    kind: _coding_pb2.Coding
    finding: str
    health_class: _coding_pb2.Coding
    def __init__(self, kind: _Optional[_Union[_coding_pb2.Coding, _Mapping]] = ..., finding: _Optional[str] = ..., health_class: _Optional[_Union[_coding_pb2.Coding, _Mapping]] = ...) -> None: ...

class CheckResult(_message.Message):
    __slots__ = ("service", "indicator", "value", "unit", "description", "conclusion")
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    INDICATOR_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    CONCLUSION_FIELD_NUMBER: _ClassVar[int]
    service: _coding_pb2.Coding
    indicator: _coding_pb2.Coding
    value: str
    unit: str
    description: str
    conclusion: str
    def __init__(self, service: _Optional[_Union[_coding_pb2.Coding, _Mapping]] = ..., indicator: _Optional[_Union[_coding_pb2.Coding, _Mapping]] = ..., value: _Optional[str] = ..., unit: _Optional[str] = ..., description: _Optional[str] = ..., conclusion: _Optional[str] = ...) -> None: ...

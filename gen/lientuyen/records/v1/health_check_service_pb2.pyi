from buf.validate import validate_pb2 as _validate_pb2
from lientuyen.records.v1 import dossier_service_pb2 as _dossier_service_pb2
from lientuyen.records.v1 import finding_pb2 as _finding_pb2
from lientuyen.records.v1 import health_check_pb2 as _health_check_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SubmitHealthCheckRequest(_message.Message):
    __slots__ = ("request_id", "content", "replaces_version")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    REPLACES_VERSION_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    content: bytes
    replaces_version: int
    def __init__(self, request_id: _Optional[str] = ..., content: _Optional[bytes] = ..., replaces_version: _Optional[int] = ...) -> None: ...

class SubmitHealthCheckResponse(_message.Message):
    __slots__ = ("health_check", "warnings", "unchanged")
    HEALTH_CHECK_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    UNCHANGED_FIELD_NUMBER: _ClassVar[int]
    health_check: _health_check_pb2.HealthCheck
    warnings: _containers.RepeatedCompositeFieldContainer[_finding_pb2.Finding]
    unchanged: bool
    def __init__(self, health_check: _Optional[_Union[_health_check_pb2.HealthCheck, _Mapping]] = ..., warnings: _Optional[_Iterable[_Union[_finding_pb2.Finding, _Mapping]]] = ..., unchanged: _Optional[bool] = ...) -> None: ...

class SubmitHealthChecksRequest(_message.Message):
    __slots__ = ("request_id", "content", "replaces_version")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    REPLACES_VERSION_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    content: bytes
    replaces_version: int
    def __init__(self, request_id: _Optional[str] = ..., content: _Optional[bytes] = ..., replaces_version: _Optional[int] = ...) -> None: ...

class SubmitHealthChecksResponse(_message.Message):
    __slots__ = ("request_id", "accepted", "refusal")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    accepted: SubmitHealthCheckResponse
    refusal: _dossier_service_pb2.DossierRefusal
    def __init__(self, request_id: _Optional[str] = ..., accepted: _Optional[_Union[SubmitHealthCheckResponse, _Mapping]] = ..., refusal: _Optional[_Union[_dossier_service_pb2.DossierRefusal, _Mapping]] = ...) -> None: ...

from buf.validate import validate_pb2 as _validate_pb2
from lientuyen.records.v1 import reuse_pb2 as _reuse_pb2
from lientuyen.type.v1 import access_pb2 as _access_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RecordReuseDecisionRequest(_message.Message):
    __slots__ = ("request_id", "person", "result", "kind", "repeat_reason", "repeat_text", "access")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    REPEAT_REASON_FIELD_NUMBER: _ClassVar[int]
    REPEAT_TEXT_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    person: str
    result: str
    kind: _reuse_pb2.ReuseDecision.Kind
    repeat_reason: _reuse_pb2.ReuseDecision.RepeatReason
    repeat_text: str
    access: _access_pb2.AccessContext
    def __init__(self, request_id: _Optional[str] = ..., person: _Optional[str] = ..., result: _Optional[str] = ..., kind: _Optional[_Union[_reuse_pb2.ReuseDecision.Kind, str]] = ..., repeat_reason: _Optional[_Union[_reuse_pb2.ReuseDecision.RepeatReason, str]] = ..., repeat_text: _Optional[str] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ...) -> None: ...

class RecordReuseDecisionResponse(_message.Message):
    __slots__ = ("decision",)
    DECISION_FIELD_NUMBER: _ClassVar[int]
    decision: _reuse_pb2.ReuseDecision
    def __init__(self, decision: _Optional[_Union[_reuse_pb2.ReuseDecision, _Mapping]] = ...) -> None: ...

class ListReuseReportsRequest(_message.Message):
    __slots__ = ("facility", "page_size", "page_token")
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    facility: str
    page_size: int
    page_token: str
    def __init__(self, facility: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListReuseReportsResponse(_message.Message):
    __slots__ = ("reports", "next_page_token")
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    reports: _containers.RepeatedCompositeFieldContainer[_reuse_pb2.ReuseReport]
    next_page_token: str
    def __init__(self, reports: _Optional[_Iterable[_Union[_reuse_pb2.ReuseReport, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

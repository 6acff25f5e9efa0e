import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from lientuyen.routing.v1 import record_request_pb2 as _record_request_pb2
from lientuyen.type.v1 import access_pb2 as _access_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from lientuyen.type.v1 import text_pb2 as _text_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RequestRecordsRequest(_message.Message):
    __slots__ = ("request_id", "record_request", "access", "answer_within")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    RECORD_REQUEST_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    ANSWER_WITHIN_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    record_request: _record_request_pb2.RecordRequest
    access: _access_pb2.AccessContext
    answer_within: _duration_pb2.Duration
    def __init__(self, request_id: _Optional[str] = ..., record_request: _Optional[_Union[_record_request_pb2.RecordRequest, _Mapping]] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ..., answer_within: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class RequestRecordsResponse(_message.Message):
    __slots__ = ("record_request",)
    RECORD_REQUEST_FIELD_NUMBER: _ClassVar[int]
    record_request: _record_request_pb2.RecordRequest
    def __init__(self, record_request: _Optional[_Union[_record_request_pb2.RecordRequest, _Mapping]] = ...) -> None: ...

class FulfilRecordRequestRequest(_message.Message):
    __slots__ = ("request_id", "name", "message")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    name: str
    message: str
    def __init__(self, request_id: _Optional[str] = ..., name: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class FulfilRecordRequestResponse(_message.Message):
    __slots__ = ("record_request",)
    RECORD_REQUEST_FIELD_NUMBER: _ClassVar[int]
    record_request: _record_request_pb2.RecordRequest
    def __init__(self, record_request: _Optional[_Union[_record_request_pb2.RecordRequest, _Mapping]] = ...) -> None: ...

class DeclineRecordRequestRequest(_message.Message):
    __slots__ = ("request_id", "name", "reason")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    name: str
    reason: str
    def __init__(self, request_id: _Optional[str] = ..., name: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class DeclineRecordRequestResponse(_message.Message):
    __slots__ = ("record_request",)
    RECORD_REQUEST_FIELD_NUMBER: _ClassVar[int]
    record_request: _record_request_pb2.RecordRequest
    def __init__(self, record_request: _Optional[_Union[_record_request_pb2.RecordRequest, _Mapping]] = ...) -> None: ...

class CancelRecordRequestRequest(_message.Message):
    __slots__ = ("request_id", "name", "reason")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    name: str
    reason: str
    def __init__(self, request_id: _Optional[str] = ..., name: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class CancelRecordRequestResponse(_message.Message):
    __slots__ = ("record_request",)
    RECORD_REQUEST_FIELD_NUMBER: _ClassVar[int]
    record_request: _record_request_pb2.RecordRequest
    def __init__(self, record_request: _Optional[_Union[_record_request_pb2.RecordRequest, _Mapping]] = ...) -> None: ...

class GetRecordRequestRequest(_message.Message):
    __slots__ = ("name", "access")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    name: str
    access: _access_pb2.AccessContext
    def __init__(self, name: _Optional[str] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ...) -> None: ...

class GetRecordRequestResponse(_message.Message):
    __slots__ = ("record_request", "held_encounters", "older_encounters", "unreachable")
    RECORD_REQUEST_FIELD_NUMBER: _ClassVar[int]
    HELD_ENCOUNTERS_FIELD_NUMBER: _ClassVar[int]
    OLDER_ENCOUNTERS_FIELD_NUMBER: _ClassVar[int]
    UNREACHABLE_FIELD_NUMBER: _ClassVar[int]
    record_request: _record_request_pb2.RecordRequest
    held_encounters: _containers.RepeatedCompositeFieldContainer[_record_request_pb2.HeldEncounter]
    older_encounters: bool
    unreachable: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, record_request: _Optional[_Union[_record_request_pb2.RecordRequest, _Mapping]] = ..., held_encounters: _Optional[_Iterable[_Union[_record_request_pb2.HeldEncounter, _Mapping]]] = ..., older_encounters: _Optional[bool] = ..., unreachable: _Optional[_Iterable[str]] = ...) -> None: ...

class ListRecordRequestsRequest(_message.Message):
    __slots__ = ("requester", "holder", "state", "page_size", "page_token", "access")
    REQUESTER_FIELD_NUMBER: _ClassVar[int]
    HOLDER_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    requester: str
    holder: str
    state: _record_request_pb2.RecordRequest.State
    page_size: int
    page_token: str
    access: _access_pb2.AccessContext
    def __init__(self, requester: _Optional[str] = ..., holder: _Optional[str] = ..., state: _Optional[_Union[_record_request_pb2.RecordRequest.State, str]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ...) -> None: ...

class ListRecordRequestsResponse(_message.Message):
    __slots__ = ("record_requests", "next_page_token")
    RECORD_REQUESTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    record_requests: _containers.RepeatedCompositeFieldContainer[_record_request_pb2.RecordRequest]
    next_page_token: str
    def __init__(self, record_requests: _Optional[_Iterable[_Union[_record_request_pb2.RecordRequest, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

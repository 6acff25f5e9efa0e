from buf.validate import validate_pb2 as _validate_pb2
from lientuyen.routing.v1 import record_request_pb2 as _record_request_pb2
from lientuyen.type.v1 import access_pb2 as _access_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from lientuyen.type.v1 import text_pb2 as _text_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RequestRecordsRequest(_message.Message):
    __slots__ = ("request_id", "record_request", "access")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    RECORD_REQUEST_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    record_request: _record_request_pb2.RecordRequest
    access: _access_pb2.AccessContext
    def __init__(self, request_id: _Optional[str] = ..., record_request: _Optional[_Union[_record_request_pb2.RecordRequest, _Mapping]] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ...) -> None: ...

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

class GetRecordRequestRequest(_message.Message):
    __slots__ = ("name", "access")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    name: str
    access: _access_pb2.AccessContext
    def __init__(self, name: _Optional[str] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ...) -> None: ...

class GetRecordRequestResponse(_message.Message):
    __slots__ = ("record_request",)
    RECORD_REQUEST_FIELD_NUMBER: _ClassVar[int]
    record_request: _record_request_pb2.RecordRequest
    def __init__(self, record_request: _Optional[_Union[_record_request_pb2.RecordRequest, _Mapping]] = ...) -> None: ...

import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from lientuyen.type.v1 import access_pb2 as _access_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from lientuyen.type.v1 import tree_head_pb2 as _tree_head_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Access(_message.Message):
    __slots__ = ("name", "access_time", "caller", "practitioner", "method", "subject", "purpose", "legal_basis", "reason", "allowed", "flagged", "trace_id", "restored")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ACCESS_TIME_FIELD_NUMBER: _ClassVar[int]
    CALLER_FIELD_NUMBER: _ClassVar[int]
    PRACTITIONER_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    LEGAL_BASIS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ALLOWED_FIELD_NUMBER: _ClassVar[int]
    FLAGGED_FIELD_NUMBER: _ClassVar[int]
    TRACE_ID_FIELD_NUMBER: _ClassVar[int]
    RESTORED_FIELD_NUMBER: _ClassVar[int]
    name: str
    access_time: _timestamp_pb2.Timestamp
    caller: str
    practitioner: str
    method: str
    subject: str
    purpose: _access_pb2.AccessContext.Purpose
    legal_basis: _access_pb2.AccessContext.LegalBasis
    reason: str
    allowed: bool
    flagged: bool
    trace_id: str
    restored: bool
    def __init__(self, name: _Optional[str] = ..., access_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., caller: _Optional[str] = ..., practitioner: _Optional[str] = ..., method: _Optional[str] = ..., subject: _Optional[str] = ..., purpose: _Optional[_Union[_access_pb2.AccessContext.Purpose, str]] = ..., legal_basis: _Optional[_Union[_access_pb2.AccessContext.LegalBasis, str]] = ..., reason: _Optional[str] = ..., allowed: _Optional[bool] = ..., flagged: _Optional[bool] = ..., trace_id: _Optional[str] = ..., restored: _Optional[bool] = ...) -> None: ...

class ListAccessesRequest(_message.Message):
    __slots__ = ("subject", "page_size", "page_token", "merged", "facility")
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    MERGED_FIELD_NUMBER: _ClassVar[int]
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    subject: str
    page_size: int
    page_token: str
    merged: _containers.RepeatedScalarFieldContainer[str]
    facility: str
    def __init__(self, subject: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., merged: _Optional[_Iterable[str]] = ..., facility: _Optional[str] = ...) -> None: ...

class ListAccessesResponse(_message.Message):
    __slots__ = ("accesses", "next_page_token")
    ACCESSES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    accesses: _containers.RepeatedCompositeFieldContainer[Access]
    next_page_token: str
    def __init__(self, accesses: _Optional[_Iterable[_Union[Access, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class AccessLogHead(_message.Message):
    __slots__ = ("hour_end_time", "tree_head", "peaks")
    HOUR_END_TIME_FIELD_NUMBER: _ClassVar[int]
    TREE_HEAD_FIELD_NUMBER: _ClassVar[int]
    PEAKS_FIELD_NUMBER: _ClassVar[int]
    hour_end_time: _timestamp_pb2.Timestamp
    tree_head: _tree_head_pb2.TreeHead
    peaks: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, hour_end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., tree_head: _Optional[_Union[_tree_head_pb2.TreeHead, _Mapping]] = ..., peaks: _Optional[_Iterable[bytes]] = ...) -> None: ...

class ListAccessLogHeadsRequest(_message.Message):
    __slots__ = ("month", "page_size", "page_token")
    MONTH_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    month: str
    page_size: int
    page_token: str
    def __init__(self, month: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListAccessLogHeadsResponse(_message.Message):
    __slots__ = ("heads", "next_page_token", "months_away", "ids_outside")
    HEADS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    MONTHS_AWAY_FIELD_NUMBER: _ClassVar[int]
    IDS_OUTSIDE_FIELD_NUMBER: _ClassVar[int]
    heads: _containers.RepeatedCompositeFieldContainer[AccessLogHead]
    next_page_token: str
    months_away: _containers.RepeatedScalarFieldContainer[str]
    ids_outside: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, heads: _Optional[_Iterable[_Union[AccessLogHead, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., months_away: _Optional[_Iterable[str]] = ..., ids_outside: _Optional[_Iterable[bytes]] = ...) -> None: ...

class DownloadAccessLogHashesRequest(_message.Message):
    __slots__ = ("first_size", "second_size")
    FIRST_SIZE_FIELD_NUMBER: _ClassVar[int]
    SECOND_SIZE_FIELD_NUMBER: _ClassVar[int]
    first_size: int
    second_size: int
    def __init__(self, first_size: _Optional[int] = ..., second_size: _Optional[int] = ...) -> None: ...

class DownloadAccessLogHashesResponse(_message.Message):
    __slots__ = ("first_leaf", "as_logged", "as_found")
    FIRST_LEAF_FIELD_NUMBER: _ClassVar[int]
    AS_LOGGED_FIELD_NUMBER: _ClassVar[int]
    AS_FOUND_FIELD_NUMBER: _ClassVar[int]
    first_leaf: int
    as_logged: bytes
    as_found: bytes
    def __init__(self, first_leaf: _Optional[int] = ..., as_logged: _Optional[bytes] = ..., as_found: _Optional[bytes] = ...) -> None: ...

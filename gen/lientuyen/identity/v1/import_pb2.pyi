from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ImportProgress(_message.Message):
    __slots__ = ("request_id", "rows_received", "rows_stored", "rows_refused", "refusals", "stream_rows_stored", "stream_rows_refused", "rows_warned", "warnings")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ROWS_RECEIVED_FIELD_NUMBER: _ClassVar[int]
    ROWS_STORED_FIELD_NUMBER: _ClassVar[int]
    ROWS_REFUSED_FIELD_NUMBER: _ClassVar[int]
    REFUSALS_FIELD_NUMBER: _ClassVar[int]
    STREAM_ROWS_STORED_FIELD_NUMBER: _ClassVar[int]
    STREAM_ROWS_REFUSED_FIELD_NUMBER: _ClassVar[int]
    ROWS_WARNED_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    rows_received: int
    rows_stored: int
    rows_refused: int
    refusals: _containers.RepeatedCompositeFieldContainer[RowRefusal]
    stream_rows_stored: int
    stream_rows_refused: int
    rows_warned: int
    warnings: _containers.RepeatedCompositeFieldContainer[RowWarning]
    def __init__(self, request_id: _Optional[str] = ..., rows_received: _Optional[int] = ..., rows_stored: _Optional[int] = ..., rows_refused: _Optional[int] = ..., refusals: _Optional[_Iterable[_Union[RowRefusal, _Mapping]]] = ..., stream_rows_stored: _Optional[int] = ..., stream_rows_refused: _Optional[int] = ..., rows_warned: _Optional[int] = ..., warnings: _Optional[_Iterable[_Union[RowWarning, _Mapping]]] = ...) -> None: ...

class RowRefusal(_message.Message):
    __slots__ = ("row", "field", "rule", "message", "message_vi")
    ROW_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_VI_FIELD_NUMBER: _ClassVar[int]
    row: int
    field: str
    rule: str
    message: str
    message_vi: str
    def __init__(self, row: _Optional[int] = ..., field: _Optional[str] = ..., rule: _Optional[str] = ..., message: _Optional[str] = ..., message_vi: _Optional[str] = ...) -> None: ...

class RowWarning(_message.Message):
    __slots__ = ("row", "field", "rule", "message", "message_vi")
    ROW_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_VI_FIELD_NUMBER: _ClassVar[int]
    row: int
    field: str
    rule: str
    message: str
    message_vi: str
    def __init__(self, row: _Optional[int] = ..., field: _Optional[str] = ..., rule: _Optional[str] = ..., message: _Optional[str] = ..., message_vi: _Optional[str] = ...) -> None: ...

import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from lientuyen.type.v1 import date_pb2 as _date_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Lot(_message.Message):
    __slots__ = ("name", "drug", "lot_number", "registrant", "manufacture_day", "expiry_day", "state", "recall_time", "etag")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Lot.State]
        STATE_REGISTERED: _ClassVar[Lot.State]
        STATE_RECALLED: _ClassVar[Lot.State]
    STATE_UNSPECIFIED: Lot.State
    STATE_REGISTERED: Lot.State
    STATE_RECALLED: Lot.State
    NAME_FIELD_NUMBER: _ClassVar[int]
    DRUG_FIELD_NUMBER: _ClassVar[int]
    LOT_NUMBER_FIELD_NUMBER: _ClassVar[int]
    REGISTRANT_FIELD_NUMBER: _ClassVar[int]
    MANUFACTURE_DAY_FIELD_NUMBER: _ClassVar[int]
    EXPIRY_DAY_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    RECALL_TIME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    name: str
    drug: str
    lot_number: str
    registrant: str
    manufacture_day: _date_pb2.Date
    expiry_day: _date_pb2.Date
    state: Lot.State
    recall_time: _timestamp_pb2.Timestamp
    etag: str
    def __init__(self, name: _Optional[str] = ..., drug: _Optional[str] = ..., lot_number: _Optional[str] = ..., registrant: _Optional[str] = ..., manufacture_day: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., expiry_day: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., state: _Optional[_Union[Lot.State, str]] = ..., recall_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., etag: _Optional[str] = ...) -> None: ...

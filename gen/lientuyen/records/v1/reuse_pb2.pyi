import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from lientuyen.type.v1 import date_pb2 as _date_pb2
from lientuyen.type.v1 import money_pb2 as _money_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ReuseDecision(_message.Message):
    __slots__ = ("facility", "source_facility", "service_code", "kind", "repeat_reason", "reusable", "price", "decide_time")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[ReuseDecision.Kind]
        KIND_USED: _ClassVar[ReuseDecision.Kind]
        KIND_REPEATED: _ClassVar[ReuseDecision.Kind]
    KIND_UNSPECIFIED: ReuseDecision.Kind
    KIND_USED: ReuseDecision.Kind
    KIND_REPEATED: ReuseDecision.Kind
    class RepeatReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        REPEAT_REASON_UNSPECIFIED: _ClassVar[ReuseDecision.RepeatReason]
        REPEAT_REASON_CLINICAL_CHANGE: _ClassVar[ReuseDecision.RepeatReason]
        REPEAT_REASON_TOO_OLD: _ClassVar[ReuseDecision.RepeatReason]
        REPEAT_REASON_POOR_QUALITY: _ClassVar[ReuseDecision.RepeatReason]
        REPEAT_REASON_IDENTITY_IN_DOUBT: _ClassVar[ReuseDecision.RepeatReason]
        REPEAT_REASON_LABORATORY_LEVEL: _ClassVar[ReuseDecision.RepeatReason]
        REPEAT_REASON_OTHER: _ClassVar[ReuseDecision.RepeatReason]
    REPEAT_REASON_UNSPECIFIED: ReuseDecision.RepeatReason
    REPEAT_REASON_CLINICAL_CHANGE: ReuseDecision.RepeatReason
    REPEAT_REASON_TOO_OLD: ReuseDecision.RepeatReason
    REPEAT_REASON_POOR_QUALITY: ReuseDecision.RepeatReason
    REPEAT_REASON_IDENTITY_IN_DOUBT: ReuseDecision.RepeatReason
    REPEAT_REASON_LABORATORY_LEVEL: ReuseDecision.RepeatReason
    REPEAT_REASON_OTHER: ReuseDecision.RepeatReason
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FACILITY_FIELD_NUMBER: _ClassVar[int]
    SERVICE_CODE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    REPEAT_REASON_FIELD_NUMBER: _ClassVar[int]
    REUSABLE_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    DECIDE_TIME_FIELD_NUMBER: _ClassVar[int]
    facility: str
    source_facility: str
    service_code: str
    kind: ReuseDecision.Kind
    repeat_reason: ReuseDecision.RepeatReason
    reusable: bool
    price: _money_pb2.Money
    decide_time: _timestamp_pb2.Timestamp
    def __init__(self, facility: _Optional[str] = ..., source_facility: _Optional[str] = ..., service_code: _Optional[str] = ..., kind: _Optional[_Union[ReuseDecision.Kind, str]] = ..., repeat_reason: _Optional[_Union[ReuseDecision.RepeatReason, str]] = ..., reusable: _Optional[bool] = ..., price: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., decide_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ReuseReport(_message.Message):
    __slots__ = ("facility", "month", "avoided_repeats", "saved", "unpriced", "repeats")
    class RepeatCount(_message.Message):
        __slots__ = ("reason", "count")
        REASON_FIELD_NUMBER: _ClassVar[int]
        COUNT_FIELD_NUMBER: _ClassVar[int]
        reason: ReuseDecision.RepeatReason
        count: int
        def __init__(self, reason: _Optional[_Union[ReuseDecision.RepeatReason, str]] = ..., count: _Optional[int] = ...) -> None: ...
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    MONTH_FIELD_NUMBER: _ClassVar[int]
    AVOIDED_REPEATS_FIELD_NUMBER: _ClassVar[int]
    SAVED_FIELD_NUMBER: _ClassVar[int]
    UNPRICED_FIELD_NUMBER: _ClassVar[int]
    REPEATS_FIELD_NUMBER: _ClassVar[int]
    facility: str
    month: _date_pb2.Date
    avoided_repeats: int
    saved: _money_pb2.Money
    unpriced: int
    repeats: _containers.RepeatedCompositeFieldContainer[ReuseReport.RepeatCount]
    def __init__(self, facility: _Optional[str] = ..., month: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., avoided_repeats: _Optional[int] = ..., saved: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., unpriced: _Optional[int] = ..., repeats: _Optional[_Iterable[_Union[ReuseReport.RepeatCount, _Mapping]]] = ...) -> None: ...

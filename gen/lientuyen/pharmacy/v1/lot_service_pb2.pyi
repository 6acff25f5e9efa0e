import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from lientuyen.pharmacy.v1 import lot_pb2 as _lot_pb2
from lientuyen.pharmacy.v1 import quantity_pb2 as _quantity_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from lientuyen.type.v1 import text_pb2 as _text_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RegisterLotRequest(_message.Message):
    __slots__ = ("request_id", "lot")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    LOT_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    lot: _lot_pb2.Lot
    def __init__(self, request_id: _Optional[str] = ..., lot: _Optional[_Union[_lot_pb2.Lot, _Mapping]] = ...) -> None: ...

class RegisterLotResponse(_message.Message):
    __slots__ = ("lot",)
    LOT_FIELD_NUMBER: _ClassVar[int]
    lot: _lot_pb2.Lot
    def __init__(self, lot: _Optional[_Union[_lot_pb2.Lot, _Mapping]] = ...) -> None: ...

class RecallLotRequest(_message.Message):
    __slots__ = ("request_id", "name", "etag", "reason")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    name: str
    etag: str
    reason: str
    def __init__(self, request_id: _Optional[str] = ..., name: _Optional[str] = ..., etag: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class RecallLotResponse(_message.Message):
    __slots__ = ("lot",)
    LOT_FIELD_NUMBER: _ClassVar[int]
    lot: _lot_pb2.Lot
    def __init__(self, lot: _Optional[_Union[_lot_pb2.Lot, _Mapping]] = ...) -> None: ...

class TraceLotRequest(_message.Message):
    __slots__ = ("name", "page_size", "page_token")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    name: str
    page_size: int
    page_token: str
    def __init__(self, name: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class TraceLotResponse(_message.Message):
    __slots__ = ("dispensings", "next_page_token")
    DISPENSINGS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    dispensings: _containers.RepeatedCompositeFieldContainer[LotDispensing]
    next_page_token: str
    def __init__(self, dispensings: _Optional[_Iterable[_Union[LotDispensing, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class LotDispensing(_message.Message):
    __slots__ = ("dispensing", "pharmacy", "dispense_time", "quantity")
    DISPENSING_FIELD_NUMBER: _ClassVar[int]
    PHARMACY_FIELD_NUMBER: _ClassVar[int]
    DISPENSE_TIME_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    dispensing: str
    pharmacy: str
    dispense_time: _timestamp_pb2.Timestamp
    quantity: _quantity_pb2.Quantity
    def __init__(self, dispensing: _Optional[str] = ..., pharmacy: _Optional[str] = ..., dispense_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., quantity: _Optional[_Union[_quantity_pb2.Quantity, _Mapping]] = ...) -> None: ...

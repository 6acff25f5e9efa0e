import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from lientuyen.pharmacy.v1 import medicine_pb2 as _medicine_pb2
from lientuyen.pharmacy.v1 import quantity_pb2 as _quantity_pb2
from lientuyen.type.v1 import date_pb2 as _date_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RestrictedClass(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RESTRICTED_CLASS_UNSPECIFIED: _ClassVar[RestrictedClass]
    RESTRICTED_CLASS_HIV: _ClassVar[RestrictedClass]
    RESTRICTED_CLASS_MENTAL_HEALTH: _ClassVar[RestrictedClass]
    RESTRICTED_CLASS_REPRODUCTIVE_HEALTH: _ClassVar[RestrictedClass]
RESTRICTED_CLASS_UNSPECIFIED: RestrictedClass
RESTRICTED_CLASS_HIV: RestrictedClass
RESTRICTED_CLASS_MENTAL_HEALTH: RestrictedClass
RESTRICTED_CLASS_REPRODUCTIVE_HEALTH: RestrictedClass

class Dispensing(_message.Message):
    __slots__ = ("name", "prescription", "pharmacy", "person", "pharmacist", "invoice_number", "dispense_time", "state", "reverse_time", "lines", "restricted_classes")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Dispensing.State]
        STATE_DISPENSED: _ClassVar[Dispensing.State]
        STATE_REVERSED: _ClassVar[Dispensing.State]
    STATE_UNSPECIFIED: Dispensing.State
    STATE_DISPENSED: Dispensing.State
    STATE_REVERSED: Dispensing.State
    NAME_FIELD_NUMBER: _ClassVar[int]
    PRESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    PHARMACY_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    PHARMACIST_FIELD_NUMBER: _ClassVar[int]
    INVOICE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    DISPENSE_TIME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REVERSE_TIME_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    RESTRICTED_CLASSES_FIELD_NUMBER: _ClassVar[int]
    name: str
    prescription: str
    pharmacy: str
    person: str
    pharmacist: str
    invoice_number: str
    dispense_time: _timestamp_pb2.Timestamp
    state: Dispensing.State
    reverse_time: _timestamp_pb2.Timestamp
    lines: _containers.RepeatedCompositeFieldContainer[DispensingLine]
    restricted_classes: _containers.RepeatedScalarFieldContainer[RestrictedClass]
    def __init__(self, name: _Optional[str] = ..., prescription: _Optional[str] = ..., pharmacy: _Optional[str] = ..., person: _Optional[str] = ..., pharmacist: _Optional[str] = ..., invoice_number: _Optional[str] = ..., dispense_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., state: _Optional[_Union[Dispensing.State, str]] = ..., reverse_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., lines: _Optional[_Iterable[_Union[DispensingLine, _Mapping]]] = ..., restricted_classes: _Optional[_Iterable[_Union[RestrictedClass, str]]] = ...) -> None: ...

class DispensingLine(_message.Message):
    __slots__ = ("line", "drug", "prescribed", "quantity", "unit", "dose", "lot_number", "lot_expiry", "substituted")
    LINE_FIELD_NUMBER: _ClassVar[int]
    DRUG_FIELD_NUMBER: _ClassVar[int]
    PRESCRIBED_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    DOSE_FIELD_NUMBER: _ClassVar[int]
    LOT_NUMBER_FIELD_NUMBER: _ClassVar[int]
    LOT_EXPIRY_FIELD_NUMBER: _ClassVar[int]
    SUBSTITUTED_FIELD_NUMBER: _ClassVar[int]
    line: int
    drug: _medicine_pb2.Medicine
    prescribed: _medicine_pb2.Medicine
    quantity: _quantity_pb2.Quantity
    unit: str
    dose: str
    lot_number: str
    lot_expiry: _date_pb2.Date
    substituted: bool
    def __init__(self, line: _Optional[int] = ..., drug: _Optional[_Union[_medicine_pb2.Medicine, _Mapping]] = ..., prescribed: _Optional[_Union[_medicine_pb2.Medicine, _Mapping]] = ..., quantity: _Optional[_Union[_quantity_pb2.Quantity, _Mapping]] = ..., unit: _Optional[str] = ..., dose: _Optional[str] = ..., lot_number: _Optional[str] = ..., lot_expiry: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., substituted: _Optional[bool] = ...) -> None: ...

class DispenseLine(_message.Message):
    __slots__ = ("line", "quantity", "drug", "buyer_agreed", "lot_number", "lot_expiry")
    LINE_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    DRUG_FIELD_NUMBER: _ClassVar[int]
    BUYER_AGREED_FIELD_NUMBER: _ClassVar[int]
    LOT_NUMBER_FIELD_NUMBER: _ClassVar[int]
    LOT_EXPIRY_FIELD_NUMBER: _ClassVar[int]
    line: int
    quantity: _quantity_pb2.Quantity
    drug: _medicine_pb2.Medicine
    buyer_agreed: bool
    lot_number: str
    lot_expiry: _date_pb2.Date
    def __init__(self, line: _Optional[int] = ..., quantity: _Optional[_Union[_quantity_pb2.Quantity, _Mapping]] = ..., drug: _Optional[_Union[_medicine_pb2.Medicine, _Mapping]] = ..., buyer_agreed: _Optional[bool] = ..., lot_number: _Optional[str] = ..., lot_expiry: _Optional[_Union[_date_pb2.Date, _Mapping]] = ...) -> None: ...

class Claim(_message.Message):
    __slots__ = ("token", "expire_time")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    token: str
    expire_time: _timestamp_pb2.Timestamp
    def __init__(self, token: _Optional[str] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

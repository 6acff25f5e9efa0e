import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from lientuyen.type.v1 import access_pb2 as _access_pb2
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

class HeldRecord(_message.Message):
    __slots__ = ("dossier", "facility", "form_of_care", "arrive_time", "discharge_time", "result_count")
    DOSSIER_FIELD_NUMBER: _ClassVar[int]
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    FORM_OF_CARE_FIELD_NUMBER: _ClassVar[int]
    ARRIVE_TIME_FIELD_NUMBER: _ClassVar[int]
    DISCHARGE_TIME_FIELD_NUMBER: _ClassVar[int]
    RESULT_COUNT_FIELD_NUMBER: _ClassVar[int]
    dossier: str
    facility: str
    form_of_care: str
    arrive_time: _timestamp_pb2.Timestamp
    discharge_time: _timestamp_pb2.Timestamp
    result_count: int
    def __init__(self, dossier: _Optional[str] = ..., facility: _Optional[str] = ..., form_of_care: _Optional[str] = ..., arrive_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., discharge_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., result_count: _Optional[int] = ...) -> None: ...

class ListHeldRecordsRequest(_message.Message):
    __slots__ = ("person", "reader", "withheld_classes", "since", "until", "page_size", "page_token", "access")
    PERSON_FIELD_NUMBER: _ClassVar[int]
    READER_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_CLASSES_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    person: str
    reader: str
    withheld_classes: _containers.RepeatedScalarFieldContainer[RestrictedClass]
    since: _date_pb2.Date
    until: _date_pb2.Date
    page_size: int
    page_token: str
    access: _access_pb2.AccessContext
    def __init__(self, person: _Optional[str] = ..., reader: _Optional[str] = ..., withheld_classes: _Optional[_Iterable[_Union[RestrictedClass, str]]] = ..., since: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., until: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ...) -> None: ...

class ListHeldRecordsResponse(_message.Message):
    __slots__ = ("held_records", "next_page_token", "facilities", "unreachable")
    HELD_RECORDS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    FACILITIES_FIELD_NUMBER: _ClassVar[int]
    UNREACHABLE_FIELD_NUMBER: _ClassVar[int]
    held_records: _containers.RepeatedCompositeFieldContainer[HeldRecord]
    next_page_token: str
    facilities: _containers.RepeatedScalarFieldContainer[str]
    unreachable: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, held_records: _Optional[_Iterable[_Union[HeldRecord, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., facilities: _Optional[_Iterable[str]] = ..., unreachable: _Optional[_Iterable[str]] = ...) -> None: ...

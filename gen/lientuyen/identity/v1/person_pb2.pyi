import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from lientuyen.type.v1 import date_pb2 as _date_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from lientuyen.type.v1 import text_pb2 as _text_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Sex(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SEX_UNSPECIFIED: _ClassVar[Sex]
    SEX_MALE: _ClassVar[Sex]
    SEX_FEMALE: _ClassVar[Sex]
    SEX_UNDETERMINED: _ClassVar[Sex]
SEX_UNSPECIFIED: Sex
SEX_MALE: Sex
SEX_FEMALE: Sex
SEX_UNDETERMINED: Sex

class Person(_message.Message):
    __slots__ = ("name", "state", "origin", "full_name", "birth_date", "birth_time", "sex", "nationality", "ethnicity", "address", "phone", "identifiers", "mother", "merged_into", "create_time", "update_time", "etag")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Person.State]
        STATE_ACTIVE: _ClassVar[Person.State]
        STATE_MERGED: _ClassVar[Person.State]
        STATE_DECEASED: _ClassVar[Person.State]
    STATE_UNSPECIFIED: Person.State
    STATE_ACTIVE: Person.State
    STATE_MERGED: Person.State
    STATE_DECEASED: Person.State
    class Origin(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        ORIGIN_UNSPECIFIED: _ClassVar[Person.Origin]
        ORIGIN_REGISTER: _ClassVar[Person.Origin]
        ORIGIN_NEWBORN: _ClassVar[Person.Origin]
        ORIGIN_UNKNOWN: _ClassVar[Person.Origin]
        ORIGIN_FOREIGNER: _ClassVar[Person.Origin]
    ORIGIN_UNSPECIFIED: Person.Origin
    ORIGIN_REGISTER: Person.Origin
    ORIGIN_NEWBORN: Person.Origin
    ORIGIN_UNKNOWN: Person.Origin
    ORIGIN_FOREIGNER: Person.Origin
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    FULL_NAME_FIELD_NUMBER: _ClassVar[int]
    BIRTH_DATE_FIELD_NUMBER: _ClassVar[int]
    BIRTH_TIME_FIELD_NUMBER: _ClassVar[int]
    SEX_FIELD_NUMBER: _ClassVar[int]
    NATIONALITY_FIELD_NUMBER: _ClassVar[int]
    ETHNICITY_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    PHONE_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    MOTHER_FIELD_NUMBER: _ClassVar[int]
    MERGED_INTO_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    name: str
    state: Person.State
    origin: Person.Origin
    full_name: str
    birth_date: _date_pb2.Date
    birth_time: str
    sex: Sex
    nationality: str
    ethnicity: str
    address: Address
    phone: str
    identifiers: _containers.RepeatedCompositeFieldContainer[Identifier]
    mother: str
    merged_into: str
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    etag: str
    def __init__(self, name: _Optional[str] = ..., state: _Optional[_Union[Person.State, str]] = ..., origin: _Optional[_Union[Person.Origin, str]] = ..., full_name: _Optional[str] = ..., birth_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., birth_time: _Optional[str] = ..., sex: _Optional[_Union[Sex, str]] = ..., nationality: _Optional[str] = ..., ethnicity: _Optional[str] = ..., address: _Optional[_Union[Address, _Mapping]] = ..., phone: _Optional[str] = ..., identifiers: _Optional[_Iterable[_Union[Identifier, _Mapping]]] = ..., mother: _Optional[str] = ..., merged_into: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., etag: _Optional[str] = ...) -> None: ...

class Address(_message.Message):
    __slots__ = ("line", "commune_code", "district_code", "province_code", "as_of")
    LINE_FIELD_NUMBER: _ClassVar[int]
    COMMUNE_CODE_FIELD_NUMBER: _ClassVar[int]
    DISTRICT_CODE_FIELD_NUMBER: _ClassVar[int]
    PROVINCE_CODE_FIELD_NUMBER: _ClassVar[int]
    AS_OF_FIELD_NUMBER: _ClassVar[int]
    line: str
    commune_code: str
    district_code: str
    province_code: str
    as_of: _date_pb2.Date
    def __init__(self, line: _Optional[str] = ..., commune_code: _Optional[str] = ..., district_code: _Optional[str] = ..., province_code: _Optional[str] = ..., as_of: _Optional[_Union[_date_pb2.Date, _Mapping]] = ...) -> None: ...

class Identifier(_message.Message):
    __slots__ = ("kind", "value", "state", "valid_from", "valid_to", "country")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[Identifier.Kind]
        KIND_PERSONAL_ID: _ClassVar[Identifier.Kind]
        KIND_OLD_ID: _ClassVar[Identifier.Kind]
        KIND_SOCIAL_INSURANCE_NUMBER: _ClassVar[Identifier.Kind]
        KIND_CARD_NUMBER: _ClassVar[Identifier.Kind]
        KIND_PASSPORT: _ClassVar[Identifier.Kind]
        KIND_BIRTH_CERTIFICATE: _ClassVar[Identifier.Kind]
        KIND_LOCAL: _ClassVar[Identifier.Kind]
    KIND_UNSPECIFIED: Identifier.Kind
    KIND_PERSONAL_ID: Identifier.Kind
    KIND_OLD_ID: Identifier.Kind
    KIND_SOCIAL_INSURANCE_NUMBER: Identifier.Kind
    KIND_CARD_NUMBER: Identifier.Kind
    KIND_PASSPORT: Identifier.Kind
    KIND_BIRTH_CERTIFICATE: Identifier.Kind
    KIND_LOCAL: Identifier.Kind
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Identifier.State]
        STATE_CURRENT: _ClassVar[Identifier.State]
        STATE_SUPERSEDED: _ClassVar[Identifier.State]
        STATE_CANCELLED: _ClassVar[Identifier.State]
    STATE_UNSPECIFIED: Identifier.State
    STATE_CURRENT: Identifier.State
    STATE_SUPERSEDED: Identifier.State
    STATE_CANCELLED: Identifier.State
    KIND_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_FIELD_NUMBER: _ClassVar[int]
    VALID_TO_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    kind: Identifier.Kind
    value: str
    state: Identifier.State
    valid_from: _date_pb2.Date
    valid_to: _date_pb2.Date
    country: str
    def __init__(self, kind: _Optional[_Union[Identifier.Kind, str]] = ..., value: _Optional[str] = ..., state: _Optional[_Union[Identifier.State, str]] = ..., valid_from: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., valid_to: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., country: _Optional[str] = ...) -> None: ...

class Plausibility(_message.Message):
    __slots__ = ("field", "rule", "message", "message_vi")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_VI_FIELD_NUMBER: _ClassVar[int]
    field: str
    rule: str
    message: str
    message_vi: str
    def __init__(self, field: _Optional[str] = ..., rule: _Optional[str] = ..., message: _Optional[str] = ..., message_vi: _Optional[str] = ...) -> None: ...

class Merge(_message.Message):
    __slots__ = ("name", "loser", "winner", "reason", "caller", "merge_time", "unmerge_time", "unmerger", "unmerge_reason")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LOSER_FIELD_NUMBER: _ClassVar[int]
    WINNER_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CALLER_FIELD_NUMBER: _ClassVar[int]
    MERGE_TIME_FIELD_NUMBER: _ClassVar[int]
    UNMERGE_TIME_FIELD_NUMBER: _ClassVar[int]
    UNMERGER_FIELD_NUMBER: _ClassVar[int]
    UNMERGE_REASON_FIELD_NUMBER: _ClassVar[int]
    name: str
    loser: str
    winner: str
    reason: str
    caller: str
    merge_time: _timestamp_pb2.Timestamp
    unmerge_time: _timestamp_pb2.Timestamp
    unmerger: str
    unmerge_reason: str
    def __init__(self, name: _Optional[str] = ..., loser: _Optional[str] = ..., winner: _Optional[str] = ..., reason: _Optional[str] = ..., caller: _Optional[str] = ..., merge_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., unmerge_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., unmerger: _Optional[str] = ..., unmerge_reason: _Optional[str] = ...) -> None: ...

import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from lientuyen.records.v1 import health_book_pb2 as _health_book_pb2
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

class RuleCertainty(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RULE_CERTAINTY_UNSPECIFIED: _ClassVar[RuleCertainty]
    RULE_CERTAINTY_LAW: _ClassVar[RuleCertainty]
    RULE_CERTAINTY_DRAFT: _ClassVar[RuleCertainty]
    RULE_CERTAINTY_CHOSEN: _ClassVar[RuleCertainty]
RULE_CERTAINTY_UNSPECIFIED: RuleCertainty
RULE_CERTAINTY_LAW: RuleCertainty
RULE_CERTAINTY_DRAFT: RuleCertainty
RULE_CERTAINTY_CHOSEN: RuleCertainty

class GetHealthBookRequest(_message.Message):
    __slots__ = ("person", "encounter_limit", "arrived_before", "access", "as_of", "page_size", "page_token")
    PERSON_FIELD_NUMBER: _ClassVar[int]
    ENCOUNTER_LIMIT_FIELD_NUMBER: _ClassVar[int]
    ARRIVED_BEFORE_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    AS_OF_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    person: str
    encounter_limit: int
    arrived_before: _timestamp_pb2.Timestamp
    access: _access_pb2.AccessContext
    as_of: _date_pb2.Date
    page_size: int
    page_token: str
    def __init__(self, person: _Optional[str] = ..., encounter_limit: _Optional[int] = ..., arrived_before: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ..., as_of: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class GetHealthBookResponse(_message.Message):
    __slots__ = ("health_book", "unreachable", "next_page_token")
    HEALTH_BOOK_FIELD_NUMBER: _ClassVar[int]
    UNREACHABLE_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    health_book: _health_book_pb2.HealthBook
    unreachable: _containers.RepeatedScalarFieldContainer[str]
    next_page_token: str
    def __init__(self, health_book: _Optional[_Union[_health_book_pb2.HealthBook, _Mapping]] = ..., unreachable: _Optional[_Iterable[str]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListResultsRequest(_message.Message):
    __slots__ = ("person", "service_code", "indicator_code", "since", "page_size", "page_token", "access")
    PERSON_FIELD_NUMBER: _ClassVar[int]
    SERVICE_CODE_FIELD_NUMBER: _ClassVar[int]
    INDICATOR_CODE_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    person: str
    service_code: str
    indicator_code: str
    since: _timestamp_pb2.Timestamp
    page_size: int
    page_token: str
    access: _access_pb2.AccessContext
    def __init__(self, person: _Optional[str] = ..., service_code: _Optional[str] = ..., indicator_code: _Optional[str] = ..., since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ...) -> None: ...

class ListResultsResponse(_message.Message):
    __slots__ = ("results", "next_page_token", "own_records_only", "unreachable")
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    OWN_RECORDS_ONLY_FIELD_NUMBER: _ClassVar[int]
    UNREACHABLE_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[_health_book_pb2.Result]
    next_page_token: str
    own_records_only: bool
    unreachable: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, results: _Optional[_Iterable[_Union[_health_book_pb2.Result, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., own_records_only: _Optional[bool] = ..., unreachable: _Optional[_Iterable[str]] = ...) -> None: ...

class OrderedTest(_message.Message):
    __slots__ = ("service_code", "indicator_code")
    SERVICE_CODE_FIELD_NUMBER: _ClassVar[int]
    INDICATOR_CODE_FIELD_NUMBER: _ClassVar[int]
    service_code: str
    indicator_code: str
    def __init__(self, service_code: _Optional[str] = ..., indicator_code: _Optional[str] = ...) -> None: ...

class FindReusableResultsRequest(_message.Message):
    __slots__ = ("person", "orders", "access")
    PERSON_FIELD_NUMBER: _ClassVar[int]
    ORDERS_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    person: str
    orders: _containers.RepeatedCompositeFieldContainer[OrderedTest]
    access: _access_pb2.AccessContext
    def __init__(self, person: _Optional[str] = ..., orders: _Optional[_Iterable[_Union[OrderedTest, _Mapping]]] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ...) -> None: ...

class FindReusableResultsResponse(_message.Message):
    __slots__ = ("answers", "own_records_only", "denial", "unreachable")
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    OWN_RECORDS_ONLY_FIELD_NUMBER: _ClassVar[int]
    DENIAL_FIELD_NUMBER: _ClassVar[int]
    UNREACHABLE_FIELD_NUMBER: _ClassVar[int]
    answers: _containers.RepeatedCompositeFieldContainer[ReuseAnswer]
    own_records_only: bool
    denial: str
    unreachable: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, answers: _Optional[_Iterable[_Union[ReuseAnswer, _Mapping]]] = ..., own_records_only: _Optional[bool] = ..., denial: _Optional[str] = ..., unreachable: _Optional[_Iterable[str]] = ...) -> None: ...

class ReuseAnswer(_message.Message):
    __slots__ = ("order", "reusable", "results", "age", "allowed_age", "rule", "why_not", "message_vi", "message_en", "newer_results", "rule_source", "rule_certainty", "laboratory_level", "laboratory_accredited")
    class WhyNot(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        WHY_NOT_UNSPECIFIED: _ClassVar[ReuseAnswer.WhyNot]
        WHY_NOT_NONE_FOUND: _ClassVar[ReuseAnswer.WhyNot]
        WHY_NOT_TOO_OLD: _ClassVar[ReuseAnswer.WhyNot]
        WHY_NOT_NOT_SEARCHED: _ClassVar[ReuseAnswer.WhyNot]
        WHY_NOT_NEVER_REUSED: _ClassVar[ReuseAnswer.WhyNot]
        WHY_NOT_TIME_UNKNOWN: _ClassVar[ReuseAnswer.WhyNot]
        WHY_NOT_NOT_POSITIVE: _ClassVar[ReuseAnswer.WhyNot]
        WHY_NOT_LOWER_QUALITY: _ClassVar[ReuseAnswer.WhyNot]
        WHY_NOT_QUALITY_UNKNOWN: _ClassVar[ReuseAnswer.WhyNot]
    WHY_NOT_UNSPECIFIED: ReuseAnswer.WhyNot
    WHY_NOT_NONE_FOUND: ReuseAnswer.WhyNot
    WHY_NOT_TOO_OLD: ReuseAnswer.WhyNot
    WHY_NOT_NOT_SEARCHED: ReuseAnswer.WhyNot
    WHY_NOT_NEVER_REUSED: ReuseAnswer.WhyNot
    WHY_NOT_TIME_UNKNOWN: ReuseAnswer.WhyNot
    WHY_NOT_NOT_POSITIVE: ReuseAnswer.WhyNot
    WHY_NOT_LOWER_QUALITY: ReuseAnswer.WhyNot
    WHY_NOT_QUALITY_UNKNOWN: ReuseAnswer.WhyNot
    ORDER_FIELD_NUMBER: _ClassVar[int]
    REUSABLE_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    AGE_FIELD_NUMBER: _ClassVar[int]
    ALLOWED_AGE_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    WHY_NOT_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_VI_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_EN_FIELD_NUMBER: _ClassVar[int]
    NEWER_RESULTS_FIELD_NUMBER: _ClassVar[int]
    RULE_SOURCE_FIELD_NUMBER: _ClassVar[int]
    RULE_CERTAINTY_FIELD_NUMBER: _ClassVar[int]
    LABORATORY_LEVEL_FIELD_NUMBER: _ClassVar[int]
    LABORATORY_ACCREDITED_FIELD_NUMBER: _ClassVar[int]
    order: OrderedTest
    reusable: bool
    results: _containers.RepeatedCompositeFieldContainer[_health_book_pb2.Result]
    age: _duration_pb2.Duration
    allowed_age: _duration_pb2.Duration
    rule: str
    why_not: ReuseAnswer.WhyNot
    message_vi: str
    message_en: str
    newer_results: _containers.RepeatedCompositeFieldContainer[_health_book_pb2.Result]
    rule_source: str
    rule_certainty: RuleCertainty
    laboratory_level: int
    laboratory_accredited: bool
    def __init__(self, order: _Optional[_Union[OrderedTest, _Mapping]] = ..., reusable: _Optional[bool] = ..., results: _Optional[_Iterable[_Union[_health_book_pb2.Result, _Mapping]]] = ..., age: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., allowed_age: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., rule: _Optional[str] = ..., why_not: _Optional[_Union[ReuseAnswer.WhyNot, str]] = ..., message_vi: _Optional[str] = ..., message_en: _Optional[str] = ..., newer_results: _Optional[_Iterable[_Union[_health_book_pb2.Result, _Mapping]]] = ..., rule_source: _Optional[str] = ..., rule_certainty: _Optional[_Union[RuleCertainty, str]] = ..., laboratory_level: _Optional[int] = ..., laboratory_accredited: _Optional[bool] = ...) -> None: ...

class GetPatientSummaryRequest(_message.Message):
    __slots__ = ("person", "access")
    PERSON_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    person: str
    access: _access_pb2.AccessContext
    def __init__(self, person: _Optional[str] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ...) -> None: ...

class GetPatientSummaryResponse(_message.Message):
    __slots__ = ("document", "media_type", "unreachable")
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    UNREACHABLE_FIELD_NUMBER: _ClassVar[int]
    document: bytes
    media_type: str
    unreachable: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, document: _Optional[bytes] = ..., media_type: _Optional[str] = ..., unreachable: _Optional[_Iterable[str]] = ...) -> None: ...

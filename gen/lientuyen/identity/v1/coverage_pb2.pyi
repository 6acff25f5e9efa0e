import datetime

from google.protobuf import duration_pb2 as _duration_pb2
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

class Coverage(_message.Message):
    __slots__ = ("card_number", "valid_from", "valid_to", "group_code", "benefit_level", "initial_facility", "area_code", "five_years_date", "issuer", "standing", "verify_time", "exempt_from")
    class Issuer(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        ISSUER_UNSPECIFIED: _ClassVar[Coverage.Issuer]
        ISSUER_SOCIAL_INSURANCE: _ClassVar[Coverage.Issuer]
        ISSUER_DEFENCE: _ClassVar[Coverage.Issuer]
        ISSUER_PUBLIC_SECURITY: _ClassVar[Coverage.Issuer]
    ISSUER_UNSPECIFIED: Coverage.Issuer
    ISSUER_SOCIAL_INSURANCE: Coverage.Issuer
    ISSUER_DEFENCE: Coverage.Issuer
    ISSUER_PUBLIC_SECURITY: Coverage.Issuer
    CARD_NUMBER_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_FIELD_NUMBER: _ClassVar[int]
    VALID_TO_FIELD_NUMBER: _ClassVar[int]
    GROUP_CODE_FIELD_NUMBER: _ClassVar[int]
    BENEFIT_LEVEL_FIELD_NUMBER: _ClassVar[int]
    INITIAL_FACILITY_FIELD_NUMBER: _ClassVar[int]
    AREA_CODE_FIELD_NUMBER: _ClassVar[int]
    FIVE_YEARS_DATE_FIELD_NUMBER: _ClassVar[int]
    ISSUER_FIELD_NUMBER: _ClassVar[int]
    STANDING_FIELD_NUMBER: _ClassVar[int]
    VERIFY_TIME_FIELD_NUMBER: _ClassVar[int]
    EXEMPT_FROM_FIELD_NUMBER: _ClassVar[int]
    card_number: str
    valid_from: _date_pb2.Date
    valid_to: _date_pb2.Date
    group_code: str
    benefit_level: int
    initial_facility: str
    area_code: str
    five_years_date: _date_pb2.Date
    issuer: Coverage.Issuer
    standing: str
    verify_time: _timestamp_pb2.Timestamp
    exempt_from: _date_pb2.Date
    def __init__(self, card_number: _Optional[str] = ..., valid_from: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., valid_to: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., group_code: _Optional[str] = ..., benefit_level: _Optional[int] = ..., initial_facility: _Optional[str] = ..., area_code: _Optional[str] = ..., five_years_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., issuer: _Optional[_Union[Coverage.Issuer, str]] = ..., standing: _Optional[str] = ..., verify_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., exempt_from: _Optional[_Union[_date_pb2.Date, _Mapping]] = ...) -> None: ...

class Eligibility(_message.Message):
    __slots__ = ("person", "covered", "result_code", "message_vi", "payment_rate_percent", "card_number", "valid_from", "valid_to", "initial_facility", "five_years_date", "stale", "age", "stale_reason", "verify_time", "rate_known", "benefit_rate_percent", "entitlement_percent", "payment_rate_basis_points", "benefit_level", "group_code", "area_code", "arrival", "grace", "five_years_reached", "reasons", "coverages", "day", "care_category", "proposed_care_category", "co_payment_threshold", "co_payment_exempt", "exempt_from", "grace_until", "basis", "candidate_care_categories", "full_payment_below", "co_payment_remaining")
    class Arrival(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        ARRIVAL_UNSPECIFIED: _ClassVar[Eligibility.Arrival]
        ARRIVAL_INITIAL: _ClassVar[Eligibility.Arrival]
        ARRIVAL_REFERRED: _ClassVar[Eligibility.Arrival]
        ARRIVAL_EMERGENCY: _ClassVar[Eligibility.Arrival]
        ARRIVAL_ENTITLED: _ClassVar[Eligibility.Arrival]
        ARRIVAL_SELF: _ClassVar[Eligibility.Arrival]
        ARRIVAL_DRUGS_ONLY: _ClassVar[Eligibility.Arrival]
        ARRIVAL_UNINSURED: _ClassVar[Eligibility.Arrival]
    ARRIVAL_UNSPECIFIED: Eligibility.Arrival
    ARRIVAL_INITIAL: Eligibility.Arrival
    ARRIVAL_REFERRED: Eligibility.Arrival
    ARRIVAL_EMERGENCY: Eligibility.Arrival
    ARRIVAL_ENTITLED: Eligibility.Arrival
    ARRIVAL_SELF: Eligibility.Arrival
    ARRIVAL_DRUGS_ONLY: Eligibility.Arrival
    ARRIVAL_UNINSURED: Eligibility.Arrival
    class Basis(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        BASIS_UNSPECIFIED: _ClassVar[Eligibility.Basis]
        BASIS_BENEFIT: _ClassVar[Eligibility.Basis]
        BASIS_COSTS: _ClassVar[Eligibility.Basis]
    BASIS_UNSPECIFIED: Eligibility.Basis
    BASIS_BENEFIT: Eligibility.Basis
    BASIS_COSTS: Eligibility.Basis
    PERSON_FIELD_NUMBER: _ClassVar[int]
    COVERED_FIELD_NUMBER: _ClassVar[int]
    RESULT_CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_VI_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_RATE_PERCENT_FIELD_NUMBER: _ClassVar[int]
    CARD_NUMBER_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_FIELD_NUMBER: _ClassVar[int]
    VALID_TO_FIELD_NUMBER: _ClassVar[int]
    INITIAL_FACILITY_FIELD_NUMBER: _ClassVar[int]
    FIVE_YEARS_DATE_FIELD_NUMBER: _ClassVar[int]
    STALE_FIELD_NUMBER: _ClassVar[int]
    AGE_FIELD_NUMBER: _ClassVar[int]
    STALE_REASON_FIELD_NUMBER: _ClassVar[int]
    VERIFY_TIME_FIELD_NUMBER: _ClassVar[int]
    RATE_KNOWN_FIELD_NUMBER: _ClassVar[int]
    BENEFIT_RATE_PERCENT_FIELD_NUMBER: _ClassVar[int]
    ENTITLEMENT_PERCENT_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_RATE_BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    BENEFIT_LEVEL_FIELD_NUMBER: _ClassVar[int]
    GROUP_CODE_FIELD_NUMBER: _ClassVar[int]
    AREA_CODE_FIELD_NUMBER: _ClassVar[int]
    ARRIVAL_FIELD_NUMBER: _ClassVar[int]
    GRACE_FIELD_NUMBER: _ClassVar[int]
    FIVE_YEARS_REACHED_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    COVERAGES_FIELD_NUMBER: _ClassVar[int]
    DAY_FIELD_NUMBER: _ClassVar[int]
    CARE_CATEGORY_FIELD_NUMBER: _ClassVar[int]
    PROPOSED_CARE_CATEGORY_FIELD_NUMBER: _ClassVar[int]
    CO_PAYMENT_THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    CO_PAYMENT_EXEMPT_FIELD_NUMBER: _ClassVar[int]
    EXEMPT_FROM_FIELD_NUMBER: _ClassVar[int]
    GRACE_UNTIL_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    CANDIDATE_CARE_CATEGORIES_FIELD_NUMBER: _ClassVar[int]
    FULL_PAYMENT_BELOW_FIELD_NUMBER: _ClassVar[int]
    CO_PAYMENT_REMAINING_FIELD_NUMBER: _ClassVar[int]
    person: str
    covered: bool
    result_code: str
    message_vi: str
    payment_rate_percent: int
    card_number: str
    valid_from: _date_pb2.Date
    valid_to: _date_pb2.Date
    initial_facility: str
    five_years_date: _date_pb2.Date
    stale: bool
    age: _duration_pb2.Duration
    stale_reason: str
    verify_time: _timestamp_pb2.Timestamp
    rate_known: bool
    benefit_rate_percent: int
    entitlement_percent: int
    payment_rate_basis_points: int
    benefit_level: int
    group_code: str
    area_code: str
    arrival: Eligibility.Arrival
    grace: bool
    five_years_reached: bool
    reasons: _containers.RepeatedCompositeFieldContainer[EligibilityReason]
    coverages: _containers.RepeatedCompositeFieldContainer[Coverage]
    day: _date_pb2.Date
    care_category: str
    proposed_care_category: str
    co_payment_threshold: _money_pb2.Money
    co_payment_exempt: bool
    exempt_from: _date_pb2.Date
    grace_until: _date_pb2.Date
    basis: Eligibility.Basis
    candidate_care_categories: _containers.RepeatedScalarFieldContainer[str]
    full_payment_below: _money_pb2.Money
    co_payment_remaining: _money_pb2.Money
    def __init__(self, person: _Optional[str] = ..., covered: _Optional[bool] = ..., result_code: _Optional[str] = ..., message_vi: _Optional[str] = ..., payment_rate_percent: _Optional[int] = ..., card_number: _Optional[str] = ..., valid_from: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., valid_to: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., initial_facility: _Optional[str] = ..., five_years_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., stale: _Optional[bool] = ..., age: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., stale_reason: _Optional[str] = ..., verify_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., rate_known: _Optional[bool] = ..., benefit_rate_percent: _Optional[int] = ..., entitlement_percent: _Optional[int] = ..., payment_rate_basis_points: _Optional[int] = ..., benefit_level: _Optional[int] = ..., group_code: _Optional[str] = ..., area_code: _Optional[str] = ..., arrival: _Optional[_Union[Eligibility.Arrival, str]] = ..., grace: _Optional[bool] = ..., five_years_reached: _Optional[bool] = ..., reasons: _Optional[_Iterable[_Union[EligibilityReason, _Mapping]]] = ..., coverages: _Optional[_Iterable[_Union[Coverage, _Mapping]]] = ..., day: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., care_category: _Optional[str] = ..., proposed_care_category: _Optional[str] = ..., co_payment_threshold: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., co_payment_exempt: _Optional[bool] = ..., exempt_from: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., grace_until: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., basis: _Optional[_Union[Eligibility.Basis, str]] = ..., candidate_care_categories: _Optional[_Iterable[str]] = ..., full_payment_below: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., co_payment_remaining: _Optional[_Union[_money_pb2.Money, _Mapping]] = ...) -> None: ...

class EligibilityReason(_message.Message):
    __slots__ = ("code", "message", "message_vi", "source")
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        CODE_UNSPECIFIED: _ClassVar[EligibilityReason.Code]
        CODE_CARD_IN_FORCE: _ClassVar[EligibilityReason.Code]
        CODE_LAPSED_UNDER_TREATMENT: _ClassVar[EligibilityReason.Code]
        CODE_CARD_LAPSED: _ClassVar[EligibilityReason.Code]
        CODE_CARD_NOT_YET_IN_FORCE: _ClassVar[EligibilityReason.Code]
        CODE_CARD_STOPPED: _ClassVar[EligibilityReason.Code]
        CODE_NO_CARD: _ClassVar[EligibilityReason.Code]
        CODE_NEWER_CARD: _ClassVar[EligibilityReason.Code]
        CODE_HIGHEST_LEVEL: _ClassVar[EligibilityReason.Code]
        CODE_BENEFIT_LEVEL: _ClassVar[EligibilityReason.Code]
        CODE_LEVEL_RAISED: _ClassVar[EligibilityReason.Code]
        CODE_LEVEL_UNKNOWN: _ClassVar[EligibilityReason.Code]
        CODE_CARE_CATEGORY: _ClassVar[EligibilityReason.Code]
        CODE_CARE_CATEGORY_NEEDED: _ClassVar[EligibilityReason.Code]
        CODE_CARE_CATEGORY_UNKNOWN: _ClassVar[EligibilityReason.Code]
        CODE_CARE_CATEGORY_DOUBTFUL: _ClassVar[EligibilityReason.Code]
        CODE_INITIAL_FACILITY: _ClassVar[EligibilityReason.Code]
        CODE_FIVE_YEARS: _ClassVar[EligibilityReason.Code]
        CODE_PAPERS_NEEDED: _ClassVar[EligibilityReason.Code]
        CODE_AREA: _ClassVar[EligibilityReason.Code]
        CODE_CARD_NUMBER_WRONG: _ClassVar[EligibilityReason.Code]
        CODE_CHILD_WITHOUT_CARD: _ClassVar[EligibilityReason.Code]
        CODE_STALE: _ClassVar[EligibilityReason.Code]
        CODE_CARE_CATEGORY_PROPOSED: _ClassVar[EligibilityReason.Code]
        CODE_CARE_CATEGORY_RETIRED: _ClassVar[EligibilityReason.Code]
        CODE_CARE_FORM_NEEDED: _ClassVar[EligibilityReason.Code]
        CODE_BENEFIT_SCOPE: _ClassVar[EligibilityReason.Code]
        CODE_CO_PAYMENT_EXEMPT: _ClassVar[EligibilityReason.Code]
        CODE_CO_PAYMENT_NOT_EXEMPT: _ClassVar[EligibilityReason.Code]
        CODE_TEMPORARY_CARD: _ClassVar[EligibilityReason.Code]
        CODE_SOURCE_SAID: _ClassVar[EligibilityReason.Code]
        CODE_CARE_CATEGORY_UNSETTLED: _ClassVar[EligibilityReason.Code]
        CODE_RATE_UNSETTLED: _ClassVar[EligibilityReason.Code]
        CODE_FACILITY_UNKNOWN: _ClassVar[EligibilityReason.Code]
        CODE_CARE_FORM_UNSETTLED: _ClassVar[EligibilityReason.Code]
        CODE_GRACE_NOT_FOR_FORM: _ClassVar[EligibilityReason.Code]
        CODE_GRACE_UNSETTLED: _ClassVar[EligibilityReason.Code]
        CODE_TRANSFER_SLIP_DATE_NEEDED: _ClassVar[EligibilityReason.Code]
        CODE_TRANSFER_SLIP_EXPIRED: _ClassVar[EligibilityReason.Code]
        CODE_SMALL_VISIT: _ClassVar[EligibilityReason.Code]
        CODE_CO_PAYMENT_CONVERTED: _ClassVar[EligibilityReason.Code]
        CODE_NO_SHARE: _ClassVar[EligibilityReason.Code]
        CODE_PERSON_DIFFERS: _ClassVar[EligibilityReason.Code]
    CODE_UNSPECIFIED: EligibilityReason.Code
    CODE_CARD_IN_FORCE: EligibilityReason.Code
    CODE_LAPSED_UNDER_TREATMENT: EligibilityReason.Code
    CODE_CARD_LAPSED: EligibilityReason.Code
    CODE_CARD_NOT_YET_IN_FORCE: EligibilityReason.Code
    CODE_CARD_STOPPED: EligibilityReason.Code
    CODE_NO_CARD: EligibilityReason.Code
    CODE_NEWER_CARD: EligibilityReason.Code
    CODE_HIGHEST_LEVEL: EligibilityReason.Code
    CODE_BENEFIT_LEVEL: EligibilityReason.Code
    CODE_LEVEL_RAISED: EligibilityReason.Code
    CODE_LEVEL_UNKNOWN: EligibilityReason.Code
    CODE_CARE_CATEGORY: EligibilityReason.Code
    CODE_CARE_CATEGORY_NEEDED: EligibilityReason.Code
    CODE_CARE_CATEGORY_UNKNOWN: EligibilityReason.Code
    CODE_CARE_CATEGORY_DOUBTFUL: EligibilityReason.Code
    CODE_INITIAL_FACILITY: EligibilityReason.Code
    CODE_FIVE_YEARS: EligibilityReason.Code
    CODE_PAPERS_NEEDED: EligibilityReason.Code
    CODE_AREA: EligibilityReason.Code
    CODE_CARD_NUMBER_WRONG: EligibilityReason.Code
    CODE_CHILD_WITHOUT_CARD: EligibilityReason.Code
    CODE_STALE: EligibilityReason.Code
    CODE_CARE_CATEGORY_PROPOSED: EligibilityReason.Code
    CODE_CARE_CATEGORY_RETIRED: EligibilityReason.Code
    CODE_CARE_FORM_NEEDED: EligibilityReason.Code
    CODE_BENEFIT_SCOPE: EligibilityReason.Code
    CODE_CO_PAYMENT_EXEMPT: EligibilityReason.Code
    CODE_CO_PAYMENT_NOT_EXEMPT: EligibilityReason.Code
    CODE_TEMPORARY_CARD: EligibilityReason.Code
    CODE_SOURCE_SAID: EligibilityReason.Code
    CODE_CARE_CATEGORY_UNSETTLED: EligibilityReason.Code
    CODE_RATE_UNSETTLED: EligibilityReason.Code
    CODE_FACILITY_UNKNOWN: EligibilityReason.Code
    CODE_CARE_FORM_UNSETTLED: EligibilityReason.Code
    CODE_GRACE_NOT_FOR_FORM: EligibilityReason.Code
    CODE_GRACE_UNSETTLED: EligibilityReason.Code
    CODE_TRANSFER_SLIP_DATE_NEEDED: EligibilityReason.Code
    CODE_TRANSFER_SLIP_EXPIRED: EligibilityReason.Code
    CODE_SMALL_VISIT: EligibilityReason.Code
    CODE_CO_PAYMENT_CONVERTED: EligibilityReason.Code
    CODE_NO_SHARE: EligibilityReason.Code
    CODE_PERSON_DIFFERS: EligibilityReason.Code
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_VI_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    code: EligibilityReason.Code
    message: str
    message_vi: str
    source: str
    def __init__(self, code: _Optional[_Union[EligibilityReason.Code, str]] = ..., message: _Optional[str] = ..., message_vi: _Optional[str] = ..., source: _Optional[str] = ...) -> None: ...

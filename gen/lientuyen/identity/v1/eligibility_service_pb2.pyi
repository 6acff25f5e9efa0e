from buf.validate import validate_pb2 as _validate_pb2
from lientuyen.identity.v1 import coverage_pb2 as _coverage_pb2
from lientuyen.identity.v1 import import_pb2 as _import_pb2
from lientuyen.identity.v1 import person_service_pb2 as _person_service_pb2
from lientuyen.type.v1 import access_pb2 as _access_pb2
from lientuyen.type.v1 import date_pb2 as _date_pb2
from lientuyen.type.v1 import money_pb2 as _money_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from lientuyen.type.v1 import text_pb2 as _text_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CheckEligibilityRequest(_message.Message):
    __slots__ = ("person", "personal_id", "card_number", "social_insurance_number", "old_id", "card_qr", "facility", "day", "care_category", "care_form", "treatment_start", "access", "circumstances", "transfer_slip_date", "co_payments", "visit_cost", "stated")
    class Circumstance(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        CIRCUMSTANCE_UNSPECIFIED: _ClassVar[CheckEligibilityRequest.Circumstance]
        CIRCUMSTANCE_EMERGENCY: _ClassVar[CheckEligibilityRequest.Circumstance]
        CIRCUMSTANCE_TRANSFER_SLIP: _ClassVar[CheckEligibilityRequest.Circumstance]
        CIRCUMSTANCE_REEXAMINATION_SLIP: _ClassVar[CheckEligibilityRequest.Circumstance]
        CIRCUMSTANCE_AWAY_FROM_HOME: _ClassVar[CheckEligibilityRequest.Circumstance]
        CIRCUMSTANCE_ORGAN_DONOR: _ClassVar[CheckEligibilityRequest.Circumstance]
        CIRCUMSTANCE_NEWBORN: _ClassVar[CheckEligibilityRequest.Circumstance]
        CIRCUMSTANCE_ANNEX_ONE_DISEASE: _ClassVar[CheckEligibilityRequest.Circumstance]
        CIRCUMSTANCE_ANNEX_TWO_DISEASE: _ClassVar[CheckEligibilityRequest.Circumstance]
    CIRCUMSTANCE_UNSPECIFIED: CheckEligibilityRequest.Circumstance
    CIRCUMSTANCE_EMERGENCY: CheckEligibilityRequest.Circumstance
    CIRCUMSTANCE_TRANSFER_SLIP: CheckEligibilityRequest.Circumstance
    CIRCUMSTANCE_REEXAMINATION_SLIP: CheckEligibilityRequest.Circumstance
    CIRCUMSTANCE_AWAY_FROM_HOME: CheckEligibilityRequest.Circumstance
    CIRCUMSTANCE_ORGAN_DONOR: CheckEligibilityRequest.Circumstance
    CIRCUMSTANCE_NEWBORN: CheckEligibilityRequest.Circumstance
    CIRCUMSTANCE_ANNEX_ONE_DISEASE: CheckEligibilityRequest.Circumstance
    CIRCUMSTANCE_ANNEX_TWO_DISEASE: CheckEligibilityRequest.Circumstance
    PERSON_FIELD_NUMBER: _ClassVar[int]
    PERSONAL_ID_FIELD_NUMBER: _ClassVar[int]
    CARD_NUMBER_FIELD_NUMBER: _ClassVar[int]
    SOCIAL_INSURANCE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    OLD_ID_FIELD_NUMBER: _ClassVar[int]
    CARD_QR_FIELD_NUMBER: _ClassVar[int]
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    DAY_FIELD_NUMBER: _ClassVar[int]
    CARE_CATEGORY_FIELD_NUMBER: _ClassVar[int]
    CARE_FORM_FIELD_NUMBER: _ClassVar[int]
    TREATMENT_START_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    CIRCUMSTANCES_FIELD_NUMBER: _ClassVar[int]
    TRANSFER_SLIP_DATE_FIELD_NUMBER: _ClassVar[int]
    CO_PAYMENTS_FIELD_NUMBER: _ClassVar[int]
    VISIT_COST_FIELD_NUMBER: _ClassVar[int]
    STATED_FIELD_NUMBER: _ClassVar[int]
    person: str
    personal_id: str
    card_number: str
    social_insurance_number: str
    old_id: str
    card_qr: str
    facility: str
    day: _date_pb2.Date
    care_category: str
    care_form: str
    treatment_start: _date_pb2.Date
    access: _access_pb2.AccessContext
    circumstances: _containers.RepeatedScalarFieldContainer[CheckEligibilityRequest.Circumstance]
    transfer_slip_date: _date_pb2.Date
    co_payments: CoPayments
    visit_cost: _money_pb2.Money
    stated: _person_service_pb2.Demographics
    def __init__(self, person: _Optional[str] = ..., personal_id: _Optional[str] = ..., card_number: _Optional[str] = ..., social_insurance_number: _Optional[str] = ..., old_id: _Optional[str] = ..., card_qr: _Optional[str] = ..., facility: _Optional[str] = ..., day: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., care_category: _Optional[str] = ..., care_form: _Optional[str] = ..., treatment_start: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ..., circumstances: _Optional[_Iterable[_Union[CheckEligibilityRequest.Circumstance, str]]] = ..., transfer_slip_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., co_payments: _Optional[_Union[CoPayments, _Mapping]] = ..., visit_cost: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., stated: _Optional[_Union[_person_service_pb2.Demographics, _Mapping]] = ...) -> None: ...

class CoPayments(_message.Message):
    __slots__ = ("payments",)
    PAYMENTS_FIELD_NUMBER: _ClassVar[int]
    payments: _containers.RepeatedCompositeFieldContainer[CoPayment]
    def __init__(self, payments: _Optional[_Iterable[_Union[CoPayment, _Mapping]]] = ...) -> None: ...

class CoPayment(_message.Message):
    __slots__ = ("day", "amount")
    DAY_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    day: _date_pb2.Date
    amount: _money_pb2.Money
    def __init__(self, day: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ...) -> None: ...

class CheckEligibilityResponse(_message.Message):
    __slots__ = ("eligibility",)
    ELIGIBILITY_FIELD_NUMBER: _ClassVar[int]
    eligibility: _coverage_pb2.Eligibility
    def __init__(self, eligibility: _Optional[_Union[_coverage_pb2.Eligibility, _Mapping]] = ...) -> None: ...

class CheckEligibilitiesRequest(_message.Message):
    __slots__ = ("tag", "question")
    TAG_FIELD_NUMBER: _ClassVar[int]
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    tag: str
    question: CheckEligibilityRequest
    def __init__(self, tag: _Optional[str] = ..., question: _Optional[_Union[CheckEligibilityRequest, _Mapping]] = ...) -> None: ...

class CheckEligibilitiesResponse(_message.Message):
    __slots__ = ("tag", "eligibility", "fault")
    TAG_FIELD_NUMBER: _ClassVar[int]
    ELIGIBILITY_FIELD_NUMBER: _ClassVar[int]
    FAULT_FIELD_NUMBER: _ClassVar[int]
    tag: str
    eligibility: _coverage_pb2.Eligibility
    fault: CheckFault
    def __init__(self, tag: _Optional[str] = ..., eligibility: _Optional[_Union[_coverage_pb2.Eligibility, _Mapping]] = ..., fault: _Optional[_Union[CheckFault, _Mapping]] = ...) -> None: ...

class CheckFault(_message.Message):
    __slots__ = ("reason", "domain", "message", "message_vi")
    REASON_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_VI_FIELD_NUMBER: _ClassVar[int]
    reason: str
    domain: str
    message: str
    message_vi: str
    def __init__(self, reason: _Optional[str] = ..., domain: _Optional[str] = ..., message: _Optional[str] = ..., message_vi: _Optional[str] = ...) -> None: ...

class ImportCoveragesRequest(_message.Message):
    __slots__ = ("request_id", "first_row", "rows")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    FIRST_ROW_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    first_row: int
    rows: _containers.RepeatedCompositeFieldContainer[CoverageRow]
    def __init__(self, request_id: _Optional[str] = ..., first_row: _Optional[int] = ..., rows: _Optional[_Iterable[_Union[CoverageRow, _Mapping]]] = ...) -> None: ...

class CoverageRow(_message.Message):
    __slots__ = ("source_key", "personal_id", "social_insurance_number", "card_number", "valid_from", "valid_to", "group_code", "benefit_level", "initial_facility_code", "area_code", "five_years_date", "issuer", "standing", "exempt_from")
    SOURCE_KEY_FIELD_NUMBER: _ClassVar[int]
    PERSONAL_ID_FIELD_NUMBER: _ClassVar[int]
    SOCIAL_INSURANCE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    CARD_NUMBER_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_FIELD_NUMBER: _ClassVar[int]
    VALID_TO_FIELD_NUMBER: _ClassVar[int]
    GROUP_CODE_FIELD_NUMBER: _ClassVar[int]
    BENEFIT_LEVEL_FIELD_NUMBER: _ClassVar[int]
    INITIAL_FACILITY_CODE_FIELD_NUMBER: _ClassVar[int]
    AREA_CODE_FIELD_NUMBER: _ClassVar[int]
    FIVE_YEARS_DATE_FIELD_NUMBER: _ClassVar[int]
    ISSUER_FIELD_NUMBER: _ClassVar[int]
    STANDING_FIELD_NUMBER: _ClassVar[int]
    EXEMPT_FROM_FIELD_NUMBER: _ClassVar[int]
    source_key: str
    personal_id: str
    social_insurance_number: str
    card_number: str
    valid_from: _date_pb2.Date
    valid_to: _date_pb2.Date
    group_code: str
    benefit_level: int
    initial_facility_code: str
    area_code: str
    five_years_date: _date_pb2.Date
    issuer: _coverage_pb2.Coverage.Issuer
    standing: str
    exempt_from: _date_pb2.Date
    def __init__(self, source_key: _Optional[str] = ..., personal_id: _Optional[str] = ..., social_insurance_number: _Optional[str] = ..., card_number: _Optional[str] = ..., valid_from: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., valid_to: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., group_code: _Optional[str] = ..., benefit_level: _Optional[int] = ..., initial_facility_code: _Optional[str] = ..., area_code: _Optional[str] = ..., five_years_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., issuer: _Optional[_Union[_coverage_pb2.Coverage.Issuer, str]] = ..., standing: _Optional[str] = ..., exempt_from: _Optional[_Union[_date_pb2.Date, _Mapping]] = ...) -> None: ...

class ImportCoveragesResponse(_message.Message):
    __slots__ = ("progress",)
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    progress: _import_pb2.ImportProgress
    def __init__(self, progress: _Optional[_Union[_import_pb2.ImportProgress, _Mapping]] = ...) -> None: ...

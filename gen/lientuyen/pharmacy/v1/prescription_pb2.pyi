import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from lientuyen.pharmacy.v1 import medicine_pb2 as _medicine_pb2
from lientuyen.pharmacy.v1 import quantity_pb2 as _quantity_pb2
from lientuyen.type.v1 import coding_pb2 as _coding_pb2
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

class Prescription(_message.Message):
    __slots__ = ("name", "code", "type", "state", "facility", "practitioner", "person", "treatment_form", "diagnoses", "chronic", "prescribe_time", "expire_time", "lines", "tranches", "advice", "follow_up_days", "child", "replaces", "replaced_by", "create_time", "etag")
    class Type(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        TYPE_UNSPECIFIED: _ClassVar[Prescription.Type]
        TYPE_NARCOTIC: _ClassVar[Prescription.Type]
        TYPE_PSYCHOTROPIC: _ClassVar[Prescription.Type]
        TYPE_COMMON: _ClassVar[Prescription.Type]
        TYPE_TRADITIONAL: _ClassVar[Prescription.Type]
        TYPE_DECOCTION: _ClassVar[Prescription.Type]
    TYPE_UNSPECIFIED: Prescription.Type
    TYPE_NARCOTIC: Prescription.Type
    TYPE_PSYCHOTROPIC: Prescription.Type
    TYPE_COMMON: Prescription.Type
    TYPE_TRADITIONAL: Prescription.Type
    TYPE_DECOCTION: Prescription.Type
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Prescription.State]
        STATE_ISSUED: _ClassVar[Prescription.State]
        STATE_CLAIMED: _ClassVar[Prescription.State]
        STATE_PARTLY_DISPENSED: _ClassVar[Prescription.State]
        STATE_DISPENSED: _ClassVar[Prescription.State]
        STATE_CANCELLED: _ClassVar[Prescription.State]
        STATE_REPLACED: _ClassVar[Prescription.State]
        STATE_EXPIRED: _ClassVar[Prescription.State]
    STATE_UNSPECIFIED: Prescription.State
    STATE_ISSUED: Prescription.State
    STATE_CLAIMED: Prescription.State
    STATE_PARTLY_DISPENSED: Prescription.State
    STATE_DISPENSED: Prescription.State
    STATE_CANCELLED: Prescription.State
    STATE_REPLACED: Prescription.State
    STATE_EXPIRED: Prescription.State
    class TreatmentForm(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        TREATMENT_FORM_UNSPECIFIED: _ClassVar[Prescription.TreatmentForm]
        TREATMENT_FORM_OUTPATIENT: _ClassVar[Prescription.TreatmentForm]
        TREATMENT_FORM_TAKE_HOME: _ClassVar[Prescription.TreatmentForm]
    TREATMENT_FORM_UNSPECIFIED: Prescription.TreatmentForm
    TREATMENT_FORM_OUTPATIENT: Prescription.TreatmentForm
    TREATMENT_FORM_TAKE_HOME: Prescription.TreatmentForm
    NAME_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    PRACTITIONER_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    TREATMENT_FORM_FIELD_NUMBER: _ClassVar[int]
    DIAGNOSES_FIELD_NUMBER: _ClassVar[int]
    CHRONIC_FIELD_NUMBER: _ClassVar[int]
    PRESCRIBE_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    TRANCHES_FIELD_NUMBER: _ClassVar[int]
    ADVICE_FIELD_NUMBER: _ClassVar[int]
    FOLLOW_UP_DAYS_FIELD_NUMBER: _ClassVar[int]
    CHILD_FIELD_NUMBER: _ClassVar[int]
    REPLACES_FIELD_NUMBER: _ClassVar[int]
    REPLACED_BY_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    name: str
    code: str
    type: Prescription.Type
    state: Prescription.State
    facility: str
    practitioner: str
    person: str
    treatment_form: Prescription.TreatmentForm
    diagnoses: _containers.RepeatedCompositeFieldContainer[_coding_pb2.Coding]
    chronic: bool
    prescribe_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    lines: _containers.RepeatedCompositeFieldContainer[PrescriptionLine]
    tranches: _containers.RepeatedCompositeFieldContainer[Tranche]
    advice: str
    follow_up_days: int
    child: Child
    replaces: str
    replaced_by: str
    create_time: _timestamp_pb2.Timestamp
    etag: str
    def __init__(self, name: _Optional[str] = ..., code: _Optional[str] = ..., type: _Optional[_Union[Prescription.Type, str]] = ..., state: _Optional[_Union[Prescription.State, str]] = ..., facility: _Optional[str] = ..., practitioner: _Optional[str] = ..., person: _Optional[str] = ..., treatment_form: _Optional[_Union[Prescription.TreatmentForm, str]] = ..., diagnoses: _Optional[_Iterable[_Union[_coding_pb2.Coding, _Mapping]]] = ..., chronic: _Optional[bool] = ..., prescribe_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., lines: _Optional[_Iterable[_Union[PrescriptionLine, _Mapping]]] = ..., tranches: _Optional[_Iterable[_Union[Tranche, _Mapping]]] = ..., advice: _Optional[str] = ..., follow_up_days: _Optional[int] = ..., child: _Optional[_Union[Child, _Mapping]] = ..., replaces: _Optional[str] = ..., replaced_by: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., etag: _Optional[str] = ...) -> None: ...

class PrescriptionLine(_message.Message):
    __slots__ = ("number", "drug", "unit", "quantity", "quantity_words", "dose", "days", "tranche", "dispensed", "remaining")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    DRUG_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_WORDS_FIELD_NUMBER: _ClassVar[int]
    DOSE_FIELD_NUMBER: _ClassVar[int]
    DAYS_FIELD_NUMBER: _ClassVar[int]
    TRANCHE_FIELD_NUMBER: _ClassVar[int]
    DISPENSED_FIELD_NUMBER: _ClassVar[int]
    REMAINING_FIELD_NUMBER: _ClassVar[int]
    number: int
    drug: _medicine_pb2.Medicine
    unit: str
    quantity: _quantity_pb2.Quantity
    quantity_words: str
    dose: str
    days: int
    tranche: int
    dispensed: _quantity_pb2.Quantity
    remaining: _quantity_pb2.Quantity
    def __init__(self, number: _Optional[int] = ..., drug: _Optional[_Union[_medicine_pb2.Medicine, _Mapping]] = ..., unit: _Optional[str] = ..., quantity: _Optional[_Union[_quantity_pb2.Quantity, _Mapping]] = ..., quantity_words: _Optional[str] = ..., dose: _Optional[str] = ..., days: _Optional[int] = ..., tranche: _Optional[int] = ..., dispensed: _Optional[_Union[_quantity_pb2.Quantity, _Mapping]] = ..., remaining: _Optional[_Union[_quantity_pb2.Quantity, _Mapping]] = ...) -> None: ...

class Tranche(_message.Message):
    __slots__ = ("number", "start_day", "end_day")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    START_DAY_FIELD_NUMBER: _ClassVar[int]
    END_DAY_FIELD_NUMBER: _ClassVar[int]
    number: int
    start_day: _date_pb2.Date
    end_day: _date_pb2.Date
    def __init__(self, number: _Optional[int] = ..., start_day: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., end_day: _Optional[_Union[_date_pb2.Date, _Mapping]] = ...) -> None: ...

class Child(_message.Message):
    __slots__ = ("age_months", "weight_grams")
    AGE_MONTHS_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_GRAMS_FIELD_NUMBER: _ClassVar[int]
    age_months: int
    weight_grams: int
    def __init__(self, age_months: _Optional[int] = ..., weight_grams: _Optional[int] = ...) -> None: ...

class Warning(_message.Message):
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

import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from lientuyen.records.v1 import health_check_pb2 as _health_check_pb2
from lientuyen.records.v1 import immunization_pb2 as _immunization_pb2
from lientuyen.type.v1 import coding_pb2 as _coding_pb2
from lientuyen.type.v1 import date_pb2 as _date_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class HealthBook(_message.Message):
    __slots__ = ("person", "encounters", "results", "medicines", "procedures", "summaries", "dispensed_medicines", "appointments", "older_encounters", "health_checks", "immunizations", "older_health_checks", "older_immunizations", "history", "vital_signs", "missing_encounters", "missing_known")
    PERSON_FIELD_NUMBER: _ClassVar[int]
    ENCOUNTERS_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    MEDICINES_FIELD_NUMBER: _ClassVar[int]
    PROCEDURES_FIELD_NUMBER: _ClassVar[int]
    SUMMARIES_FIELD_NUMBER: _ClassVar[int]
    DISPENSED_MEDICINES_FIELD_NUMBER: _ClassVar[int]
    APPOINTMENTS_FIELD_NUMBER: _ClassVar[int]
    OLDER_ENCOUNTERS_FIELD_NUMBER: _ClassVar[int]
    HEALTH_CHECKS_FIELD_NUMBER: _ClassVar[int]
    IMMUNIZATIONS_FIELD_NUMBER: _ClassVar[int]
    OLDER_HEALTH_CHECKS_FIELD_NUMBER: _ClassVar[int]
    OLDER_IMMUNIZATIONS_FIELD_NUMBER: _ClassVar[int]
    HISTORY_FIELD_NUMBER: _ClassVar[int]
    VITAL_SIGNS_FIELD_NUMBER: _ClassVar[int]
    MISSING_ENCOUNTERS_FIELD_NUMBER: _ClassVar[int]
    MISSING_KNOWN_FIELD_NUMBER: _ClassVar[int]
    person: str
    encounters: _containers.RepeatedCompositeFieldContainer[Encounter]
    results: _containers.RepeatedCompositeFieldContainer[Result]
    medicines: _containers.RepeatedCompositeFieldContainer[Medicine]
    procedures: _containers.RepeatedCompositeFieldContainer[Procedure]
    summaries: _containers.RepeatedCompositeFieldContainer[RecordSummary]
    dispensed_medicines: _containers.RepeatedCompositeFieldContainer[DispensedMedicine]
    appointments: _containers.RepeatedCompositeFieldContainer[BookedAppointment]
    older_encounters: bool
    health_checks: _containers.RepeatedCompositeFieldContainer[_health_check_pb2.HealthCheck]
    immunizations: _containers.RepeatedCompositeFieldContainer[_immunization_pb2.Immunization]
    older_health_checks: bool
    older_immunizations: bool
    history: History
    vital_signs: _containers.RepeatedCompositeFieldContainer[VitalSigns]
    missing_encounters: _containers.RepeatedCompositeFieldContainer[MissingEncounters]
    missing_known: bool
    def __init__(self, person: _Optional[str] = ..., encounters: _Optional[_Iterable[_Union[Encounter, _Mapping]]] = ..., results: _Optional[_Iterable[_Union[Result, _Mapping]]] = ..., medicines: _Optional[_Iterable[_Union[Medicine, _Mapping]]] = ..., procedures: _Optional[_Iterable[_Union[Procedure, _Mapping]]] = ..., summaries: _Optional[_Iterable[_Union[RecordSummary, _Mapping]]] = ..., dispensed_medicines: _Optional[_Iterable[_Union[DispensedMedicine, _Mapping]]] = ..., appointments: _Optional[_Iterable[_Union[BookedAppointment, _Mapping]]] = ..., older_encounters: _Optional[bool] = ..., health_checks: _Optional[_Iterable[_Union[_health_check_pb2.HealthCheck, _Mapping]]] = ..., immunizations: _Optional[_Iterable[_Union[_immunization_pb2.Immunization, _Mapping]]] = ..., older_health_checks: _Optional[bool] = ..., older_immunizations: _Optional[bool] = ..., history: _Optional[_Union[History, _Mapping]] = ..., vital_signs: _Optional[_Iterable[_Union[VitalSigns, _Mapping]]] = ..., missing_encounters: _Optional[_Iterable[_Union[MissingEncounters, _Mapping]]] = ..., missing_known: _Optional[bool] = ...) -> None: ...

class History(_message.Message):
    __slots__ = ("conditions", "allergies")
    CONDITIONS_FIELD_NUMBER: _ClassVar[int]
    ALLERGIES_FIELD_NUMBER: _ClassVar[int]
    conditions: _containers.RepeatedCompositeFieldContainer[Condition]
    allergies: _containers.RepeatedCompositeFieldContainer[AllergyStatement]
    def __init__(self, conditions: _Optional[_Iterable[_Union[Condition, _Mapping]]] = ..., allergies: _Optional[_Iterable[_Union[AllergyStatement, _Mapping]]] = ...) -> None: ...

class Condition(_message.Message):
    __slots__ = ("coding", "text", "long_term", "encounter_count", "first_time", "last_time")
    CODING_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    LONG_TERM_FIELD_NUMBER: _ClassVar[int]
    ENCOUNTER_COUNT_FIELD_NUMBER: _ClassVar[int]
    FIRST_TIME_FIELD_NUMBER: _ClassVar[int]
    LAST_TIME_FIELD_NUMBER: _ClassVar[int]
    coding: _coding_pb2.Coding
    text: str
    long_term: bool
    encounter_count: int
    first_time: _timestamp_pb2.Timestamp
    last_time: _timestamp_pb2.Timestamp
    def __init__(self, coding: _Optional[_Union[_coding_pb2.Coding, _Mapping]] = ..., text: _Optional[str] = ..., long_term: _Optional[bool] = ..., encounter_count: _Optional[int] = ..., first_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class AllergyStatement(_message.Message):
    __slots__ = ("dossier", "facility", "coding", "text", "date")
    DOSSIER_FIELD_NUMBER: _ClassVar[int]
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    CODING_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    dossier: str
    facility: str
    coding: _coding_pb2.Coding
    text: str
    date: _date_pb2.Date
    def __init__(self, dossier: _Optional[str] = ..., facility: _Optional[str] = ..., coding: _Optional[_Union[_coding_pb2.Coding, _Mapping]] = ..., text: _Optional[str] = ..., date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ...) -> None: ...

class VitalSigns(_message.Message):
    __slots__ = ("dossier", "facility", "time", "pulse", "temperature", "blood_pressure", "breathing")
    DOSSIER_FIELD_NUMBER: _ClassVar[int]
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    PULSE_FIELD_NUMBER: _ClassVar[int]
    TEMPERATURE_FIELD_NUMBER: _ClassVar[int]
    BLOOD_PRESSURE_FIELD_NUMBER: _ClassVar[int]
    BREATHING_FIELD_NUMBER: _ClassVar[int]
    dossier: str
    facility: str
    time: _timestamp_pb2.Timestamp
    pulse: str
    temperature: str
    blood_pressure: str
    breathing: str
    def __init__(self, dossier: _Optional[str] = ..., facility: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., pulse: _Optional[str] = ..., temperature: _Optional[str] = ..., blood_pressure: _Optional[str] = ..., breathing: _Optional[str] = ...) -> None: ...

class MissingEncounters(_message.Message):
    __slots__ = ("facility", "reason", "count", "since")
    class Reason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        REASON_UNSPECIFIED: _ClassVar[MissingEncounters.Reason]
        REASON_NOT_SENT: _ClassVar[MissingEncounters.Reason]
        REASON_WITHDRAWN: _ClassVar[MissingEncounters.Reason]
        REASON_REPLACED: _ClassVar[MissingEncounters.Reason]
    REASON_UNSPECIFIED: MissingEncounters.Reason
    REASON_NOT_SENT: MissingEncounters.Reason
    REASON_WITHDRAWN: MissingEncounters.Reason
    REASON_REPLACED: MissingEncounters.Reason
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    facility: str
    reason: MissingEncounters.Reason
    count: int
    since: _timestamp_pb2.Timestamp
    def __init__(self, facility: _Optional[str] = ..., reason: _Optional[_Union[MissingEncounters.Reason, str]] = ..., count: _Optional[int] = ..., since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Encounter(_message.Message):
    __slots__ = ("dossier", "facility", "form_of_care", "arrival_time", "discharge_time", "reason", "admission_diagnosis", "discharge_diagnosis", "diagnoses", "treatment", "outcome", "discharge_type", "note", "weight", "reexamination_dates", "blood_group")
    DOSSIER_FIELD_NUMBER: _ClassVar[int]
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    FORM_OF_CARE_FIELD_NUMBER: _ClassVar[int]
    ARRIVAL_TIME_FIELD_NUMBER: _ClassVar[int]
    DISCHARGE_TIME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ADMISSION_DIAGNOSIS_FIELD_NUMBER: _ClassVar[int]
    DISCHARGE_DIAGNOSIS_FIELD_NUMBER: _ClassVar[int]
    DIAGNOSES_FIELD_NUMBER: _ClassVar[int]
    TREATMENT_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    DISCHARGE_TYPE_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    REEXAMINATION_DATES_FIELD_NUMBER: _ClassVar[int]
    BLOOD_GROUP_FIELD_NUMBER: _ClassVar[int]
    dossier: str
    facility: str
    form_of_care: _coding_pb2.Coding
    arrival_time: _timestamp_pb2.Timestamp
    discharge_time: _timestamp_pb2.Timestamp
    reason: str
    admission_diagnosis: str
    discharge_diagnosis: str
    diagnoses: _containers.RepeatedCompositeFieldContainer[Diagnosis]
    treatment: str
    outcome: _coding_pb2.Coding
    discharge_type: _coding_pb2.Coding
    note: str
    weight: str
    reexamination_dates: _containers.RepeatedCompositeFieldContainer[_date_pb2.Date]
    blood_group: str
    def __init__(self, dossier: _Optional[str] = ..., facility: _Optional[str] = ..., form_of_care: _Optional[_Union[_coding_pb2.Coding, _Mapping]] = ..., arrival_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., discharge_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., reason: _Optional[str] = ..., admission_diagnosis: _Optional[str] = ..., discharge_diagnosis: _Optional[str] = ..., diagnoses: _Optional[_Iterable[_Union[Diagnosis, _Mapping]]] = ..., treatment: _Optional[str] = ..., outcome: _Optional[_Union[_coding_pb2.Coding, _Mapping]] = ..., discharge_type: _Optional[_Union[_coding_pb2.Coding, _Mapping]] = ..., note: _Optional[str] = ..., weight: _Optional[str] = ..., reexamination_dates: _Optional[_Iterable[_Union[_date_pb2.Date, _Mapping]]] = ..., blood_group: _Optional[str] = ...) -> None: ...

class Diagnosis(_message.Message):
    __slots__ = ("coding", "main")
    CODING_FIELD_NUMBER: _ClassVar[int]
    MAIN_FIELD_NUMBER: _ClassVar[int]
    coding: _coding_pb2.Coding
    main: bool
    def __init__(self, coding: _Optional[_Union[_coding_pb2.Coding, _Mapping]] = ..., main: _Optional[bool] = ...) -> None: ...

class Result(_message.Message):
    __slots__ = ("name", "dossier", "facility", "service", "indicator", "value", "unit", "description", "conclusion", "result_time", "perform_time", "time_basis", "study")
    class TimeBasis(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        TIME_BASIS_UNSPECIFIED: _ClassVar[Result.TimeBasis]
        TIME_BASIS_PERFORMED: _ClassVar[Result.TimeBasis]
        TIME_BASIS_RESULT: _ClassVar[Result.TimeBasis]
        TIME_BASIS_UNKNOWN: _ClassVar[Result.TimeBasis]
    TIME_BASIS_UNSPECIFIED: Result.TimeBasis
    TIME_BASIS_PERFORMED: Result.TimeBasis
    TIME_BASIS_RESULT: Result.TimeBasis
    TIME_BASIS_UNKNOWN: Result.TimeBasis
    NAME_FIELD_NUMBER: _ClassVar[int]
    DOSSIER_FIELD_NUMBER: _ClassVar[int]
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    INDICATOR_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    CONCLUSION_FIELD_NUMBER: _ClassVar[int]
    RESULT_TIME_FIELD_NUMBER: _ClassVar[int]
    PERFORM_TIME_FIELD_NUMBER: _ClassVar[int]
    TIME_BASIS_FIELD_NUMBER: _ClassVar[int]
    STUDY_FIELD_NUMBER: _ClassVar[int]
    name: str
    dossier: str
    facility: str
    service: _coding_pb2.Coding
    indicator: _coding_pb2.Coding
    value: str
    unit: str
    description: str
    conclusion: str
    result_time: _timestamp_pb2.Timestamp
    perform_time: _timestamp_pb2.Timestamp
    time_basis: Result.TimeBasis
    study: str
    def __init__(self, name: _Optional[str] = ..., dossier: _Optional[str] = ..., facility: _Optional[str] = ..., service: _Optional[_Union[_coding_pb2.Coding, _Mapping]] = ..., indicator: _Optional[_Union[_coding_pb2.Coding, _Mapping]] = ..., value: _Optional[str] = ..., unit: _Optional[str] = ..., description: _Optional[str] = ..., conclusion: _Optional[str] = ..., result_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., perform_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., time_basis: _Optional[_Union[Result.TimeBasis, str]] = ..., study: _Optional[str] = ...) -> None: ...

class Medicine(_message.Message):
    __slots__ = ("dossier", "facility", "drug", "strength", "quantity", "unit", "dosage", "instructions", "route", "registration_number", "order_time")
    DOSSIER_FIELD_NUMBER: _ClassVar[int]
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    DRUG_FIELD_NUMBER: _ClassVar[int]
    STRENGTH_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    DOSAGE_FIELD_NUMBER: _ClassVar[int]
    INSTRUCTIONS_FIELD_NUMBER: _ClassVar[int]
    ROUTE_FIELD_NUMBER: _ClassVar[int]
    REGISTRATION_NUMBER_FIELD_NUMBER: _ClassVar[int]
    ORDER_TIME_FIELD_NUMBER: _ClassVar[int]
    dossier: str
    facility: str
    drug: _coding_pb2.Coding
    strength: str
    quantity: str
    unit: str
    dosage: str
    instructions: str
    route: _coding_pb2.Coding
    registration_number: str
    order_time: _timestamp_pb2.Timestamp
    def __init__(self, dossier: _Optional[str] = ..., facility: _Optional[str] = ..., drug: _Optional[_Union[_coding_pb2.Coding, _Mapping]] = ..., strength: _Optional[str] = ..., quantity: _Optional[str] = ..., unit: _Optional[str] = ..., dosage: _Optional[str] = ..., instructions: _Optional[str] = ..., route: _Optional[_Union[_coding_pb2.Coding, _Mapping]] = ..., registration_number: _Optional[str] = ..., order_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Procedure(_message.Message):
    __slots__ = ("dossier", "facility", "service", "group", "order_time", "perform_time")
    DOSSIER_FIELD_NUMBER: _ClassVar[int]
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    ORDER_TIME_FIELD_NUMBER: _ClassVar[int]
    PERFORM_TIME_FIELD_NUMBER: _ClassVar[int]
    dossier: str
    facility: str
    service: _coding_pb2.Coding
    group: _coding_pb2.Coding
    order_time: _timestamp_pb2.Timestamp
    perform_time: _timestamp_pb2.Timestamp
    def __init__(self, dossier: _Optional[str] = ..., facility: _Optional[str] = ..., service: _Optional[_Union[_coding_pb2.Coding, _Mapping]] = ..., group: _Optional[_Union[_coding_pb2.Coding, _Mapping]] = ..., order_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., perform_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class RecordSummary(_message.Message):
    __slots__ = ("dossier", "facility", "course", "results", "treatment", "discharge_diagnosis", "note", "issue_date", "admission_diagnosis", "outcome", "practitioner")
    DOSSIER_FIELD_NUMBER: _ClassVar[int]
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    COURSE_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    TREATMENT_FIELD_NUMBER: _ClassVar[int]
    DISCHARGE_DIAGNOSIS_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    ISSUE_DATE_FIELD_NUMBER: _ClassVar[int]
    ADMISSION_DIAGNOSIS_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    PRACTITIONER_FIELD_NUMBER: _ClassVar[int]
    dossier: str
    facility: str
    course: str
    results: str
    treatment: str
    discharge_diagnosis: str
    note: str
    issue_date: _date_pb2.Date
    admission_diagnosis: str
    outcome: _coding_pb2.Coding
    practitioner: str
    def __init__(self, dossier: _Optional[str] = ..., facility: _Optional[str] = ..., course: _Optional[str] = ..., results: _Optional[str] = ..., treatment: _Optional[str] = ..., discharge_diagnosis: _Optional[str] = ..., note: _Optional[str] = ..., issue_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., admission_diagnosis: _Optional[str] = ..., outcome: _Optional[_Union[_coding_pb2.Coding, _Mapping]] = ..., practitioner: _Optional[str] = ...) -> None: ...

class DispensedMedicine(_message.Message):
    __slots__ = ("dispensing", "pharmacy", "dispense_time", "drug_name", "registration_number", "quantity", "unit", "lot")
    DISPENSING_FIELD_NUMBER: _ClassVar[int]
    PHARMACY_FIELD_NUMBER: _ClassVar[int]
    DISPENSE_TIME_FIELD_NUMBER: _ClassVar[int]
    DRUG_NAME_FIELD_NUMBER: _ClassVar[int]
    REGISTRATION_NUMBER_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    LOT_FIELD_NUMBER: _ClassVar[int]
    dispensing: str
    pharmacy: str
    dispense_time: _timestamp_pb2.Timestamp
    drug_name: str
    registration_number: str
    quantity: str
    unit: str
    lot: str
    def __init__(self, dispensing: _Optional[str] = ..., pharmacy: _Optional[str] = ..., dispense_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., drug_name: _Optional[str] = ..., registration_number: _Optional[str] = ..., quantity: _Optional[str] = ..., unit: _Optional[str] = ..., lot: _Optional[str] = ...) -> None: ...

class BookedAppointment(_message.Message):
    __slots__ = ("appointment", "facility", "day", "diagnosis", "state")
    APPOINTMENT_FIELD_NUMBER: _ClassVar[int]
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    DAY_FIELD_NUMBER: _ClassVar[int]
    DIAGNOSIS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    appointment: str
    facility: str
    day: _date_pb2.Date
    diagnosis: _coding_pb2.Coding
    state: str
    def __init__(self, appointment: _Optional[str] = ..., facility: _Optional[str] = ..., day: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., diagnosis: _Optional[_Union[_coding_pb2.Coding, _Mapping]] = ..., state: _Optional[str] = ...) -> None: ...

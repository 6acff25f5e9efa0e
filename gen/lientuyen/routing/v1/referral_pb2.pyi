import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from lientuyen.type.v1 import coding_pb2 as _coding_pb2
from lientuyen.type.v1 import date_pb2 as _date_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from lientuyen.type.v1 import text_pb2 as _text_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Referral(_message.Message):
    __slots__ = ("name", "person", "sender", "recipient", "slip_number", "reason_code", "diagnosis", "issue_time", "source_dossier", "long_term", "valid_until", "state", "message", "create_time", "deliver_time", "accept_time", "decline_time", "complete_time", "cancel_time", "expire_time", "note", "source_slip", "replaces", "replaced_by", "practitioner", "step", "read_until_time", "encounter", "use_time", "outcome")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Referral.State]
        STATE_ISSUED: _ClassVar[Referral.State]
        STATE_DELIVERED: _ClassVar[Referral.State]
        STATE_ACCEPTED: _ClassVar[Referral.State]
        STATE_DECLINED: _ClassVar[Referral.State]
        STATE_COMPLETED: _ClassVar[Referral.State]
        STATE_CANCELLED: _ClassVar[Referral.State]
        STATE_EXPIRED: _ClassVar[Referral.State]
    STATE_UNSPECIFIED: Referral.State
    STATE_ISSUED: Referral.State
    STATE_DELIVERED: Referral.State
    STATE_ACCEPTED: Referral.State
    STATE_DECLINED: Referral.State
    STATE_COMPLETED: Referral.State
    STATE_CANCELLED: Referral.State
    STATE_EXPIRED: Referral.State
    class Step(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STEP_UNSPECIFIED: _ClassVar[Referral.Step]
        STEP_NEXT: _ClassVar[Referral.Step]
        STEP_SKIPS: _ClassVar[Referral.Step]
        STEP_SAME: _ClassVar[Referral.Step]
        STEP_DOWN: _ClassVar[Referral.Step]
    STEP_UNSPECIFIED: Referral.Step
    STEP_NEXT: Referral.Step
    STEP_SKIPS: Referral.Step
    STEP_SAME: Referral.Step
    STEP_DOWN: Referral.Step
    NAME_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_FIELD_NUMBER: _ClassVar[int]
    SLIP_NUMBER_FIELD_NUMBER: _ClassVar[int]
    REASON_CODE_FIELD_NUMBER: _ClassVar[int]
    DIAGNOSIS_FIELD_NUMBER: _ClassVar[int]
    ISSUE_TIME_FIELD_NUMBER: _ClassVar[int]
    SOURCE_DOSSIER_FIELD_NUMBER: _ClassVar[int]
    LONG_TERM_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    DELIVER_TIME_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_TIME_FIELD_NUMBER: _ClassVar[int]
    DECLINE_TIME_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_TIME_FIELD_NUMBER: _ClassVar[int]
    CANCEL_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_SLIP_FIELD_NUMBER: _ClassVar[int]
    REPLACES_FIELD_NUMBER: _ClassVar[int]
    REPLACED_BY_FIELD_NUMBER: _ClassVar[int]
    PRACTITIONER_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    READ_UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    ENCOUNTER_FIELD_NUMBER: _ClassVar[int]
    USE_TIME_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    name: str
    person: str
    sender: str
    recipient: str
    slip_number: str
    reason_code: str
    diagnosis: _coding_pb2.Coding
    issue_time: _timestamp_pb2.Timestamp
    source_dossier: str
    long_term: bool
    valid_until: _date_pb2.Date
    state: Referral.State
    message: str
    create_time: _timestamp_pb2.Timestamp
    deliver_time: _timestamp_pb2.Timestamp
    accept_time: _timestamp_pb2.Timestamp
    decline_time: _timestamp_pb2.Timestamp
    complete_time: _timestamp_pb2.Timestamp
    cancel_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    note: str
    source_slip: str
    replaces: str
    replaced_by: str
    practitioner: str
    step: Referral.Step
    read_until_time: _timestamp_pb2.Timestamp
    encounter: str
    use_time: _timestamp_pb2.Timestamp
    outcome: ReferralOutcome
    def __init__(self, name: _Optional[str] = ..., person: _Optional[str] = ..., sender: _Optional[str] = ..., recipient: _Optional[str] = ..., slip_number: _Optional[str] = ..., reason_code: _Optional[str] = ..., diagnosis: _Optional[_Union[_coding_pb2.Coding, _Mapping]] = ..., issue_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., source_dossier: _Optional[str] = ..., long_term: _Optional[bool] = ..., valid_until: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., state: _Optional[_Union[Referral.State, str]] = ..., message: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., deliver_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., accept_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., decline_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., complete_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., cancel_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., note: _Optional[str] = ..., source_slip: _Optional[str] = ..., replaces: _Optional[str] = ..., replaced_by: _Optional[str] = ..., practitioner: _Optional[str] = ..., step: _Optional[_Union[Referral.Step, str]] = ..., read_until_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., encounter: _Optional[str] = ..., use_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., outcome: _Optional[_Union[ReferralOutcome, _Mapping]] = ...) -> None: ...

class ReferralOutcome(_message.Message):
    __slots__ = ("treatment_result", "discharge_type", "discharge_time", "diagnosis", "summary", "dossier", "message")
    TREATMENT_RESULT_FIELD_NUMBER: _ClassVar[int]
    DISCHARGE_TYPE_FIELD_NUMBER: _ClassVar[int]
    DISCHARGE_TIME_FIELD_NUMBER: _ClassVar[int]
    DIAGNOSIS_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    DOSSIER_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    treatment_result: str
    discharge_type: str
    discharge_time: _timestamp_pb2.Timestamp
    diagnosis: _coding_pb2.Coding
    summary: str
    dossier: str
    message: str
    def __init__(self, treatment_result: _Optional[str] = ..., discharge_type: _Optional[str] = ..., discharge_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., diagnosis: _Optional[_Union[_coding_pb2.Coding, _Mapping]] = ..., summary: _Optional[str] = ..., dossier: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from lientuyen.type.v1 import text_pb2 as _text_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Consultation(_message.Message):
    __slots__ = ("name", "person", "requester", "consultant", "practitioner", "speciality", "urgent", "answer_by_time", "state", "message", "create_time", "take_time", "taker", "answer_time", "opinion_message", "opinion", "decline_time", "withdraw_time", "expire_time", "note")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Consultation.State]
        STATE_ASKED: _ClassVar[Consultation.State]
        STATE_TAKEN: _ClassVar[Consultation.State]
        STATE_ANSWERED: _ClassVar[Consultation.State]
        STATE_DECLINED: _ClassVar[Consultation.State]
        STATE_WITHDRAWN: _ClassVar[Consultation.State]
        STATE_EXPIRED: _ClassVar[Consultation.State]
    STATE_UNSPECIFIED: Consultation.State
    STATE_ASKED: Consultation.State
    STATE_TAKEN: Consultation.State
    STATE_ANSWERED: Consultation.State
    STATE_DECLINED: Consultation.State
    STATE_WITHDRAWN: Consultation.State
    STATE_EXPIRED: Consultation.State
    NAME_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    REQUESTER_FIELD_NUMBER: _ClassVar[int]
    CONSULTANT_FIELD_NUMBER: _ClassVar[int]
    PRACTITIONER_FIELD_NUMBER: _ClassVar[int]
    SPECIALITY_FIELD_NUMBER: _ClassVar[int]
    URGENT_FIELD_NUMBER: _ClassVar[int]
    ANSWER_BY_TIME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    TAKE_TIME_FIELD_NUMBER: _ClassVar[int]
    TAKER_FIELD_NUMBER: _ClassVar[int]
    ANSWER_TIME_FIELD_NUMBER: _ClassVar[int]
    OPINION_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    OPINION_FIELD_NUMBER: _ClassVar[int]
    DECLINE_TIME_FIELD_NUMBER: _ClassVar[int]
    WITHDRAW_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    name: str
    person: str
    requester: str
    consultant: str
    practitioner: str
    speciality: str
    urgent: bool
    answer_by_time: _timestamp_pb2.Timestamp
    state: Consultation.State
    message: str
    create_time: _timestamp_pb2.Timestamp
    take_time: _timestamp_pb2.Timestamp
    taker: str
    answer_time: _timestamp_pb2.Timestamp
    opinion_message: str
    opinion: OpinionSignature
    decline_time: _timestamp_pb2.Timestamp
    withdraw_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    note: str
    def __init__(self, name: _Optional[str] = ..., person: _Optional[str] = ..., requester: _Optional[str] = ..., consultant: _Optional[str] = ..., practitioner: _Optional[str] = ..., speciality: _Optional[str] = ..., urgent: _Optional[bool] = ..., answer_by_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., state: _Optional[_Union[Consultation.State, str]] = ..., message: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., take_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., taker: _Optional[str] = ..., answer_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., opinion_message: _Optional[str] = ..., opinion: _Optional[_Union[OpinionSignature, _Mapping]] = ..., decline_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., withdraw_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., note: _Optional[str] = ...) -> None: ...

class OpinionBody(_message.Message):
    __slots__ = ("consultation", "opinion_sha256", "media_type", "sign_time")
    CONSULTATION_FIELD_NUMBER: _ClassVar[int]
    OPINION_SHA256_FIELD_NUMBER: _ClassVar[int]
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    SIGN_TIME_FIELD_NUMBER: _ClassVar[int]
    consultation: str
    opinion_sha256: bytes
    media_type: str
    sign_time: _timestamp_pb2.Timestamp
    def __init__(self, consultation: _Optional[str] = ..., opinion_sha256: _Optional[bytes] = ..., media_type: _Optional[str] = ..., sign_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class OpinionSignature(_message.Message):
    __slots__ = ("body", "signature", "certificate", "practitioner")
    BODY_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATE_FIELD_NUMBER: _ClassVar[int]
    PRACTITIONER_FIELD_NUMBER: _ClassVar[int]
    body: bytes
    signature: bytes
    certificate: bytes
    practitioner: str
    def __init__(self, body: _Optional[bytes] = ..., signature: _Optional[bytes] = ..., certificate: _Optional[bytes] = ..., practitioner: _Optional[str] = ...) -> None: ...

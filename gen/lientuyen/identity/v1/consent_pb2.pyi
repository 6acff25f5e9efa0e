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

class DataClass(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DATA_CLASS_UNSPECIFIED: _ClassVar[DataClass]
    DATA_CLASS_CARE: _ClassVar[DataClass]
    DATA_CLASS_HIV: _ClassVar[DataClass]
    DATA_CLASS_MENTAL_HEALTH: _ClassVar[DataClass]
    DATA_CLASS_REPRODUCTIVE_HEALTH: _ClassVar[DataClass]
DATA_CLASS_UNSPECIFIED: DataClass
DATA_CLASS_CARE: DataClass
DATA_CLASS_HIV: DataClass
DATA_CLASS_MENTAL_HEALTH: DataClass
DATA_CLASS_REPRODUCTIVE_HEALTH: DataClass

class Consent(_message.Message):
    __slots__ = ("name", "state", "facility", "purpose", "data_classes", "valid_from", "valid_to", "proof", "guardian", "child_agreed", "recorder", "create_time", "withdraw_time", "etag")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Consent.State]
        STATE_ACTIVE: _ClassVar[Consent.State]
        STATE_WITHDRAWN: _ClassVar[Consent.State]
    STATE_UNSPECIFIED: Consent.State
    STATE_ACTIVE: Consent.State
    STATE_WITHDRAWN: Consent.State
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    DATA_CLASSES_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_FIELD_NUMBER: _ClassVar[int]
    VALID_TO_FIELD_NUMBER: _ClassVar[int]
    PROOF_FIELD_NUMBER: _ClassVar[int]
    GUARDIAN_FIELD_NUMBER: _ClassVar[int]
    CHILD_AGREED_FIELD_NUMBER: _ClassVar[int]
    RECORDER_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    WITHDRAW_TIME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    name: str
    state: Consent.State
    facility: str
    purpose: _access_pb2.AccessContext.Purpose
    data_classes: _containers.RepeatedScalarFieldContainer[DataClass]
    valid_from: _date_pb2.Date
    valid_to: _date_pb2.Date
    proof: ConsentProof
    guardian: Guardian
    child_agreed: bool
    recorder: str
    create_time: _timestamp_pb2.Timestamp
    withdraw_time: _timestamp_pb2.Timestamp
    etag: str
    def __init__(self, name: _Optional[str] = ..., state: _Optional[_Union[Consent.State, str]] = ..., facility: _Optional[str] = ..., purpose: _Optional[_Union[_access_pb2.AccessContext.Purpose, str]] = ..., data_classes: _Optional[_Iterable[_Union[DataClass, str]]] = ..., valid_from: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., valid_to: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., proof: _Optional[_Union[ConsentProof, _Mapping]] = ..., guardian: _Optional[_Union[Guardian, _Mapping]] = ..., child_agreed: _Optional[bool] = ..., recorder: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., withdraw_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., etag: _Optional[str] = ...) -> None: ...

class ConsentProof(_message.Message):
    __slots__ = ("kind", "reference", "sha256")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[ConsentProof.Kind]
        KIND_PAPER: _ClassVar[ConsentProof.Kind]
        KIND_SIGNED_DOCUMENT: _ClassVar[ConsentProof.Kind]
        KIND_VNEID: _ClassVar[ConsentProof.Kind]
    KIND_UNSPECIFIED: ConsentProof.Kind
    KIND_PAPER: ConsentProof.Kind
    KIND_SIGNED_DOCUMENT: ConsentProof.Kind
    KIND_VNEID: ConsentProof.Kind
    KIND_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    kind: ConsentProof.Kind
    reference: str
    sha256: bytes
    def __init__(self, kind: _Optional[_Union[ConsentProof.Kind, str]] = ..., reference: _Optional[str] = ..., sha256: _Optional[bytes] = ...) -> None: ...

class Guardian(_message.Message):
    __slots__ = ("person", "relation")
    class Relation(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        RELATION_UNSPECIFIED: _ClassVar[Guardian.Relation]
        RELATION_PARENT: _ClassVar[Guardian.Relation]
        RELATION_GUARDIAN: _ClassVar[Guardian.Relation]
        RELATION_REPRESENTATIVE: _ClassVar[Guardian.Relation]
    RELATION_UNSPECIFIED: Guardian.Relation
    RELATION_PARENT: Guardian.Relation
    RELATION_GUARDIAN: Guardian.Relation
    RELATION_REPRESENTATIVE: Guardian.Relation
    PERSON_FIELD_NUMBER: _ClassVar[int]
    RELATION_FIELD_NUMBER: _ClassVar[int]
    person: str
    relation: Guardian.Relation
    def __init__(self, person: _Optional[str] = ..., relation: _Optional[_Union[Guardian.Relation, str]] = ...) -> None: ...

class Decision(_message.Message):
    __slots__ = ("allowed", "reason", "flagged", "expire_time", "consent", "withheld_classes", "emergency_access", "message_vi", "persons")
    class Reason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        REASON_UNSPECIFIED: _ClassVar[Decision.Reason]
        REASON_CONSENT_IN_FORCE: _ClassVar[Decision.Reason]
        REASON_EMERGENCY: _ClassVar[Decision.Reason]
        REASON_LEGAL_DUTY: _ClassVar[Decision.Reason]
        REASON_DATA_SUBJECT: _ClassVar[Decision.Reason]
        REASON_OWN_RECORD: _ClassVar[Decision.Reason]
        REASON_NO_RULE: _ClassVar[Decision.Reason]
        REASON_NO_CONSENT: _ClassVar[Decision.Reason]
        REASON_RESTRICTED_CLASS: _ClassVar[Decision.Reason]
        REASON_REASON_MISSING: _ClassVar[Decision.Reason]
        REASON_NOT_OWN_RECORD: _ClassVar[Decision.Reason]
        REASON_UNKNOWN: _ClassVar[Decision.Reason]
    REASON_UNSPECIFIED: Decision.Reason
    REASON_CONSENT_IN_FORCE: Decision.Reason
    REASON_EMERGENCY: Decision.Reason
    REASON_LEGAL_DUTY: Decision.Reason
    REASON_DATA_SUBJECT: Decision.Reason
    REASON_OWN_RECORD: Decision.Reason
    REASON_NO_RULE: Decision.Reason
    REASON_NO_CONSENT: Decision.Reason
    REASON_RESTRICTED_CLASS: Decision.Reason
    REASON_REASON_MISSING: Decision.Reason
    REASON_NOT_OWN_RECORD: Decision.Reason
    REASON_UNKNOWN: Decision.Reason
    ALLOWED_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    FLAGGED_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    CONSENT_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_CLASSES_FIELD_NUMBER: _ClassVar[int]
    EMERGENCY_ACCESS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_VI_FIELD_NUMBER: _ClassVar[int]
    PERSONS_FIELD_NUMBER: _ClassVar[int]
    allowed: bool
    reason: Decision.Reason
    flagged: bool
    expire_time: _timestamp_pb2.Timestamp
    consent: str
    withheld_classes: _containers.RepeatedScalarFieldContainer[DataClass]
    emergency_access: str
    message_vi: str
    persons: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, allowed: _Optional[bool] = ..., reason: _Optional[_Union[Decision.Reason, str]] = ..., flagged: _Optional[bool] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., consent: _Optional[str] = ..., withheld_classes: _Optional[_Iterable[_Union[DataClass, str]]] = ..., emergency_access: _Optional[str] = ..., message_vi: _Optional[str] = ..., persons: _Optional[_Iterable[str]] = ...) -> None: ...

import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from lientuyen.routing.v1 import receipt_pb2 as _receipt_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Message(_message.Message):
    __slots__ = ("name", "sender", "recipient", "kind", "media_type", "size_bytes", "sha256", "about", "person", "correlation", "state", "dead_reason", "dead_note", "attempts", "accept_time", "lease_time", "acknowledge_time", "dead_time", "replay_time", "stop_time", "notice_time", "traceparent", "restore_time")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[Message.Kind]
        KIND_DOCUMENT: _ClassVar[Message.Kind]
        KIND_RESULT: _ClassVar[Message.Kind]
        KIND_REFERRAL: _ClassVar[Message.Kind]
        KIND_RECORD_REQUEST: _ClassVar[Message.Kind]
        KIND_RECORD_RESPONSE: _ClassVar[Message.Kind]
        KIND_NOTICE: _ClassVar[Message.Kind]
        KIND_CONSULTATION: _ClassVar[Message.Kind]
    KIND_UNSPECIFIED: Message.Kind
    KIND_DOCUMENT: Message.Kind
    KIND_RESULT: Message.Kind
    KIND_REFERRAL: Message.Kind
    KIND_RECORD_REQUEST: Message.Kind
    KIND_RECORD_RESPONSE: Message.Kind
    KIND_NOTICE: Message.Kind
    KIND_CONSULTATION: Message.Kind
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Message.State]
        STATE_ACCEPTED: _ClassVar[Message.State]
        STATE_LEASED: _ClassVar[Message.State]
        STATE_ACKNOWLEDGED: _ClassVar[Message.State]
        STATE_DEAD: _ClassVar[Message.State]
        STATE_STOPPED: _ClassVar[Message.State]
    STATE_UNSPECIFIED: Message.State
    STATE_ACCEPTED: Message.State
    STATE_LEASED: Message.State
    STATE_ACKNOWLEDGED: Message.State
    STATE_DEAD: Message.State
    STATE_STOPPED: Message.State
    class DeadReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        DEAD_REASON_UNSPECIFIED: _ClassVar[Message.DeadReason]
        DEAD_REASON_REJECTED: _ClassVar[Message.DeadReason]
        DEAD_REASON_ATTEMPTS_SPENT: _ClassVar[Message.DeadReason]
        DEAD_REASON_UNCOLLECTED: _ClassVar[Message.DeadReason]
    DEAD_REASON_UNSPECIFIED: Message.DeadReason
    DEAD_REASON_REJECTED: Message.DeadReason
    DEAD_REASON_ATTEMPTS_SPENT: Message.DeadReason
    DEAD_REASON_UNCOLLECTED: Message.DeadReason
    NAME_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    ABOUT_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    CORRELATION_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    DEAD_REASON_FIELD_NUMBER: _ClassVar[int]
    DEAD_NOTE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_TIME_FIELD_NUMBER: _ClassVar[int]
    LEASE_TIME_FIELD_NUMBER: _ClassVar[int]
    ACKNOWLEDGE_TIME_FIELD_NUMBER: _ClassVar[int]
    DEAD_TIME_FIELD_NUMBER: _ClassVar[int]
    REPLAY_TIME_FIELD_NUMBER: _ClassVar[int]
    STOP_TIME_FIELD_NUMBER: _ClassVar[int]
    NOTICE_TIME_FIELD_NUMBER: _ClassVar[int]
    TRACEPARENT_FIELD_NUMBER: _ClassVar[int]
    RESTORE_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    sender: str
    recipient: str
    kind: Message.Kind
    media_type: str
    size_bytes: int
    sha256: bytes
    about: str
    person: str
    correlation: str
    state: Message.State
    dead_reason: Message.DeadReason
    dead_note: str
    attempts: int
    accept_time: _timestamp_pb2.Timestamp
    lease_time: _timestamp_pb2.Timestamp
    acknowledge_time: _timestamp_pb2.Timestamp
    dead_time: _timestamp_pb2.Timestamp
    replay_time: _timestamp_pb2.Timestamp
    stop_time: _timestamp_pb2.Timestamp
    notice_time: _timestamp_pb2.Timestamp
    traceparent: str
    restore_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., sender: _Optional[str] = ..., recipient: _Optional[str] = ..., kind: _Optional[_Union[Message.Kind, str]] = ..., media_type: _Optional[str] = ..., size_bytes: _Optional[int] = ..., sha256: _Optional[bytes] = ..., about: _Optional[str] = ..., person: _Optional[str] = ..., correlation: _Optional[str] = ..., state: _Optional[_Union[Message.State, str]] = ..., dead_reason: _Optional[_Union[Message.DeadReason, str]] = ..., dead_note: _Optional[str] = ..., attempts: _Optional[int] = ..., accept_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., lease_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., acknowledge_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., dead_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., replay_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., stop_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., notice_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., traceparent: _Optional[str] = ..., restore_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Delivery(_message.Message):
    __slots__ = ("message", "body", "inlined", "lease_token", "lease_expire_time", "receipt")
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    INLINED_FIELD_NUMBER: _ClassVar[int]
    LEASE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    LEASE_EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    message: Message
    body: bytes
    inlined: bool
    lease_token: str
    lease_expire_time: _timestamp_pb2.Timestamp
    receipt: _receipt_pb2.Receipt
    def __init__(self, message: _Optional[_Union[Message, _Mapping]] = ..., body: _Optional[bytes] = ..., inlined: _Optional[bool] = ..., lease_token: _Optional[str] = ..., lease_expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., receipt: _Optional[_Union[_receipt_pb2.Receipt, _Mapping]] = ...) -> None: ...

class Notice(_message.Message):
    __slots__ = ("event", "subject", "event_time")
    class Event(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        EVENT_UNSPECIFIED: _ClassVar[Notice.Event]
        EVENT_MESSAGE_UNCOLLECTED: _ClassVar[Notice.Event]
        EVENT_MESSAGE_DEAD: _ClassVar[Notice.Event]
        EVENT_REFERRAL_ACCEPTED: _ClassVar[Notice.Event]
        EVENT_REFERRAL_DECLINED: _ClassVar[Notice.Event]
        EVENT_REFERRAL_COMPLETED: _ClassVar[Notice.Event]
        EVENT_REFERRAL_CANCELLED: _ClassVar[Notice.Event]
        EVENT_REFERRAL_EXPIRED: _ClassVar[Notice.Event]
        EVENT_RECORDS_SENT: _ClassVar[Notice.Event]
        EVENT_RECORDS_DECLINED: _ClassVar[Notice.Event]
        EVENT_REFERRAL_REPLACED: _ClassVar[Notice.Event]
        EVENT_SLIP_NOT_SENT: _ClassVar[Notice.Event]
        EVENT_REFERRAL_CHANGE_REFUSED: _ClassVar[Notice.Event]
        EVENT_APPOINTMENT_REPLACED: _ClassVar[Notice.Event]
        EVENT_APPOINTMENT_CANCELLED: _ClassVar[Notice.Event]
        EVENT_SLIP_SENT: _ClassVar[Notice.Event]
        EVENT_SLIP_WAITS: _ClassVar[Notice.Event]
        EVENT_APPOINTMENT_REMINDER: _ClassVar[Notice.Event]
        EVENT_CONSULTATION_TAKEN: _ClassVar[Notice.Event]
        EVENT_CONSULTATION_DECLINED: _ClassVar[Notice.Event]
        EVENT_CONSULTATION_WITHDRAWN: _ClassVar[Notice.Event]
        EVENT_CONSULTATION_EXPIRED: _ClassVar[Notice.Event]
        EVENT_REFERRAL_USED_AGAIN: _ClassVar[Notice.Event]
        EVENT_RECORD_REQUEST_ENDED: _ClassVar[Notice.Event]
        EVENT_RECORD_REQUEST_WITHDRAWN: _ClassVar[Notice.Event]
        EVENT_RECORD_REQUEST_STOPPED: _ClassVar[Notice.Event]
    EVENT_UNSPECIFIED: Notice.Event
    EVENT_MESSAGE_UNCOLLECTED: Notice.Event
    EVENT_MESSAGE_DEAD: Notice.Event
    EVENT_REFERRAL_ACCEPTED: Notice.Event
    EVENT_REFERRAL_DECLINED: Notice.Event
    EVENT_REFERRAL_COMPLETED: Notice.Event
    EVENT_REFERRAL_CANCELLED: Notice.Event
    EVENT_REFERRAL_EXPIRED: Notice.Event
    EVENT_RECORDS_SENT: Notice.Event
    EVENT_RECORDS_DECLINED: Notice.Event
    EVENT_REFERRAL_REPLACED: Notice.Event
    EVENT_SLIP_NOT_SENT: Notice.Event
    EVENT_REFERRAL_CHANGE_REFUSED: Notice.Event
    EVENT_APPOINTMENT_REPLACED: Notice.Event
    EVENT_APPOINTMENT_CANCELLED: Notice.Event
    EVENT_SLIP_SENT: Notice.Event
    EVENT_SLIP_WAITS: Notice.Event
    EVENT_APPOINTMENT_REMINDER: Notice.Event
    EVENT_CONSULTATION_TAKEN: Notice.Event
    EVENT_CONSULTATION_DECLINED: Notice.Event
    EVENT_CONSULTATION_WITHDRAWN: Notice.Event
    EVENT_CONSULTATION_EXPIRED: Notice.Event
    EVENT_REFERRAL_USED_AGAIN: Notice.Event
    EVENT_RECORD_REQUEST_ENDED: Notice.Event
    EVENT_RECORD_REQUEST_WITHDRAWN: Notice.Event
    EVENT_RECORD_REQUEST_STOPPED: Notice.Event
    EVENT_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    EVENT_TIME_FIELD_NUMBER: _ClassVar[int]
    event: Notice.Event
    subject: str
    event_time: _timestamp_pb2.Timestamp
    def __init__(self, event: _Optional[_Union[Notice.Event, str]] = ..., subject: _Optional[str] = ..., event_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

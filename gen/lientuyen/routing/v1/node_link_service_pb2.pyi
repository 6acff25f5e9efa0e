import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from lientuyen.routing.v1 import message_pb2 as _message_pb2
from lientuyen.routing.v1 import receipt_pb2 as _receipt_pb2
from lientuyen.type.v1 import date_pb2 as _date_pb2
from lientuyen.type.v1 import facility_node_pb2 as _facility_node_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RelayRequest(_message.Message):
    __slots__ = ("header", "chunk", "confirmation")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    CONFIRMATION_FIELD_NUMBER: _ClassVar[int]
    header: RelayHeader
    chunk: bytes
    confirmation: RelayConfirmation
    def __init__(self, header: _Optional[_Union[RelayHeader, _Mapping]] = ..., chunk: _Optional[bytes] = ..., confirmation: _Optional[_Union[RelayConfirmation, _Mapping]] = ...) -> None: ...

class RelayHeader(_message.Message):
    __slots__ = ("ordinal", "message", "sender", "recipient", "kind", "media_type", "size_bytes", "sha256", "about", "correlation", "traceparent", "enqueue_time", "origin", "receipt", "person", "enclosure")
    ORDINAL_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    ABOUT_FIELD_NUMBER: _ClassVar[int]
    CORRELATION_FIELD_NUMBER: _ClassVar[int]
    TRACEPARENT_FIELD_NUMBER: _ClassVar[int]
    ENQUEUE_TIME_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    ENCLOSURE_FIELD_NUMBER: _ClassVar[int]
    ordinal: int
    message: str
    sender: str
    recipient: str
    kind: _message_pb2.Message.Kind
    media_type: str
    size_bytes: int
    sha256: bytes
    about: str
    correlation: str
    traceparent: str
    enqueue_time: _timestamp_pb2.Timestamp
    origin: str
    receipt: _receipt_pb2.NodeReceipt
    person: RelayedPerson
    enclosure: bytes
    def __init__(self, ordinal: _Optional[int] = ..., message: _Optional[str] = ..., sender: _Optional[str] = ..., recipient: _Optional[str] = ..., kind: _Optional[_Union[_message_pb2.Message.Kind, str]] = ..., media_type: _Optional[str] = ..., size_bytes: _Optional[int] = ..., sha256: _Optional[bytes] = ..., about: _Optional[str] = ..., correlation: _Optional[str] = ..., traceparent: _Optional[str] = ..., enqueue_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., origin: _Optional[str] = ..., receipt: _Optional[_Union[_receipt_pb2.NodeReceipt, _Mapping]] = ..., person: _Optional[_Union[RelayedPerson, _Mapping]] = ..., enclosure: _Optional[bytes] = ...) -> None: ...

class RelayedPerson(_message.Message):
    __slots__ = ("personal_id", "card_number", "full_name", "birth_date", "sex")
    PERSONAL_ID_FIELD_NUMBER: _ClassVar[int]
    CARD_NUMBER_FIELD_NUMBER: _ClassVar[int]
    FULL_NAME_FIELD_NUMBER: _ClassVar[int]
    BIRTH_DATE_FIELD_NUMBER: _ClassVar[int]
    SEX_FIELD_NUMBER: _ClassVar[int]
    personal_id: str
    card_number: str
    full_name: str
    birth_date: _date_pb2.Date
    sex: int
    def __init__(self, personal_id: _Optional[str] = ..., card_number: _Optional[str] = ..., full_name: _Optional[str] = ..., birth_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., sex: _Optional[int] = ...) -> None: ...

class RelayResponse(_message.Message):
    __slots__ = ("ready", "accepted", "refused", "outcome")
    READY_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    ready: RelayReady
    accepted: RelayAccepted
    refused: RelayRefused
    outcome: RelayOutcome
    def __init__(self, ready: _Optional[_Union[RelayReady, _Mapping]] = ..., accepted: _Optional[_Union[RelayAccepted, _Mapping]] = ..., refused: _Optional[_Union[RelayRefused, _Mapping]] = ..., outcome: _Optional[_Union[RelayOutcome, _Mapping]] = ...) -> None: ...

class RelayReady(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class RelayAccepted(_message.Message):
    __slots__ = ("ordinal", "receipt")
    ORDINAL_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    ordinal: int
    receipt: _receipt_pb2.NodeReceipt
    def __init__(self, ordinal: _Optional[int] = ..., receipt: _Optional[_Union[_receipt_pb2.NodeReceipt, _Mapping]] = ...) -> None: ...

class RelayRefused(_message.Message):
    __slots__ = ("ordinal", "reason", "final")
    ORDINAL_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    FINAL_FIELD_NUMBER: _ClassVar[int]
    ordinal: int
    reason: str
    final: bool
    def __init__(self, ordinal: _Optional[int] = ..., reason: _Optional[str] = ..., final: _Optional[bool] = ...) -> None: ...

class RelayOutcome(_message.Message):
    __slots__ = ("message", "state", "dead_reason", "dead_note", "time", "receipts")
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    DEAD_REASON_FIELD_NUMBER: _ClassVar[int]
    DEAD_NOTE_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    RECEIPTS_FIELD_NUMBER: _ClassVar[int]
    message: str
    state: _message_pb2.Message.State
    dead_reason: _message_pb2.Message.DeadReason
    dead_note: str
    time: _timestamp_pb2.Timestamp
    receipts: _containers.RepeatedCompositeFieldContainer[_receipt_pb2.NodeReceipt]
    def __init__(self, message: _Optional[str] = ..., state: _Optional[_Union[_message_pb2.Message.State, str]] = ..., dead_reason: _Optional[_Union[_message_pb2.Message.DeadReason, str]] = ..., dead_note: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., receipts: _Optional[_Iterable[_Union[_receipt_pb2.NodeReceipt, _Mapping]]] = ...) -> None: ...

class RelayConfirmation(_message.Message):
    __slots__ = ("message",)
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    message: str
    def __init__(self, message: _Optional[str] = ...) -> None: ...

class GetDirectoryRequest(_message.Message):
    __slots__ = ("after_sequence",)
    AFTER_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    after_sequence: int
    def __init__(self, after_sequence: _Optional[int] = ...) -> None: ...

class GetDirectoryResponse(_message.Message):
    __slots__ = ("facility_nodes",)
    FACILITY_NODES_FIELD_NUMBER: _ClassVar[int]
    facility_nodes: _containers.RepeatedCompositeFieldContainer[_facility_node_pb2.FacilityNode]
    def __init__(self, facility_nodes: _Optional[_Iterable[_Union[_facility_node_pb2.FacilityNode, _Mapping]]] = ...) -> None: ...

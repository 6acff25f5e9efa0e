import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Receipt(_message.Message):
    __slots__ = ("name", "body", "signature", "certificate", "algorithm")
    class Algorithm(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        ALGORITHM_UNSPECIFIED: _ClassVar[Receipt.Algorithm]
        ALGORITHM_ECDSA_P256_SHA256: _ClassVar[Receipt.Algorithm]
        ALGORITHM_ED25519: _ClassVar[Receipt.Algorithm]
    ALGORITHM_UNSPECIFIED: Receipt.Algorithm
    ALGORITHM_ECDSA_P256_SHA256: Receipt.Algorithm
    ALGORITHM_ED25519: Receipt.Algorithm
    NAME_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATE_FIELD_NUMBER: _ClassVar[int]
    ALGORITHM_FIELD_NUMBER: _ClassVar[int]
    name: str
    body: bytes
    signature: bytes
    certificate: bytes
    algorithm: Receipt.Algorithm
    def __init__(self, name: _Optional[str] = ..., body: _Optional[bytes] = ..., signature: _Optional[bytes] = ..., certificate: _Optional[bytes] = ..., algorithm: _Optional[_Union[Receipt.Algorithm, str]] = ...) -> None: ...

class ReceiptBody(_message.Message):
    __slots__ = ("kind", "message", "sender", "recipient", "sha256", "size_bytes", "accept_time", "acknowledge_time", "trace_id", "deliver_time", "key_id")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[ReceiptBody.Kind]
        KIND_ACCEPTANCE: _ClassVar[ReceiptBody.Kind]
        KIND_ACKNOWLEDGEMENT: _ClassVar[ReceiptBody.Kind]
        KIND_DELIVERY: _ClassVar[ReceiptBody.Kind]
    KIND_UNSPECIFIED: ReceiptBody.Kind
    KIND_ACCEPTANCE: ReceiptBody.Kind
    KIND_ACKNOWLEDGEMENT: ReceiptBody.Kind
    KIND_DELIVERY: ReceiptBody.Kind
    KIND_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_TIME_FIELD_NUMBER: _ClassVar[int]
    ACKNOWLEDGE_TIME_FIELD_NUMBER: _ClassVar[int]
    TRACE_ID_FIELD_NUMBER: _ClassVar[int]
    DELIVER_TIME_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    kind: ReceiptBody.Kind
    message: str
    sender: str
    recipient: str
    sha256: bytes
    size_bytes: int
    accept_time: _timestamp_pb2.Timestamp
    acknowledge_time: _timestamp_pb2.Timestamp
    trace_id: str
    deliver_time: _timestamp_pb2.Timestamp
    key_id: bytes
    def __init__(self, kind: _Optional[_Union[ReceiptBody.Kind, str]] = ..., message: _Optional[str] = ..., sender: _Optional[str] = ..., recipient: _Optional[str] = ..., sha256: _Optional[bytes] = ..., size_bytes: _Optional[int] = ..., accept_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., acknowledge_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., trace_id: _Optional[str] = ..., deliver_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., key_id: _Optional[bytes] = ...) -> None: ...

class NodeReceipt(_message.Message):
    __slots__ = ("node", "receipt", "foreign")
    NODE_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    FOREIGN_FIELD_NUMBER: _ClassVar[int]
    node: str
    receipt: Receipt
    foreign: bytes
    def __init__(self, node: _Optional[str] = ..., receipt: _Optional[_Union[Receipt, _Mapping]] = ..., foreign: _Optional[bytes] = ...) -> None: ...

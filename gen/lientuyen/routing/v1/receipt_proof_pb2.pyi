import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from lientuyen.routing.v1 import receipt_pb2 as _receipt_pb2
from lientuyen.type.v1 import tree_head_pb2 as _tree_head_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ReceiptProof(_message.Message):
    __slots__ = ("receipt", "leaf_index", "tree_head", "inclusion_proof", "earlier_head", "consistency_proof")
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    LEAF_INDEX_FIELD_NUMBER: _ClassVar[int]
    TREE_HEAD_FIELD_NUMBER: _ClassVar[int]
    INCLUSION_PROOF_FIELD_NUMBER: _ClassVar[int]
    EARLIER_HEAD_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_PROOF_FIELD_NUMBER: _ClassVar[int]
    receipt: _receipt_pb2.Receipt
    leaf_index: int
    tree_head: _tree_head_pb2.TreeHead
    inclusion_proof: _containers.RepeatedScalarFieldContainer[bytes]
    earlier_head: _tree_head_pb2.TreeHead
    consistency_proof: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, receipt: _Optional[_Union[_receipt_pb2.Receipt, _Mapping]] = ..., leaf_index: _Optional[int] = ..., tree_head: _Optional[_Union[_tree_head_pb2.TreeHead, _Mapping]] = ..., inclusion_proof: _Optional[_Iterable[bytes]] = ..., earlier_head: _Optional[_Union[_tree_head_pb2.TreeHead, _Mapping]] = ..., consistency_proof: _Optional[_Iterable[bytes]] = ...) -> None: ...

class SigningKey(_message.Message):
    __slots__ = ("key_id", "certificate", "algorithm", "first_use_time")
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATE_FIELD_NUMBER: _ClassVar[int]
    ALGORITHM_FIELD_NUMBER: _ClassVar[int]
    FIRST_USE_TIME_FIELD_NUMBER: _ClassVar[int]
    key_id: bytes
    certificate: bytes
    algorithm: _receipt_pb2.Receipt.Algorithm
    first_use_time: _timestamp_pb2.Timestamp
    def __init__(self, key_id: _Optional[bytes] = ..., certificate: _Optional[bytes] = ..., algorithm: _Optional[_Union[_receipt_pb2.Receipt.Algorithm, str]] = ..., first_use_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class WitnessedHead(_message.Message):
    __slots__ = ("tree_head", "receive_time", "verdict")
    class Verdict(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        VERDICT_UNSPECIFIED: _ClassVar[WitnessedHead.Verdict]
        VERDICT_CONSISTENT: _ClassVar[WitnessedHead.Verdict]
        VERDICT_INCONSISTENT: _ClassVar[WitnessedHead.Verdict]
    VERDICT_UNSPECIFIED: WitnessedHead.Verdict
    VERDICT_CONSISTENT: WitnessedHead.Verdict
    VERDICT_INCONSISTENT: WitnessedHead.Verdict
    TREE_HEAD_FIELD_NUMBER: _ClassVar[int]
    RECEIVE_TIME_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    tree_head: _tree_head_pb2.TreeHead
    receive_time: _timestamp_pb2.Timestamp
    verdict: WitnessedHead.Verdict
    def __init__(self, tree_head: _Optional[_Union[_tree_head_pb2.TreeHead, _Mapping]] = ..., receive_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., verdict: _Optional[_Union[WitnessedHead.Verdict, str]] = ...) -> None: ...

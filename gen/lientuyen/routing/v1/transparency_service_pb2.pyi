from buf.validate import validate_pb2 as _validate_pb2
from lientuyen.routing.v1 import receipt_proof_pb2 as _receipt_proof_pb2
from lientuyen.type.v1 import tree_head_pb2 as _tree_head_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetTreeHeadRequest(_message.Message):
    __slots__ = ("min_size",)
    MIN_SIZE_FIELD_NUMBER: _ClassVar[int]
    min_size: int
    def __init__(self, min_size: _Optional[int] = ...) -> None: ...

class GetTreeHeadResponse(_message.Message):
    __slots__ = ("tree_head",)
    TREE_HEAD_FIELD_NUMBER: _ClassVar[int]
    tree_head: _tree_head_pb2.TreeHead
    def __init__(self, tree_head: _Optional[_Union[_tree_head_pb2.TreeHead, _Mapping]] = ...) -> None: ...

class ListTreeHeadsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListTreeHeadsResponse(_message.Message):
    __slots__ = ("tree_heads", "next_page_token")
    TREE_HEADS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    tree_heads: _containers.RepeatedCompositeFieldContainer[_tree_head_pb2.TreeHead]
    next_page_token: str
    def __init__(self, tree_heads: _Optional[_Iterable[_Union[_tree_head_pb2.TreeHead, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetInclusionProofRequest(_message.Message):
    __slots__ = ("leaf_hash", "tree_size")
    LEAF_HASH_FIELD_NUMBER: _ClassVar[int]
    TREE_SIZE_FIELD_NUMBER: _ClassVar[int]
    leaf_hash: bytes
    tree_size: int
    def __init__(self, leaf_hash: _Optional[bytes] = ..., tree_size: _Optional[int] = ...) -> None: ...

class GetInclusionProofResponse(_message.Message):
    __slots__ = ("leaf_index", "hashes")
    LEAF_INDEX_FIELD_NUMBER: _ClassVar[int]
    HASHES_FIELD_NUMBER: _ClassVar[int]
    leaf_index: int
    hashes: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, leaf_index: _Optional[int] = ..., hashes: _Optional[_Iterable[bytes]] = ...) -> None: ...

class GetConsistencyProofRequest(_message.Message):
    __slots__ = ("first_size", "second_size")
    FIRST_SIZE_FIELD_NUMBER: _ClassVar[int]
    SECOND_SIZE_FIELD_NUMBER: _ClassVar[int]
    first_size: int
    second_size: int
    def __init__(self, first_size: _Optional[int] = ..., second_size: _Optional[int] = ...) -> None: ...

class GetConsistencyProofResponse(_message.Message):
    __slots__ = ("hashes",)
    HASHES_FIELD_NUMBER: _ClassVar[int]
    hashes: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, hashes: _Optional[_Iterable[bytes]] = ...) -> None: ...

class ListSigningKeysRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListSigningKeysResponse(_message.Message):
    __slots__ = ("signing_keys", "next_page_token")
    SIGNING_KEYS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    signing_keys: _containers.RepeatedCompositeFieldContainer[_receipt_proof_pb2.SigningKey]
    next_page_token: str
    def __init__(self, signing_keys: _Optional[_Iterable[_Union[_receipt_proof_pb2.SigningKey, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class SubmitTreeHeadRequest(_message.Message):
    __slots__ = ("request_id", "tree_head", "consistency_proof")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    TREE_HEAD_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_PROOF_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    tree_head: _tree_head_pb2.TreeHead
    consistency_proof: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, request_id: _Optional[str] = ..., tree_head: _Optional[_Union[_tree_head_pb2.TreeHead, _Mapping]] = ..., consistency_proof: _Optional[_Iterable[bytes]] = ...) -> None: ...

class SubmitTreeHeadResponse(_message.Message):
    __slots__ = ("witnessed_head",)
    WITNESSED_HEAD_FIELD_NUMBER: _ClassVar[int]
    witnessed_head: _receipt_proof_pb2.WitnessedHead
    def __init__(self, witnessed_head: _Optional[_Union[_receipt_proof_pb2.WitnessedHead, _Mapping]] = ...) -> None: ...

class ListWitnessedHeadsRequest(_message.Message):
    __slots__ = ("origin", "page_size", "page_token")
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    origin: str
    page_size: int
    page_token: str
    def __init__(self, origin: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListWitnessedHeadsResponse(_message.Message):
    __slots__ = ("witnessed_heads", "next_page_token")
    WITNESSED_HEADS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    witnessed_heads: _containers.RepeatedCompositeFieldContainer[_receipt_proof_pb2.WitnessedHead]
    next_page_token: str
    def __init__(self, witnessed_heads: _Optional[_Iterable[_Union[_receipt_proof_pb2.WitnessedHead, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

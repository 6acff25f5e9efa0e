from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TreeHead(_message.Message):
    __slots__ = ("body", "signature", "certificate", "algorithm")
    class Algorithm(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        ALGORITHM_UNSPECIFIED: _ClassVar[TreeHead.Algorithm]
        ALGORITHM_ECDSA_P256_SHA256: _ClassVar[TreeHead.Algorithm]
        ALGORITHM_ED25519: _ClassVar[TreeHead.Algorithm]
    ALGORITHM_UNSPECIFIED: TreeHead.Algorithm
    ALGORITHM_ECDSA_P256_SHA256: TreeHead.Algorithm
    ALGORITHM_ED25519: TreeHead.Algorithm
    BODY_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATE_FIELD_NUMBER: _ClassVar[int]
    ALGORITHM_FIELD_NUMBER: _ClassVar[int]
    body: bytes
    signature: bytes
    certificate: bytes
    algorithm: TreeHead.Algorithm
    def __init__(self, body: _Optional[bytes] = ..., signature: _Optional[bytes] = ..., certificate: _Optional[bytes] = ..., algorithm: _Optional[_Union[TreeHead.Algorithm, str]] = ...) -> None: ...

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class Quantity(_message.Message):
    __slots__ = ("thousandths",)
    THOUSANDTHS_FIELD_NUMBER: _ClassVar[int]
    thousandths: int
    def __init__(self, thousandths: _Optional[int] = ...) -> None: ...

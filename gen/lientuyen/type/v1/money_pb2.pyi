from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class Money(_message.Message):
    __slots__ = ("dong",)
    DONG_FIELD_NUMBER: _ClassVar[int]
    dong: int
    def __init__(self, dong: _Optional[int] = ...) -> None: ...

from google.protobuf import descriptor_pb2 as _descriptor_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor
ERROR_TEXT_FIELD_NUMBER: _ClassVar[int]
error_text: _descriptor.FieldDescriptor

class ErrorText(_message.Message):
    __slots__ = ("en", "vi")
    EN_FIELD_NUMBER: _ClassVar[int]
    VI_FIELD_NUMBER: _ClassVar[int]
    en: str
    vi: str
    def __init__(self, en: _Optional[str] = ..., vi: _Optional[str] = ...) -> None: ...

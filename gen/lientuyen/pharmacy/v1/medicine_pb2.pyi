from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class Medicine(_message.Message):
    __slots__ = ("code", "inn", "brand", "registration_number", "ingredient_code", "strength", "route_code")
    CODE_FIELD_NUMBER: _ClassVar[int]
    INN_FIELD_NUMBER: _ClassVar[int]
    BRAND_FIELD_NUMBER: _ClassVar[int]
    REGISTRATION_NUMBER_FIELD_NUMBER: _ClassVar[int]
    INGREDIENT_CODE_FIELD_NUMBER: _ClassVar[int]
    STRENGTH_FIELD_NUMBER: _ClassVar[int]
    ROUTE_CODE_FIELD_NUMBER: _ClassVar[int]
    code: str
    inn: str
    brand: str
    registration_number: str
    ingredient_code: str
    strength: str
    route_code: str
    def __init__(self, code: _Optional[str] = ..., inn: _Optional[str] = ..., brand: _Optional[str] = ..., registration_number: _Optional[str] = ..., ingredient_code: _Optional[str] = ..., strength: _Optional[str] = ..., route_code: _Optional[str] = ...) -> None: ...

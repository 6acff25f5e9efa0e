from buf.validate import validate_pb2 as _validate_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Drug(_message.Message):
    __slots__ = ("name", "registration_number", "inn", "brand", "ingredient_code", "strength", "route_code", "dosage_form", "unit", "manufacturer", "control", "prescription_only")
    class Control(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        CONTROL_UNSPECIFIED: _ClassVar[Drug.Control]
        CONTROL_NONE: _ClassVar[Drug.Control]
        CONTROL_NARCOTIC: _ClassVar[Drug.Control]
        CONTROL_PSYCHOTROPIC: _ClassVar[Drug.Control]
        CONTROL_PRECURSOR: _ClassVar[Drug.Control]
        CONTROL_TOXIC: _ClassVar[Drug.Control]
        CONTROL_BANNED: _ClassVar[Drug.Control]
        CONTROL_RADIOACTIVE: _ClassVar[Drug.Control]
    CONTROL_UNSPECIFIED: Drug.Control
    CONTROL_NONE: Drug.Control
    CONTROL_NARCOTIC: Drug.Control
    CONTROL_PSYCHOTROPIC: Drug.Control
    CONTROL_PRECURSOR: Drug.Control
    CONTROL_TOXIC: Drug.Control
    CONTROL_BANNED: Drug.Control
    CONTROL_RADIOACTIVE: Drug.Control
    NAME_FIELD_NUMBER: _ClassVar[int]
    REGISTRATION_NUMBER_FIELD_NUMBER: _ClassVar[int]
    INN_FIELD_NUMBER: _ClassVar[int]
    BRAND_FIELD_NUMBER: _ClassVar[int]
    INGREDIENT_CODE_FIELD_NUMBER: _ClassVar[int]
    STRENGTH_FIELD_NUMBER: _ClassVar[int]
    ROUTE_CODE_FIELD_NUMBER: _ClassVar[int]
    DOSAGE_FORM_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    MANUFACTURER_FIELD_NUMBER: _ClassVar[int]
    CONTROL_FIELD_NUMBER: _ClassVar[int]
    PRESCRIPTION_ONLY_FIELD_NUMBER: _ClassVar[int]
    name: str
    registration_number: str
    inn: str
    brand: str
    ingredient_code: str
    strength: str
    route_code: str
    dosage_form: str
    unit: str
    manufacturer: str
    control: Drug.Control
    prescription_only: bool
    def __init__(self, name: _Optional[str] = ..., registration_number: _Optional[str] = ..., inn: _Optional[str] = ..., brand: _Optional[str] = ..., ingredient_code: _Optional[str] = ..., strength: _Optional[str] = ..., route_code: _Optional[str] = ..., dosage_form: _Optional[str] = ..., unit: _Optional[str] = ..., manufacturer: _Optional[str] = ..., control: _Optional[_Union[Drug.Control, str]] = ..., prescription_only: _Optional[bool] = ...) -> None: ...

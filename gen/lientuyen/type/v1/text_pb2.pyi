from google.protobuf import descriptor_pb2 as _descriptor_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class PersonNumbers(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PERSON_NUMBERS_UNSPECIFIED: _ClassVar[PersonNumbers]
    PERSON_NUMBERS_STRUCK_OUT: _ClassVar[PersonNumbers]
    PERSON_NUMBERS_REFUSED: _ClassVar[PersonNumbers]
PERSON_NUMBERS_UNSPECIFIED: PersonNumbers
PERSON_NUMBERS_STRUCK_OUT: PersonNumbers
PERSON_NUMBERS_REFUSED: PersonNumbers
SEVERAL_LINES_FIELD_NUMBER: _ClassVar[int]
several_lines: _descriptor.FieldDescriptor
PERSON_NUMBERS_FIELD_NUMBER: _ClassVar[int]
person_numbers: _descriptor.FieldDescriptor
ROW_BY_ROW_FIELD_NUMBER: _ClassVar[int]
row_by_row: _descriptor.FieldDescriptor

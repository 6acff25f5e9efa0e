from buf.validate import validate_pb2 as _validate_pb2
from lientuyen.records.v1 import finding_pb2 as _finding_pb2
from lientuyen.records.v1 import immunization_pb2 as _immunization_pb2
from lientuyen.type.v1 import access_pb2 as _access_pb2
from lientuyen.type.v1 import date_pb2 as _date_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RecordImmunizationRequest(_message.Message):
    __slots__ = ("request_id", "immunization", "replaces", "shown")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    IMMUNIZATION_FIELD_NUMBER: _ClassVar[int]
    REPLACES_FIELD_NUMBER: _ClassVar[int]
    SHOWN_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    immunization: _immunization_pb2.Immunization
    replaces: str
    shown: ShownPerson
    def __init__(self, request_id: _Optional[str] = ..., immunization: _Optional[_Union[_immunization_pb2.Immunization, _Mapping]] = ..., replaces: _Optional[str] = ..., shown: _Optional[_Union[ShownPerson, _Mapping]] = ...) -> None: ...

class ShownPerson(_message.Message):
    __slots__ = ("personal_id", "social_insurance_number", "card_number", "full_name", "birth_date")
    PERSONAL_ID_FIELD_NUMBER: _ClassVar[int]
    SOCIAL_INSURANCE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    CARD_NUMBER_FIELD_NUMBER: _ClassVar[int]
    FULL_NAME_FIELD_NUMBER: _ClassVar[int]
    BIRTH_DATE_FIELD_NUMBER: _ClassVar[int]
    personal_id: str
    social_insurance_number: str
    card_number: str
    full_name: str
    birth_date: _date_pb2.Date
    def __init__(self, personal_id: _Optional[str] = ..., social_insurance_number: _Optional[str] = ..., card_number: _Optional[str] = ..., full_name: _Optional[str] = ..., birth_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ...) -> None: ...

class RecordImmunizationResponse(_message.Message):
    __slots__ = ("immunization", "warnings", "unchanged")
    IMMUNIZATION_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    UNCHANGED_FIELD_NUMBER: _ClassVar[int]
    immunization: _immunization_pb2.Immunization
    warnings: _containers.RepeatedCompositeFieldContainer[_finding_pb2.Finding]
    unchanged: bool
    def __init__(self, immunization: _Optional[_Union[_immunization_pb2.Immunization, _Mapping]] = ..., warnings: _Optional[_Iterable[_Union[_finding_pb2.Finding, _Mapping]]] = ..., unchanged: _Optional[bool] = ...) -> None: ...

class ListImmunizationsRequest(_message.Message):
    __slots__ = ("person", "page_size", "page_token", "access")
    PERSON_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    person: str
    page_size: int
    page_token: str
    access: _access_pb2.AccessContext
    def __init__(self, person: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ...) -> None: ...

class ListImmunizationsResponse(_message.Message):
    __slots__ = ("immunizations", "next_page_token", "own_records_only", "unreachable")
    IMMUNIZATIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    OWN_RECORDS_ONLY_FIELD_NUMBER: _ClassVar[int]
    UNREACHABLE_FIELD_NUMBER: _ClassVar[int]
    immunizations: _containers.RepeatedCompositeFieldContainer[_immunization_pb2.Immunization]
    next_page_token: str
    own_records_only: bool
    unreachable: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, immunizations: _Optional[_Iterable[_Union[_immunization_pb2.Immunization, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., own_records_only: _Optional[bool] = ..., unreachable: _Optional[_Iterable[str]] = ...) -> None: ...

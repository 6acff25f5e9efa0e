from buf.validate import validate_pb2 as _validate_pb2
from lientuyen.identity.v1 import import_pb2 as _import_pb2
from lientuyen.identity.v1 import practitioner_pb2 as _practitioner_pb2
from lientuyen.type.v1 import date_pb2 as _date_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from lientuyen.type.v1 import text_pb2 as _text_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetPractitionerRequest(_message.Message):
    __slots__ = ("name", "licence_number")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LICENCE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    name: str
    licence_number: str
    def __init__(self, name: _Optional[str] = ..., licence_number: _Optional[str] = ...) -> None: ...

class GetPractitionerResponse(_message.Message):
    __slots__ = ("practitioner",)
    PRACTITIONER_FIELD_NUMBER: _ClassVar[int]
    practitioner: _practitioner_pb2.Practitioner
    def __init__(self, practitioner: _Optional[_Union[_practitioner_pb2.Practitioner, _Mapping]] = ...) -> None: ...

class CheckLicenceRequest(_message.Message):
    __slots__ = ("licence_number", "facility", "day")
    LICENCE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    DAY_FIELD_NUMBER: _ClassVar[int]
    licence_number: str
    facility: str
    day: _date_pb2.Date
    def __init__(self, licence_number: _Optional[str] = ..., facility: _Optional[str] = ..., day: _Optional[_Union[_date_pb2.Date, _Mapping]] = ...) -> None: ...

class CheckLicenceResponse(_message.Message):
    __slots__ = ("may_practise", "standing", "practitioner", "scope", "message_vi")
    class Standing(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STANDING_UNSPECIFIED: _ClassVar[CheckLicenceResponse.Standing]
        STANDING_REGISTERED: _ClassVar[CheckLicenceResponse.Standing]
        STANDING_LENT: _ClassVar[CheckLicenceResponse.Standing]
        STANDING_UNKNOWN: _ClassVar[CheckLicenceResponse.Standing]
        STANDING_NOT_YET: _ClassVar[CheckLicenceResponse.Standing]
        STANDING_ENDED: _ClassVar[CheckLicenceResponse.Standing]
        STANDING_SUSPENDED: _ClassVar[CheckLicenceResponse.Standing]
        STANDING_REVOKED: _ClassVar[CheckLicenceResponse.Standing]
        STANDING_ELSEWHERE: _ClassVar[CheckLicenceResponse.Standing]
    STANDING_UNSPECIFIED: CheckLicenceResponse.Standing
    STANDING_REGISTERED: CheckLicenceResponse.Standing
    STANDING_LENT: CheckLicenceResponse.Standing
    STANDING_UNKNOWN: CheckLicenceResponse.Standing
    STANDING_NOT_YET: CheckLicenceResponse.Standing
    STANDING_ENDED: CheckLicenceResponse.Standing
    STANDING_SUSPENDED: CheckLicenceResponse.Standing
    STANDING_REVOKED: CheckLicenceResponse.Standing
    STANDING_ELSEWHERE: CheckLicenceResponse.Standing
    MAY_PRACTISE_FIELD_NUMBER: _ClassVar[int]
    STANDING_FIELD_NUMBER: _ClassVar[int]
    PRACTITIONER_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_VI_FIELD_NUMBER: _ClassVar[int]
    may_practise: bool
    standing: CheckLicenceResponse.Standing
    practitioner: str
    scope: str
    message_vi: str
    def __init__(self, may_practise: _Optional[bool] = ..., standing: _Optional[_Union[CheckLicenceResponse.Standing, str]] = ..., practitioner: _Optional[str] = ..., scope: _Optional[str] = ..., message_vi: _Optional[str] = ...) -> None: ...

class ListPractitionersRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "facility", "day")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    DAY_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    facility: str
    day: _date_pb2.Date
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., facility: _Optional[str] = ..., day: _Optional[_Union[_date_pb2.Date, _Mapping]] = ...) -> None: ...

class ListPractitionersResponse(_message.Message):
    __slots__ = ("practitioners", "next_page_token")
    PRACTITIONERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    practitioners: _containers.RepeatedCompositeFieldContainer[_practitioner_pb2.Practitioner]
    next_page_token: str
    def __init__(self, practitioners: _Optional[_Iterable[_Union[_practitioner_pb2.Practitioner, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ImportPractitionersRequest(_message.Message):
    __slots__ = ("request_id", "first_row", "rows")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    FIRST_ROW_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    first_row: int
    rows: _containers.RepeatedCompositeFieldContainer[PractitionerRow]
    def __init__(self, request_id: _Optional[str] = ..., first_row: _Optional[int] = ..., rows: _Optional[_Iterable[_Union[PractitionerRow, _Mapping]]] = ...) -> None: ...

class PractitionerRow(_message.Message):
    __slots__ = ("licence_number", "full_name", "title", "scope", "valid_from", "valid_to", "state", "facility_code", "lendings")
    LICENCE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    FULL_NAME_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_FIELD_NUMBER: _ClassVar[int]
    VALID_TO_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    FACILITY_CODE_FIELD_NUMBER: _ClassVar[int]
    LENDINGS_FIELD_NUMBER: _ClassVar[int]
    licence_number: str
    full_name: str
    title: str
    scope: str
    valid_from: _date_pb2.Date
    valid_to: _date_pb2.Date
    state: _practitioner_pb2.Practitioner.State
    facility_code: str
    lendings: _containers.RepeatedCompositeFieldContainer[LendingRow]
    def __init__(self, licence_number: _Optional[str] = ..., full_name: _Optional[str] = ..., title: _Optional[str] = ..., scope: _Optional[str] = ..., valid_from: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., valid_to: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., state: _Optional[_Union[_practitioner_pb2.Practitioner.State, str]] = ..., facility_code: _Optional[str] = ..., lendings: _Optional[_Iterable[_Union[LendingRow, _Mapping]]] = ...) -> None: ...

class LendingRow(_message.Message):
    __slots__ = ("facility_code", "valid_from", "valid_to")
    FACILITY_CODE_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_FIELD_NUMBER: _ClassVar[int]
    VALID_TO_FIELD_NUMBER: _ClassVar[int]
    facility_code: str
    valid_from: _date_pb2.Date
    valid_to: _date_pb2.Date
    def __init__(self, facility_code: _Optional[str] = ..., valid_from: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., valid_to: _Optional[_Union[_date_pb2.Date, _Mapping]] = ...) -> None: ...

class ImportPractitionersResponse(_message.Message):
    __slots__ = ("progress",)
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    progress: _import_pb2.ImportProgress
    def __init__(self, progress: _Optional[_Union[_import_pb2.ImportProgress, _Mapping]] = ...) -> None: ...

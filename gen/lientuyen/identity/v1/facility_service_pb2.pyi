from buf.validate import validate_pb2 as _validate_pb2
from lientuyen.identity.v1 import facility_pb2 as _facility_pb2
from lientuyen.identity.v1 import import_pb2 as _import_pb2
from lientuyen.type.v1 import date_pb2 as _date_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from lientuyen.type.v1 import text_pb2 as _text_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetFacilityRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetFacilityResponse(_message.Message):
    __slots__ = ("facility",)
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    facility: _facility_pb2.Facility
    def __init__(self, facility: _Optional[_Union[_facility_pb2.Facility, _Mapping]] = ...) -> None: ...

class ListFacilitiesRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "kind", "code_prefix", "node", "show_closed")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    CODE_PREFIX_FIELD_NUMBER: _ClassVar[int]
    NODE_FIELD_NUMBER: _ClassVar[int]
    SHOW_CLOSED_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    kind: _facility_pb2.Facility.Kind
    code_prefix: str
    node: str
    show_closed: bool
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., kind: _Optional[_Union[_facility_pb2.Facility.Kind, str]] = ..., code_prefix: _Optional[str] = ..., node: _Optional[str] = ..., show_closed: _Optional[bool] = ...) -> None: ...

class ListFacilitiesResponse(_message.Message):
    __slots__ = ("facilities", "next_page_token")
    FACILITIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    facilities: _containers.RepeatedCompositeFieldContainer[_facility_pb2.Facility]
    next_page_token: str
    def __init__(self, facilities: _Optional[_Iterable[_Union[_facility_pb2.Facility, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ImportFacilitiesRequest(_message.Message):
    __slots__ = ("request_id", "first_row", "rows")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    FIRST_ROW_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    first_row: int
    rows: _containers.RepeatedCompositeFieldContainer[FacilityRow]
    def __init__(self, request_id: _Optional[str] = ..., first_row: _Optional[int] = ..., rows: _Optional[_Iterable[_Union[FacilityRow, _Mapping]]] = ...) -> None: ...

class FacilityRow(_message.Message):
    __slots__ = ("code", "gln", "display_name", "kind", "level", "points", "node", "former_line", "state", "address_line", "commune_code", "province_code", "open_date", "close_date", "certificates", "mailbox_policy", "initial_care", "provisionally_ranked", "unsigned_until", "laboratory_recognitions")
    CODE_FIELD_NUMBER: _ClassVar[int]
    GLN_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    NODE_FIELD_NUMBER: _ClassVar[int]
    FORMER_LINE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_LINE_FIELD_NUMBER: _ClassVar[int]
    COMMUNE_CODE_FIELD_NUMBER: _ClassVar[int]
    PROVINCE_CODE_FIELD_NUMBER: _ClassVar[int]
    OPEN_DATE_FIELD_NUMBER: _ClassVar[int]
    CLOSE_DATE_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATES_FIELD_NUMBER: _ClassVar[int]
    MAILBOX_POLICY_FIELD_NUMBER: _ClassVar[int]
    INITIAL_CARE_FIELD_NUMBER: _ClassVar[int]
    PROVISIONALLY_RANKED_FIELD_NUMBER: _ClassVar[int]
    UNSIGNED_UNTIL_FIELD_NUMBER: _ClassVar[int]
    LABORATORY_RECOGNITIONS_FIELD_NUMBER: _ClassVar[int]
    code: str
    gln: str
    display_name: str
    kind: _facility_pb2.Facility.Kind
    level: _facility_pb2.Facility.Level
    points: int
    node: str
    former_line: _facility_pb2.Facility.FormerLine
    state: _facility_pb2.Facility.State
    address_line: str
    commune_code: str
    province_code: str
    open_date: _date_pb2.Date
    close_date: _date_pb2.Date
    certificates: _containers.RepeatedCompositeFieldContainer[_facility_pb2.FacilityCertificate]
    mailbox_policy: _facility_pb2.MailboxPolicy
    initial_care: _facility_pb2.Facility.InitialCare
    provisionally_ranked: bool
    unsigned_until: _date_pb2.Date
    laboratory_recognitions: _containers.RepeatedCompositeFieldContainer[_facility_pb2.LaboratoryRecognition]
    def __init__(self, code: _Optional[str] = ..., gln: _Optional[str] = ..., display_name: _Optional[str] = ..., kind: _Optional[_Union[_facility_pb2.Facility.Kind, str]] = ..., level: _Optional[_Union[_facility_pb2.Facility.Level, str]] = ..., points: _Optional[int] = ..., node: _Optional[str] = ..., former_line: _Optional[_Union[_facility_pb2.Facility.FormerLine, str]] = ..., state: _Optional[_Union[_facility_pb2.Facility.State, str]] = ..., address_line: _Optional[str] = ..., commune_code: _Optional[str] = ..., province_code: _Optional[str] = ..., open_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., close_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., certificates: _Optional[_Iterable[_Union[_facility_pb2.FacilityCertificate, _Mapping]]] = ..., mailbox_policy: _Optional[_Union[_facility_pb2.MailboxPolicy, _Mapping]] = ..., initial_care: _Optional[_Union[_facility_pb2.Facility.InitialCare, str]] = ..., provisionally_ranked: _Optional[bool] = ..., unsigned_until: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., laboratory_recognitions: _Optional[_Iterable[_Union[_facility_pb2.LaboratoryRecognition, _Mapping]]] = ...) -> None: ...

class ImportFacilitiesResponse(_message.Message):
    __slots__ = ("progress",)
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    progress: _import_pb2.ImportProgress
    def __init__(self, progress: _Optional[_Union[_import_pb2.ImportProgress, _Mapping]] = ...) -> None: ...

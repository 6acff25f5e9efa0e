import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from lientuyen.records.v1 import finding_pb2 as _finding_pb2
from lientuyen.type.v1 import coding_pb2 as _coding_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Dossier(_message.Message):
    __slots__ = ("name", "facility", "link_key", "version", "state", "person", "form_of_care", "arrival_time", "discharge_time", "receive_time", "sha256", "size_bytes", "signature_verified", "tables", "warnings", "supersedes", "superseded_by", "etag", "slips")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Dossier.State]
        STATE_ACCEPTED: _ClassVar[Dossier.State]
        STATE_SUPERSEDED: _ClassVar[Dossier.State]
        STATE_WITHDRAWN: _ClassVar[Dossier.State]
    STATE_UNSPECIFIED: Dossier.State
    STATE_ACCEPTED: Dossier.State
    STATE_SUPERSEDED: Dossier.State
    STATE_WITHDRAWN: Dossier.State
    NAME_FIELD_NUMBER: _ClassVar[int]
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    LINK_KEY_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    FORM_OF_CARE_FIELD_NUMBER: _ClassVar[int]
    ARRIVAL_TIME_FIELD_NUMBER: _ClassVar[int]
    DISCHARGE_TIME_FIELD_NUMBER: _ClassVar[int]
    RECEIVE_TIME_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_VERIFIED_FIELD_NUMBER: _ClassVar[int]
    TABLES_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    SUPERSEDES_FIELD_NUMBER: _ClassVar[int]
    SUPERSEDED_BY_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    SLIPS_FIELD_NUMBER: _ClassVar[int]
    name: str
    facility: str
    link_key: str
    version: int
    state: Dossier.State
    person: str
    form_of_care: _coding_pb2.Coding
    arrival_time: _timestamp_pb2.Timestamp
    discharge_time: _timestamp_pb2.Timestamp
    receive_time: _timestamp_pb2.Timestamp
    sha256: str
    size_bytes: int
    signature_verified: bool
    tables: _containers.RepeatedCompositeFieldContainer[TableCount]
    warnings: _containers.RepeatedCompositeFieldContainer[_finding_pb2.Finding]
    supersedes: str
    superseded_by: str
    etag: str
    slips: _containers.RepeatedCompositeFieldContainer[DossierSlip]
    def __init__(self, name: _Optional[str] = ..., facility: _Optional[str] = ..., link_key: _Optional[str] = ..., version: _Optional[int] = ..., state: _Optional[_Union[Dossier.State, str]] = ..., person: _Optional[str] = ..., form_of_care: _Optional[_Union[_coding_pb2.Coding, _Mapping]] = ..., arrival_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., discharge_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., receive_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., sha256: _Optional[str] = ..., size_bytes: _Optional[int] = ..., signature_verified: _Optional[bool] = ..., tables: _Optional[_Iterable[_Union[TableCount, _Mapping]]] = ..., warnings: _Optional[_Iterable[_Union[_finding_pb2.Finding, _Mapping]]] = ..., supersedes: _Optional[str] = ..., superseded_by: _Optional[str] = ..., etag: _Optional[str] = ..., slips: _Optional[_Iterable[_Union[DossierSlip, _Mapping]]] = ...) -> None: ...

class DossierSlip(_message.Message):
    __slots__ = ("name", "table", "state", "resource", "replaces", "finding", "update_time", "signed_by_practitioner", "signed_by_facility")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[DossierSlip.State]
        STATE_PENDING: _ClassVar[DossierSlip.State]
        STATE_ISSUED: _ClassVar[DossierSlip.State]
        STATE_UNCHANGED: _ClassVar[DossierSlip.State]
        STATE_REPLACED: _ClassVar[DossierSlip.State]
        STATE_CANCELLED: _ClassVar[DossierSlip.State]
        STATE_NOT_SENT: _ClassVar[DossierSlip.State]
    STATE_UNSPECIFIED: DossierSlip.State
    STATE_PENDING: DossierSlip.State
    STATE_ISSUED: DossierSlip.State
    STATE_UNCHANGED: DossierSlip.State
    STATE_REPLACED: DossierSlip.State
    STATE_CANCELLED: DossierSlip.State
    STATE_NOT_SENT: DossierSlip.State
    NAME_FIELD_NUMBER: _ClassVar[int]
    TABLE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_FIELD_NUMBER: _ClassVar[int]
    REPLACES_FIELD_NUMBER: _ClassVar[int]
    FINDING_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    SIGNED_BY_PRACTITIONER_FIELD_NUMBER: _ClassVar[int]
    SIGNED_BY_FACILITY_FIELD_NUMBER: _ClassVar[int]
    name: str
    table: str
    state: DossierSlip.State
    resource: str
    replaces: str
    finding: _finding_pb2.Finding
    update_time: _timestamp_pb2.Timestamp
    signed_by_practitioner: bool
    signed_by_facility: bool
    def __init__(self, name: _Optional[str] = ..., table: _Optional[str] = ..., state: _Optional[_Union[DossierSlip.State, str]] = ..., resource: _Optional[str] = ..., replaces: _Optional[str] = ..., finding: _Optional[_Union[_finding_pb2.Finding, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., signed_by_practitioner: _Optional[bool] = ..., signed_by_facility: _Optional[bool] = ...) -> None: ...

class TableCount(_message.Message):
    __slots__ = ("table", "rows")
    TABLE_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    table: str
    rows: int
    def __init__(self, table: _Optional[str] = ..., rows: _Optional[int] = ...) -> None: ...

class DossierReceipt(_message.Message):
    __slots__ = ("dossier", "receive_time", "sha256", "version")
    DOSSIER_FIELD_NUMBER: _ClassVar[int]
    RECEIVE_TIME_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    dossier: str
    receive_time: _timestamp_pb2.Timestamp
    sha256: str
    version: int
    def __init__(self, dossier: _Optional[str] = ..., receive_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., sha256: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class CheckIn(_message.Message):
    __slots__ = ("name", "facility", "person", "link_key", "form_of_care", "care_category", "arrival_time", "receive_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    LINK_KEY_FIELD_NUMBER: _ClassVar[int]
    FORM_OF_CARE_FIELD_NUMBER: _ClassVar[int]
    CARE_CATEGORY_FIELD_NUMBER: _ClassVar[int]
    ARRIVAL_TIME_FIELD_NUMBER: _ClassVar[int]
    RECEIVE_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    facility: str
    person: str
    link_key: str
    form_of_care: _coding_pb2.Coding
    care_category: _coding_pb2.Coding
    arrival_time: _timestamp_pb2.Timestamp
    receive_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., facility: _Optional[str] = ..., person: _Optional[str] = ..., link_key: _Optional[str] = ..., form_of_care: _Optional[_Union[_coding_pb2.Coding, _Mapping]] = ..., care_category: _Optional[_Union[_coding_pb2.Coding, _Mapping]] = ..., arrival_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., receive_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

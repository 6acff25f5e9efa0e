import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from lientuyen.records.v1 import dossier_pb2 as _dossier_pb2
from lientuyen.records.v1 import finding_pb2 as _finding_pb2
from lientuyen.type.v1 import access_pb2 as _access_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from lientuyen.type.v1 import text_pb2 as _text_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ValidateDossierRequest(_message.Message):
    __slots__ = ("content",)
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    content: bytes
    def __init__(self, content: _Optional[bytes] = ...) -> None: ...

class ValidateDossierResponse(_message.Message):
    __slots__ = ("accepted", "findings")
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    accepted: bool
    findings: _containers.RepeatedCompositeFieldContainer[_finding_pb2.Finding]
    def __init__(self, accepted: _Optional[bool] = ..., findings: _Optional[_Iterable[_Union[_finding_pb2.Finding, _Mapping]]] = ...) -> None: ...

class SubmitDossierRequest(_message.Message):
    __slots__ = ("request_id", "content", "replaces_version")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    REPLACES_VERSION_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    content: bytes
    replaces_version: int
    def __init__(self, request_id: _Optional[str] = ..., content: _Optional[bytes] = ..., replaces_version: _Optional[int] = ...) -> None: ...

class SubmitDossierResponse(_message.Message):
    __slots__ = ("dossier", "receipt", "warnings", "unchanged")
    DOSSIER_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    UNCHANGED_FIELD_NUMBER: _ClassVar[int]
    dossier: _dossier_pb2.Dossier
    receipt: _dossier_pb2.DossierReceipt
    warnings: _containers.RepeatedCompositeFieldContainer[_finding_pb2.Finding]
    unchanged: bool
    def __init__(self, dossier: _Optional[_Union[_dossier_pb2.Dossier, _Mapping]] = ..., receipt: _Optional[_Union[_dossier_pb2.DossierReceipt, _Mapping]] = ..., warnings: _Optional[_Iterable[_Union[_finding_pb2.Finding, _Mapping]]] = ..., unchanged: _Optional[bool] = ...) -> None: ...

class SubmitDossiersRequest(_message.Message):
    __slots__ = ("request_id", "content", "replaces_version")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    REPLACES_VERSION_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    content: bytes
    replaces_version: int
    def __init__(self, request_id: _Optional[str] = ..., content: _Optional[bytes] = ..., replaces_version: _Optional[int] = ...) -> None: ...

class SubmitDossiersResponse(_message.Message):
    __slots__ = ("request_id", "accepted", "refusal")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    accepted: SubmitDossierResponse
    refusal: DossierRefusal
    def __init__(self, request_id: _Optional[str] = ..., accepted: _Optional[_Union[SubmitDossierResponse, _Mapping]] = ..., refusal: _Optional[_Union[DossierRefusal, _Mapping]] = ...) -> None: ...

class DossierRefusal(_message.Message):
    __slots__ = ("code", "reason", "domain", "message_vi", "message_en", "findings", "metadata")
    class MetadataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    CODE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_VI_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_EN_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    code: int
    reason: str
    domain: str
    message_vi: str
    message_en: str
    findings: _containers.RepeatedCompositeFieldContainer[_finding_pb2.Finding]
    metadata: _containers.ScalarMap[str, str]
    def __init__(self, code: _Optional[int] = ..., reason: _Optional[str] = ..., domain: _Optional[str] = ..., message_vi: _Optional[str] = ..., message_en: _Optional[str] = ..., findings: _Optional[_Iterable[_Union[_finding_pb2.Finding, _Mapping]]] = ..., metadata: _Optional[_Mapping[str, str]] = ...) -> None: ...

class SubmitCheckInRequest(_message.Message):
    __slots__ = ("request_id", "content")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    content: bytes
    def __init__(self, request_id: _Optional[str] = ..., content: _Optional[bytes] = ...) -> None: ...

class SubmitCheckInResponse(_message.Message):
    __slots__ = ("check_ins", "warnings", "sha256")
    CHECK_INS_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    check_ins: _containers.RepeatedCompositeFieldContainer[_dossier_pb2.CheckIn]
    warnings: _containers.RepeatedCompositeFieldContainer[_finding_pb2.Finding]
    sha256: str
    def __init__(self, check_ins: _Optional[_Iterable[_Union[_dossier_pb2.CheckIn, _Mapping]]] = ..., warnings: _Optional[_Iterable[_Union[_finding_pb2.Finding, _Mapping]]] = ..., sha256: _Optional[str] = ...) -> None: ...

class GetDossierRequest(_message.Message):
    __slots__ = ("name", "access")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    name: str
    access: _access_pb2.AccessContext
    def __init__(self, name: _Optional[str] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ...) -> None: ...

class GetDossierResponse(_message.Message):
    __slots__ = ("dossier",)
    DOSSIER_FIELD_NUMBER: _ClassVar[int]
    dossier: _dossier_pb2.Dossier
    def __init__(self, dossier: _Optional[_Union[_dossier_pb2.Dossier, _Mapping]] = ...) -> None: ...

class ListDossiersRequest(_message.Message):
    __slots__ = ("facility", "link_key", "received_since", "page_size", "page_token", "access")
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    LINK_KEY_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_SINCE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    facility: str
    link_key: str
    received_since: _timestamp_pb2.Timestamp
    page_size: int
    page_token: str
    access: _access_pb2.AccessContext
    def __init__(self, facility: _Optional[str] = ..., link_key: _Optional[str] = ..., received_since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ...) -> None: ...

class ListDossiersResponse(_message.Message):
    __slots__ = ("dossiers", "next_page_token")
    DOSSIERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    dossiers: _containers.RepeatedCompositeFieldContainer[_dossier_pb2.Dossier]
    next_page_token: str
    def __init__(self, dossiers: _Optional[_Iterable[_Union[_dossier_pb2.Dossier, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetOriginalRequest(_message.Message):
    __slots__ = ("name", "access")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    name: str
    access: _access_pb2.AccessContext
    def __init__(self, name: _Optional[str] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ...) -> None: ...

class GetOriginalResponse(_message.Message):
    __slots__ = ("chunk", "sha256", "size_bytes")
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    chunk: bytes
    sha256: str
    size_bytes: int
    def __init__(self, chunk: _Optional[bytes] = ..., sha256: _Optional[str] = ..., size_bytes: _Optional[int] = ...) -> None: ...

class WithdrawDossierRequest(_message.Message):
    __slots__ = ("request_id", "name", "etag", "reason")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    name: str
    etag: str
    reason: str
    def __init__(self, request_id: _Optional[str] = ..., name: _Optional[str] = ..., etag: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class WithdrawDossierResponse(_message.Message):
    __slots__ = ("dossier",)
    DOSSIER_FIELD_NUMBER: _ClassVar[int]
    dossier: _dossier_pb2.Dossier
    def __init__(self, dossier: _Optional[_Union[_dossier_pb2.Dossier, _Mapping]] = ...) -> None: ...

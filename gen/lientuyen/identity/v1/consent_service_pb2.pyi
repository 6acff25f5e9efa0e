from buf.validate import validate_pb2 as _validate_pb2
from lientuyen.identity.v1 import consent_pb2 as _consent_pb2
from lientuyen.identity.v1 import emergency_access_pb2 as _emergency_access_pb2
from lientuyen.type.v1 import access_pb2 as _access_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from lientuyen.type.v1 import text_pb2 as _text_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CreateConsentRequest(_message.Message):
    __slots__ = ("request_id", "parent", "consent")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PARENT_FIELD_NUMBER: _ClassVar[int]
    CONSENT_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    parent: str
    consent: _consent_pb2.Consent
    def __init__(self, request_id: _Optional[str] = ..., parent: _Optional[str] = ..., consent: _Optional[_Union[_consent_pb2.Consent, _Mapping]] = ...) -> None: ...

class CreateConsentResponse(_message.Message):
    __slots__ = ("consent",)
    CONSENT_FIELD_NUMBER: _ClassVar[int]
    consent: _consent_pb2.Consent
    def __init__(self, consent: _Optional[_Union[_consent_pb2.Consent, _Mapping]] = ...) -> None: ...

class WithdrawConsentRequest(_message.Message):
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

class WithdrawConsentResponse(_message.Message):
    __slots__ = ("consent",)
    CONSENT_FIELD_NUMBER: _ClassVar[int]
    consent: _consent_pb2.Consent
    def __init__(self, consent: _Optional[_Union[_consent_pb2.Consent, _Mapping]] = ...) -> None: ...

class ListConsentsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "active_only", "access")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_ONLY_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    active_only: bool
    access: _access_pb2.AccessContext
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., active_only: _Optional[bool] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ...) -> None: ...

class ListConsentsResponse(_message.Message):
    __slots__ = ("consents", "next_page_token")
    CONSENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    consents: _containers.RepeatedCompositeFieldContainer[_consent_pb2.Consent]
    next_page_token: str
    def __init__(self, consents: _Optional[_Iterable[_Union[_consent_pb2.Consent, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class AuthorizeRequest(_message.Message):
    __slots__ = ("facility", "person", "access", "data_classes", "requester", "own_record", "each_class")
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    DATA_CLASSES_FIELD_NUMBER: _ClassVar[int]
    REQUESTER_FIELD_NUMBER: _ClassVar[int]
    OWN_RECORD_FIELD_NUMBER: _ClassVar[int]
    EACH_CLASS_FIELD_NUMBER: _ClassVar[int]
    facility: str
    person: str
    access: _access_pb2.AccessContext
    data_classes: _containers.RepeatedScalarFieldContainer[_consent_pb2.DataClass]
    requester: str
    own_record: bool
    each_class: bool
    def __init__(self, facility: _Optional[str] = ..., person: _Optional[str] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ..., data_classes: _Optional[_Iterable[_Union[_consent_pb2.DataClass, str]]] = ..., requester: _Optional[str] = ..., own_record: _Optional[bool] = ..., each_class: _Optional[bool] = ...) -> None: ...

class AuthorizeResponse(_message.Message):
    __slots__ = ("decision",)
    DECISION_FIELD_NUMBER: _ClassVar[int]
    decision: _consent_pb2.Decision
    def __init__(self, decision: _Optional[_Union[_consent_pb2.Decision, _Mapping]] = ...) -> None: ...

class ListEmergencyAccessesRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "person", "facility", "state", "access")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    person: str
    facility: str
    state: _emergency_access_pb2.EmergencyAccess.State
    access: _access_pb2.AccessContext
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., person: _Optional[str] = ..., facility: _Optional[str] = ..., state: _Optional[_Union[_emergency_access_pb2.EmergencyAccess.State, str]] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ...) -> None: ...

class ListEmergencyAccessesResponse(_message.Message):
    __slots__ = ("emergency_accesses", "next_page_token")
    EMERGENCY_ACCESSES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    emergency_accesses: _containers.RepeatedCompositeFieldContainer[_emergency_access_pb2.EmergencyAccess]
    next_page_token: str
    def __init__(self, emergency_accesses: _Optional[_Iterable[_Union[_emergency_access_pb2.EmergencyAccess, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ReviewEmergencyAccessRequest(_message.Message):
    __slots__ = ("request_id", "name", "justified", "note", "etag")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    JUSTIFIED_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    name: str
    justified: bool
    note: str
    etag: str
    def __init__(self, request_id: _Optional[str] = ..., name: _Optional[str] = ..., justified: _Optional[bool] = ..., note: _Optional[str] = ..., etag: _Optional[str] = ...) -> None: ...

class ReviewEmergencyAccessResponse(_message.Message):
    __slots__ = ("emergency_access",)
    EMERGENCY_ACCESS_FIELD_NUMBER: _ClassVar[int]
    emergency_access: _emergency_access_pb2.EmergencyAccess
    def __init__(self, emergency_access: _Optional[_Union[_emergency_access_pb2.EmergencyAccess, _Mapping]] = ...) -> None: ...

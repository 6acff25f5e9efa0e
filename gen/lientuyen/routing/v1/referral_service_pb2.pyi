from buf.validate import validate_pb2 as _validate_pb2
from lientuyen.routing.v1 import referral_pb2 as _referral_pb2
from lientuyen.type.v1 import access_pb2 as _access_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from lientuyen.type.v1 import text_pb2 as _text_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CreateReferralRequest(_message.Message):
    __slots__ = ("request_id", "referral", "slip", "slip_media_type")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    REFERRAL_FIELD_NUMBER: _ClassVar[int]
    SLIP_FIELD_NUMBER: _ClassVar[int]
    SLIP_MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    referral: _referral_pb2.Referral
    slip: bytes
    slip_media_type: str
    def __init__(self, request_id: _Optional[str] = ..., referral: _Optional[_Union[_referral_pb2.Referral, _Mapping]] = ..., slip: _Optional[bytes] = ..., slip_media_type: _Optional[str] = ...) -> None: ...

class CreateReferralResponse(_message.Message):
    __slots__ = ("referral",)
    REFERRAL_FIELD_NUMBER: _ClassVar[int]
    referral: _referral_pb2.Referral
    def __init__(self, referral: _Optional[_Union[_referral_pb2.Referral, _Mapping]] = ...) -> None: ...

class ValidateReferralRequest(_message.Message):
    __slots__ = ("referral", "slip_sha256")
    REFERRAL_FIELD_NUMBER: _ClassVar[int]
    SLIP_SHA256_FIELD_NUMBER: _ClassVar[int]
    referral: _referral_pb2.Referral
    slip_sha256: bytes
    def __init__(self, referral: _Optional[_Union[_referral_pb2.Referral, _Mapping]] = ..., slip_sha256: _Optional[bytes] = ...) -> None: ...

class ValidateReferralResponse(_message.Message):
    __slots__ = ("replaces", "ended", "step")
    REPLACES_FIELD_NUMBER: _ClassVar[int]
    ENDED_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    replaces: str
    ended: str
    step: _referral_pb2.Referral.Step
    def __init__(self, replaces: _Optional[str] = ..., ended: _Optional[str] = ..., step: _Optional[_Union[_referral_pb2.Referral.Step, str]] = ...) -> None: ...

class AcceptReferralRequest(_message.Message):
    __slots__ = ("request_id", "name")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    name: str
    def __init__(self, request_id: _Optional[str] = ..., name: _Optional[str] = ...) -> None: ...

class AcceptReferralResponse(_message.Message):
    __slots__ = ("referral",)
    REFERRAL_FIELD_NUMBER: _ClassVar[int]
    referral: _referral_pb2.Referral
    def __init__(self, referral: _Optional[_Union[_referral_pb2.Referral, _Mapping]] = ...) -> None: ...

class DeclineReferralRequest(_message.Message):
    __slots__ = ("request_id", "name", "reason")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    name: str
    reason: str
    def __init__(self, request_id: _Optional[str] = ..., name: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class DeclineReferralResponse(_message.Message):
    __slots__ = ("referral",)
    REFERRAL_FIELD_NUMBER: _ClassVar[int]
    referral: _referral_pb2.Referral
    def __init__(self, referral: _Optional[_Union[_referral_pb2.Referral, _Mapping]] = ...) -> None: ...

class UseReferralRequest(_message.Message):
    __slots__ = ("request_id", "name", "encounter", "slip_number", "sender", "recipient")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ENCOUNTER_FIELD_NUMBER: _ClassVar[int]
    SLIP_NUMBER_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    name: str
    encounter: str
    slip_number: str
    sender: str
    recipient: str
    def __init__(self, request_id: _Optional[str] = ..., name: _Optional[str] = ..., encounter: _Optional[str] = ..., slip_number: _Optional[str] = ..., sender: _Optional[str] = ..., recipient: _Optional[str] = ...) -> None: ...

class UseReferralResponse(_message.Message):
    __slots__ = ("referral",)
    REFERRAL_FIELD_NUMBER: _ClassVar[int]
    referral: _referral_pb2.Referral
    def __init__(self, referral: _Optional[_Union[_referral_pb2.Referral, _Mapping]] = ...) -> None: ...

class CompleteReferralRequest(_message.Message):
    __slots__ = ("request_id", "name", "outcome", "report", "report_media_type")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    REPORT_FIELD_NUMBER: _ClassVar[int]
    REPORT_MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    name: str
    outcome: _referral_pb2.ReferralOutcome
    report: bytes
    report_media_type: str
    def __init__(self, request_id: _Optional[str] = ..., name: _Optional[str] = ..., outcome: _Optional[_Union[_referral_pb2.ReferralOutcome, _Mapping]] = ..., report: _Optional[bytes] = ..., report_media_type: _Optional[str] = ...) -> None: ...

class CompleteReferralResponse(_message.Message):
    __slots__ = ("referral",)
    REFERRAL_FIELD_NUMBER: _ClassVar[int]
    referral: _referral_pb2.Referral
    def __init__(self, referral: _Optional[_Union[_referral_pb2.Referral, _Mapping]] = ...) -> None: ...

class CancelReferralRequest(_message.Message):
    __slots__ = ("request_id", "name", "reason", "source_slip", "sender")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SOURCE_SLIP_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    name: str
    reason: str
    source_slip: str
    sender: str
    def __init__(self, request_id: _Optional[str] = ..., name: _Optional[str] = ..., reason: _Optional[str] = ..., source_slip: _Optional[str] = ..., sender: _Optional[str] = ...) -> None: ...

class CancelReferralResponse(_message.Message):
    __slots__ = ("referral",)
    REFERRAL_FIELD_NUMBER: _ClassVar[int]
    referral: _referral_pb2.Referral
    def __init__(self, referral: _Optional[_Union[_referral_pb2.Referral, _Mapping]] = ...) -> None: ...

class GetReferralRequest(_message.Message):
    __slots__ = ("name", "access")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    name: str
    access: _access_pb2.AccessContext
    def __init__(self, name: _Optional[str] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ...) -> None: ...

class GetReferralResponse(_message.Message):
    __slots__ = ("referral",)
    REFERRAL_FIELD_NUMBER: _ClassVar[int]
    referral: _referral_pb2.Referral
    def __init__(self, referral: _Optional[_Union[_referral_pb2.Referral, _Mapping]] = ...) -> None: ...

class ListReferralsRequest(_message.Message):
    __slots__ = ("person", "facility", "state", "page_size", "page_token", "access")
    PERSON_FIELD_NUMBER: _ClassVar[int]
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    person: str
    facility: str
    state: _referral_pb2.Referral.State
    page_size: int
    page_token: str
    access: _access_pb2.AccessContext
    def __init__(self, person: _Optional[str] = ..., facility: _Optional[str] = ..., state: _Optional[_Union[_referral_pb2.Referral.State, str]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ...) -> None: ...

class ListReferralsResponse(_message.Message):
    __slots__ = ("referrals", "next_page_token", "unreachable")
    REFERRALS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    UNREACHABLE_FIELD_NUMBER: _ClassVar[int]
    referrals: _containers.RepeatedCompositeFieldContainer[_referral_pb2.Referral]
    next_page_token: str
    unreachable: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, referrals: _Optional[_Iterable[_Union[_referral_pb2.Referral, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., unreachable: _Optional[_Iterable[str]] = ...) -> None: ...

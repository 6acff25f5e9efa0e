from buf.validate import validate_pb2 as _validate_pb2
from lientuyen.routing.v1 import consultation_pb2 as _consultation_pb2
from lientuyen.type.v1 import access_pb2 as _access_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from lientuyen.type.v1 import text_pb2 as _text_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RequestConsultationRequest(_message.Message):
    __slots__ = ("request_id", "consultation", "question", "question_media_type", "access")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CONSULTATION_FIELD_NUMBER: _ClassVar[int]
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    QUESTION_MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    consultation: _consultation_pb2.Consultation
    question: bytes
    question_media_type: str
    access: _access_pb2.AccessContext
    def __init__(self, request_id: _Optional[str] = ..., consultation: _Optional[_Union[_consultation_pb2.Consultation, _Mapping]] = ..., question: _Optional[bytes] = ..., question_media_type: _Optional[str] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ...) -> None: ...

class RequestConsultationResponse(_message.Message):
    __slots__ = ("consultation",)
    CONSULTATION_FIELD_NUMBER: _ClassVar[int]
    consultation: _consultation_pb2.Consultation
    def __init__(self, consultation: _Optional[_Union[_consultation_pb2.Consultation, _Mapping]] = ...) -> None: ...

class TakeConsultationRequest(_message.Message):
    __slots__ = ("request_id", "name", "practitioner")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PRACTITIONER_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    name: str
    practitioner: str
    def __init__(self, request_id: _Optional[str] = ..., name: _Optional[str] = ..., practitioner: _Optional[str] = ...) -> None: ...

class TakeConsultationResponse(_message.Message):
    __slots__ = ("consultation",)
    CONSULTATION_FIELD_NUMBER: _ClassVar[int]
    consultation: _consultation_pb2.Consultation
    def __init__(self, consultation: _Optional[_Union[_consultation_pb2.Consultation, _Mapping]] = ...) -> None: ...

class AnswerConsultationRequest(_message.Message):
    __slots__ = ("request_id", "name", "opinion", "opinion_media_type", "signature")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    OPINION_FIELD_NUMBER: _ClassVar[int]
    OPINION_MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    name: str
    opinion: bytes
    opinion_media_type: str
    signature: _consultation_pb2.OpinionSignature
    def __init__(self, request_id: _Optional[str] = ..., name: _Optional[str] = ..., opinion: _Optional[bytes] = ..., opinion_media_type: _Optional[str] = ..., signature: _Optional[_Union[_consultation_pb2.OpinionSignature, _Mapping]] = ...) -> None: ...

class AnswerConsultationResponse(_message.Message):
    __slots__ = ("consultation",)
    CONSULTATION_FIELD_NUMBER: _ClassVar[int]
    consultation: _consultation_pb2.Consultation
    def __init__(self, consultation: _Optional[_Union[_consultation_pb2.Consultation, _Mapping]] = ...) -> None: ...

class DeclineConsultationRequest(_message.Message):
    __slots__ = ("request_id", "name", "reason")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    name: str
    reason: str
    def __init__(self, request_id: _Optional[str] = ..., name: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class DeclineConsultationResponse(_message.Message):
    __slots__ = ("consultation",)
    CONSULTATION_FIELD_NUMBER: _ClassVar[int]
    consultation: _consultation_pb2.Consultation
    def __init__(self, consultation: _Optional[_Union[_consultation_pb2.Consultation, _Mapping]] = ...) -> None: ...

class WithdrawConsultationRequest(_message.Message):
    __slots__ = ("request_id", "name", "reason")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    name: str
    reason: str
    def __init__(self, request_id: _Optional[str] = ..., name: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class WithdrawConsultationResponse(_message.Message):
    __slots__ = ("consultation",)
    CONSULTATION_FIELD_NUMBER: _ClassVar[int]
    consultation: _consultation_pb2.Consultation
    def __init__(self, consultation: _Optional[_Union[_consultation_pb2.Consultation, _Mapping]] = ...) -> None: ...

class GetConsultationRequest(_message.Message):
    __slots__ = ("name", "access")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    name: str
    access: _access_pb2.AccessContext
    def __init__(self, name: _Optional[str] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ...) -> None: ...

class GetConsultationResponse(_message.Message):
    __slots__ = ("consultation",)
    CONSULTATION_FIELD_NUMBER: _ClassVar[int]
    consultation: _consultation_pb2.Consultation
    def __init__(self, consultation: _Optional[_Union[_consultation_pb2.Consultation, _Mapping]] = ...) -> None: ...

class ListConsultationsRequest(_message.Message):
    __slots__ = ("person", "facility", "state", "page_size", "page_token", "access")
    PERSON_FIELD_NUMBER: _ClassVar[int]
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    person: str
    facility: str
    state: _consultation_pb2.Consultation.State
    page_size: int
    page_token: str
    access: _access_pb2.AccessContext
    def __init__(self, person: _Optional[str] = ..., facility: _Optional[str] = ..., state: _Optional[_Union[_consultation_pb2.Consultation.State, str]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ...) -> None: ...

class ListConsultationsResponse(_message.Message):
    __slots__ = ("consultations", "next_page_token", "unreachable")
    CONSULTATIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    UNREACHABLE_FIELD_NUMBER: _ClassVar[int]
    consultations: _containers.RepeatedCompositeFieldContainer[_consultation_pb2.Consultation]
    next_page_token: str
    unreachable: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, consultations: _Optional[_Iterable[_Union[_consultation_pb2.Consultation, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., unreachable: _Optional[_Iterable[str]] = ...) -> None: ...

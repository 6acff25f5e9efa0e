import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from lientuyen.identity.v1 import signing_certificate_pb2 as _signing_certificate_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RegisterSigningCertificateRequest(_message.Message):
    __slots__ = ("request_id", "parent", "der", "practitioner")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PARENT_FIELD_NUMBER: _ClassVar[int]
    DER_FIELD_NUMBER: _ClassVar[int]
    PRACTITIONER_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    parent: str
    der: bytes
    practitioner: str
    def __init__(self, request_id: _Optional[str] = ..., parent: _Optional[str] = ..., der: _Optional[bytes] = ..., practitioner: _Optional[str] = ...) -> None: ...

class RegisterSigningCertificateResponse(_message.Message):
    __slots__ = ("signing_certificate",)
    SIGNING_CERTIFICATE_FIELD_NUMBER: _ClassVar[int]
    signing_certificate: _signing_certificate_pb2.SigningCertificate
    def __init__(self, signing_certificate: _Optional[_Union[_signing_certificate_pb2.SigningCertificate, _Mapping]] = ...) -> None: ...

class GetSigningCertificateRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetSigningCertificateResponse(_message.Message):
    __slots__ = ("signing_certificate",)
    SIGNING_CERTIFICATE_FIELD_NUMBER: _ClassVar[int]
    signing_certificate: _signing_certificate_pb2.SigningCertificate
    def __init__(self, signing_certificate: _Optional[_Union[_signing_certificate_pb2.SigningCertificate, _Mapping]] = ...) -> None: ...

class ListSigningCertificatesRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "sha256", "serial_number", "active_only")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    SERIAL_NUMBER_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_ONLY_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    sha256: str
    serial_number: str
    active_only: bool
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., sha256: _Optional[str] = ..., serial_number: _Optional[str] = ..., active_only: _Optional[bool] = ...) -> None: ...

class ListSigningCertificatesResponse(_message.Message):
    __slots__ = ("signing_certificates", "next_page_token")
    SIGNING_CERTIFICATES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    signing_certificates: _containers.RepeatedCompositeFieldContainer[_signing_certificate_pb2.SigningCertificate]
    next_page_token: str
    def __init__(self, signing_certificates: _Optional[_Iterable[_Union[_signing_certificate_pb2.SigningCertificate, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class RevokeSigningCertificateRequest(_message.Message):
    __slots__ = ("request_id", "name", "revoke_time", "reason", "etag")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    REVOKE_TIME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    name: str
    revoke_time: _timestamp_pb2.Timestamp
    reason: _signing_certificate_pb2.SigningCertificate.RevokeReason
    etag: str
    def __init__(self, request_id: _Optional[str] = ..., name: _Optional[str] = ..., revoke_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., reason: _Optional[_Union[_signing_certificate_pb2.SigningCertificate.RevokeReason, str]] = ..., etag: _Optional[str] = ...) -> None: ...

class RevokeSigningCertificateResponse(_message.Message):
    __slots__ = ("signing_certificate",)
    SIGNING_CERTIFICATE_FIELD_NUMBER: _ClassVar[int]
    signing_certificate: _signing_certificate_pb2.SigningCertificate
    def __init__(self, signing_certificate: _Optional[_Union[_signing_certificate_pb2.SigningCertificate, _Mapping]] = ...) -> None: ...

import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SigningCertificate(_message.Message):
    __slots__ = ("name", "state", "der", "issuer", "serial_number", "valid_from_time", "valid_to_time", "practitioner", "register_time", "revoke_time", "revoke_reason", "etag")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[SigningCertificate.State]
        STATE_ACTIVE: _ClassVar[SigningCertificate.State]
        STATE_REVOKED: _ClassVar[SigningCertificate.State]
    STATE_UNSPECIFIED: SigningCertificate.State
    STATE_ACTIVE: SigningCertificate.State
    STATE_REVOKED: SigningCertificate.State
    class RevokeReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        REVOKE_REASON_UNSPECIFIED: _ClassVar[SigningCertificate.RevokeReason]
        REVOKE_REASON_KEY_COMPROMISED: _ClassVar[SigningCertificate.RevokeReason]
        REVOKE_REASON_SUPERSEDED: _ClassVar[SigningCertificate.RevokeReason]
        REVOKE_REASON_CEASED: _ClassVar[SigningCertificate.RevokeReason]
    REVOKE_REASON_UNSPECIFIED: SigningCertificate.RevokeReason
    REVOKE_REASON_KEY_COMPROMISED: SigningCertificate.RevokeReason
    REVOKE_REASON_SUPERSEDED: SigningCertificate.RevokeReason
    REVOKE_REASON_CEASED: SigningCertificate.RevokeReason
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    DER_FIELD_NUMBER: _ClassVar[int]
    ISSUER_FIELD_NUMBER: _ClassVar[int]
    SERIAL_NUMBER_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_TIME_FIELD_NUMBER: _ClassVar[int]
    VALID_TO_TIME_FIELD_NUMBER: _ClassVar[int]
    PRACTITIONER_FIELD_NUMBER: _ClassVar[int]
    REGISTER_TIME_FIELD_NUMBER: _ClassVar[int]
    REVOKE_TIME_FIELD_NUMBER: _ClassVar[int]
    REVOKE_REASON_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    name: str
    state: SigningCertificate.State
    der: bytes
    issuer: str
    serial_number: str
    valid_from_time: _timestamp_pb2.Timestamp
    valid_to_time: _timestamp_pb2.Timestamp
    practitioner: str
    register_time: _timestamp_pb2.Timestamp
    revoke_time: _timestamp_pb2.Timestamp
    revoke_reason: SigningCertificate.RevokeReason
    etag: str
    def __init__(self, name: _Optional[str] = ..., state: _Optional[_Union[SigningCertificate.State, str]] = ..., der: _Optional[bytes] = ..., issuer: _Optional[str] = ..., serial_number: _Optional[str] = ..., valid_from_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., valid_to_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., practitioner: _Optional[str] = ..., register_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., revoke_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., revoke_reason: _Optional[_Union[SigningCertificate.RevokeReason, str]] = ..., etag: _Optional[str] = ...) -> None: ...
